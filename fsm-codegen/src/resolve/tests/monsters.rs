//! Machines of a size that nobody writes by hand: none of the passes may be quadratic in time or memory.

use std::time::{Duration, Instant};

use super::{Machine, Spanned, State, codes, initial, machine, on, run, state, text};
use crate::ast::{
    self, Action, ActionKind, Assignment, Delay, EventValue, Expr, Field, Handler, History, Kind, Transition, Type,
};
use crate::diag::Code;
use crate::rust::Syntax;
use crate::source::Span;

/// Far more than any of these takes, far less than anything quadratic would.
const PATIENCE: Duration = Duration::from_mins(1);

/// Resolves a machine in time, and gives the codes of what is wrong with it.
fn complaints(machine: &Machine) -> Vec<Code> {
    let started = Instant::now();
    let (_, diagnostics) = run(machine);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    codes(&diagnostics)
}

fn expr(rust: &str) -> Expr {
    let syntax = Syntax::new(syn::parse_str(rust).expect("an expression"));
    Expr { syntax, text: rust.to_owned(), span: Span::default() }
}

fn log(rust: &str) -> Action {
    Action { kind: ActionKind::Log(vec![ast::LogPart::Value(expr(rust), String::new())]), span: Span::default() }
}

fn reading(event: &str, actions: Vec<Action>) -> Handler {
    Handler { event: text(event), transitions: vec![Transition { actions, ..Transition::default() }] }
}

fn field(name: &str, default: bool) -> Field {
    let ty = Type { syntax: Syntax::new(syn::parse_quote!(u8)), span: Span::default() };
    let default = default.then(|| ast::FieldDefault::Expr(expr("0")));
    Field { name: text(name), ty: Some(ty), default }
}

fn events(count: usize) -> Vec<ast::Event> {
    let event =
        |at: usize| ast::Event { name: text(&format!("e.n{at}")), fields: vec![field("x", false)], reply: None };
    (0..count).map(event).collect()
}

fn parallel(name: &str, states: Vec<State>) -> State {
    State { kind: Some(Spanned::new(Kind::Parallel, Span::default())), initial: None, ..state(name, states) }
}

#[test]
fn patterns_of_a_hundred_thousand_states_stay_patterns() {
    let leaf =
        |at: usize| State { on: vec![on("*", "S0"), on(&format!("e{at}"), "S1")], ..state(&format!("S{at}"), vec![]) };
    let (resolved, diagnostics) = run(&machine((0..100_000).map(leaf).collect()));
    assert_eq!(codes(&diagnostics), []);
    let resolved = resolved.expect("no errors");
    assert_eq!((resolved.events.len(), resolved.patterns.len(), resolved.transitions.len()), (100_000, 1, 200_000));
}

#[test]
fn patterns_inside_of_patterns_are_expanded_once() {
    let name = |words: usize| vec!["w"; words].join(".");
    let handlers = (1..1_000).map(|words| on(&format!("{}.*", name(words)), "A")).chain([on(&name(2_000), "A")]);
    assert_eq!(complaints(&machine(vec![State { on: handlers.collect(), ..state("A", vec![]) }])), []);
}

#[test]
fn patterns_that_read_the_event_are_bounded() {
    let leaf = |at: usize| State { on: vec![reading("*", vec![log("event.x")])], ..state(&format!("S{at}"), vec![]) };
    let machine = Machine { events: Some(events(20_000)), ..machine((0..1_000).map(leaf).collect()) };
    assert_eq!(complaints(&machine), [Code::TooLarge]);
}

#[test]
fn deferred_patterns_are_bounded() {
    let leaf = |at: usize| State { defer: vec![text("e.*")], ..state(&format!("S{at}"), vec![]) };
    let machine = Machine { events: Some(events(10_000)), ..machine((0..10_000).map(leaf).collect()) };
    assert_eq!(complaints(&machine), [Code::TooLarge]);
}

#[test]
fn thousands_of_regions_and_targets_are_compared_in_time() {
    let region = |at: usize| state(&format!("R{at}"), vec![state("A", vec![]), state("B", vec![])]);
    let targets: Vec<_> = (0..20_000).map(|at| text(&format!(".R{at}.B"))).collect();
    let transition = Transition { targets: Some(targets), ..Transition::default() };
    let handler = Handler { event: text("All"), transitions: vec![transition] };
    let whole = State { on: vec![handler], ..parallel("P", (0..20_000).map(region).collect()) };
    assert_eq!(complaints(&machine(vec![whole])), []);
}

#[test]
fn data_of_thousands_of_regions_is_looked_for_once() {
    let region = |at: usize| {
        let leaf = State { on: vec![on("E", "#P")], data: vec![field("y", true)], ..state("A", vec![]) };
        State { data: vec![field("x", at == 0)], ..state(&format!("R{at}"), vec![leaf]) }
    };
    let machine = machine(vec![parallel("P", (0..20_000).map(region).collect())]);
    let codes = complaints(&machine);
    assert!(codes.len() >= 1_000 && codes.iter().all(|code| *code == Code::MissingData));
}

#[test]
fn a_hundred_thousand_invokes_of_one_method_get_names() {
    let invoke = || ast::Invoke {
        src: ast::Call { name: text("run"), args: Vec::new(), span: Span::default() },
        output: None,
        id: None,
        on_done: Vec::new(),
        on_error: Vec::new(),
        span: Span::default(),
    };
    let leaf = |at: usize| State { invoke: vec![invoke()], ..state(&format!("S{at}"), vec![]) };
    assert_eq!(complaints(&machine((0..100_000).map(leaf).collect())), []);
}

#[test]
fn large_payloads_and_many_timers_are_read_in_time() {
    let event = ast::Event {
        name: text("E"),
        fields: (0..5_000).map(|at| field(&format!("f{at}"), false)).collect(),
        reply: None,
    };
    let fields = (0..5_000).map(|at| Assignment { field: text(&format!("f{at}")), value: expr("0") }).collect();
    let value = EventValue { event: text("E"), fields };
    let raise = Action { kind: ActionKind::Raise(value), span: Span::default() };
    let after = (0..50_000).map(|at| {
        let delay = Delay::Duration(Spanned::new(Duration::from_millis(at), Span::default()));
        (delay, vec![Transition { targets: Some(vec![text("A")]), ..Transition::default() }])
    });
    let leaf = State { entry: vec![raise], after: after.collect(), ..state("A", vec![]) };
    assert_eq!(complaints(&Machine { events: Some(vec![event]), ..machine(vec![leaf]) }), []);
}

#[test]
fn histories_as_deep_as_states_nest_are_resolved() {
    let chain = (0..255).rev().fold(state("S255", vec![]), |below, level| {
        let history = State { history: Some(Spanned::new(History::Deep, Span::default())), ..state("H", vec![]) };
        let first = below.name.value.clone();
        State { initial: Some(initial(&first)), ..state(&format!("S{level}"), vec![below, history]) }
    });
    assert_eq!(complaints(&machine(vec![chain])), []);
}
