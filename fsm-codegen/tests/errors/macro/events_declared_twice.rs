fsm! {
    machine Door {
        context { n: u8, n: bool }
//                       ^ error FSM0011: `n` stands here a second time
//                - label FSM0011: first written here
        event Push, Push { force: u8 };
//                  ^^^^ error FSM0011: `Push` stands here a second time
//            ---- label FSM0011: first written here
        event Pull { by: u8, by: bool };
//                           ^^ error FSM0011: `by` stands here a second time
//                   -- label FSM0011: first written here
        initial Closed;
        state Closed {
            on Push if event.force > 3 && context.n => Open;
            on Pull if event.by => Open;
        }
        state Open { on Push => Closed / creak(event.force); }
    }
}
