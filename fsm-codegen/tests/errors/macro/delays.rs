fsm! {
    machine Door {
        delay patience = 5s, never = soon;
//                                   ^^^^ error FSM0024: `soon` is not a delay
//                                    help: write `250ms`, `1.5s`, `5min`, `2h`, `1d`, or a number of milliseconds
        initial Closed;
        state Closed {
            after 5sec => Open;
//                ^^^^ error FSM0024: this is not a delay
//                 help: write `5s`
            after 10 s => Open;
//                ^^^^ error FSM0006: a delay is one word
//                 help: write `10s`
            after 5m => Open;
//                ^^ error FSM0024: this is not a delay
//                 help: write `5min`
            after patiense => Open;
//                ^^^^^^^^ error FSM0048: there is no delay `patiense`
//                 help: did you mean `patience`?
            after slow => Open;
//                ^^^^ error FSM0048: there is no delay `slow`
//                 help: declare it: `delay slow = 5s;`
            after -1s => Open;
//                ^^^ error FSM0024: a delay is not negative
//                 help: write `250ms`, `1.5s`, `5min`, `2h`, `1d`, or a number of milliseconds; or the name of a `delay`
            every 0s => Open;
//                ^^ error FSM0024: what repeats without a pause never ends
//                 help: give `every` a delay above zero
            after "5s" => Open;
        }
        state Open { on Push => Closed / send Wake after 1minute; on Wake; }
//                                                       ^^^^^^^ error FSM0024: this is not a delay
//                                                        help: write `1min`
    }
}
