//! A machine by hand, in the form of a generated one, whose events make it do whatever a test needs.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use fsm_runtime::core::{
    Definition, Driver, Error, EventInfo, Machine, Never, Outcome, Service, StateInfo, StateKind, Status, StepResult,
    TransitionInfo, Trigger,
};
use tokio::sync::Semaphore;

pub(crate) static DEFINITION: Definition = Definition {
    name: "Rig",
    version: "",
    states: &[
        StateInfo { path: "Rig", parent: 0, kind: StateKind::Compound, tags: &[] },
        StateInfo { path: "Idle", parent: 0, kind: StateKind::Atomic, tags: &[] },
        StateInfo { path: "Busy", parent: 0, kind: StateKind::Compound, tags: &[] },
        StateInfo { path: "Busy.Deep", parent: 2, kind: StateKind::Atomic, tags: &[] },
        StateInfo { path: "Done", parent: 0, kind: StateKind::Final, tags: &[] },
    ],
    events: &[
        EventInfo { name: "Count" },
        EventInfo { name: "Gate" },
        EventInfo { name: "Run" },
        EventInfo { name: "Toggle" },
        EventInfo { name: "Fail" },
        EventInfo { name: "Panic" },
        EventInfo { name: "Finish" },
        EventInfo { name: "Unknown" },
    ],
    hash: 0,
    timers: &[],
    invokes: &[],
    transitions: &[
        TransitionInfo { source: 0, trigger: Trigger::Event(0), targets: &[] },
        TransitionInfo { source: 1, trigger: Trigger::Event(3), targets: &[3] },
        TransitionInfo { source: 2, trigger: Trigger::Event(3), targets: &[1] },
        TransitionInfo { source: 0, trigger: Trigger::Event(6), targets: &[4] },
    ],
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    Busy,
    Done,
}

type Job = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Event {
    /// Writes its numbers, producer and place, into the log.
    Count(usize, usize),
    /// Takes a permit of the gate, waiting for it.
    Gate,
    /// Runs a future.
    Run(Job),
    Toggle,
    Fail,
    Panic,
    Finish,
    Unknown,
}

impl Event {
    pub(crate) fn run<F: Future<Output = ()> + Send + 'static>(job: impl Fn() -> F + Send + Sync + 'static) -> Self {
        Self::Run(Arc::new(move || Box::pin(job())))
    }
}

/// What a test keeps of a [`Rig`].
#[derive(Clone)]
pub(crate) struct Log {
    counts: Arc<Mutex<Vec<(usize, usize)>>>,
    pub(crate) gate: Arc<Semaphore>,
    /// Held by the service alone: tells when that is dropped.
    alive: Arc<Mutex<Option<Arc<()>>>>,
}

impl Log {
    pub(crate) fn counts(&self) -> Vec<(usize, usize)> {
        self.counts.lock().unwrap().clone()
    }

    pub(crate) fn places(&self) -> Vec<usize> {
        self.counts().into_iter().map(|(_, place)| place).collect()
    }

    pub(crate) fn open_gate(&self, times: usize) {
        self.gate.add_permits(times);
    }

    pub(crate) fn is_dropped(&self) -> bool {
        Arc::strong_count(self.alive.lock().unwrap().as_ref().unwrap()) == 1
    }
}

/// The machine: plain data.
#[derive(Clone)]
pub(crate) struct RigMachine {
    state: State,
    status: Status,
}

/// The machine with its handlers.
pub(crate) struct Rig {
    machine: RigMachine,
    log: Log,
    fail_at_start: bool,
    _alive: Arc<()>,
}

impl Rig {
    pub(crate) fn new() -> (Self, Log) {
        let alive = Arc::new(());
        let log = Log {
            counts: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            alive: Arc::new(Mutex::new(Some(Arc::clone(&alive)))),
        };
        let machine = RigMachine { state: State::Idle, status: Status::Stopped };
        (Self { machine, log: log.clone(), fail_at_start: false, _alive: alive }, log)
    }

    /// With a log that is there already.
    pub(crate) fn with_log(log: &Log) -> Self {
        let mut rig = Self::new().0;
        rig.log = log.clone();
        rig
    }

    /// The same, going on from a machine that was.
    pub(crate) fn going_on(log: &Log, last: &RigMachine) -> Self {
        let mut rig = Self::with_log(log);
        rig.machine = last.clone();
        rig
    }

    /// As restored from a snapshot.
    pub(crate) fn restored(state: State, status: Status) -> Self {
        let mut rig = Self::new().0;
        rig.machine = RigMachine { state, status };
        rig
    }

    pub(crate) fn failing_at_start() -> Self {
        Self { fail_at_start: true, ..Self::new().0 }
    }

    async fn step(&mut self, driver: &mut impl Driver<RigMachine>, event: &Event) -> StepResult<RigMachine> {
        match event {
            Event::Count(producer, place) => {
                driver.transition(0);
                self.log.counts.lock().unwrap().push((*producer, *place));
            }
            Event::Gate => self.log.gate.acquire().await.unwrap().forget(),
            Event::Run(job) => job().await,
            Event::Toggle if self.machine.state == State::Idle => {
                driver.transition(1);
                self.machine.state = State::Busy;
                return Ok(Outcome::Transitioned);
            }
            Event::Toggle => {
                driver.transition(2);
                self.machine.state = State::Idle;
                return Ok(Outcome::Transitioned);
            }
            Event::Fail => return Err(Error::Action("jammed")),
            Event::Panic => panic!("the arm fell off"),
            Event::Finish => {
                driver.transition(3);
                self.machine.state = State::Done;
                return Ok(Outcome::Finished);
            }
            Event::Unknown => return Ok(Outcome::Unhandled),
        }
        Ok(Outcome::Handled)
    }
}

impl Machine for RigMachine {
    type State = State;
    type Event = Event;
    type Context = ();
    type Error = &'static str;
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

    fn context(&self) -> &() {
        &()
    }

    fn status(&self) -> Status {
        self.status
    }

    fn event_index(event: &Event) -> usize {
        match event {
            Event::Count(..) => 0,
            Event::Gate => 1,
            Event::Run(_) => 2,
            Event::Toggle => 3,
            Event::Fail => 4,
            Event::Panic => 5,
            Event::Finish => 6,
            Event::Unknown => 7,
        }
    }

    fn active(&self) -> impl Iterator<Item = usize> {
        std::iter::once(match self.state {
            State::Idle => 1,
            State::Busy => 3,
            State::Done => 4,
        })
    }
}

impl Service for Rig {
    type Machine = RigMachine;

    fn run(&self, invoke: Never) -> impl Future<Output = Never> + Send + 'static {
        let _ = invoke;
        std::future::pending()
    }

    fn machine(&self) -> &RigMachine {
        &self.machine
    }

    async fn start<D: Driver<RigMachine> + Send>(&mut self, _driver: &mut D) -> StepResult<RigMachine> {
        self.machine.status = Status::Ready;
        if self.fail_at_start { Err(Error::Action("no power")) } else { Ok(Outcome::Transitioned) }
    }

    async fn handle<D: Driver<RigMachine> + Send>(&mut self, driver: &mut D, event: &Event) -> StepResult<RigMachine> {
        match self.machine.status {
            Status::Finished => return Ok(Outcome::Finished),
            Status::Stopped | Status::Suspended => return Err(Error::Stopped),
            Status::Stepping => return Err(Error::Poisoned),
            Status::Ready => self.machine.status = Status::Stepping,
        }
        let result = self.step(driver, event).await;
        self.machine.status = if self.machine.state == State::Done { Status::Finished } else { Status::Ready };
        result
    }
}
