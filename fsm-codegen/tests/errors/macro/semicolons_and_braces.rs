fsm! {
    machine Door {
        mode sync
//               ^ error FSM0006: a `;` is missing here
//                help: a statement ends with `;`
        initial Closed;
        state Closed {
            on Push => Open
//                         ^ error FSM0006: a `;` is missing here
//                          help: a statement ends with `;`
            on Lock => Locked / click
//                                   ^ error FSM0006: a `;` is missing here
//                                    help: a statement ends with `;`
        }
        state Open { on Pull => Closed / click() log "closed"; }
//                                               ^^^ error FSM0006: expected `,` or `;`, found `log`
//                                                help: between actions stand commas, and `;` behind the last one
        state Locked;
        state Left on Push => Open;
//                 ^^ error FSM0006: expected `{` or `;`, found `on`
//                  help: what a state does stands in braces: `state Left { … }`
    }
}

fsm! {
    machine Head
        initial A;
//      ^^^^^^^ error FSM0006: expected the body of the machine in braces, found `initial`
//       help: write `machine Name { … }`
}
