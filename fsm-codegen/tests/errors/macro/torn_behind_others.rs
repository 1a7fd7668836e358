fsm! {
    machine First { intial A; state A { on Tick => C; } }
//                  ^^^^^^ error FSM0006: `intial` begins no statement
//                   help: did you mean `initial`?
//                                                 ^ error FSM0044: no state `C` can be seen from `A`
}

mod inner {
    fsm! { machine Second { initial B; state A { on Tick; } } }
//                                  ^ error FSM0043: the machine `Second` has no child `B`
//                                   help: its first child: `initial A;`
}

fsm! {
    machine Torn {
        initial A;
        state A { on Tick if (event.a => B; }
//                                          ^ error FSM0006: the bracket `(` is closed by `}`
//                           - label FSM0006: opened here
    }
}
