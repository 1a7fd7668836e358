fsm! {
    machine Door {
        context { jobs: &&&, opened = 3, last: u32 = , kind: u8 }
//                         ^ error FSM0020: this is not a Rust type: unexpected end of input
//                                  ^ error FSM0006: expected `:` and a type, found `=`
//                                   help: write `field: Type`
//                                                   ^ error FSM0006: expected a default
        event Push { force u8, by: u32 }
//                         ^^ error FSM0006: expected `:` and a type, found `u8`
//                          help: write `field: Type`
        initial Closed;
        state Closed {
            on Push if event.force > 3 => Closed / raise Push { by: 1 }, assign opened = context.last, show(context.jobs);
        }
    }
}
