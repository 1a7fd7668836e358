//! What a way to bring events to the machine has to offer.

use std::future::Future;

use tokio::runtime::Runtime;

/// The threads that a measurement runs on.
pub enum Stage {
    /// All on one.
    Current(Runtime),
    /// Two workers.
    Workers(Runtime),
}

/// A way that lives in tasks of tokio. `spawn` and all that follows is called within a runtime.
pub trait Peer: 'static {
    /// What the table calls it.
    const NAME: &'static str;
    /// What a sender holds.
    type Sender: Clone + Send + Sync + 'static;
    /// What is left of the machine: for the end.
    type Actor: Send + 'static;

    /// A running machine.
    fn spawn(capacity: usize) -> impl Future<Output = (Self::Sender, Self::Actor)> + Send;

    /// Sends an event, and waits for room where the mailbox is bounded.
    fn tell(sender: &Self::Sender, number: u64) -> impl Future<Output = ()> + Send;

    /// Waits until all is handled, ends the machine, and gives the number of the events.
    fn finish(sender: Self::Sender, actor: Self::Actor) -> impl Future<Output = u64> + Send;
}

/// One that can be asked, too, perhaps in another form of its messages.
pub trait Asked: 'static {
    /// What an asker holds.
    type Sender: Clone + Send + Sync + 'static;

    /// A running machine that ends when its senders are gone.
    fn spawn(capacity: usize) -> impl Future<Output = Self::Sender> + Send;

    /// Sends an event, and waits for what became of it.
    fn ask(sender: &Self::Sender, number: u64) -> impl Future<Output = bool> + Send;
}

/// So many senders, each of which sends so many events to one machine.
///
/// # Panics
/// If one is lost.
pub fn tell<P: Peer>(stage: &Stage, capacity: usize, senders: u64, each: u64) {
    let (Stage::Current(runtime) | Stage::Workers(runtime)) = stage;
    runtime.block_on(async {
        let (sender, actor) = P::spawn(capacity).await;
        let tasks: Vec<_> = (0..senders)
            .map(|_| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    for number in 0..each {
                        P::tell(&sender, number).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(P::finish(sender, actor).await, senders * each, "{}", P::NAME);
    });
}

/// One asker, one question after the other.
///
/// # Panics
/// If an answer does not come.
pub fn ask<P: Asked>(stage: &Stage, capacity: usize, each: u64) {
    let (Stage::Current(runtime) | Stage::Workers(runtime)) = stage;
    runtime.block_on(async {
        let sender = P::spawn(capacity).await;
        let asker = tokio::spawn(async move {
            let mut changed = 0;
            for number in 0..each {
                changed += u64::from(P::ask(&sender, number).await);
            }
            changed
        });
        assert!(asker.await.expect("no panic") > each / 2);
    });
}
