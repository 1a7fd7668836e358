fsm! {
    machine Door {
        warn unhandled_event, history_without_default;
        error String;
        event Push, Pull, Never, Unheard;
//                        ^^^^^ warning FSM0104: no state handles the event `Never`
//                         help: handle it in a state, `on … => …;`, or remove its declaration
//                               ^^^^^^^ warning FSM0110: the machine sends itself the event `Unheard`, which no state handles
//                                help: handle it in a state, `on … => …;`, or do not send it
        action creak;
//             ^^^^^ warning FSM0106: nothing uses the action `creak`
//              help: use it, or remove its declaration
        guard heavy;
//            ^^^^^ warning FSM0107: nothing uses the guard `heavy`
//             help: use it, or remove its declaration
        delay long = 5s;
//            ^^^^ warning FSM0105: nothing uses the delay `long`
//             help: use it, or remove its declaration
        message Said;
//              ^^^^ warning FSM0109: nothing uses the message `Said`
//               help: use it, or remove its declaration
        initial Closed;
        state Closed {
            invoke measure;
//          ^^^^^^^^^^^^^^ warning FSM0115: nothing waits for the failure of `measure`
//           help: add `{ error => …; }` to it, or handle the event `error` in a state around it
            on Push => Open.Back;
//          -------------------- label FSM0102: always taken first
            on Pull => Trap;
//          --------------- label FSM0103: from here on the machine cannot end
            on Push => Gone / raise Unheard;
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning FSM0102: this transition of `Closed` on `Push` is never taken: an earlier one is always taken
//           help: give the earlier one a guard, or remove this one
        }
        state Open {
//            ^^^^ warning FSM0114: nothing happens when `Open` is complete
//             help: add `done => …;` to it, or make the final state an ordinary one
            initial Wide;
            history Back;
//                  ^^^^ warning FSM0112: the history state `Open.Back` has no default
//                   help: give it a default, `history … => …;`; without it `Open` is entered as if it had no history
            state Wide { on Push => End; }
//                ^^^^ warning FSM0108: the state `Open.Wide` does not handle `Pull`
//                 help: handle what is missing here or in an ancestor; `on E;` takes an event and does nothing
            final End;
//                --- label FSM0114: completes it
            on Push => Gone;
        }
        state Trap { on Push; }
//            ^^^^ warning FSM0103: no way leads from `Trap` to a final state
//             help: add a transition that leads on to a final state, or make this one `final` instead of `state`; the shortest way there, as far as history and events of its own allow: Pull
//            ^^^^ warning FSM0108: the state `Trap` does not handle `Pull`
//             help: handle what is missing here or in an ancestor; `on E;` takes an event and does nothing
        final Gone;
//            ---- label FSM0103: a final state, out of reach from there
    }
}
