fsm! {
    machine Door {
        stat Closed { on Push => Open; }
//      ^^^^ error FSM0006: `stat` begins no statement
//       help: did you mean `state`?
        initial Closed;
        events { Push, Pull }
//      ^^^^^^ error FSM0006: `events` begins no statement
//       help: an event is declared by `event Start { … }`
        states { A }
//      ^^^^^^ error FSM0006: `states` begins no statement
//       help: a state is written `state Idle { … }`
        state Closed {
            On Push => Open;
//          ^^ error FSM0006: `On` begins no statement
//           help: did you mean `on`?
            onDone => Open;
//          ^^^^^^ error FSM0006: `onDone` begins no statement
//           help: write `done => Target;`
            onEntry / creak;
//          ^^^^^^^ error FSM0006: `onEntry` begins no statement
//           help: did you mean `entry`?
            id closed;
//          ^^ error FSM0006: `id` begins no statement
//           help: an id stands behind the name: `state Working as work { … }`
            event Push;
//          ^^^^^ error FSM0006: `event` belongs to the machine
//           help: move it out of the state
            transition Open;
//          ^^^^^^^^^^ error FSM0006: `transition` begins no statement
//           help: a transition is written `on Event => Target;`
            target Open;
//          ^^^^^^ error FSM0006: `target` begins no statement
//           help: a transition is written `on Event => Target;`
        }
        #[derive(Hash)]
//      ^^^^^^^^^^^^^^^ error FSM0006: a state has no attributes
//       help: attributes are for generated types: in front of the machine (`State`), `context`, and `event`
        state Open;
        #[meta("red")]
//             ^^^^^ error FSM0006: `context` has no `meta`
//              help: states and transitions have one
        context { a: u32 }
        deny unreachable_stat;
//           ^^^^^^^^^^^^^^^^ error FSM0053: there is no lint `unreachable_stat`
//            help: did you mean `unreachable_state`?
        mode synch;
//           ^^^^^ error FSM0014: `synch` is none of `async`, `sync`
//            help: did you mean `sync`?
        unhandled panic;
//                ^^^^^ error FSM0014: `panic` is none of `report`, `error`, `ignore`, `defer`
    }
}

fsm! {
    pub struct Door {}
//      ^^^^^^ error FSM0006: expected `machine`, found `struct`
//       help: write `machine Name { … }`, or the path of a file: `fsm!("specs/robot.yaml")`
}
