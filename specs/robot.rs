// The machine of `robot.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A pick-and-place arm.
    pub machine Robot {
        version 2;
        use crate::arm::ArmError;
        error ArmError;
        context { battery: u8 = 100, jobs: u32, parts: u32 }
        event Start { job: String, speed: f32 }
        event Stop, Pause, Resume;
        event Picked { parts: u32 }
        event Done { job: u32 }
        event Battery { percent: u8 }
        event Fault { code: u16 }
        /// Load the job and set the speed as a part of the arm's maximum
        action begin;
        /// Tell the operator that the battery does not suffice
        action refuse;
        /// Set the arm going, or going on, with the job of this number
        action run_job;
        /// Let the arm come to rest where it is
        action halt;
        /// Light the lamp that says that the arm may move
        action lamp_on;
        /// Put the lamp out
        action lamp_off;
        /// Hold the arm where it is
        action brake;
        /// Let go of the brakes
        action release;
        /// Drive the arm home
        action park;
        /// Show a fault that an operator can clear
        action warn;
        /// Send a fault to the service desk
        action report;
        /// The light curtain around the arm is not interrupted
        guard workspace_clear;

        on Battery / assign battery = event.percent;
        on Picked / assign parts = context.parts + event.parts;

        initial Idle;
        /// At home, waiting for a job.
        state Idle {
            on Start if context.battery > 20 => Working / begin(&event.job, event.speed), assign jobs = context.jobs + 1;
            on Start / refuse;
        }

        /// A job is loaded.
        state Working {
            entry / lamp_on;
            exit / lamp_off;
            on Stop => Idle / park;
            /// The arm may say so late, when the next job has begun
            on Done if event.job == context.jobs => Idle / park;
            /// Codes below 100 can be cleared on the spot
            on Fault if event.code < 100 => .Paused / warn(event.code);
            on Fault => Failed / report(event.code);

            initial Moving;
            /// The arm moves.
            state Moving {
                entry / run_job(context.jobs);
                exit / halt;
                on Pause => Paused;
            }

            /// The brakes hold the arm; the job goes on where it stopped.
            state Paused {
                entry / brake;
                exit / release;
                on Resume if workspace_clear => Moving;
                on Done;
                on Fault if event.code < 100 / warn(event.code);
            }
        }

        /// A person has to look after it.
        final Failed;
    }
}
