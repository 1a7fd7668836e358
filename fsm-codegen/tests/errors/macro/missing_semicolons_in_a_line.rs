fsm! { machine M { initial A state A { on Go => B on Stop / halt } state B; } }
//                          ^ error FSM0006: a `;` is missing here
//                           help: a statement ends with `;`
//                                               ^ error FSM0006: a `;` is missing here
//                                                help: a statement ends with `;`
//                                                              ^ error FSM0006: a `;` is missing here
//                                                               help: a statement ends with `;`
