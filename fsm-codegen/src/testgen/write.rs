//! The walks as a Rust file: a function for each, a test for each, and one that they take together what they should.
//!
//! What each step must do is what the interpreter does, once more from the start. Plain text: what is needed is a few
//! forms, and comments.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quote::ToTokens as _;

use super::plays::{Input, Play, Seen};
use super::search::Found;
use super::values_text::value;
use super::{Tests, taken_line};
use crate::coverage::describe;
use crate::interp::{Interpreter, Value};
use crate::ir::{Guard, Id as _, IndexVec, Machine, Method, Transition, TransitionId};
use crate::labels;
use crate::names::{pascal_ident, snake_ident};
use crate::source::Source;

pub(super) fn write(machine: &Machine, source: &Source, module: &str, found: &Found, walks: &[Vec<&Play>]) -> Tests {
    let mut writer = Writer {
        machine,
        tours: String::new(),
        taken: machine.transitions.ids().map(|_| false).collect(),
        uses: BTreeSet::new(),
        fails: false,
        foreign: false,
    };
    for (at, walk) in walks.iter().enumerate() {
        writer.tour(at + 1, walk);
    }
    let taken = writer.taken.iter().filter(|taken| **taken).count();
    let untaken: Vec<TransitionId> = machine.transitions.ids().filter(|id| !writer.taken[*id]).collect();
    let missing: Vec<String> = untaken.iter().map(|id| missing(machine, source, found, *id)).collect();
    let text = writer.file(source, module, walks.len(), &untaken, &missing);
    Tests { text, missing, taken, tours: walks.len() }
}

/// `door.yaml:8:14: Closed --Knock--> (internal): its guard never held`.
fn missing(machine: &Machine, source: &Source, found: &Found, id: TransitionId) -> String {
    let transition = &machine.transitions[id];
    let at = source.position(transition.span.lo);
    let reason = reason(machine, found, id, transition);
    format!("{}:{}:{}: {}: {reason}", source.name(), at.line, at.column, describe(machine, transition))
}

fn reason(machine: &Machine, found: &Found, id: TransitionId, transition: &Transition) -> String {
    let within = if found.cut { ", as far as was searched" } else { "" };
    let mut spans = Vec::new();
    transition.guard.iter().for_each(|guard| expressions(guard, &mut spans));
    let of_guard = found.complaints.iter().find(|(span, _)| spans.contains(span)).map(|(_, why)| why);
    let of_step = found.broken.iter().find(|(broken, _)| *broken == id).map(|(_, why)| why);
    match (of_guard, of_step) {
        (Some(why), _) => format!("its guard is not decided: {}", labels::one_line(why)),
        (None, Some(why)) => labels::one_line(why),
        _ if !found.visited[transition.source] => {
            format!("nothing leads to `{}`{within}", labels::one_line(&machine.path(transition.source)))
        }
        _ if transition.guard.is_some() => format!("its guard never holds{within}"),
        _ => format!("nothing sets it off{within}"),
    }
}

fn expressions(guard: &Guard, spans: &mut Vec<crate::source::Span>) {
    match guard {
        Guard::Expr(expr) => spans.push(expr.span),
        Guard::And(all) | Guard::Or(all) => all.iter().for_each(|one| expressions(one, spans)),
        Guard::Not(one) => expressions(one, spans),
        Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
    }
}

struct Writer<'m> {
    machine: &'m Machine,
    tours: String,
    taken: IndexVec<TransitionId, bool>,
    /// What the file uses of the generated module.
    uses: BTreeSet<&'static str>,
    /// Whether something fails in it.
    fails: bool,
    /// Whether a default of the spec stands in it, which may name what the spec imports.
    foreign: bool,
}

impl Writer<'_> {
    fn tour(&mut self, number: usize, walk: &[&Play]) {
        let mut lines = String::new();
        let mut interpreter = Interpreter::new(self.machine);
        let mut held = BTreeSet::new();
        for play in walk {
            let mut seen = Seen::default();
            // The search has played it: it can be played.
            let Ok(result) = play.on(&mut interpreter, &mut seen) else { break };
            if play.guards != held {
                let names = play.guards.iter().map(|guard| self.machine.guards[*guard].name.value.as_str());
                let _ = writeln!(lines, "    scripted.script.guards({});", list(names));
                held.clone_from(&play.guards);
            }
            if let Some(action) = play.fails {
                self.fails = true;
                let name = &self.machine.actions[action].name.value;
                let _ = writeln!(lines, "    scripted.script.fail({name:?}, failure());");
            }
            let call = self.call(&play.input, &mut lines);
            let outcome = result.as_ref().map_or_else(crate::interp::Error::name, |outcome| outcome.name());
            let configuration = interpreter.configuration();
            let transitions: Vec<String> = seen.transitions.iter().map(|id| taken_line(self.machine, *id)).collect();
            seen.transitions.iter().for_each(|id| self.taken[*id] = true);
            let _ = writeln!(lines, "    let result = machine.{call};");
            let (configuration, transitions) =
                (list(configuration.iter().map(String::as_str)), list(transitions.iter().map(String::as_str)));
            let one_line = format!("    machine.expect(&result, {outcome:?}, &{configuration}, &{transitions});");
            if one_line.chars().count() <= 120 {
                let _ = writeln!(lines, "{one_line}");
            } else {
                let _ = writeln!(
                    lines,
                    "    machine.expect(\n        &result,\n        {outcome:?},\n        &{configuration},\n        &{transitions},\n    );"
                );
            }
        }
        let _ = write!(
            self.tours,
            "\n#[allow(clippy::pedantic, reason = \"written by a program, as long as its way\")]\nfn tour_{number}(recorder: &Recorder) {{\n    let scripted = Scripted::default();\n    \
             let mut machine = scripted.testbed().recorded_by(recorder);\n{lines}}}\n\n#[test]\n\
             fn tour_{number}_goes_its_way() {{\n    tour_{number}(&Recorder::new(&DEFINITION));\n}}\n"
        );
    }

    /// The call of the testbed, and what has to be given to the handlers before.
    fn call(&mut self, input: &Input, lines: &mut String) -> String {
        match input {
            Input::Start => "start()".to_owned(),
            Input::Event(event, values) => {
                let event = &self.machine.events[*event];
                let name = pascal_ident(&event.name.value);
                if event.fields.is_empty() {
                    self.uses.insert("Event");
                    return format!("handle(Event::{name})");
                }
                self.uses.insert("event");
                self.foreign |= event
                    .fields
                    .iter()
                    .zip(values)
                    .any(|(field, of)| field.default.is_some() && matches!(of, Value::Opaque(_)));
                let fields = event.fields.iter().zip(values);
                let fields: Vec<String> = fields
                    .map(|(field, of)| format!("{}: {}", snake_ident(&field.name.value), value(of, &field.ty.syntax)))
                    .collect();
                format!("handle(event::{name} {{ {} }})", fields.join(", "))
            }
            Input::Advance(time) => {
                let (seconds, nanos) = (time.as_secs(), time.subsec_nanos());
                format!("advance(Duration::new({seconds}, {nanos}))")
            }
            Input::Done(invoke, of) => {
                let task = &self.machine.tasks[self.machine.invokes[*invoke].task];
                let of = task.output.as_ref().map_or_else(|| "()".to_owned(), |ty| value(of, &ty.syntax));
                let answer = if self.machine.error.is_some() { format!("Ok({of})") } else { of };
                self.complete(&task.method, &answer, lines)
            }
            Input::Error(invoke) => {
                let task = &self.machine.tasks[self.machine.invokes[*invoke].task];
                self.fails = true;
                self.complete(&task.method, "Err(failure())", lines)
            }
        }
    }

    fn complete(&mut self, task: &Method, answer: &str, lines: &mut String) -> String {
        self.uses.insert("Invoke");
        let _ = writeln!(lines, "    scripted.tasks.{}.give({answer});", snake_ident(&task.name.value));
        let inputs = if task.params.is_empty() { "" } else { " { .. }" };
        format!("complete(|invoke| matches!(invoke, Invoke::{}{inputs}))", pascal_ident(&task.name.value))
    }

    fn file(
        &self,
        source: &Source,
        module: &str,
        tours: usize,
        untaken: &[TransitionId],
        missing: &[String],
    ) -> String {
        let machine = self.machine;
        let name = labels::one_line(&machine.name.value);
        let (taken, all) = (machine.transitions.len() - untaken.len(), machine.transitions.len());
        let mut text = format!(
            "// Transition tours of {name}, written by `fsmc testgen {}`: each takes the shortest way it knows.\n//\n\
             // {taken} of {all} transitions are taken.",
            source.name()
        );
        if missing.is_empty() {
            text.push('\n');
        } else {
            text += " Not taken:\n//\n";
            for line in missing {
                let _ = writeln!(text, "// - {line}");
            }
        }
        text.push('\n');
        if self.tours.contains("Duration::new(") {
            text += "use std::time::Duration;\n\n";
        }
        text += "use fsm_runtime::coverage::Recorder;\n";
        if self.foreign {
            for tree in &machine.uses {
                let tree = seen_from_outside(&tree.value.to_token_stream().to_string().replace(" :: ", "::"), module);
                let _ = writeln!(text, "#[allow(unused_imports, reason = \"as in the spec\")]\nuse {tree};");
            }
        }
        let names: Vec<&str> = std::iter::once("DEFINITION").chain(self.uses.iter().copied()).collect();
        let _ = writeln!(text, "use {module}::testing::Scripted;\nuse {module}::{{{}}};", names.join(", "));
        if self.fails {
            let _ = write!(
                text,
                "\n/// What actions and invokes fail with.\n#[allow(clippy::default_trait_access, reason = \"whatever its type\")]\n\
                 fn failure() -> <{module}::Machine as fsm_runtime::Machine>::Error {{\n    Default::default()\n}}\n"
            );
        }
        text += &self.tours;
        text += "\n/// Those that are not are listed above.\n#[test]\nfn every_transition_is_taken() {\n    \
                 let recorder = Recorder::new(&DEFINITION);\n";
        for number in 1..=tours {
            let _ = writeln!(text, "    tour_{number}(&recorder);");
        }
        let indices: Vec<String> = untaken.iter().map(|id| id.index().to_string()).collect();
        let _ = write!(
            text,
            "    let counts = recorder.transitions();\n    \
             let never: Vec<usize> = (0..counts.len()).filter(|index| counts[*index] == 0).collect();\n    \
             let expected: [usize; {}] = [{}];\n    assert_eq!(never, expected);\n}}\n",
            indices.len(),
            indices.join(", ")
        );
        text
    }
}

/// A path of the spec, which stands in the crate of the module: `crate` is that crate.
fn seen_from_outside(path: &str, module: &str) -> String {
    let root = module.split("::").next().unwrap_or_default();
    match path.strip_prefix("crate::") {
        Some(rest) if !["crate", "self", "super"].contains(&root) => format!("{root}::{rest}"),
        _ => path.to_owned(),
    }
}

/// `["a", "b"]`.
fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    format!("[{}]", texts.map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", "))
}
