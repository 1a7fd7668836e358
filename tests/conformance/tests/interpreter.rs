//! The suite, imported and interpreted: the whole configuration after the start and after each event.

use std::collections::BTreeSet;
use std::time::Duration;

use conformance::cases::{Case, cases};
use conformance::play::{Player, play};
use conformance::suite::{self, Configuration};
use fsm_codegen::interp::{Host, Interpreter, Run, Step, Value};
use fsm_codegen::ir::{ActionId, Call, DelayId, GuardId, Machine};

/// There are no methods in an imported machine.
struct Nobody;

impl Host for Nobody {
    fn guard(&mut self, _guard: GuardId, call: &Call) -> Run<bool> {
        panic!("the guard `{}` was never imported", call.name.value)
    }

    fn action(&mut self, _action: ActionId, call: &Call) -> Result<(), Value> {
        panic!("the action `{}` was never imported", call.name.value)
    }

    fn delay(&mut self, _delay: DelayId) -> Run<Duration> {
        panic!("a delay of a method was never imported")
    }
}

struct Interpreted<'m> {
    machine: &'m Machine,
    interpreter: Interpreter<'m>,
}

/// A step of these machines neither fails nor needs anything from outside.
fn fine(step: Run<Step>) {
    step.expect("it can be simulated").expect("it does not fail");
}

impl Player for Interpreted<'_> {
    fn start(&mut self) {
        fine(self.interpreter.start(&mut Nobody));
    }

    fn send(&mut self, event: &str) {
        let mut events = self.machine.events.enumerated();
        let found = events.find(|(_, known)| known.name.value == event);
        // What the machine does not know it does not react to.
        if let Some((id, _)) = found {
            fine(self.interpreter.handle(&mut Nobody, id, Vec::new()));
        }
    }

    fn advance(&mut self, time: Duration) {
        fine(self.interpreter.advance(&mut Nobody, time));
    }

    fn configuration(&self) -> Configuration {
        let ids = self.interpreter.leaves().map(|state| suite::id(self.machine, state).to_owned());
        ids.collect::<BTreeSet<_>>()
    }
}

#[test]
fn every_test_ends_in_the_expected_configurations() {
    let cases = cases().unwrap_or_else(|failed| panic!("{failed}"));
    let mut failed = Vec::new();
    for Case { test, spec, machine } in &cases {
        let mut player = Interpreted { machine, interpreter: Interpreter::new(machine) };
        if let Err(difference) = play(test, &mut player) {
            failed.push(format!("{difference}\n{spec}"));
        }
    }
    assert!(failed.is_empty(), "{} of {} fail\n{}", failed.len(), cases.len(), failed.join("\n"));
    assert_eq!(cases.len(), 120);
}
