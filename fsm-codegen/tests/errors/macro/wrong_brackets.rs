fsm! {
    machine Door {
        initial Closed;
        state Closed { on Push => Open; ]
//                                      ^ error FSM0006: the bracket `{` is closed by `]`
//                   - label FSM0006: opened here
    }
}
