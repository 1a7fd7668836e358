//! actix: `do_send`, which its mailbox always has room for, and `send`.
//!
//! Its actors live on an arbiter's thread and their handlers are plain functions. So on two workers the senders are tasks of
//! tokio and the actor has a thread of its own beside them, and on one thread all is in one system.

use actix::{Actor, Addr, Arbiter, Context, Handler, Message, System};
use fsm_runtime::Outcome;

use crate::light::{Nothing, SyncLight, sync_event, sync_light};
use crate::peer::Stage;

/// actix.
pub struct Actix;

/// The actor.
pub struct Crossing {
    light: SyncLight<Nothing>,
    handled: u64,
    capacity: usize,
}

/// An event.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Tell(sync_light::Event);

/// An event whose sender waits.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct Ask(sync_light::Event);

/// How many it was.
#[derive(Message)]
#[rtype(result = "u64")]
pub struct Count;

impl Crossing {
    fn new(capacity: usize) -> Self {
        let mut light = SyncLight::new(Nothing);
        let _ = light.start().expect("it starts");
        Self { light, handled: 0, capacity }
    }

    fn step(&mut self, event: &sync_light::Event) -> bool {
        self.handled += 1;
        self.light.handle(event).expect("no action fails") == Outcome::Transitioned
    }
}

impl Actor for Crossing {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        context.set_mailbox_capacity(self.capacity);
    }
}

impl Handler<Tell> for Crossing {
    type Result = ();

    fn handle(&mut self, Tell(event): Tell, _: &mut Context<Self>) {
        self.step(&event);
    }
}

impl Handler<Ask> for Crossing {
    type Result = bool;

    fn handle(&mut self, Ask(event): Ask, _: &mut Context<Self>) -> bool {
        self.step(&event)
    }
}

impl Handler<Count> for Crossing {
    type Result = u64;

    fn handle(&mut self, Count: Count, _: &mut Context<Self>) -> u64 {
        self.handled
    }
}

impl Actix {
    /// A running machine on the thread of the current system.
    #[must_use]
    pub fn spawn(capacity: usize) -> Addr<Crossing> {
        Crossing::new(capacity).start()
    }

    /// Sends an event.
    pub fn send(address: &Addr<Crossing>, number: u64) {
        address.do_send(Tell(sync_event(number)));
    }

    pub(super) fn tell(stage: &Stage, capacity: usize, senders: u64, each: u64) {
        let send = move |address: Addr<Crossing>| async move {
            for number in 0..each {
                Self::send(&address, number);
            }
        };
        let count = match stage {
            Stage::Current(_) => System::new().block_on(async move {
                let address = Self::spawn(capacity);
                let tasks: Vec<_> = (0..senders).map(|_| actix::spawn(send(address.clone()))).collect();
                for task in tasks {
                    task.await.expect("no panic");
                }
                address.send(Count).await.expect("it runs")
            }),
            Stage::Workers(runtime) => beside(capacity, |address| {
                runtime.block_on(async move {
                    let tasks: Vec<_> = (0..senders).map(|_| tokio::spawn(send(address.clone()))).collect();
                    for task in tasks {
                        task.await.expect("no panic");
                    }
                    address.send(Count).await.expect("it runs")
                })
            }),
        };
        assert_eq!(count, senders * each, "actix");
    }

    pub(super) fn ask(stage: &Stage, capacity: usize, each: u64) {
        let ask = move |address: Addr<Crossing>| async move {
            let mut changed = 0;
            for number in 0..each {
                changed += u64::from(address.send(Ask(sync_event(number))).await.expect("it runs"));
            }
            changed
        };
        let changed = match stage {
            Stage::Current(_) => System::new().block_on(async move {
                let asker = actix::spawn(ask(Self::spawn(capacity)));
                asker.await.expect("no panic")
            }),
            Stage::Workers(runtime) => beside(capacity, |address| {
                runtime.block_on(async move { tokio::spawn(ask(address)).await.expect("no panic") })
            }),
        };
        assert!(changed > each / 2);
    }
}

/// With an actor on a thread of its own.
fn beside<T>(capacity: usize, work: impl FnOnce(Addr<Crossing>) -> T) -> T {
    let _system = System::new();
    let arbiter = Arbiter::new();
    let address = Crossing::start_in_arbiter(&arbiter.handle(), move |_| Crossing::new(capacity));
    let result = work(address);
    arbiter.stop();
    arbiter.join().expect("no panic");
    result
}
