//! Rules of SEMANTICS.md that no scenario can express: what is interrupted, what panics, what is plain data, and what
//! the handlers are told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use driver::semantics::a_failure_ends_its_block as failing;
use driver::semantics::a_guard_that_overflows_is_false as counting;
use driver::semantics::exit_then_actions_then_entry as moving;
use driver::semantics::guards_compose as guarded;
use driver::semantics::sync::a_failure_ends_its_block as failing_sync;
use driver::semantics::sync::guards_compose as guarded_sync;
use driver::subject::{is_pending, run};
use driver::tape::{Failure, Tape};
use fsm_runtime::core::{Driver, Error, Machine as _, Outcome, Service, Status};

type Failing = failing::AFailureEndsItsBlock<Tape>;

/// A machine that was started, whose actions fail where `fail` says so.
fn started(fail: &[&str]) -> Failing {
    let mut subject = Failing::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    *subject.actions_mut() = Tape::new([].into(), fail.iter().map(|action| (*action).to_owned()).collect());
    subject
}

#[test]
fn a_machine_starts_once() {
    let mut subject = Failing::new(Tape::default());
    assert_eq!(subject.machine().status(), Status::Stopped);
    assert_eq!(run(subject.handle(&failing::Event::Go)), Err(Error::Stopped));
    assert!(!subject.can(&failing::Event::Go));
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    assert_eq!(run(subject.handle(&failing::Event::Go)), Ok(Outcome::Transitioned));
    let before = subject.machine().clone();
    *subject.actions_mut() = Tape::default();
    assert_eq!(run(subject.start()), Ok(Outcome::Handled));
    assert_eq!(*subject.machine(), before);
    assert!(subject.actions().is_silent());
}

#[test]
fn a_step_that_is_never_polled_changes_nothing() {
    let mut subject = started(&[]);
    let before = subject.machine().clone();
    drop(subject.handle(&failing::Event::Go));
    assert_eq!(*subject.machine(), before);
    assert_eq!(run(subject.handle(&failing::Event::Go)), Ok(Outcome::Transitioned));
}

#[test]
fn a_step_that_is_dropped_half_way_poisons_the_machine() {
    let mut subject = started(&[]);
    assert!(is_pending(subject.handle(&failing::Event::Go)));
    assert_eq!(subject.machine().status(), Status::Stepping);
    // The last configuration stays readable, and nothing moves the machine any more.
    assert_eq!(*subject.state(), failing::State::A);
    assert!(!subject.can(&failing::Event::Go));
    *subject.actions_mut() = Tape::default();
    assert_eq!(run(subject.handle(&failing::Event::Go)), Err(Error::Poisoned));
    assert_eq!(run(subject.start()), Err(Error::Poisoned));
    assert!(subject.actions().is_silent());
}

/// Handlers that panic where they are told to.
#[derive(Default)]
struct Panicking {
    at: &'static str,
}

impl Panicking {
    fn reach(&self, place: &str) {
        assert!(place != self.at, "at `{place}`, as ordered");
    }
}

impl failing_sync::Actions for Panicking {
    fn leave_a(&mut self) -> Result<(), Failure> {
        self.reach("leave_a");
        Ok(())
    }
    fn leave_a_more(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn go(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn go_more(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn enter_b(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn enter_b_more(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn begin(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn begin_more(&mut self) -> Result<(), Failure> {
        Ok(())
    }
    fn enter_c(&mut self) -> Result<(), Failure> {
        self.reach("enter_c");
        Ok(())
    }
}

impl guarded_sync::Actions for Panicking {
    fn a(&self) -> bool {
        self.reach("a");
        true
    }
    fn b(&self) -> bool {
        true
    }
    fn done(&mut self) {}
}

fn panics<T>(step: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(step)).is_err()
}

#[test]
fn a_panic_in_an_action_poisons_the_machine() {
    // The configuration is replaced between the actions and the entries of a step.
    let entered = failing_sync::State::B(failing_sync::state::B::C);
    for (at, state) in [("leave_a", failing_sync::State::A), ("enter_c", entered)] {
        let mut subject = failing_sync::AFailureEndsItsBlock::new(Panicking { at });
        assert_eq!(subject.start(), Ok(Outcome::Transitioned));
        assert!(panics(|| subject.handle(&failing_sync::Event::Go)));
        subject.actions_mut().at = "";
        assert_eq!(subject.handle(&failing_sync::Event::Go), Err(Error::Poisoned));
        assert_eq!(*subject.state(), state);
    }
}

#[test]
fn a_panic_in_a_guard_leaves_the_machine_as_it_was() {
    let mut subject = guarded_sync::GuardsCompose::new(Panicking { at: "a" });
    assert_eq!(subject.start(), Ok(Outcome::Transitioned));
    assert!(panics(|| subject.handle(&guarded_sync::Event::Both)));
    subject.actions_mut().at = "";
    assert_eq!(subject.handle(&guarded_sync::Event::Both), Ok(Outcome::Handled));
}

#[test]
fn can_asks_without_effects() {
    let answers = |a, b| Tape::new([("a".to_owned(), a), ("b".to_owned(), b)].into(), [].into());
    let mut subject = guarded::GuardsCompose::new(answers(true, false));
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let before = subject.machine().clone();
    assert!(!subject.can(&guarded::Event::Both));
    assert!(subject.can(&guarded::Event::One));
    *subject.actions_mut() = answers(true, true);
    assert!(subject.can(&guarded::Event::Both));
    assert_eq!(*subject.machine(), before);
    assert!(subject.actions().is_silent());
}

/// Handlers that fail everywhere and remember what they are told.
#[derive(Default)]
struct Failures {
    told: Vec<Error<Failure>>,
}

macro_rules! fail_everywhere {
    ($($action:ident)*) => {
        impl failing::Actions for Failures {
            $(async fn $action(&mut self) -> Result<(), Failure> {
                Err(Failure { action: stringify!($action) })
            })*

            fn on_error(&mut self, error: &Error<Failure>) {
                self.told.push(error.clone());
            }
        }
    };
}
fail_everywhere!(leave_a leave_a_more go go_more enter_b enter_b_more begin begin_more enter_c);

#[test]
fn the_first_error_is_returned_and_all_are_told_in_order() {
    let mut subject = failing::AFailureEndsItsBlock::new(Failures::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let failed = |action| Error::Action(Failure { action });
    assert_eq!(run(subject.handle(&failing::Event::Go)), Err(failed("leave_a")));
    assert_eq!(subject.actions().told, ["leave_a", "go", "enter_b", "begin", "enter_c"].map(failed));
}

/// A driver that remembers which transitions it was told of.
#[derive(Default)]
struct Told(Vec<usize>);

impl<M: fsm_runtime::core::Machine> Driver<M> for Told {
    fn transition(&mut self, index: usize) {
        self.0.push(index);
    }
}

#[test]
fn the_driver_is_told_of_a_transition_before_it_is_taken() {
    let mut subject = moving::ExitThenActionsThenEntry::new(Tape::default());
    let mut told = Told::default();
    assert_eq!(run(Service::start(&mut subject, &mut told)), Ok(Outcome::Transitioned));
    assert!(told.0.is_empty());
    // The first action waits: none has run.
    assert!(is_pending(Service::handle(&mut subject, &mut told, &moving::Event::Go)));
    assert!(subject.actions().is_silent());
    assert_eq!(told.0, [0]);
}

#[test]
fn a_machine_is_plain_data() {
    let mut machine = counting::Machine::default();
    let mut actions = Tape::default();
    assert_eq!(run(machine.start(&mut actions, ())), Ok(Outcome::Transitioned));
    let mut copy = machine.clone();
    assert_eq!(run(copy.step(&mut actions, (), &counting::Event::Lower)), Ok(Outcome::Handled));
    assert_ne!(copy, machine);
    assert_eq!((machine.context().n, copy.context().n), (250, 5));
    assert!(format!("{copy:?}").contains("n: 5"));
    // Two states with one each below them: one byte says it all.
    assert_eq!(size_of::<moving::State>(), 1);
    assert_eq!(size_of::<moving::Machine>(), 2);
}

#[test]
fn the_active_states_are_those_without_children() {
    let mut subject = moving::ExitThenActionsThenEntry::new(Tape::default());
    assert_eq!(run(subject.start()), Ok(Outcome::Transitioned));
    let states = moving::DEFINITION.states;
    let paths = |machine: &moving::Machine| machine.active().map(|state| states[state].path).collect::<Vec<_>>();
    assert_eq!(paths(subject.machine()), ["A.Deep.Leaf"]);
    assert_eq!(subject.state().to_string(), "A.Deep.Leaf");
    assert_eq!(run(subject.handle(&moving::Event::Go)), Ok(Outcome::Transitioned));
    assert_eq!(paths(subject.machine()), ["B.Deep.Leaf"]);
}
