//! The arm itself, simulated: its job, home position, brakes, lamp and light curtain.
//!
//! It knows nothing of the machine. An [`Arm`] is a cheap handle of one arm, so the task that moves it, the actions
//! that stop it and whoever looks at it share it. Moving takes time (`tokio::time::sleep` stands for it); everything else
//! is done at once. Dropping the future of [`Arm::place_part`] stops the arm where it is.
//!
//! A real arm is where it is whatever becomes of the program; this one remembers in a file what it has in its hand.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How long a part takes at full speed.
const PART: Duration = Duration::from_millis(40);
/// How long the way home takes.
const HOME: Duration = Duration::from_millis(20);
/// How many parts a job has.
pub(crate) const PARTS: u32 = 3;

/// One arm.
#[derive(Debug, Clone)]
pub(crate) struct Arm {
    body: Arc<Mutex<Body>>,
    /// Where it remembers its body.
    memory: Arc<Path>,
    /// Whether nobody reaches through the light curtain.
    clear: Arc<watch::Sender<bool>>,
}

/// What can be seen of the arm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    /// The job that is loaded.
    pub(crate) job: Option<Job>,
    /// Whether it stands at home.
    pub(crate) home: bool,
    /// Whether the brakes hold it.
    pub(crate) braked: bool,
    /// Whether the lamp says that it may move.
    pub(crate) lamp: bool,
}

/// A job, and how far it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Its name.
    pub(crate) name: String,
    /// A part of the maximum, above 0 and at most 1.
    pub(crate) speed: f32,
    /// How many parts are where they belong.
    pub(crate) placed: u32,
}

impl Arm {
    /// The arm that remembers itself in this file; one at home with nothing to do where there is none.
    pub(crate) fn remembered(memory: PathBuf) -> io::Result<Self> {
        let body = match fs::read(&memory) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Body { job: None, home: true, braked: false, lamp: false }
            }
            Err(error) => return Err(error),
        };
        let body = Arc::new(Mutex::new(body));
        Ok(Self { body, memory: memory.into(), clear: Arc::new(watch::Sender::new(true)) })
    }

    /// Loads a job.
    pub(crate) fn load(&self, name: &str, speed: f32) -> Result<(), ArmError> {
        // Written so that a value that is no number is refused too.
        if !(speed > 0.0 && speed <= 1.0) {
            return Err(ArmError::Speed(speed));
        }
        self.change(|body| body.job = Some(Job { name: name.to_owned(), speed, placed: 0 }));
        Ok(())
    }

    /// Moves the next part of the job and says whether there was one left. Waits while the light curtain is interrupted.
    pub(crate) async fn place_part(&self) -> Result<bool, ArmError> {
        let Some(speed) = self.take_off()? else { return Ok(false) };
        // The sender lives in `self`, so this cannot end otherwise.
        let _ = self.clear.subscribe().wait_for(|clear| *clear).await;
        tokio::time::sleep(PART.div_f32(speed.max(0.01))).await;
        Ok(true)
    }

    /// Counts the part that was moved.
    pub(crate) fn count_part(&self) {
        self.change(|body| {
            if let Some(job) = &mut body.job {
                job.placed += 1;
            }
        });
    }

    /// The speed for the next part; `None` where there is none left.
    fn take_off(&self) -> Result<Option<f32>, ArmError> {
        let body = self.body();
        let Job { placed, speed, .. } = *body.job.as_ref().ok_or(ArmError::NothingLoaded)?;
        if placed == PARTS {
            return Ok(None);
        }
        if body.braked {
            return Err(ArmError::Braked);
        }
        drop(body);
        self.change(|body| body.home = false);
        Ok(Some(speed))
    }

    /// Drives home, and puts the job away.
    pub(crate) async fn park(&self) {
        if !self.body().home {
            tokio::time::sleep(HOME).await;
        }
        self.change(|body| (body.home, body.job) = (true, None));
    }

    /// Lights the lamp, or puts it out.
    pub(crate) fn set_lamp(&self, lit: bool) {
        self.change(|body| body.lamp = lit);
    }

    /// Applies the brakes, or lets go of them.
    pub(crate) fn set_brakes(&self, braked: bool) {
        self.change(|body| body.braked = braked);
    }

    /// Whether nobody reaches through the light curtain.
    pub(crate) fn is_clear(&self) -> bool {
        *self.clear.borrow()
    }

    /// Somebody reaches through the light curtain, or no longer does.
    pub(crate) fn set_clear(&self, clear: bool) {
        self.clear.send_replace(clear);
    }

    /// The arm as it is now.
    pub(crate) fn look(&self) -> Body {
        self.body().clone()
    }

    /// Changes the body, and remembers it as a whole: a file that is renamed is the old one or the new one.
    fn change(&self, change: impl FnOnce(&mut Body)) {
        let mut body = self.body();
        change(&mut body);
        let new = self.memory.with_extension("new");
        let kept = serde_json::to_vec(&*body).map_err(io::Error::other).and_then(|bytes| fs::write(&new, bytes));
        if let Err(error) = kept.and_then(|()| fs::rename(&new, &self.memory)) {
            tracing::error!(%error, "the arm forgets where it is");
        }
    }

    /// Each change is one assignment, so a body is whole even if somebody panicked beside it.
    fn body(&self) -> MutexGuard<'_, Body> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Body {
    /// `at home, brakes off, lamp off, no job`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |yes| if yes { "on" } else { "off" };
        let place = if self.home { "at home" } else { "on its way" };
        write!(f, "{place}, brakes {}, lamp {}, ", on(self.braked), on(self.lamp))?;
        match &self.job {
            Some(Job { name, placed, .. }) => write!(f, "job {name:?} with {placed} of {PARTS} parts placed"),
            None => f.write_str("no job"),
        }
    }
}

/// What the arm can fail with; the spec names it under `error:`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ArmError {
    /// It cannot move so fast, or so slowly.
    Speed(f32),
    /// The battery does not suffice for another job.
    Battery,
    /// There is no job to work at.
    NothingLoaded,
    /// The brakes hold it.
    Braked,
}

impl fmt::Display for ArmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speed(speed) => write!(f, "the speed must be above 0 and at most 1, and not {speed}"),
            Self::Battery => f.write_str("the battery does not suffice for another job"),
            Self::NothingLoaded => f.write_str("no job is loaded"),
            Self::Braked => f.write_str("the brakes hold the arm"),
        }
    }
}

impl std::error::Error for ArmError {}
