//! Texts of states built by hand.

use super::*;
use crate::ir::{Action, Call, Event, Expr, History, Id, Method, Name, State, Task};
use crate::rust::Syntax;
use crate::source::{Span, Spanned};

fn text(text: &str) -> Name {
    Spanned::new(text.to_owned(), Span::default())
}

fn expr(text: &str) -> Expr {
    Expr { syntax: Syntax::new(syn::parse_str(text).expect("Rust")), text: text.to_owned(), span: Span::default() }
}

fn rust(text: &str) -> Type {
    Type { syntax: Syntax::new(syn::parse_str(text).expect("a type")), span: Span::default() }
}

fn calling(name: &str) -> Call {
    Call { name: text(name), args: Vec::new(), span: Span::default() }
}

#[test]
fn types_are_written_as_people_write_them() {
    for written in [
        "u8",
        "Vec<u8>",
        "std::collections::HashMap<String, Vec<u8>>",
        "(u8, [f32; 3])",
        "&'static str",
        "Option<(u8, ())>",
    ] {
        assert_eq!(ty(&rust(written)), written);
    }
}

#[test]
fn a_state_shows_what_it_holds_and_does() {
    let mut machine = Machine::new(text("M"));
    machine.events.push(Event {
        name: text("Start"),
        fields: Vec::new(),
        reply: None,
        declared: true,
        attributes: Vec::new(),
    });
    let method = Method { name: text("run"), params: Vec::new(), declared: false, blocking: false, description: None };
    machine.tasks.push(Task { method: method.clone(), output: Some(rust("Report")) });
    machine.tasks.push(Task { method, output: None });
    for (task, named) in [(0, true), (1, false)] {
        let (call, id) = (calling("run"), text("job"));
        machine.invokes.push(Invoke { state: Id::new(0), task: Id::new(task), call, id, named, span: Span::default() });
    }
    let field = |name: &str, ty: &str, default: Option<&str>| Field {
        name: text(name),
        ty: rust(ty),
        default: default.map(expr),
    };
    machine.states.push(State {
        data: vec![field("job", "Vec<u8>", None), field("tries", "u8", Some("0"))],
        entry: vec![Action::Call(Id::new(0), calling("lamp_on"))],
        invokes: machine.invokes.ids().collect(),
        defer: vec![Id::new(0)],
        output: Some(expr("context.total")),
        ..State::new(text("S"), None, StateKind::Final)
    });
    let lines: Vec<_> = behaviour(&machine, StateId::ROOT).iter().map(ToString::to_string).collect();
    let expected = [
        "data / job: Vec<u8>, tries: u8 = 0",
        "entry / lamp_on",
        "invoke / run -> Report as job, run",
        "defer / Start",
        "output / context.total",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn history_is_marked() {
    let mut machine = Machine::new(text("M"));
    for deep in [false, true] {
        machine.states.push(State::new(text("last"), None, StateKind::History(History { deep, default: None })));
    }
    assert_eq!(name(&machine, Id::new(0)), "[H] last");
    assert_eq!(name(&machine, Id::new(1)), "[H*] last");
}
