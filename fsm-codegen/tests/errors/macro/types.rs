fsm! {
    machine Door {
        use crate::lower;
        context { n: int, s: string = "x", ok: lower, w: &str, v: u8 = "q" }
//                   ^^^ error FSM0059: there is no type `int`
//                    help: did you mean `i64`?
//                           ^^^^^^ error FSM0059: there is no type `string`
//                            help: did you mean `String`?
//                                                       ^^^^ error FSM0059: a borrow must say here how long it lives
//                                                        help: only `&'static` is possible; or keep an owned value, such as a `String`
//                                                                     ^^^ error FSM0012: `v` is `u8`, and this is text
        event Go { card: u9 }
//                       ^^ error FSM0059: there is no type `u9`
//                        help: did you mean `u8`?
        initial A;
        state A {
            on Go if evnt.card > 3 => A / assign n = contxt.n + 1;
//                   ^^^^ error FSM0050: nothing is called `evnt` here
//                    help: did you mean `event`?
//                                                   ^^^^^^ error FSM0050: nothing is called `contxt` here
//                                                    help: did you mean `context`?
            on Go if !context.v => A;
//                   ^^^^^^^^^^ error FSM0012: a guard is `bool`, and this is `u8`
//                    help: compare it: `context.v == 0`
        }
    }
}
