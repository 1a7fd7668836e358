//! Actors as one writes them by hand: a channel, a task, a loop. No supervision, no timers, no second lane.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::light::{Counted, Event, event};
use crate::peer::{Asked, Peer};

/// tokio's bounded channel, one event at a time.
pub struct Mpsc;

impl Peer for Mpsc {
    const NAME: &'static str = "tokio mpsc";
    type Sender = mpsc::Sender<Event>;
    type Actor = JoinHandle<u64>;

    async fn spawn(capacity: usize) -> (Self::Sender, Self::Actor) {
        let (sender, mut receiver) = mpsc::channel(capacity);
        let actor = tokio::spawn(async move {
            let mut light = Counted::start().await;
            while let Some(event) = receiver.recv().await {
                light.handle(&event).await;
            }
            light.handled
        });
        (sender, actor)
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.send(event(number)).await.expect("it runs");
    }

    async fn finish(sender: Self::Sender, actor: Self::Actor) -> u64 {
        drop(sender);
        actor.await.expect("no panic")
    }
}

/// A question by hand: the event, and the way back.
pub(super) type Question = (Event, oneshot::Sender<bool>);

impl Asked for Mpsc {
    type Sender = mpsc::Sender<Question>;

    async fn spawn(capacity: usize) -> Self::Sender {
        let (sender, mut receiver) = mpsc::channel::<Question>(capacity);
        tokio::spawn(async move {
            let mut light = Counted::start().await;
            while let Some((event, reply)) = receiver.recv().await {
                let _ = reply.send(light.handle(&event).await);
            }
        });
        sender
    }

    async fn ask(sender: &Self::Sender, number: u64) -> bool {
        let (reply, answer) = oneshot::channel();
        sender.send((event(number), reply)).await.expect("it runs");
        answer.await.expect("an answer")
    }
}

/// tokio's bounded channel, up to 64 events at a time.
pub struct Chunks;

impl Peer for Chunks {
    const NAME: &'static str = "tokio recv_many";
    type Sender = mpsc::Sender<Event>;
    type Actor = JoinHandle<u64>;

    async fn spawn(capacity: usize) -> (Self::Sender, Self::Actor) {
        let (sender, mut receiver) = mpsc::channel(capacity);
        let actor = tokio::spawn(async move {
            let mut light = Counted::start().await;
            let mut events = Vec::with_capacity(64);
            while receiver.recv_many(&mut events, 64).await > 0 {
                for event in events.drain(..) {
                    light.handle(&event).await;
                }
            }
            light.handled
        });
        (sender, actor)
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.send(event(number)).await.expect("it runs");
    }

    async fn finish(sender: Self::Sender, actor: Self::Actor) -> u64 {
        drop(sender);
        actor.await.expect("no panic")
    }
}

/// flume's bounded channel.
pub struct Flume;

impl Peer for Flume {
    const NAME: &'static str = "flume";
    type Sender = flume::Sender<Event>;
    type Actor = JoinHandle<u64>;

    async fn spawn(capacity: usize) -> (Self::Sender, Self::Actor) {
        let (sender, receiver) = flume::bounded(capacity);
        let actor = tokio::spawn(async move {
            let mut light = Counted::start().await;
            while let Ok(event) = receiver.recv_async().await {
                light.handle(&event).await;
            }
            light.handled
        });
        (sender, actor)
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.send_async(event(number)).await.expect("it runs");
    }

    async fn finish(sender: Self::Sender, actor: Self::Actor) -> u64 {
        drop(sender);
        actor.await.expect("no panic")
    }
}

impl Asked for Flume {
    type Sender = flume::Sender<Question>;

    async fn spawn(capacity: usize) -> Self::Sender {
        let (sender, receiver) = flume::bounded::<Question>(capacity);
        tokio::spawn(async move {
            let mut light = Counted::start().await;
            while let Ok((event, reply)) = receiver.recv_async().await {
                let _ = reply.send(light.handle(&event).await);
            }
        });
        sender
    }

    async fn ask(sender: &Self::Sender, number: u64) -> bool {
        let (reply, answer) = oneshot::channel();
        sender.send_async((event(number), reply)).await.expect("it runs");
        answer.await.expect("an answer")
    }
}
