//! What can be compiled and should not be is a warning of rustc's, here made an error.

#![deny(warnings)]

use fsm_runtime::fsm;

fsm! {
    machine Door {
        event Open, Close, Knock;
        initial Closed;
        state Closed { on Open => Opened; }
        state Opened { on Close => Closed; }
        state Broken { on Open => Opened; }
    }
}

fsm! {
    machine Gate {
        deny unreachable_state;
        initial Closed;
        state Closed { on Open => Opened; }
        state Opened { on Close => Closed; }
        state Broken { on Open => Opened; }
    }
}

fn main() {}
