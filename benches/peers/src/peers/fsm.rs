//! fsm-runtime: the machine in a task of its own, with all that its handle offers.

use fsm_runtime::{Handle, Outcome, options};

use crate::light::{Light, Nothing, event, light};
use crate::peer::{Asked, Peer};

/// fsm-runtime.
pub struct Fsm;

impl Peer for Fsm {
    const NAME: &'static str = "fsm-runtime";
    type Sender = Handle<light::Machine>;
    type Actor = ();

    async fn spawn(capacity: usize) -> (Self::Sender, ()) {
        (options().capacity(capacity).spawn(Light::new(Nothing)), ())
    }

    async fn tell(sender: &Self::Sender, number: u64) {
        sender.send(event(number)).await.expect("it runs");
    }

    async fn finish(sender: Self::Sender, (): ()) -> u64 {
        sender.shutdown().await.handled
    }
}

impl Asked for Fsm {
    type Sender = Handle<light::Machine>;

    async fn spawn(capacity: usize) -> Self::Sender {
        options().capacity(capacity).spawn(Light::new(Nothing))
    }

    async fn ask(sender: &Self::Sender, number: u64) -> bool {
        sender.ask(event(number)).await.expect("it runs") == Outcome::Transitioned
    }
}
