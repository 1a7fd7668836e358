//! What is easier to build than to write: large trees, floods of mistakes, forms that only the macro can deliver.
//!
//! Everything that a spec can say is tested from YAML, under `tests/`.

mod monsters;

use std::fmt::Write as _;

use super::resolve;
use crate::ast::{Call, Guard, GuardKind, Handler, Initial, Machine, State, Transition};
use crate::diag::{Code, Diagnostics};
use crate::ir::{self, Id, StateId};
use crate::source::{Source, Span, Spanned};

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}

fn state(name: &str, states: Vec<State>) -> State {
    let initial = states.first().map(|first| initial(&first.name.value));
    State { name: text(name), initial, states, ..State::default() }
}

fn initial(target: &str) -> Initial {
    Initial { targets: vec![text(target)], actions: Vec::new(), data: Vec::new(), span: Span::default() }
}

fn on(event: &str, target: &str) -> Handler {
    let transition = Transition { targets: Some(vec![text(target)]), ..Transition::default() };
    Handler { event: text(event), transitions: vec![transition] }
}

fn machine(states: Vec<State>) -> Machine {
    Machine { name: Some(text("M")), root: state("M", states), ..Machine::default() }
}

fn run(machine: &Machine) -> (Option<ir::Machine>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let resolved = resolve(machine, &Source::new("m.yaml", ""), &mut diagnostics);
    (resolved, diagnostics)
}

fn codes(diagnostics: &Diagnostics) -> Vec<Code> {
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// `groups` compound states of `size` children each; every child goes to the next and to the next group.
fn wide(groups: usize, size: usize) -> Machine {
    let group = |group: usize| {
        let child = |child: usize| State {
            on: vec![
                on("Next", &format!("S{}", (child + 1) % size)),
                on("Leave", &format!("#G{}.S0", (group + 1) % groups)),
            ],
            ..state(&format!("S{child}"), Vec::new())
        };
        state(&format!("G{group}"), (0..size).map(child).collect())
    };
    machine((0..groups).map(group).collect())
}

#[test]
fn ids_stand_in_document_order() {
    let (resolved, diagnostics) = run(&wide(3, 2));
    assert_eq!(codes(&diagnostics), []);
    let machine = resolved.expect("no errors");
    let paths: Vec<String> = machine.states.ids().map(|id| machine.path(id)).collect();
    assert_eq!(paths, ["M", "G0", "G0.S0", "G0.S1", "G1", "G1.S0", "G1.S1", "G2", "G2.S0", "G2.S1"]);
    assert_eq!(machine.states[StateId::new(1)].end, StateId::new(4));
    assert_eq!(machine.default_leaf(StateId::ROOT), StateId::new(2));
    let events: Vec<&str> = machine.events.iter().map(|event| event.name.value.as_str()).collect();
    assert_eq!(events, ["Next", "Leave"]);
    assert_eq!(machine.transitions.len(), 12);
    assert_eq!(machine.transitions.iter().next_back().and_then(ir::Transition::target), Some(StateId::new(2)));
}

#[test]
fn a_hundred_thousand_states_are_resolved() {
    let (resolved, diagnostics) = run(&wide(100, 1_000));
    assert!(resolved.is_some() && diagnostics.is_empty());
    let (resolved, diagnostics) = run(&wide(20_000, 1));
    assert!(resolved.is_some() && diagnostics.is_empty());
}

#[test]
fn a_hundred_thousand_misspelt_targets_cost_no_more() {
    let leaf = |index: usize| State { on: vec![on("E", &format!("Sx{index}"))], ..state(&format!("S{index}"), vec![]) };
    let (resolved, diagnostics) = run(&machine((0..100_000).map(leaf).collect()));
    assert!(resolved.is_none());
    assert_eq!(diagnostics.iter().len() + diagnostics.dropped(), 100_000);
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == Code::UnknownTarget));
}

#[test]
fn states_as_deep_as_a_front_end_allows_are_resolved() {
    let deepest = State { on: vec![on("Up", "S0"), on("Again", "S255")], ..state("S255", Vec::new()) };
    let chain = (0..255).rev().fold(deepest, |below, level| state(&format!("S{level}"), vec![below]));
    let (resolved, diagnostics) = run(&machine(vec![chain]));
    let machine = resolved.expect("no errors");
    assert!(diagnostics.is_empty());
    let targets: Vec<_> = machine.transitions.iter().map(ir::Transition::target).collect();
    assert_eq!(targets, [Some(StateId::new(1)), Some(StateId::new(256))]);
}

#[test]
fn a_path_of_many_dots_ends_where_the_tree_does() {
    let mut path = "A".to_owned();
    for _ in 0..100_000 {
        write!(path, ".A").expect("a string takes everything");
    }
    let source = State { on: vec![on("E", &path), on("F", &format!("#{path}"))], ..state("A", Vec::new()) };
    let (_, diagnostics) = run(&machine(vec![source]));
    assert_eq!(codes(&diagnostics), [Code::UnknownTarget, Code::UnknownTarget]);
}

#[test]
fn all_mistakes_of_a_nested_guard_are_found() {
    let missing = |name: &str| Guard { kind: GuardKind::In(text(name)), span: Span::default() };
    let call = Call { name: text("ready"), args: Vec::new(), span: Span::default() };
    let parts = vec![
        missing("X"),
        Guard { kind: GuardKind::Call(call), span: Span::default() },
        Guard { kind: GuardKind::Not(Box::new(missing("Y"))), span: Span::default() },
    ];
    let guard = Guard { kind: GuardKind::Or(parts), span: Span::default() };
    let transition = Transition { guard: Some(guard), ..Transition::default() };
    let handler = Handler { event: text("E"), transitions: vec![transition] };
    let (_, diagnostics) = run(&machine(vec![State { on: vec![handler], ..state("A", Vec::new()) }]));
    assert_eq!(codes(&diagnostics), [Code::UnknownTarget, Code::UnknownTarget]);
}

#[test]
fn two_states_of_one_name_show_both() {
    let (resolved, diagnostics) = run(&machine(vec![state("A", Vec::new()), state("A", Vec::new())]));
    assert!(resolved.is_none());
    assert_eq!(codes(&diagnostics), [Code::NameCollision]);
}

#[test]
fn a_file_that_cannot_name_the_machine_says_how_to_name_it() {
    let nameless = Machine { name: None, ..machine(vec![state("A", Vec::new())]) };
    let mut diagnostics = Diagnostics::default();
    assert!(resolve(&nameless, &Source::new("specs/2nd-robot.yaml", ""), &mut diagnostics).is_none());
    let diagnostic = diagnostics.iter().next().expect("one error");
    assert_eq!(diagnostic.code, Code::InvalidName);
    assert_eq!(diagnostic.message, "the file's name `2nd-robot` cannot name the machine: it begins with a digit");
    let robot = resolve(&nameless, &Source::new("specs/robot.fsm.yaml", ""), &mut Diagnostics::default());
    assert_eq!(robot.map(|machine| machine.name.value).as_deref(), Some("robot"));
}
