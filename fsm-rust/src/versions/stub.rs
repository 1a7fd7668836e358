//! The beginning of a user's `impl Migrate`, as text: from one version to the next.
//!
//! Part of [`super`]. Each old state has its arm, each new field its line. What is the same goes over; whatever somebody
//! has to decide is the call of a function that does not exist, `decide_…`, below a comment that says what it is about:
//! rustc lists them all. The functions are written as they are called for, from the outside in.

mod fields;
mod rest;

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;

use proc_macro2::Ident;

use super::{Older, module_names};
use crate::scope::Scope;
use fsm_model::config::Config;
use fsm_model::diag::nearest;
use fsm_model::ir::{IndexVec, Machine, StateId, StateKind};

/// The text of a Rust file.
#[must_use]
pub fn migration_stub(old: Older<'_>, new: Older<'_>) -> String {
    let config = Config { serde: true, ..Config::default() };
    let name = module_names([old.machine].into_iter()).remove(0);
    let scopes = [Scope::older(old.machine, old.source, &config), Scope::new(new.machine, new.source, &config)];
    let sides = [Side::new(&scopes[0], name.to_string()), Side::new(&scopes[1], scopes[1].names.module.to_string())];
    let mut stub = Stub { old: &sides[0], new: &sides[1], version: &name, wanted: VecDeque::new(), known: Vec::new() };
    stub.file()
}

/// One of the two machines.
struct Side<'a> {
    scope: &'a Scope<'a>,
    machine: &'a Machine,
    /// `v1`, `order`.
    module: String,
    paths: IndexVec<StateId, String>,
    by_path: HashMap<String, StateId>,
}

/// A function of the stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    /// Of the children or regions of a state.
    Content(StateId, StateId),
    /// Of the data of a state, and what is in it.
    Data(StateId, StateId),
}

struct Stub<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    version: &'a Ident,
    wanted: VecDeque<Function>,
    known: Vec<Function>,
}

impl<'a> Side<'a> {
    fn new(scope: &'a Scope<'a>, module: String) -> Self {
        let machine = scope.machine;
        let path = |id| if id == StateId::ROOT { String::new() } else { machine.path(id) };
        let paths: IndexVec<StateId, String> = machine.states.ids().map(path).gather();
        let by_path = paths.enumerated().map(|(id, path)| (path.clone(), id)).gather();
        Self { scope, machine, module, paths, by_path }
    }

    /// `v1::state::working::Moving`: the type that stands beside those of its siblings.
    fn own_type(&self, state: StateId) -> String {
        let mut text = format!("{}::state", self.module);
        let mut chain: Vec<StateId> = self.machine.chain(state).skip(1).filter(|at| *at != StateId::ROOT).gather();
        chain.reverse();
        for outer in chain {
            let _ = write!(text, "::{}", self.scope.field(outer));
        }
        let _ = write!(text, "::{}", self.scope.names.variants[state]);
        text
    }

    /// The enum of its children or the struct of its regions.
    fn content(&self, state: StateId) -> String {
        if state == StateId::ROOT {
            return format!("{}::State", self.module);
        }
        if !self.scope.has_data(state) {
            return self.own_type(state);
        }
        let name = crate::shape::content_name(self.machine, state, &self.scope.names.variants);
        let own = self.own_type(state);
        let outer = own.rsplit_once("::").map_or("", |(outer, _)| outer);
        format!("{outer}::{}::{name}", self.scope.field(state))
    }

    fn label(&self, state: StateId) -> String {
        if state == StateId::ROOT { "state".to_owned() } else { format!("state_{}", self.scope.names.labels[state]) }
    }
}

impl Stub<'_> {
    fn file(&mut self) -> String {
        let (old, new) = (self.old, self.new);
        let (module, version) = (&new.module, &old.module);
        let name = &new.machine.name.value;
        let mut out = format!(
            "// What becomes of snapshots of `{name}` that `{version}` made: written by `fsmc diff --stub`, to be finished.\n\
             // No `decide_…` exists. Write each, or what is right in its place.\n\n\
             use super::{module}::{{self, {version}}};\n\n/// How old snapshots go on.\npub struct Migration;\n\n\
             impl {module}::Migrate for Migration {{\n    type Error = std::convert::Infallible;\n\n\
             \x20   fn migrate_{version}(&self, old: {version}::Parts) -> Result<{module}::Parts, Self::Error> {{\n\
             \x20       Ok({module}::Parts {{\n"
        );
        let state = self.content(StateId::ROOT, StateId::ROOT, "old.state");
        let _ = writeln!(out, "            state: {state},");
        let context = fields::all(&self.old.machine.context, &self.new.machine.context, "old.context", "context");
        let _ = write!(out, "            context: {module}::Context {{\n{}            }},\n", indented(&context, 4));
        self.history(&mut out);
        self.output(&mut out);
        self.timers(&mut out);
        out.push_str("        })\n    }\n");
        self.events(&mut out);
        out.push_str("}\n");
        while let Some(function) = self.wanted.pop_front() {
            out.push('\n');
            match function {
                Function::Content(was, is) => self.content_function(&mut out, was, is),
                Function::Data(was, is) => self.data_function(&mut out, was, is),
            }
        }
        out
    }

    fn want(&mut self, function: Function) {
        if !self.known.contains(&function) {
            self.known.push(function);
            self.wanted.push_back(function);
        }
    }

    /// Whether children, or regions, go over one by one.
    fn are_alike(&self, was: StateId, is: StateId) -> bool {
        let kinds = [&self.old.machine.states[was].kind, &self.new.machine.states[is].kind];
        matches!(kinds, [StateKind::Compound(_), StateKind::Compound(_)] | [StateKind::Parallel, StateKind::Parallel])
    }

    /// What is in the new state, made of what was in the old one.
    fn content(&mut self, was: StateId, is: StateId, value: &str) -> String {
        if !self.are_alike(was, is) {
            let value = if self.old.machine.states[was].is_leaf() { "" } else { value };
            return format!("decide_where_in_{}({value})", self.new.label(is));
        }
        self.want(Function::Content(was, is));
        format!("{}({value})", self.new.label(is))
    }

    /// What the new state carries, made of what the old one carried: `value`, or nothing.
    fn carried(&mut self, was: StateId, is: StateId, value: &str) -> String {
        if self.new.scope.has_data(is) {
            self.want(Function::Data(was, is));
            let value = if self.old.scope.carries(was) { value } else { "" };
            return format!("{}_data({value})", self.new.label(is));
        }
        let inner = if self.old.scope.has_data(was) { format!("{value}.state") } else { value.to_owned() };
        self.content(was, is, &inner)
    }

    fn data_function(&mut self, out: &mut String, was: StateId, is: StateId) {
        let (label, ty) = (self.new.label(is), self.new.own_type(is));
        let holds = self.old.scope.has_data(was);
        let from = if holds { self.old.own_type(was) } else { self.old.content(was) };
        let param = if self.old.scope.carries(was) { format!("old: {from}") } else { String::new() };
        let _ = writeln!(out, "fn {label}_data({param}) -> {ty} {{\n    {ty} {{");
        let (before, after) = (&self.old.machine.states[was].data, &self.new.machine.states[is].data);
        out.push_str(&indented(&fields::all(before, after, "old", &label), 2));
        if !self.new.machine.states[is].is_leaf() {
            let content = self.content(was, is, if holds { "old.state" } else { "old" });
            let _ = writeln!(out, "        state: {content},");
        }
        out.push_str("    }\n}\n");
    }

    fn content_function(&mut self, out: &mut String, was: StateId, is: StateId) {
        let (label, from, to) = (self.new.label(is), self.old.content(was), self.new.content(is));
        let _ = writeln!(out, "fn {label}(old: {from}) -> {to} {{");
        if self.new.machine.states[is].kind == StateKind::Parallel {
            self.regions(out, was, is, &to);
        } else {
            out.push_str("    match old {\n");
            for child in self.old.machine.states[was].children.clone() {
                self.arm(out, child, &from, &to);
            }
            out.push_str("    }\n");
        }
        out.push_str("}\n");
    }

    /// The arm of an old state.
    fn arm(&mut self, out: &mut String, child: StateId, from: &str, to: &str) {
        let (old, new) = (self.old, self.new);
        let (variant, path) = (&old.scope.names.variants[child], &old.paths[child]);
        let carries = old.scope.carries(child);
        let Some(is) = new.by_path.get(path).copied().filter(|is| !self.is_history(*is)) else {
            let gone = if carries { "(old)" } else { "" };
            let near = self.near(child).map(|near| format!(" It may be `{near}` now.")).unwrap_or_default();
            let _ = writeln!(out, "        // `{path}` is gone: where does a machine go that rests in it?{near}");
            let value = if carries { "old" } else { "" };
            let _ = writeln!(out, "        {from}::{variant}{gone} => decide_{}({value}),", old.label(child));
            return;
        };
        let name = &new.scope.names.variants[is];
        if !new.scope.carries(is) {
            let (gone, note) = if carries { ("(_)", "        // What was in it has no place.\n") } else { ("", "") };
            let _ = writeln!(out, "{note}        {from}::{variant}{gone} => {to}::{name},");
            return;
        }
        let bind = if carries { "(old)" } else { "" };
        let value = self.carried(child, is, "old");
        if value.starts_with("decide_") {
            let _ = writeln!(out, "        // Where in `{path}` does a machine go that was in it?");
        }
        let _ = writeln!(out, "        {from}::{variant}{bind} => {to}::{name}({value}),");
    }

    fn is_history(&self, is: StateId) -> bool {
        matches!(self.new.machine.states[is].kind, StateKind::History(_))
    }

    /// A new state with a like name beside where the old one was.
    fn near(&self, gone: StateId) -> Option<String> {
        let state = &self.old.machine.states[gone];
        let parent = self.new.by_path.get(&self.old.paths[state.parent?])?;
        let children = &self.new.machine.states[*parent].children;
        let came = children.iter().filter(|child| !self.old.by_path.contains_key(&self.new.paths[**child]));
        let names = came.take(200).map(|child| self.new.machine.states[*child].name.value.as_str());
        nearest(&state.name.value, names).map(|(name, _)| name.to_owned())
    }

    fn regions(&mut self, out: &mut String, was: StateId, is: StateId, to: &str) {
        let _ = writeln!(out, "    {to} {{");
        for region in self.new.machine.states[is].children.clone() {
            if !self.new.scope.carries(region) {
                continue;
            }
            let (field, path) = (self.new.scope.field(region), self.new.paths[region].clone());
            let old =
                self.old.by_path.get(&path).copied().filter(|old| self.old.machine.states[*old].parent == Some(was));
            let value = match old {
                Some(old) => self.carried(old, region, &format!("old.{}", self.old.scope.field(old))),
                None => format!("decide_{}()", self.new.label(region)),
            };
            if value.starts_with("decide_") {
                let _ = writeln!(out, "        // Where is the region `{path}`?");
            }
            let _ = writeln!(out, "        {field}: {value},");
        }
        out.push_str("    }\n");
    }

    fn history(&mut self, out: &mut String) {
        let (old, new) = (self.old, self.new);
        if !new.scope.form.history {
            return;
        }
        let _ = writeln!(out, "            history: {}::History {{", new.module);
        let histories: Vec<StateId> = new.machine.states.ids().filter(|id| self.is_history(*id)).gather();
        for id in histories {
            let state = &new.machine.states[id];
            let (slot, parent) = (new.scope.slot(id), state.parent.unwrap_or(StateId::ROOT));
            let was = old.by_path.get(&new.paths[id]).copied();
            let was = was.filter(|was| matches!(old.machine.states[*was].kind, StateKind::History(_)));
            let value = match was {
                None => "None".to_owned(),
                Some(was) => {
                    let from = old.machine.states[was].parent.unwrap_or(StateId::ROOT);
                    let value = format!("old.history.{}", old.scope.slot(was));
                    self.remembered((was, from), (id, parent), &value)
                }
            };
            if value.starts_with("decide_") {
                let _ = writeln!(out, "                // What does `{}` remember?", new.paths[id]);
            }
            let _ = writeln!(out, "                {slot}: {value},");
        }
        out.push_str("            },\n");
    }

    /// What a history state of both versions remembers: each with its parent.
    fn remembered(&mut self, was: (StateId, StateId), is: (StateId, StateId), value: &str) -> String {
        let whole = [self.old.scope.keeps_content(was.0), self.new.scope.keeps_content(is.0)];
        let names = |side: &Side<'_>, parent: StateId| -> Vec<String> {
            let children = side.machine.states[parent].children.iter();
            children.map(|child| side.machine.states[*child].name.value.clone()).gather()
        };
        match whole {
            [true, true] if self.are_alike(was.1, is.1) => {
                self.want(Function::Content(was.1, is.1));
                format!("{value}.map({})", self.new.label(is.1))
            }
            [false, false] if names(self.new, is.1).starts_with(&names(self.old, was.1)) => value.to_owned(),
            _ => format!("decide_history_{}({value})", self.new.scope.slot(is.0)),
        }
    }
}

/// Each line, so many levels further in.
fn indented(lines: &str, levels: usize) -> String {
    let mut text = String::new();
    for line in lines.lines() {
        let _ = writeln!(text, "{}{line}", "    ".repeat(levels));
    }
    text
}
