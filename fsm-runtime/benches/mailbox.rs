//! What a message costs on its way to the machine, beside the usual hand-written actor on tokio's `mpsc`.
//!
//! `cargo bench -p fsm-runtime --bench mailbox`, for some of the rows with a word of them behind `--`. Both contenders alternate within one process and drive the same
//! machine. The figure is CPU time of the whole process (senders, receiver, kernel) for each message, which on a busy
//! computer moves far less than the time on the wall.

use std::time::Duration;

use fsm_runtime::core::{
    Definition, Driver, EventInfo, Machine, Never, Outcome, Service, StateInfo, StateKind, Status, StepResult,
};
use fsm_runtime::options;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};

const CAPACITY: usize = 1024;
const ROUNDS: usize = 9;

static DEFINITION: Definition = Definition {
    name: "Light",
    version: "",
    states: &[
        StateInfo { path: "Light", parent: 0, kind: StateKind::Compound, tags: &[] },
        StateInfo { path: "Red", parent: 0, kind: StateKind::Atomic, tags: &[] },
        StateInfo { path: "Green", parent: 0, kind: StateKind::Atomic, tags: &[] },
        StateInfo { path: "Amber", parent: 0, kind: StateKind::Atomic, tags: &[] },
    ],
    events: &[EventInfo { name: "Next" }, EventInfo { name: "Reset" }],
    hash: 0,
    timers: &[],
    invokes: &[],
    transitions: &[],
};

#[derive(Clone, Copy)]
enum State {
    Red,
    Green,
    Amber,
}

/// 16 bytes.
enum Event {
    Next(u64),
    Reset,
}

struct Light {
    state: State,
    sum: u64,
    status: Status,
}

impl Light {
    fn new() -> Self {
        Self { state: State::Red, sum: 0, status: Status::Stopped }
    }
}

impl Machine for Light {
    type State = State;
    type Event = Event;
    type Context = u64;
    type Error = Never;
    type Timer = Never;
    type Invoke = Never;
    type Done = Never;
    type Output = Never;
    type Message = Never;
    type Reply = Never;

    const DEFINITION: &'static Definition = &DEFINITION;

    fn state(&self) -> &State {
        &self.state
    }

    fn context(&self) -> &u64 {
        &self.sum
    }

    fn status(&self) -> Status {
        self.status
    }

    fn event_index(event: &Event) -> usize {
        match event {
            Event::Next(_) => 0,
            Event::Reset => 1,
        }
    }

    fn active(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.state as usize + 1)
    }
}

impl Service for Light {
    type Machine = Self;

    fn run(&self, invoke: Never) -> impl Future<Output = Never> + Send + 'static {
        let _ = invoke;
        std::future::pending()
    }

    fn machine(&self) -> &Self {
        self
    }

    async fn start<D: Driver<Self> + Send>(&mut self, _: &mut D) -> StepResult<Self> {
        self.status = Status::Ready;
        Ok(Outcome::Transitioned)
    }

    async fn handle<D: Driver<Self> + Send>(&mut self, driver: &mut D, event: &Event) -> StepResult<Self> {
        driver.transition(0);
        self.state = match (self.state, event) {
            (State::Red, Event::Next(by)) => {
                self.sum = self.sum.wrapping_add(*by);
                State::Green
            }
            (State::Green, Event::Next(_)) => State::Amber,
            (State::Amber, Event::Next(_)) | (_, Event::Reset) => State::Red,
        };
        Ok(Outcome::Transitioned)
    }
}

fn event(number: u64) -> Event {
    if number.is_multiple_of(16) { Event::Reset } else { Event::Next(number) }
}

async fn tell_fsm(producers: u64, each: u64) {
    let handle = options().capacity(CAPACITY).spawn(Light::new());
    let tasks: Vec<_> = (0..producers)
        .map(|_| {
            let handle = handle.clone();
            tokio::spawn(async move {
                for number in 0..each {
                    handle.send(event(number)).await.expect("the machine runs");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(handle.shutdown().await.handled, producers * each);
}

async fn tell_mpsc(producers: u64, each: u64) {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    let actor = tokio::spawn(async move {
        let (mut light, mut handled) = (Light::new(), 0);
        let _ = light.start(&mut ()).await;
        while let Some(event) = receiver.recv().await {
            let _ = light.handle(&mut (), &event).await;
            handled += 1;
        }
        handled
    });
    for _ in 0..producers {
        let sender = sender.clone();
        tokio::spawn(async move {
            for number in 0..each {
                sender.send(event(number)).await.expect("the actor runs");
            }
        });
    }
    drop(sender);
    assert_eq!(actor.await.expect("no panic"), producers * each);
}

async fn ask_fsm(each: u64) {
    let handle = options().capacity(CAPACITY).spawn(Light::new());
    let asker = tokio::spawn(async move {
        for number in 0..each {
            let _ = handle.ask(event(number)).await.expect("the machine runs");
        }
    });
    asker.await.expect("no panic");
}

async fn ask_mpsc(each: u64) {
    let (sender, mut receiver) = mpsc::channel::<(Event, oneshot::Sender<_>)>(CAPACITY);
    tokio::spawn(async move {
        let mut light = Light::new();
        let _ = light.start(&mut ()).await;
        while let Some((event, reply)) = receiver.recv().await {
            let _ = reply.send(light.handle(&mut (), &event).await);
        }
    });
    let asker = tokio::spawn(async move {
        for number in 0..each {
            let (reply, answer) = oneshot::channel();
            sender.send((event(number), reply)).await.expect("the actor runs");
            let _ = answer.await.expect("an answer");
        }
    });
    asker.await.expect("no panic");
}

/// CPU time of all threads of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time goes forward")
}

fn measure(runtime: &Runtime, messages: u64, work: impl Future<Output = ()>) -> f64 {
    let before = cpu_time();
    runtime.block_on(work);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let messages = messages as f64;
    cpu_time().saturating_sub(before).as_secs_f64() * 1e9 / messages
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let runtimes = [
        ("2 workers", Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")),
        ("current thread", Builder::new_current_thread().build().expect("a runtime")),
    ];
    println!("{:16} {:16} {:>10} {:>10} {:>6}   CPU ns a message, median of {ROUNDS}", "", "", "fsm", "mpsc", "ratio");
    let filter = std::env::args().nth(1).filter(|arg| !arg.starts_with('-')).unwrap_or_default();
    for (name, runtime) in &runtimes {
        for producers in [1, 4] {
            let (total, each) = (1_000_000, 1_000_000 / producers);
            row(name, &format!("tell, {producers} senders"), &filter, || {
                let ours = measure(runtime, total, tell_fsm(producers, each));
                (ours, measure(runtime, total, tell_mpsc(producers, each)))
            });
        }
        let each = 100_000;
        row(name, "ask", &filter, || (measure(runtime, each, ask_fsm(each)), measure(runtime, each, ask_mpsc(each))));
    }
}

/// Measures both a few times, alternating, and prints the medians.
fn row(runtime: &str, what: &str, filter: &str, both: impl Fn() -> (f64, f64)) {
    if !format!("{runtime} {what}").contains(filter) {
        return;
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| both()).unzip();
    let (ours, theirs) = (median(ours), median(theirs));
    println!("{runtime:16} {what:16} {ours:10.1} {theirs:10.1} {:6.2}", ours / theirs);
}
