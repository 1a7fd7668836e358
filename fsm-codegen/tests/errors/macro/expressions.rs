fsm! {
    machine Door {
        queue many;
//            ^^^^ error FSM0006: expected a number of entries, found `many`
//             help: a capacity lies between 1 and 65535
        #![allow(x)]
//      ^^^^^^^^^^^^ error FSM0006: an attribute stands in front of what it belongs to
//       help: write `#[…]` there
        mode 3;
//           ^ error FSM0006: expected one of `async`, `sync`, found `3`
        version x;
//              ^ error FSM0006: expected a version, found `x`
//               help: write a number, or text: `version "2.1-beta";`
        context { n: u32, m: u32 = 3 }
        event Go { card: u8, ok: bool }
        initial Closed;
        state Closed {
            entry / move_to(card), beep(n);
//                          ^^^^ error FSM0023: this argument is neither a path nor a literal
//                           help: an argument is a path over `event`, `context`, `state` or `queue`, or a literal; store anything richer by `assign` first
//                                      ^ error FSM0023: this argument is neither a path nor a literal
//                                       help: a field stands behind its owner: `context.n`
            intial Left;
//          ^^^^^^ error FSM0006: `intial` begins no statement
//           help: did you mean `initial`?
            on Go if context.n = 1 => Open;
//                             ^ error FSM0020: this assigns, and a guard only asks
//                              help: a comparison has two signs: `==`
            on Go if n > 3 && ready => Open;
//                   ^ error FSM0050: `n` alone is no field
//                    help: a field stands behind its owner: `context.n`
            on Go if event.card => Open / assign n = "x";
//                   ^^^^^^^^^^ error FSM0012: a guard is `bool`, and this is `u8`
//                    help: compare it: `event.card > 0`
//                                                   ^^^ error FSM0012: `n` is `u32`, and this is text
            on Go if event.ok && event.card => Open / assign n = event.card, beep(card), raise Go { crad: 3, ok: true };
//                               ^^^^^^^^^^ error FSM0012: an operand is `bool`, and this is `u8`
//                                help: compare it: `event.card > 0`
//                                                               ^^^^^^^^^^ error FSM0012: `n` is `u32`, and this is `u8`
//                                                                help: write `u32::from(event.card)`
//                                                                                ^^^^ error FSM0023: this argument is neither a path nor a literal
//                                                                                 help: a field stands behind its owner: `event.card`
//                                                                                                  ^^^^ error FSM0049: the event `Go` has no field `crad`
//                                                                                                   help: did you mean `card`?
            state Left;
        }
        state Open;
    }
}
