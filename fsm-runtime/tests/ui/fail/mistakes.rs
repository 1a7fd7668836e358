//! Several mistakes in one build, each at its own tokens.

use fsm_runtime::fsm;

fsm! {
    pub machine Robot {
        context { jobs: u32 }
        event Start { job: String }
        event Stop;
        initial Idel;
        state Idle {
            on Strat => Working / begin(&event.job), assign jobs = context.job + 1;
        }
        state Working {
            on Stop => Idle
            on Start / begin(&event.jobs);
        }
    }
}

fn main() {}
