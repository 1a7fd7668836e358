//! ractor: `cast` and `call`. It has no bounded mailbox; back-pressure is none of its.

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::task::JoinHandle;

use crate::light::{Counted, Event, event};
use crate::peer::{Asked, Peer};

/// ractor.
pub struct Ractor;

/// The actor, whose state is the machine.
pub(super) struct Crossing;

/// What it is sent.
pub enum Message {
    /// An event.
    Tell(Event),
    /// An event whose sender waits.
    Ask(Event, RpcReplyPort<bool>),
    /// How many it was.
    Count(RpcReplyPort<u64>),
}

impl Actor for Crossing {
    type Msg = Message;
    type State = Counted;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, (): ()) -> Result<Counted, ActorProcessingErr> {
        Ok(Counted::start().await)
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        light: &mut Counted,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Tell(event) => {
                light.handle(&event).await;
            }
            Message::Ask(event, reply) => {
                let _ = reply.send(light.handle(&event).await);
            }
            Message::Count(reply) => {
                let _ = reply.send(light.handled);
            }
        }
        Ok(())
    }
}

/// An actor that is stopped with its last sender, as all others are.
#[derive(Clone)]
pub struct Held(std::sync::Arc<Stopping>);

struct Stopping(ActorRef<Message>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.stop(None);
    }
}

impl Peer for Ractor {
    const NAME: &'static str = "ractor";
    type Sender = ActorRef<Message>;
    type Actor = JoinHandle<()>;

    async fn spawn(_: usize) -> (Self::Sender, Self::Actor) {
        Actor::spawn(None, Crossing, ()).await.expect("it starts")
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.cast(Message::Tell(event(number))).expect("it runs");
    }

    async fn finish(sender: Self::Sender, actor: Self::Actor) -> u64 {
        let count = sender.call(Message::Count, None).await.expect("it runs").expect("an answer");
        sender.stop(None);
        actor.await.expect("no panic");
        count
    }
}

impl Asked for Ractor {
    type Sender = Held;

    async fn spawn(_: usize) -> Held {
        Held(std::sync::Arc::new(Stopping(Actor::spawn(None, Crossing, ()).await.expect("it starts").0)))
    }

    async fn ask(sender: &Held, number: u64) -> bool {
        let answer = sender.0.0.call(|reply| Message::Ask(event(number), reply), None).await;
        answer.expect("it runs").expect("an answer")
    }
}
