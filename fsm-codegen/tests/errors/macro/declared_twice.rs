fsm! {
    machine Door {
        mode sync;
//      ---- label FSM0011: first written here
        mode async;
//      ^^^^ error FSM0011: `mode` stands here a second time
        event Push { force: u8, force: u8 }
//                              ^^^^^ error FSM0011: `force` stands here a second time
//                   ----- label FSM0011: first written here
//            ---- label FSM0011: first written here
        event Pull, Push;
//                  ^^^^ error FSM0011: `Push` stands here a second time
        action creak, creak;
//                    ^^^^^ error FSM0011: `creak` stands here a second time
//             ----- label FSM0011: first written here
        delay long = 5s, long = 6s;
//                       ^^^^ error FSM0011: `long` stands here a second time
//            ---- label FSM0011: first written here
        context { a: u32, a: u8 }
//                        ^ error FSM0011: `a` stands here a second time
//                - label FSM0011: first written here
        initial Closed;
        state Closed {
//            ------ label FSM0041: the other one
            entry / creak;
//          ----- label FSM0011: first written here
            entry / creak;
//          ^^^^^ error FSM0011: `entry` stands here a second time
//           help: write one list, its actions separated by commas
            on Push => Open;
            on Pull => Open;
        }
        state Closed { on Push => Open; }
//            ^^^^^^ error FSM0041: two states are called `Closed`
        state Open as closed;
//                    ------ label FSM0041: first used here
        state Other as closed;
//                     ^^^^^^ error FSM0041: two states have the id `closed`
    }
}
