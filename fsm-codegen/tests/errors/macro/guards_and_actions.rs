fsm! {
    machine Door {
        guard has_key, is_heavy;
        action creak, click;
        initial Closed;
        state Closed {
            on Push if has_kee => Open / creek;
//                     ^^^^^^^ error FSM0048: there is no guard `has_kee`
//                      help: did you mean `has_key`?
//                                       ^^^^^ error FSM0048: there is no action `creek`
//                                        help: did you mean `creak`?
            on Pull if strong => Open / shout;
//                     ^^^^^^ error FSM0048: there is no guard `strong`
//                      help: declare it: `guard strong;`
//                                      ^^^^^ error FSM0048: there is no action `shout`
//                                       help: declare it: `action shout;`
            on Kick if => Open;
//                     ^ error FSM0006: expected a guard
//                      help: write a name, a call, or a Rust expression
            on Knock => Open / ;
//                             ^ error FSM0006: expected an action, found `;`
//                              help: leave the `/` out where there is none
            on Lift if has_key and is_heavy => Open;
//                             ^^^ error FSM0020: this is not a Rust expression: unexpected `and`
//                              help: Rust writes `&&`
            on Drop => Open / creak; click;
//                                   ^^^^^ error FSM0006: `click` begins no statement
//                                    help: several actions stand behind one `/`, commas between: `/ first, second;`
        }
        state Open {
            entry creak;
//                ^^^^^ error FSM0006: expected `/` and actions, found `creak`
//                 help: write `entry / first, second;`
            exit / creak
//                      ^ error FSM0006: a `;` is missing here
//                       help: a statement ends with `;`
            on Push if has_key / creak;
            on Shut when has_key => Closed;
//                  ^^^^ error FSM0006: expected `if`, found `when`
//                   help: a guard stands behind `if`: `on Event if guard => Target`
        }
    }
}
