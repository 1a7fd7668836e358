//! Texts of the triggers, actions and data that a machine built by hand can have.

use std::time::Duration;

use super::super::{Label, duration, initial, transition, trigger};
use super::*;
use crate::ir::{
    Assignment, Call, Delay, EventId, Expr, Field, Guard, GuardId, Id, Initial, Invoke, InvokeId, Name, Pattern,
    PatternId, SendId, State, StateId, StateKind, TaskId, Timer, TimerId, Transition, Trigger, Type, Wait,
};
use crate::rust::Syntax;
use crate::source::{Span, Spanned};

fn name(text: &str) -> Name {
    Spanned::new(text.to_owned(), Span::default())
}

fn expr(text: &str) -> Expr {
    Expr { syntax: Syntax::new(syn::parse_str(text).expect("Rust")), text: text.to_owned(), span: Span::default() }
}

fn field(text: &str) -> Field {
    let ty = Type { syntax: Syntax::new(syn::parse_quote!(u16)), span: Span::default() };
    Field { name: name(text), ty, default: None }
}

fn calling(text: &str) -> Call {
    Call { name: name(text), args: Vec::new(), span: Span::default() }
}

fn act(text: &str) -> Action {
    Action::Call(Id::new(0), calling(text))
}

fn fault(fields: &[(usize, &str)]) -> Record<EventId> {
    let fields = fields.iter().map(|(field, value)| Assignment { field: *field, value: expr(value) });
    Record { kind: Id::new(0), fields: fields.collect() }
}

/// A machine with an event `Fault { code, at }`, a message of the same form, a pattern, a state `Job` with data, a
/// timer of each kind, an invoke and a name for sent events.
fn machine() -> Machine {
    let mut machine = Machine::new(name("M"));
    machine.states.push(State::new(name("M"), None, StateKind::Atomic));
    let job = State { data: vec![field("job"), field("tries")], ..State::new(name("Job"), None, StateKind::Atomic) };
    machine.states.push(job);
    machine.context.push(field("n"));
    let event = |text| Event {
        name: name(text),
        fields: vec![field("code"), field("at")],
        reply: None,
        declared: true,
        attributes: Vec::new(),
    };
    machine.events.push(event("Fault"));
    machine.emits.push(event("Shout"));
    machine.patterns.push(Pattern { name: name("user.*"), events: Vec::new() });
    machine.sends.push(name("watch"));
    machine.delays.push(Delay { name: name("patience"), duration: None, declared: true });
    for (wait, repeats) in [(Wait::Fixed(Duration::from_secs(30)), false), (Wait::Named(Id::new(0)), true)] {
        machine.timers.push(Timer { state: StateId::ROOT, wait, repeats, span: Span::default() });
    }
    machine.invokes.push(Invoke {
        state: StateId::ROOT,
        task: TaskId::new(0),
        call: calling("run"),
        id: name("run"),
        named: false,
        span: Span::default(),
    });
    machine
}

#[test]
fn every_trigger_has_a_text() {
    let machine = machine();
    let texts = [
        (Trigger::Event(EventId::new(0)), "Fault"),
        (Trigger::Pattern(PatternId::new(0)), "user.*"),
        (Trigger::Error, "error"),
        (Trigger::Always, ""),
        (Trigger::Done, "done"),
        (Trigger::Timer(TimerId::new(0)), "after 30s"),
        (Trigger::Timer(TimerId::new(1)), "every patience"),
        (Trigger::InvokeDone(InvokeId::new(0)), "done(run)"),
        (Trigger::InvokeError(InvokeId::new(0)), "error(run)"),
    ];
    for (kind, text) in texts {
        assert_eq!(trigger(&machine, kind), text);
    }
}

#[test]
fn an_eventless_label_begins_with_its_guard() {
    let machine = machine();
    let mut always = Transition::new(StateId::ROOT, Trigger::Always, Span::default());
    always.actions.push(act("go"));
    assert_eq!(transition(&machine, &always).to_string(), "/ go");
    always.guard = Some(Guard::Call(GuardId::new(0), calling("ready")));
    assert_eq!(transition(&machine, &always).to_string(), "[ready] / go");
}

#[test]
fn every_action_has_a_text() {
    let machine = machine();
    let send = |delay, id| Action::Send { event: fault(&[]), delay, id };
    let log = vec![
        LogPart::Text("jobs:\n ".to_owned()),
        LogPart::Value(expr("context.n"), String::new()),
        LogPart::Text(" of ".to_owned()),
        LogPart::Value(expr("context.all"), "?".to_owned()),
    ];
    let texts = [
        (act("stop"), "stop"),
        (Action::Raise(fault(&[])), "raise Fault"),
        (Action::Raise(fault(&[(1, "2"), (0, "context.n + 1")])), "raise Fault { at: 2, code: context.n + 1 }"),
        (send(None, None), "send Fault"),
        (send(Some(Wait::Fixed(Duration::from_secs(5))), Some(SendId::new(0))), "send Fault after 5s as watch"),
        (send(Some(Wait::Named(Id::new(0))), None), "send Fault after patience"),
        (Action::Cancel(SendId::new(0)), "cancel watch"),
        (Action::Emit(Record { kind: Id::new(0), fields: Vec::new() }), "emit Shout"),
        (Action::Reply(EventId::new(0), expr("context.n")), "reply context.n"),
        (Action::Log(log), "log \"jobs: {context.n} of {context.all:?}\""),
    ];
    for (action, text) in texts {
        assert_eq!(actions(&machine, &[action]), [text]);
    }
}

#[test]
fn nested_blocks_stand_in_parentheses_unless_they_are_one_action() {
    let machine = machine();
    let choice = |then, otherwise| Action::If { guard: Guard::Bool(true), then, otherwise };
    let inner = choice(vec![act("a")], vec![act("b"), act("c")]);
    let texts = [
        (choice(vec![act("a")], Vec::new()), "if true: a"),
        (choice(Vec::new(), vec![act("b")]), "if true: {} else b"),
        (choice(vec![act("a"), act("b")], vec![inner]), "if true: (a, b) else (if true: a else (b, c))"),
    ];
    for (action, text) in texts {
        assert_eq!(actions(&machine, &[action]), [text]);
    }
}

#[test]
fn data_stands_behind_the_actions() {
    let mut machine = machine();
    machine.states.push(State { data: vec![field("job")], ..State::new(name("Log"), None, StateKind::Atomic) });
    let supply = |state, field, value| Supply { state: StateId::new(state), field, value: expr(value) };
    let mut started = Transition::new(StateId::ROOT, Trigger::Event(EventId::new(0)), Span::default());
    started.actions.push(act("go"));
    started.data = vec![supply(1, 0, "event.code"), supply(1, 1, "3")];
    assert_eq!(transition(&machine, &started).to_string(), "Fault / go, job = event.code, tries = 3");
    started.data = vec![supply(1, 0, "1"), supply(2, 0, "2")];
    assert_eq!(transition(&machine, &started).to_string(), "Fault / go, Job.job = 1, Log.job = 2");
    let data = vec![supply(1, 0, "7")];
    let first = Initial { targets: vec![StateId::new(1)], actions: vec![act("a")], data, span: Span::default() };
    assert_eq!(
        initial(&machine, &first),
        Label { actions: vec!["a".to_owned(), "job = 7".to_owned()], ..Label::default() }
    );
}

#[test]
fn durations_are_written_as_in_a_spec() {
    let texts = [
        (Duration::ZERO, "0ms"),
        (Duration::from_millis(250), "250ms"),
        (Duration::from_millis(1_500), "1.5s"),
        (Duration::from_secs(90), "90s"),
        (Duration::from_mins(5), "5min"),
        (Duration::from_hours(2), "2h"),
        (Duration::from_hours(48), "2d"),
        (Duration::from_micros(1_250), "1.25ms"),
        (Duration::from_hours(1) + Duration::from_millis(10), "3600.01s"),
    ];
    for (value, text) in texts {
        assert_eq!(duration(value), text);
    }
}
