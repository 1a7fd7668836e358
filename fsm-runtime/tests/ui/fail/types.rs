//! Mistakes that only rustc can see: types in the spec, and handlers that do not fit.

use fsm_runtime::fsm;

fsm! {
    pub machine Robot {
        context { battery: u8 = 100, jobs: u32 }
        event Start { job: Parcel }
        event Stop { code: u16 }
        initial Idle;
        state Idle {
            on Stop if context.battery + 1 > event.code => Working / begin(event.code);
            on Start / refuse;
        }
        state Working {
            on Stop => Idle / assign jobs = event.code + 1;
        }
    }
}

struct Hands;

impl robot::Actions for Hands {
    async fn begin(&mut self, _code: &str) {}
}

fn main() {}
