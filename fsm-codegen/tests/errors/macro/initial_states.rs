fsm! {
    machine Door {
//          ^^^^ error FSM0042: the machine `Door` has children, but no initial state
//           help: its first child: `initial Closed;`
        state Closed { on Push => Open; }
        state Open {
//            ^^^^ error FSM0042: `Open` has children, but no initial state
//             help: its first child: `initial Wide;`
            state Wide;
            state Ajar;
        }
    }
}

fsm! {
    machine Lift {
        initial Up;
//      ------- label FSM0011: first written here
        initial Down;
//      ^^^^^^^ error FSM0011: `initial` stands here a second time
        state Up { initial Down; }
//                 ^^^^^^^ error FSM0046: `Up` has an initial state, but no children
        state Down;
        parallel Both {
            initial A;
//          ^^^^^^^ error FSM0046: the parallel state `Both` has an initial state
//           help: all its children are active at once; each of them has an `initial` of its own
            state A { initial X; state X; }
            final B;
//          ^^^^^ error FSM0046: `Both.B` is final and a region of a parallel state
//           help: a parallel state is complete when each region has reached a final state of its own
        }
    }
}

fsm! {
    machine Nothing {}
//          ^^^^^^^ error FSM0016: the machine `Nothing` has no states
//           help: write them as `state A { … }`, and name the first one, `initial A;`
}
