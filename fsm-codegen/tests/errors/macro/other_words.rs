fsm! {
    machine Door {
        mode asink;
//           ^^^^^ error FSM0014: `asink` is none of `async`, `sync`
//            help: did you mean `async`?
        deny unreachabel;
//           ^^^^^^^^^^^ error FSM0053: there is no lint `unreachabel`
//            help: did you mean `unreachable_state`?
        context { n: u32 }
        initial A;
        state A {
            on Go / assign context.n = 1;
//                         ^^^^^^^^^ error FSM0049: `context.n` is no name of a field
//                          help: what is assigned is a field of the context: write `n`
            on Stop / assign n += 1;
//                             ^ error FSM0006: expected `=`, found `+`
//                              help: write `assign n = context.n + …`
            after 5mins => A;
//                ^^^^^ error FSM0024: this is not a delay
//                 help: write `5min`
        }
    }
}
