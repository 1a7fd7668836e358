fsm! {
    machine Tower {
        initial A;
        state A { on Tick | Up | Down if redy(m) => .Nope / send Sent; }
//                                            ^ error FSM0023: this argument is neither a path nor a literal
//                                             help: an argument is a path over `event`, `context`, `state` or `queue`, or a literal; store anything richer by `assign` first
//                                                  ^^^^^ error FSM0044: `A` has no child `Nope`
    }
}
