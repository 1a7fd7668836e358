fsm! {
    machine Shop {
        context { n: u32 s: String, t: &'static str = "a" u:&'static str = "b" }
//                      ^ error FSM0006: a `,` is missing here
//                       help: between them stand commas
//                                                       ^ error FSM0006: a `,` is missing here
//                                                        help: between them stand commas
        event Go { a: u32 b: u8 } Stop;
//                       ^ error FSM0006: a `,` is missing here
//                        help: between them stand commas
//                               ^ error FSM0006: a `,` is missing here
//                                help: between them stand commas
        event Pay Refund { sum: u32 };
//               ^ error FSM0006: a `,` is missing here
//                help: between them stand commas
        message Told, Asked { text: String } Left;
//                                          ^ error FSM0006: a `,` is missing here
//                                           help: between them stand commas
        guard ready open;
//                 ^ error FSM0006: a `,` is missing here
//                  help: between them stand commas
        initial A;
        fn foo() {}
//      ^^ error FSM0006: `fn` begins no statement
//       help: what is Rust's stands outside of `fsm!`; a method of `Actions` is declared by `action creak;`
        state A {
            on Stop => B if ready;
//                  ^^^^^^^^^^^^^ error FSM0006: a guard stands in front of the target and the actions
//                   help: write `if ready => B`
            on Go / f() => B;
//                ^^^^^^^^^^ error FSM0006: the target stands in front of the actions
//                 help: write `=> B / f()`
            on Stop / f(), assign n = context.n + 1 => reenter A / g();
//                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error FSM0006: the target stands in front of the actions
//                   help: write `=> reenter A / f(), assign n = context.n + 1`
            on Stop / f() if ready => B;
//                  ^^^^^^^^^^^^^^^^^^^ error FSM0006: a guard stands in front of the target and the actions
//                   help: write `if ready => B / f()`
            on Stop => B if ready / f();
//                  ^^^^^^^^^^^^^ error FSM0006: a guard stands in front of the target and the actions
//                   help: write `if ready => B`
            on Stop => B, f();
//                      ^ error FSM0006: expected `/`, found `,`
//                       help: actions stand behind `/`: `=> Target / first, second;`
            on Go => B, log "gone", g;
//                    ^ error FSM0006: expected `/`, found `,`
//                     help: actions stand behind `/`: `=> Target / first, second;`
            on Go when ready => B;
//                ^^^^ error FSM0006: expected `if`, found `when`
//                 help: a guard stands behind `if`: `on Event if guard => Target`
            on Go where ready || open => B;
//                ^^^^^ error FSM0006: expected `if`, found `where`
//                 help: a guard stands behind `if`: `on Event if guard => Target`
            on Stop / n = context.n + 1;
//                    ^ error FSM0006: an assignment begins with `assign`
//                     help: write `assign field = expression`
            on Stop / context.n += 1, m = 2;
//                    ^^^^^^^ error FSM0006: an assignment begins with `assign`
//                     help: write `assign field = expression`
//                              ^ error FSM0006: expected `=`, found `+`
//                               help: write `assign n = context.n + …`
//                                    ^ error FSM0006: an assignment begins with `assign`
//                                     help: write `assign field = expression`
//                                    ^ error FSM0049: the context has no field `m`
            on Go, Stop => A;
//               ^ error FSM0006: expected `|`, found `,`
//                help: between the events of one transition stands `|`: `on A | B`
            on Pay, Refund, * if ready;
//                ^ error FSM0006: expected `|`, found `,`
//                 help: between the events of one transition stands `|`: `on A | B`
//                        ^ error FSM0006: expected `|`, found `,`
//                         help: between the events of one transition stands `|`: `on A | B`
            on Stop / rase Pay, set n = 1, lag "x";
//                    ^^^^ error FSM0006: `rase` begins no action
//                     help: did you mean `raise`?
//                              ^^^ error FSM0006: `set` begins no action
//                               help: write `assign`
//                                         ^^^ error FSM0006: `lag` begins no action
//                                          help: did you mean `log`?
            on Stop / raise Go { a: 1 b: 2 };
//                                   ^ error FSM0006: a `,` is missing here
//                                    help: between them stand commas
            on Stop / assign { n = context.n + 1 s = "x".to_owned() };
//                                              ^ error FSM0006: a `,` is missing here
//                                               help: between them stand commas
            on Pay => [A B];
//                      ^ error FSM0006: a `,` is missing here
//                       help: between them stand commas
//                       ^ error FSM0054: the targets `A` and `B` cannot be active together
//                        help: several targets lie in different regions of one parallel state; the machine `Shop` is none
//                     - label FSM0054: the other target
            after 30 seconds => B;
//                ^^^^^^^^^^ error FSM0006: a delay is one word
//                 help: write `30s`
            after 1.5 s => B;
//                ^^^^^ error FSM0006: a delay is one word
//                 help: write `1.5s`
            on Go if not ready => B;
//                   ^^^^ error FSM0006: `not` takes parentheses
//                    help: write `!ready`, or `not(ready)`
            on Go if ready and open or not (ready) => B;
//                         ^^^ error FSM0020: this is not a Rust expression: unexpected `and`
//                          help: Rust writes `&&`
            on Go => ;
//                   ^ error FSM0006: expected a state, found `;`
//                    help: name the state, or leave the `=>` out where the state stays the same
            on => B;
//             ^ error FSM0006: expected an event, found `=`
//              help: write `on Event => Target;`
            every => B;
//                ^ error FSM0006: expected a delay, found `=`
//                 help: write the length in front of the arrow: `after 5s => Target;`
            tags;
//              ^ error FSM0006: expected a tag, found `;`
            entry / f() => B;
//                      ^ error FSM0006: expected `,` or `;`, found `=`
//                       help: between actions stand commas, and `;` behind the last one
        }
        state B;
    }
}

fsm! { machine }
//             ^ error FSM0006: expected the name of the machine
//              help: write `machine Name { … }`
fsm! { }
//     ^ error FSM0006: expected `machine`
//      help: write `machine Name { … }`, or the path of a file: `fsm!("specs/robot.yaml")`
fsm! { machine Empty { } }
//             ^^^^^ error FSM0016: the machine `Empty` has no states
//              help: write them as `state A { … }`, and name the first one, `initial A;`
