fsm! {
    machine Door {
        context { n: u8 }
        initial Closed;
        state Closed {
            entry / self.creak, self.creak(context.n), "self.creak";
//                  ^^^^^^^^^^ error FSM0020: there is no `self` here: `creak` is a method of the trait `Actions`
//                   help: write `creak`
//                              ^^^^^^^^^^ error FSM0020: there is no `self` here: `creak` is a method of the trait `Actions`
//                               help: write `creak`
            on Push if self.ok => Open;
//                     ^^^^^^^ error FSM0020: there is no `self` here: `ok` is a method of the trait `Actions`
//                      help: write `ok`
            on Pull if ready && self.ok(3) => Open;
//                              ^^^^^^^ error FSM0020: there is no `self` here: `ok` is a method of the trait `Actions`
//                               help: write `ok`
        }
        state Open { invoke self.fetch(context.n) -> u8; }
//                          ^^^^^^^^^^ error FSM0020: there is no `self` here: `fetch` is a method of the trait `Actions`
//                           help: write `fetch`
    }
}
