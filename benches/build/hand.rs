//! Hand-written code, as text: what a careful programmer would write with the same signature.

use std::fmt::Write as _;

use crate::grid::Grid;

/// `ASYNC` and `AWAIT` in a text become what the mode asks for.
pub(crate) fn in_mode(text: &str, mode: &str) -> String {
    let (keyword, dot_await) = if mode == "async" { ("async ", ".await") } else { ("", "") };
    let output = if mode == "async" { "-> impl Future<Output = ()> + Send" } else { "" };
    text.replace("ASYNC ", keyword).replace(".AWAIT", dot_await).replace("OUTPUT", output)
}

/// Both shapes of a flat machine.
pub(crate) fn grid(grid: &Grid, mode: &str) -> String {
    let mut text = String::from("use fsm_runtime::core::{Error, Never, Outcome};\n");
    let states: Vec<String> = (0..grid.states).map(|state| format!("S{state}")).collect();
    let events: Vec<String> = (0..grid.events).map(|event| format!("E{event}")).collect();
    let _ = writeln!(text, "#[derive(Clone, Copy, PartialEq, Debug)] pub enum State {{ {} }}", states.join(", "));
    let _ = writeln!(text, "#[derive(Clone, PartialEq, Debug)] pub enum Event {{ {} }}", events.join(", "));
    text.push_str("pub trait Actions: Send {\n");
    for action in 0..grid.actions() {
        let _ = writeln!(text, "fn a{action}(&mut self) OUTPUT;");
    }
    text.push_str("fn on_unhandled(&mut self, state: State, event: &Event);\n}\n");
    machine(&mut text, "StateFirst", &state_first(grid));
    machine(&mut text, "Pairs", &pairs(grid));
    in_mode(&text, mode)
}

fn machine(text: &mut String, name: &str, body: &str) {
    let _ = write!(
        text,
        "pub struct {name}<A> {{ pub state: State, pub actions: A }}
impl<A: Actions> {name}<A> {{
    pub fn new(actions: A) -> Self {{ Self {{ state: State::S0, actions }} }}
    pub ASYNC fn handle(&mut self, event: &Event) -> Result<Outcome, Error<Never>> {{
        {body}
    }}
}}
"
    );
}

/// `match state { match event }`.
fn state_first(grid: &Grid) -> String {
    let mut body = String::from("match self.state {\n");
    for (state, cells) in grid.cells.iter().enumerate() {
        let _ = writeln!(body, "State::S{state} => match event {{");
        for (event, cell) in cells.iter().enumerate() {
            if let Some((target, action)) = cell {
                let _ = writeln!(body, "Event::E{event} => {}", taken(*target, *action));
            }
        }
        body.push_str(rest(cells.iter().all(Option::is_some)));
        body.push_str("},\n");
    }
    body + "}"
}

/// `match (state, event)`.
fn pairs(grid: &Grid) -> String {
    let mut body = String::from("match (self.state, event) {\n");
    for (state, cells) in grid.cells.iter().enumerate() {
        for (event, cell) in cells.iter().enumerate() {
            if let Some((target, action)) = cell {
                let _ = writeln!(body, "(State::S{state}, Event::E{event}) => {}", taken(*target, *action));
            }
        }
    }
    body + rest(grid.cells.iter().flatten().all(Option::is_some)) + "}"
}

fn taken(target: usize, action: usize) -> String {
    format!("{{ self.actions.a{action}().AWAIT; self.state = State::S{target}; Ok(Outcome::Transitioned) }}")
}

fn rest(complete: bool) -> &'static str {
    if complete { "" } else { "_ => { self.actions.on_unhandled(self.state, event); Ok(Outcome::Unhandled) }\n" }
}
