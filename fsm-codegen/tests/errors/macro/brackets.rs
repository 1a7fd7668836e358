mod doors {
    fsm! {
//       ^ error FSM0006: the bracket `{` is never closed
        machine Door {
            initial Closed;
            state Closed { on Push => Open;
            state Open { on Pull => Closed; }
        }
    }
