fsm! {
    machine Door {
        data { x: u32 }
//             ^ error FSM0046: the machine has no data besides its context
//              help: write the fields in `context { … }`, which lives as long as the machine
        initial Closed;
        state Closed {
            on Push => Open;
            on Pull => Open { widht: 3 };
//                            ^^^^^ error FSM0049: `Open` has no data `widht`
//                             help: did you mean `width`?
            on Kick => Broken { by: 3 };
//                              ^^ error FSM0049: `Broken` has no data `by`
//                               help: declare it in the target: `data { by: Type }`
        }
        state Open {
//            ---- label FSM0049: the target
            data { width: u32 }
            on Shut / show(state.hight);
//                               ^^^^^ error FSM0049: the data of `Open` has no field `hight`
        }
        state Broken {
//            ------ label FSM0049: the target
            entry / show(state.by);
//                             ^^ error FSM0049: the data of `Broken` has no field `by`
            output 3;
//          ^^^^^^ error FSM0046: `Broken` has an output and is not final
//           help: an output is given on completion: write `final` in place of `state`
        }
    }
}

fsm! {
    machine Missing {
        initial Closed;
        state Closed {
            on Push => Open;
            on Slam => .Open { width: 3 };
//                     ^^^^^ error FSM0044: `Closed` has no child `Open`
//                      help: the dot means a child of the source; leave it out: `Open`
        }
        state Open {
            data { width: u32 }
            on Again => Open { width: 3 };
        }
    }
}

fsm! {
    machine Lacking {
        initial Closed;
        state Closed {
            on Push => Open;
//          ^^^^^^^^^^^^^^^ error FSM0056: this transition enters `Open` without its data `width`
//           help: give it to the target, `Open { width: … }`, or give the field a default
            on Slam => Wide { width: 3 };
        }
        state Open {
            data { width: u32 }
//                 ----- label FSM0056: this field has no default
            on Again => .Inner;
            initial Inner;
            state Inner { on Up => Open { width: 3 }; }
        }
        state Wide { data { width: u32 } }
    }
}

fsm! {
    machine Outputs {
        initial Closed;
        state Closed {
            initial Inner;
            done => Open / show(event.output);
            state Inner { on Push => End; }
            final End { output compute(3); }
//                             ^^^^^^^^^^ error FSM0059: the type of this output is not known
//                              help: say it, `… as Type`; or store the value in the context and give the field
        }
        final Open { output compute(4); }
//                          ^^^^^^^^^^ error FSM0059: the type of this output is not known
//                           help: declare it: `output Type;` in the machine
    }
}
