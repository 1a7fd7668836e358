fsm! {
    machine Door {
        event Push { force: u8, by: u32 = 0 }
//            ---- label FSM0058: declared here
        event Pull, Ask;
        message Opened { by: u32 }
//              ------ label FSM0058: declared here
        context { opened: u32 }
        initial Closed;
        state Closed {
            on Push if event.forse > 3 => Open;
//                           ^^^^^ error FSM0049: the event `Push` has no field `forse`
//                            help: did you mean `force`?
            on Pull if event.force > 3 => Open / raise Push;
//                           ^^^^^ error FSM0049: the event `Pull` has no field `force`
//                                                     ^^^^ error FSM0058: the event `Push` needs `force`
//                                                      help: give it: `Push { force: … }`
            on Ask => Open / raise Push { force: 1, to: 2 }, emit Opened, emit Close, reply 3;
//                                                  ^^ error FSM0049: the event `Push` has no field `to`
//                                                                ^^^^^^ error FSM0058: the message `Opened` needs `by`
//                                                                 help: give it: `Opened { by: … }`
//                                                                             ^^^^^ error FSM0048: there is no message `Close`
//                                                                              help: declare it: `message Close;`
//                                                                                    ^^^^^^^ error FSM0061: the event `Ask` expects no answer
//                                                                                     help: declare its type: `event Ask -> Type;`
            on Psuh => Open;
//             ^^^^ error FSM0047: there is no event `Psuh`
//              help: did you mean `Push`?
        }
        state Open {
            entry / greet(event.by), assign openend = 1, cancel never;
//                        ^^^^^^^^ error FSM0050: `event` cannot be seen in an entry action
//                         help: store what is needed of it by `assign`, or as `data` of the state that is entered
//                                          ^^^^^^^ error FSM0049: the context has no field `openend`
//                                           help: did you mean `opened`?
//                                                              ^^^^^ error FSM0048: nothing is sent under the id `never`
//                                                               help: the id of a `send` is meant: `send E after 5s as never`
            on Push(force) => Closed;
//                 ^^^^^^^ error FSM0006: expected `if`, `=>`, `/` or `;`, found `(`
//                  help: a payload is not taken apart here; guards and actions see it as `event.field`
            on Pull { force } => Closed;
//                  ^^^^^^^^^ error FSM0006: expected `if`, `=>`, `/` or `;`, found `{`
//                   help: a payload is not taken apart here; guards and actions see it as `event.field`
            on Ask => Closed / raise Push(3);
//                                       ^^^ error FSM0006: expected `{`, found `(`
//                                        help: a payload stands in braces: `Push { field: … }`
        }
    }
}

fsm! {
    machine Inferred {
        initial A;
        state A { on Push if event.force > 3 => B / raise Pull { by: 1 }; }
//                                 ^^^^^ error FSM0049: the event `Push` has no field `force`
//                                  help: only a declared event has fields: `event Push { force: … }`
//                                                               ^^ error FSM0049: the event `Pull` has no field `by`
//                                                                help: only a declared event has fields: `event Pull { by: … }`
        state B { on Pull => A / emit Said { text: 1 }, emit Said; }
//                                           ^^^^ error FSM0049: the message `Said` has no field `text`
//                                            help: only a declared message has fields: `message Said { text: … }`
    }
}
