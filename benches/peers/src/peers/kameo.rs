//! kameo: `tell` and `ask` on a bounded mailbox.

use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};

use crate::light::{Counted, Event, event};
use crate::peer::{Asked, Peer};

/// kameo.
pub struct Kameo;

/// The actor.
#[derive(Actor)]
pub struct Crossing(Counted);

/// An event.
pub struct Tell(Event);

/// An event whose sender waits.
pub struct Ask(Event);

/// How many it was.
pub struct Count;

impl Message<Tell> for Crossing {
    type Reply = ();

    async fn handle(&mut self, Tell(event): Tell, _: &mut Context<Self, ()>) {
        self.0.handle(&event).await;
    }
}

impl Message<Ask> for Crossing {
    type Reply = bool;

    async fn handle(&mut self, Ask(event): Ask, _: &mut Context<Self, bool>) -> bool {
        self.0.handle(&event).await
    }
}

impl Message<Count> for Crossing {
    type Reply = u64;

    async fn handle(&mut self, Count: Count, _: &mut Context<Self, u64>) -> u64 {
        self.0.handled
    }
}

impl Peer for Kameo {
    const NAME: &'static str = "kameo";
    type Sender = ActorRef<Crossing>;
    type Actor = ();

    async fn spawn(capacity: usize) -> (Self::Sender, ()) {
        (Crossing::spawn_with_mailbox(Crossing(Counted::start().await), mailbox::bounded(capacity)), ())
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.tell(Tell(event(number))).await.expect("it runs");
    }

    async fn finish(sender: Self::Sender, (): ()) -> u64 {
        let count = sender.ask(Count).await.expect("it runs");
        sender.stop_gracefully().await.expect("it runs");
        sender.wait_for_shutdown().await;
        count
    }
}

impl Asked for Kameo {
    type Sender = ActorRef<Crossing>;

    async fn spawn(capacity: usize) -> Self::Sender {
        Crossing::spawn_with_mailbox(Crossing(Counted::start().await), mailbox::bounded(capacity))
    }

    async fn ask(sender: &Self::Sender, number: u64) -> bool {
        sender.ask(Ask(event(number))).await.expect("it runs")
    }
}
