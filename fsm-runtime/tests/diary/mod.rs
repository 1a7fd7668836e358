//! The machine whose timers are tested, with handlers that write down what was done, and when.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fsm_runtime::{Handle, Outcome, fsm, spawn};
use tokio::time::{Instant, sleep, sleep_until};

use crate::broken::Broken;

fsm!("tests/clockwork.yaml");
use clockwork::{Clockwork, Event, Machine, State};

/// Writes down what was done, and when: milliseconds since the beginning.
#[derive(Clone)]
pub(super) struct Diary {
    lines: Arc<Mutex<Vec<(u128, &'static str)>>>,
    start: Instant,
    pub(super) first: Arc<AtomicBool>,
    pub(super) second: Arc<AtomicBool>,
    /// In milliseconds.
    pub(super) backoff: Arc<AtomicU64>,
    /// How long an entry takes.
    pub(super) settling: Duration,
    /// How long an exit takes, in milliseconds.
    pub(super) leaving: Arc<AtomicU64>,
}

impl Diary {
    pub(super) fn new() -> Self {
        Self {
            lines: Arc::default(),
            start: Instant::now(),
            first: Arc::default(),
            second: Arc::default(),
            backoff: Arc::default(),
            settling: Duration::ZERO,
            leaving: Arc::default(),
        }
    }

    fn note(&self, what: &'static str) {
        self.lines.lock().unwrap().push((self.start.elapsed().as_millis(), what));
    }

    /// What was written since the last time.
    pub(super) fn read(&self) -> Vec<(u128, &'static str)> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }

    /// Waits until so many milliseconds since the beginning, and a little for the machine.
    pub(super) async fn until(&self, milliseconds: u64) {
        sleep_until(self.start + Duration::from_millis(milliseconds)).await;
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }
}

macro_rules! noted {
    ($($action:ident)*) => {
        $(async fn $action(&mut self) -> Result<(), Broken> {
            self.note(stringify!($action));
            Ok(())
        })*
    };
}

impl clockwork::Actions for Diary {
    noted!(late one two other tick tried raised due outer_one inner_two outer_three inner_three result);

    async fn settle(&mut self) -> Result<(), Broken> {
        sleep(self.settling).await;
        self.note("settle");
        Ok(())
    }

    async fn leave(&mut self) -> Result<(), Broken> {
        let leaving = self.leaving.load(Relaxed);
        if leaving > 0 {
            sleep(Duration::from_millis(leaving)).await;
        }
        self.note("leave");
        Ok(())
    }

    async fn long(&mut self) -> Result<(), Broken> {
        sleep(Duration::from_secs(10)).await;
        self.note("long");
        Ok(())
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        self.note("fail");
        Err(Broken)
    }

    async fn work(self) -> Result<u32, Broken> {
        sleep(Duration::from_secs(4)).await;
        Ok(1)
    }

    fn first(&self) -> bool {
        self.first.load(Relaxed)
    }

    fn second(&self) -> bool {
        self.second.load(Relaxed)
    }

    fn backoff(&self) -> Duration {
        match self.backoff.load(Relaxed) {
            u64::MAX => Duration::MAX,
            milliseconds => Duration::from_millis(milliseconds),
        }
    }
}

pub(super) type Running = Handle<Machine>;

pub(super) fn running() -> (Diary, Running) {
    let diary = Diary::new();
    (diary.clone(), spawn(Clockwork::new(diary)))
}

/// Handled, with or without a change.
pub(super) async fn tell(handle: &Running, event: Event) {
    assert!(matches!(handle.ask(event).await, Ok(Outcome::Transitioned | Outcome::Handled)));
}

pub(super) async fn state(handle: &Running) -> State {
    handle.state().await.unwrap()
}
