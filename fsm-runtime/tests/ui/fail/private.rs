//! A type of the machine that is not `pub` is shown where it is named.

#![allow(private_interfaces, private_bounds, reason = "they say the same again")]

use fsm_runtime::fsm;

struct Secret;

fsm! {
    pub machine Robot {
        use super::Secret;
        error Secret;
        event Go;
        initial A;
        state A { on Go / work; }
    }
}

fn main() {}
