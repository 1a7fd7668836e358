fsm! {
    machine Door {
        initial Closed;
        done => Closed;
        state Closed {
            done => Open;
//          ^^^^ error FSM0046: `Closed` has `done`, but no children
//           help: a state is complete when a final child is entered; a task's end is the `done` of its `invoke`
            invoke measure() as task { done => Open / show(event.output); error => Open / show(event.error); fail => Open; }
//                                                               ^^^^^^ error FSM0049: the end of `measure` has no field `output`
//                                                                help: say what it gives: `invoke measure(…) -> Type`
//                                                                                                   ^^^^^ error FSM0049: the failure of `measure` has no field `error`
//                                                                                                    help: declare what actions and invokes fail with: `error Type;`
//                                                                                                           ^^^^ error FSM0006: expected `done` or `error`, found `fail`
//                                                                                                            help: write `done => Target;` and `error => Target;`
            on error => Open / show(event.error);
//                                        ^^^^^ error FSM0049: the failure of an action has no field `error`
//                                         help: declare what actions and invokes fail with: `error Type;`
        }
        state Open {
            initial Back;
//          ^^^^^^^^^^^^ error FSM0055: the initial state of `Open` leads back to itself
//           help: give the history state a default, `history … => …;`
            history Back;
//                  ---- label FSM0055: without a default this stands for the initial state of its parent
            state Wide;
            done => Closed / show(event.output);
//                                      ^^^^^^ error FSM0049: the completion of `Open` has no field `output`
//                                       help: a final child gives it: `output expression;`
            final Gone {
//          ----- label FSM0046: it ends here
//          ----- label FSM0046: it ends here
//          ----- label FSM0046: it ends here
                on Push => Closed;
//              ^^ error FSM0046: the final state `Open.Gone` has transitions
//               help: remove it, or make the state an ordinary one; what follows its end is the `done` of the state around it
                after 5s => Closed;
//              ^^^^^ error FSM0046: the final state `Open.Gone` has delayed transitions
//               help: remove it, or make the state an ordinary one; what follows its end is the `done` of the state around it
                done => Closed;
//              ^^^^ error FSM0046: the final state `Open.Gone` has `done`
//               help: remove it, or make the state an ordinary one; what follows its end is the `done` of the state around it
            }
        }
        history Last { }
//                   ^^^ error FSM0006: expected `=>`, `/` or `;`, found `{`
//                    help: a history state has a default and no body: `history Last => Idle;`
        always / creak;
    }
}
