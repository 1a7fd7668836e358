//! The document becomes the tree of a spec.
//!
//! The last step but the writing. Needs a document without errors: what could not be translated is not here any more.

mod action;

use std::collections::HashSet;

use super::data::Types;
use super::events::{Done, Events};
use super::expr::rust::Writer;
use super::expr::types::Type;
use super::model::{Document, Id, Kind, ROOT, Transition};
use super::names::Names;
use crate::diag::Diagnostics;
use crate::import::yaml::{Map, Yaml};

/// Makes the spec.
pub(super) struct Lower<'l> {
    document: &'l Document,
    names: &'l Names,
    events: &'l Events,
    types: &'l Types,
    /// For logs, of which some can only be shown as they are written.
    diagnostics: &'l mut Diagnostics,
    keys: HashSet<String>,
}

/// The whole spec.
pub(super) fn lower(
    document: &Document,
    names: &Names,
    events: &Events,
    types: &Types,
    diagnostics: &mut Diagnostics,
) -> Map {
    Lower { document, names, events, types, diagnostics, keys: HashSet::new() }.machine()
}

impl Lower<'_> {
    fn writer(&self) -> Writer<'_, Types> {
        Writer { fields: &self.names.fields, types: self.types, fractions: self.types.fractions }
    }

    fn machine(mut self) -> Map {
        let mut body = Map::block();
        self.fill(ROOT, &mut body);
        let mut machine = Map::block();
        machine.word("machine", Yaml::text(&self.names.machine));
        if !self.document.data.is_empty() {
            machine.word("context", self.context().into());
        }
        if self.events.need_declaration(&self.keys) {
            let mut events = Map::new();
            for name in &self.events.known {
                events.name(self.events.spelt(name), Map::new().into());
            }
            machine.word("events", events.into());
        }
        machine.append(body);
        machine
    }

    fn context(&self) -> Map {
        let mut context = Map::new();
        for (index, data) in self.document.data.iter().enumerate() {
            let ty = match self.types.at(index) {
                Some(Type::Bool) => "bool",
                Some(Type::Text) => "String",
                _ if self.types.fractions => "f64",
                _ => "i64",
            };
            let init = data.init.as_ref().and_then(|code| code.expr.as_ref());
            let init = init.map(|expr| format!(" = {}", self.writer().plain(expr))).unwrap_or_default();
            // Every data item has a field.
            let field = self.names.fields.get(&data.id.value).unwrap_or(&data.id.value);
            context.name(field, Yaml::text(format!("{ty}{init}")));
        }
        context
    }

    /// All keys of a state, or of the machine, but its name.
    fn fill(&mut self, id: Id, map: &mut Map) {
        let state = &self.document.states[id];
        if let Some(id) = self.names.id(self.document, id).filter(|_| id != ROOT) {
            map.word("id", Yaml::text(id));
        }
        match state.kind {
            Kind::Parallel => map.word("type", Yaml::Word("parallel")),
            Kind::Final => map.word("type", Yaml::Word("final")),
            Kind::History { deep } => return self.history(id, deep, map),
            Kind::Plain => {}
        }
        self.put_actions("entry", &state.entry, map);
        self.put_actions("exit", &state.exit, map);
        self.transitions(id, map);
        if state.kind == Kind::Plain
            && let Some(initial) = self.initial(id)
        {
            map.word("initial", initial);
        }
        if !state.children.is_empty() {
            let mut states = Map::block();
            for child in &state.children {
                let mut body = Map::block();
                self.fill(*child, &mut body);
                states.name(self.names.state(*child), body.into());
            }
            map.word("states", states.into());
        }
    }

    fn history(&mut self, id: Id, deep: bool, map: &mut Map) {
        map.word("history", Yaml::Word(if deep { "deep" } else { "shallow" }));
        let Some(default) = &self.document.states[id].initial else { return };
        map.word("target", self.targets(default));
        self.put_actions("actions", &default.actions, map);
    }

    /// SCXML takes the first child where nothing else is said.
    fn initial(&mut self, id: Id) -> Option<Yaml> {
        let state = &self.document.states[id];
        let Some(initial) = &state.initial else {
            let mut children = state.children.iter();
            let first = children.find(|child| !matches!(self.document.states[**child].kind, Kind::History { .. }))?;
            return Some(Yaml::text(self.names.reference(self.document, *first)));
        };
        if initial.actions.is_empty() {
            return Some(self.targets(initial));
        }
        let mut map = Map::new();
        map.word("target", self.targets(initial));
        self.put_actions("actions", &initial.actions, &mut map);
        Some(map.into())
    }

    fn targets(&self, transition: &Transition) -> Yaml {
        // All targets were found before.
        let ids = transition.targets.iter().filter_map(|target| self.document.by_id.get(&target.value));
        Yaml::one_or_many(ids.map(|id| Yaml::text(self.names.reference(self.document, *id))).collect())
    }

    fn transitions(&mut self, id: Id, map: &mut Map) {
        let mut on = Map::block();
        for (key, transitions) in self.events.keys(self.document, id) {
            let value = self.choices(id, &transitions);
            self.keys.insert(key.clone());
            on.name(key, value);
        }
        if !on.is_empty() {
            map.word("on", on.into());
        }
        let always = self.document.states[id].transitions.iter().filter(|transition| transition.events.is_none());
        let always: Vec<_> = always.collect();
        if !always.is_empty() {
            let value = self.always(id, &always);
            map.word("always", value);
        }
        match self.events.done(id) {
            Done::Silent => {}
            Done::Own => {
                let own = self.events.on_done(self.document, id);
                let value = self.choices(id, &own);
                map.word("onDone", value);
            }
            Done::Raised => {
                let name = self.names.reference(self.document, id);
                let name = self.events.spelt(&format!("done.state.{}", name.trim_start_matches('#')));
                map.word("onDone", Yaml::pair("actions", Yaml::pair("raise", Yaml::text(name))));
            }
        }
    }

    fn choices(&mut self, source: Id, transitions: &[&Transition]) -> Yaml {
        Yaml::one_or_many(transitions.iter().map(|transition| self.transition(source, transition)).collect())
    }

    /// Eventless transitions. One that has neither condition nor target is not allowed in a spec; it says in its guard
    /// what is true when it is its turn, that no condition before it holds.
    fn always(&mut self, source: Id, transitions: &[&Transition]) -> Yaml {
        let mut items = Vec::new();
        for (at, transition) in transitions.iter().enumerate() {
            let mut map = Map::new();
            let guarded = transitions[..at].iter().any(|transition| transition.cond.is_some());
            if transition.cond.is_none() && transition.targets.is_empty() && guarded {
                let earlier = transitions[..at].iter().filter_map(|transition| transition.cond.as_ref());
                let mut earlier: Vec<Yaml> = earlier.map(|cond| self.guard(cond)).collect();
                let any = if earlier.len() == 1 { earlier.remove(0) } else { Yaml::pair("or", Yaml::List(earlier)) };
                map.word("guard", Yaml::pair("not", any));
            }
            items.push(self.filled(map, source, transition));
        }
        Yaml::one_or_many(items)
    }

    fn transition(&mut self, source: Id, transition: &Transition) -> Yaml {
        self.filled(Map::new(), source, transition)
    }

    /// The transition, whose guard may stand in `map` already.
    fn filled(&mut self, mut map: Map, source: Id, transition: &Transition) -> Yaml {
        if let Some(cond) = &transition.cond {
            let guard = self.guard(cond);
            map.word("guard", guard);
        }
        let bare = map.is_empty() && transition.actions.is_empty() && transition.targets.len() == 1;
        let reenter = self.reenters(source, transition);
        if bare && !reenter {
            return self.targets(transition);
        }
        if !transition.targets.is_empty() {
            map.word("target", self.targets(transition));
        }
        if reenter {
            map.word("reenter", Yaml::Word("true"));
        }
        self.put_actions("actions", &transition.actions, &mut map);
        map.into()
    }

    /// Whether the source is left although a target lies in it, or is it. SCXML's transitions are external unless they
    /// say otherwise, and then also where the source is no compound state or is a target itself.
    fn reenters(&self, source: Id, transition: &Transition) -> bool {
        let inside = self.document.subtree(source);
        let targets = || transition.targets.iter().filter_map(|target| self.document.by_id.get(&target.value));
        let internal = transition.internal
            && self.document.is_compound(source)
            && targets().all(|target| inside.contains(target) && *target != source);
        source != ROOT && !internal && targets().any(|target| inside.contains(target))
    }
}
