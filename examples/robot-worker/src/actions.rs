//! What the machine's actions and guards do: `impl robot::Actions`, one method for each name in the spec.
//!
//! The machine waits for its actions, so they are short. Work that lasts is a task of its own: entering `Moving` starts
//! it (`run_job`), leaving `Moving` ends it (`halt`), and what it has to say (`Picked`, `Done`) comes back through
//! the mailbox like everything else. Nothing here waits for the machine itself, which would be a deadlock.
//!
//! The task sends through the fleet, which is there by the time that a machine is made. A message may be late: sent just
//! before `halt`, it is handled after what was in the mailbox before it. So `Done` carries the job's number, which the
//! spec compares, and an arm that goes on after a pause says `Done` again.

use std::sync::{Arc, OnceLock};

use fsm_runtime::Error;
use fsm_runtime::journal::MessageId;
use tokio::task::JoinSet;

use crate::arm::{Arm, ArmError};
use crate::robot::{self, event};
use crate::{ROBOT, Robots};

/// The fleet that the robot belongs to, from when it is spawned.
pub(crate) type OwnFleet = Arc<OnceLock<Robots>>;

/// The handlers of the robot.
pub(crate) struct Worker {
    arm: Arm,
    fleet: OwnFleet,
    /// The task that moves the arm, while it moves. Dropping the set ends it.
    motion: JoinSet<()>,
}

impl Worker {
    pub(crate) fn new(arm: Arm, fleet: OwnFleet) -> Self {
        Self { arm, fleet, motion: JoinSet::new() }
    }
}

impl robot::Actions for Worker {
    fn workspace_clear(&self) -> bool {
        self.arm.is_clear()
    }

    async fn begin(&mut self, job: &str, speed: f32) -> Result<(), ArmError> {
        self.arm.load(job, speed)?;
        tracing::info!(job, speed, "loaded");
        Ok(())
    }

    async fn run_job(&mut self, number: u32) -> Result<(), ArmError> {
        if self.arm.look().job.is_none() {
            return Err(ArmError::NothingLoaded);
        }
        self.motion.spawn(work(self.arm.clone(), Arc::clone(&self.fleet), number));
        Ok(())
    }

    async fn halt(&mut self) -> Result<(), ArmError> {
        // When this returns the task is gone, and sends nothing more.
        self.motion.shutdown().await;
        Ok(())
    }

    async fn refuse(&mut self) -> Result<(), ArmError> {
        // An error is what reaches the operator who asked.
        Err(ArmError::Battery)
    }

    async fn lamp_on(&mut self) -> Result<(), ArmError> {
        self.arm.set_lamp(true);
        Ok(())
    }

    async fn lamp_off(&mut self) -> Result<(), ArmError> {
        self.arm.set_lamp(false);
        Ok(())
    }

    async fn brake(&mut self) -> Result<(), ArmError> {
        self.arm.set_brakes(true);
        Ok(())
    }

    async fn release(&mut self) -> Result<(), ArmError> {
        self.arm.set_brakes(false);
        Ok(())
    }

    async fn park(&mut self) -> Result<(), ArmError> {
        self.arm.park().await;
        Ok(())
    }

    async fn warn(&mut self, code: u16) -> Result<(), ArmError> {
        tracing::warn!(code, "a fault that can be cleared on the spot");
        Ok(())
    }

    async fn report(&mut self, code: u16) -> Result<(), ArmError> {
        tracing::error!(code, "a fault for the service desk");
        Ok(())
    }

    fn on_error(&mut self, error: &Error<ArmError>) {
        tracing::error!(%error, arm = %self.arm.look(), "a step failed");
    }
}

/// Works at the job until it is done, and tells the machine part by part.
///
/// Each piece of news has an id of its own: one that is sent again, since the program was killed before the answer came,
/// counts once.
async fn work(arm: Arm, fleet: OwnFleet, number: u32) {
    let Some(fleet) = fleet.get() else { return };
    loop {
        let placed = match arm.place_part().await {
            Ok(placed) => placed,
            Err(error) => return tracing::error!(%error, "the arm does not move"),
        };
        let told = if placed {
            let part = arm.look().job.map_or(0, |job| job.placed);
            let id = MessageId::of(format!("job {number}, part {part}").as_bytes());
            fleet.send_with_id(ROBOT, id, event::Picked { parts: 1 }).await.map(drop)
        } else {
            fleet.send(ROBOT, event::Done { job: number }).await
        };
        // A machine that takes nothing more needs no news.
        if told.is_err() || !placed {
            return;
        }
        // Only now: a task that is ended while it waits for room in the mailbox has told nothing.
        arm.count_part();
        tracing::info!(job = number, "a part is where it belongs");
    }
}
