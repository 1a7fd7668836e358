//! Mistakes that only rustc can see stand at the expressions and the types of the machine, never at all of `fsm!`.

use fsm_runtime::fsm;

/// Lacks what the fields of a machine need, but for `Debug`, which rustc spells by what else is called so.
#[derive(Debug)]
pub struct Bare;

fsm! {
    pub machine Robot {
        use super::Bare;
        output u32;
        context { n: u32, t: u32, name: String, bare: Bare }
        event Go { a: u8, s: String };
        event Ask { a: u8 } -> u32;
        event Add { more: u64 };
        message Told { code: u32 }
        initial A;
        state A {
            on Go if context.name.len() => B / assign { n = event.a.pow(2), t = 5 };
            on Ask / reply event.a.pow(2);
            on Add if event.more.pow(2) / assign { t = context.t + 1 };
            always if context.t > 3 && "full" => B;
        }
        state B {
            entry / assign n = context.name.len(), raise Add { more: context.name.len() }, emit Told { code: &context.name };
            on Go / if event.s.len() { assign t = event.s.len() }, log "{context.bare}";
            on Ask / reply event.a + 1;
            on Add => C { held: event.more.pow(2) };
        }
        state C {
            data { held: u8 }
            on Add => End;
        }
        final End { output "done"; }
    }
}

fn main() {}
