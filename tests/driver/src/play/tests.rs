//! The player itself, on a machine written by hand: it must notice what is wrong.

use fsm_runtime::core::{Driver, EventInfo, Never, StateInfo, StateKind, TransitionInfo, Trigger};
use serde_json::Map;

use super::*;
use crate::tape::Failure;

/// Off and on by `Press`; going on asks the guard `powered` and runs the action `light`. A forgetful one does not notice
/// that a step was dropped.
struct Lamp<const FORGETFUL: bool = false> {
    tape: Tape,
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Data {
    on: bool,
    status: Status,
}

static LAMP: Definition = Definition {
    name: "Lamp",
    version: "",
    states: &[
        StateInfo { path: "Lamp", parent: 0, kind: StateKind::Compound, tags: &[] },
        StateInfo { path: "Off", parent: 0, kind: StateKind::Atomic, tags: &[] },
        StateInfo { path: "On", parent: 0, kind: StateKind::Atomic, tags: &[] },
    ],
    events: &[EventInfo { name: "Press" }],
    hash: 0,
    timers: &[],
    invokes: &[],
    transitions: &[
        TransitionInfo { source: 1, trigger: Trigger::Event(0), targets: &[2] },
        TransitionInfo { source: 2, trigger: Trigger::Event(0), targets: &[1] },
    ],
};

impl Machine for Data {
    type State = bool;
    type Event = ();
    type Context = ();
    type Error = Failure;
    type Timer = Never;
    type Invoke = Never;
    type Done = Never;
    type Output = Never;
    type Message = Never;
    type Reply = Never;

    const DEFINITION: &'static Definition = &LAMP;

    fn state(&self) -> &bool {
        &self.on
    }

    fn context(&self) -> &() {
        &()
    }

    fn status(&self) -> Status {
        self.status
    }

    fn event_index((): &()) -> usize {
        0
    }

    fn active(&self) -> impl Iterator<Item = usize> {
        std::iter::once(1 + usize::from(self.on))
    }
}

impl<const FORGETFUL: bool> Service for Lamp<FORGETFUL> {
    type Machine = Data;

    fn run(&self, invoke: Never) -> impl Future<Output = Never> + Send + 'static {
        let _ = invoke;
        std::future::pending()
    }

    fn machine(&self) -> &Data {
        &self.data
    }

    async fn start<D: Driver<Data> + Send>(&mut self, _: &mut D) -> StepResult<Data> {
        self.data.status = Status::Ready;
        Ok(Outcome::Transitioned)
    }

    async fn handle<D: Driver<Data> + Send>(&mut self, driver: &mut D, (): &()) -> StepResult<Data> {
        match self.data.status {
            Status::Stopped | Status::Suspended => return Err(Error::Stopped),
            Status::Stepping => return Err(Error::Poisoned),
            Status::Ready | Status::Finished => {}
        }
        if !self.data.on && !self.tape.ask("powered", &[]) {
            return Ok(Outcome::Rejected);
        }
        driver.transition(usize::from(self.data.on));
        self.data.on = !self.data.on;
        self.data.status = if FORGETFUL { Status::Ready } else { Status::Stepping };
        let result = if self.data.on { self.tape.act("light").await } else { Ok(()) };
        self.data.status = Status::Ready;
        result.map(|()| Outcome::Transitioned).map_err(|failure| {
            let error = Error::Action(failure);
            self.tape.error(&error);
            error
        })
    }
}

impl<const FORGETFUL: bool> Subject for Lamp<FORGETFUL> {
    const GUARDS: &'static [&'static str] = &["powered"];
    const ACTIONS: &'static [&'static str] = &["light"];
    const HOOKED: bool = true;
    const DEFERS: bool = false;

    fn create(tape: Tape) -> Self {
        Self { tape, data: Data::default() }
    }

    fn tape(&mut self) -> &mut Tape {
        &mut self.tape
    }

    fn event(name: &str, _: &Map<String, Value>) -> Result<Option<()>, String> {
        Ok((name == "Press").then_some(()))
    }

    fn invoke_ids(invoke: &Never) -> &'static [&'static str] {
        match *invoke {}
    }

    fn context_json(&self) -> Value {
        serde_json::json!({ "on": self.data.on })
    }

    fn message_json(value: &Never) -> Value {
        match *value {}
    }

    fn reply_json(value: &Never) -> Value {
        match *value {}
    }

    fn output_json(&self) -> Value {
        Value::Null
    }

    fn event_from_wire(event: &Value) -> Result<Value, String> {
        Ok(event.clone())
    }

    fn context_from_wire(context: &Value) -> Result<Value, String> {
        Ok(context.clone())
    }

    fn can(&self, (): &()) -> bool {
        self.data.status == Status::Ready && (self.data.on || self.tape.ask("powered", &[]))
    }

    async fn start_inherent(&mut self) -> StepResult<Data> {
        self.start(&mut ()).await
    }

    async fn handle_inherent(&mut self, event: &()) -> StepResult<Data> {
        self.handle(&mut (), event).await
    }
}

fn report(text: &str) -> String {
    super::report::<Lamp>("lamp", &scenario::parse(text).expect("the test writes a scenario"))
}

const PRESSED: &str = "
- event: Press
  guards: { powered: true }
  expect: { outcome: transitioned, configuration: [On], actions: [light], context: { on: true } }
";
const RELEASED: &str = "
- event: Press
  expect: { outcome: transitioned, configuration: [Off], actions: [] }
";

#[test]
fn a_scenario_that_holds_and_visits_everything_is_silent() {
    assert_eq!(report(&[PRESSED, RELEASED].concat()), "");
}

#[test]
fn a_difference_names_place_key_and_both_sides() {
    let text =
        "- event: null\n- event: Press\n  guards: { powered: false }\n  expect: { outcome: handled, context: 3 }\n";
    let report = report(text);
    let expected = "lamp:2: `Press`, driven by its Service methods
  outcome
    - \"handled\"
    + \"rejected\"
  context
    - 3
    + {\"on\":false}

lamp:2: `Press`, driven by its Inherent methods";
    assert!(report.starts_with(expected), "{report}");
}

#[test]
fn what_is_not_visited_is_named() {
    let report = report(PRESSED);
    assert_eq!(
        report,
        "lamp: the state `Off` is never active\nlamp: transition 1 is never taken: `On` on `Press` to `Off`"
    );
}

#[test]
fn a_guard_asked_and_not_given_is_named() {
    assert!(
        report(RELEASED).contains("lamp:2: `Press`, driven by its Service methods\n  the guard `powered` was asked")
    );
}

#[test]
fn a_guard_or_an_action_that_the_spec_lacks_is_named() {
    assert!(report("- event: Press\n  guards: { power: true }\n").contains("the spec has no guard `power`"));
    assert!(report("- event: Press\n  fail: [lights]\n").contains("the spec has no action `lights`"));
}

#[test]
fn an_action_fails_where_the_scenario_says_so() {
    let failing = PRESSED.replace("  expect: { outcome: transitioned", "  fail: [light]\n  expect: { outcome: action");
    assert_eq!(report(&[&failing, RELEASED].concat()), "");
}

#[test]
fn after_a_failed_step_the_next_start_begins_a_new_run() {
    let wrong = "- event: null\n  expect: { outcome: finished }\n";
    let report = report(&[wrong, RELEASED, wrong].concat());
    assert_eq!(report.matches("methods").count(), 4, "{report}");
}

#[test]
fn an_event_that_the_spec_lacks_is_unhandled() {
    let dance = "- event: Dance\n  expect: { outcome: unhandled, actions: [] }\n";
    assert_eq!(report(&[PRESSED, dance, RELEASED].concat()), "");
}

#[test]
fn serde_must_give_back_what_it_read() {
    let (one, two) = (Value::from(1), Value::from(2));
    assert_eq!(rules::same(&one, Ok(one.clone())), Ok(()));
    assert_eq!(rules::same(&one, Ok(two)), Err("  serde makes of it\n    - 1\n    + 2\n".to_owned()));
    assert_eq!(rules::same(&one, Err("no".to_owned())), Err("  serde does not read 1: no\n".to_owned()));
}

#[test]
fn a_panic_is_a_problem_of_its_step() {
    assert_eq!(caught(|| assert!(PRESSED.is_empty(), "too {}", "bright")), Err("  panicked: too bright\n".to_owned()));
}

#[test]
fn a_machine_that_goes_on_after_an_interruption_is_named() {
    let steps = scenario::parse(&[PRESSED, RELEASED].concat()).expect("the test writes a scenario");
    assert_eq!(interrupted::<Lamp>("lamp", &steps), None);
    let problem = interrupted::<Lamp<true>>("lamp", &steps);
    assert_eq!(problem.as_deref(), Some("lamp:2: after a step was dropped: transitioned, actions []"));
}

#[test]
fn errors_are_called_by_their_kind() {
    assert_eq!(outcome::<()>(&Err(Error::QueueFull)), "queue_full");
    assert_eq!(outcome(&Err(Error::Action(()))), "action");
    assert_eq!(outcome::<()>(&Ok(Outcome::Rejected)), "rejected");
}
