fsm! {
    machine Door {
        initial Closd;
//              ^^^^^ error FSM0043: the machine `Door` has no child `Closd`
//               help: did you mean `Closed`?
        state Closed {
            on Push => Opne;
//                     ^^^^ error FSM0044: no state `Opne` can be seen from `Closed`
//                      help: did you mean `Open`?
            on Lock => Shut;
//                     ^^^^ error FSM0044: no state `Shut` can be seen from `Closed`
            on Peek => #opened;
//                     ^^^^^^^ error FSM0044: no state has the id or the name `opened`
//                      help: did you mean `#Open`?
            on Slam => Open.Wied;
//                     ^^^^^^^^^ error FSM0044: `Open` has no child `Wied`
//                      help: did you mean `Wide`?
        }
        state Open {
            initial Wide;
            on Pull => Wide;
//                     ^^^^ error FSM0044: no state `Wide` can be seen from `Open`
//                      help: a child of the source is written with a dot: `.Wide`
            on Kick => Door;
//                     ^^^^ error FSM0044: no state `Door` can be seen from `Open`
//                      help: the machine itself is written `#Door`
            state Wide;
            state Ajar { on Push => Locked; }
//                                  ^^^^^^ error FSM0044: no state `Locked` can be seen from `Open.Ajar`
//                                   help: `Open.Deep.Locked` lies elsewhere: `#Locked` finds it
            state Deep { state Locked; }
//                ^^^^ error FSM0042: `Open.Deep` has children, but no initial state
//                 help: its first child: `initial Locked;`
        }
    }
}
