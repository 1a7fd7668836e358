fsm! {
    machine Door {
        initial Closed;
        state Closed {
            on Push -> Open;
//                  ^^ error FSM0006: expected `=>`, found `->`
//                   help: a transition is written `on Event => Target`
            on Lock: Locked;
//                 ^ error FSM0006: expected `=>`, found `:`
//                  help: a transition is written `on Event => Target`
            on Kick = Open;
//                  ^ error FSM0006: expected `=>`, found `=`
//                   help: a transition is written `on Event => Target`
            on Knock >= Open;
//                   ^^ error FSM0006: expected `=>`, found `>=`
//                    help: a transition is written `on Event => Target`
            on Call Open;
//                  ^^^^ error FSM0006: expected `if`, `=>`, `/` or `;`, found `Open`
//                   help: a transition is written `on Event if guard => Target / action;`
            on Wait == Open / click;
//                  ^^ error FSM0006: expected `=>`, found `==`
//                   help: a transition is written `on Event => Target`
        }
        state Open { on Pull => Closed; }
        state Locked;
    }
}
