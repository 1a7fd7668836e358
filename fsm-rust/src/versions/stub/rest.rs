//! What goes over beside states and context: the output, timers, events that wait.
//!
//! Part of [`super`].

use fsm_model::gather::Gather as _;
use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Side, Stub, fields, indented};
use crate::held;
use crate::versions::{matching, parts, steps};
use fsm_model::ir::{EventId, Id, Timer, TimerId};
use fsm_model::labels;
use fsm_model::names;

impl Stub<'_> {
    pub(super) fn output(&self, out: &mut String) {
        let Some(output) = &self.new.machine.output else { return };
        let value = match &self.old.machine.output {
            Some(old) if old == output => "old.output",
            Some(_) => "decide_output(old.output)",
            None => "None",
        };
        let _ = writeln!(out, "            output: {value},");
    }

    pub(super) fn timers(&self, out: &mut String) {
        let (before, after) = (parts::timers(self.old.scope), parts::timers(self.new.scope));
        // Equal ones first, then those that wait for another time in the same state.
        let places = |side: &Side<'_>, exact: bool| -> Vec<String> {
            let wait = |timer: &Timer| if exact { labels::wait(side.machine, timer.wait) } else { String::new() };
            let place = |timer: &Timer| format!("{} {} {}", side.paths[timer.state], timer.repeats, wait(timer));
            side.machine.timers.iter().map(place).gather()
        };
        let (mut from, left) = matching::equal(&places(self.old, true), &places(self.new, true));
        let came: Vec<usize> = (0..from.len()).filter(|at| from[*at].is_none()).gather();
        let pick = |all: Vec<String>, at: &[usize]| at.iter().map(|at| all[*at].clone()).gather::<Vec<_>>();
        let (like, gone) =
            matching::equal(&pick(places(self.old, false), &left), &pick(places(self.new, false), &came));
        for (at, was) in came.into_iter().zip(like) {
            from[at] = was.map(|was| left[was]);
        }
        let gone = gone.into_iter().map(|at| &before[TimerId::new(left[at])]);
        let gone: Vec<String> = gone.map(|field| format!("`{field}`")).gather();
        if !gone.is_empty() {
            let _ = writeln!(out, "            // Gone, with what they had left: {}.", gone.join(", "));
        }
        if after.is_empty() {
            return;
        }
        let _ = writeln!(out, "            timers: {}::Timers {{", self.new.module);
        for ((_, field), from) in after.enumerated().zip(from) {
            if let Some(from) = from {
                let _ = writeln!(out, "                {field}: old.timers.{},", before[TimerId::new(from)]);
            } else {
                let _ = writeln!(out, "                // How long from now, where its state is active?");
                let _ = writeln!(out, "                {field}: decide_timer_{field}(),");
            }
        }
        out.push_str("            },\n");
    }

    pub(super) fn events(&self, out: &mut String) {
        let (old, new, version) = (self.old, self.new, self.version);
        if !steps::holds_events(old.scope) {
            return;
        }
        let (from, to) = (&old.module, &new.module);
        let _ = writeln!(
            out,
            "\n    fn migrate_{version}_event(&self, old: {from}::Event) -> Result<Option<{to}::Event>, Self::Error> {{\n        Ok(match old {{"
        );
        let by_name: HashMap<&str, EventId> =
            new.machine.events.enumerated().map(|(id, event)| (event.name.value.as_str(), id)).gather();
        let homeless = self.homeless();
        for (id, event) in old.machine.events.enumerated() {
            let name = &old.scope.names.events[id];
            let bind = |text: &str| if event.fields.is_empty() { String::new() } else { format!("({text})") };
            let value = if event.fields.is_empty() { "" } else { "old" };
            let found = by_name.get(event.name.value.as_str()).copied();
            let why = match found {
                None => "is gone",
                Some(_) if homeless[id.index()] => "may wait, and nothing of its kind does any more",
                Some(_) => "",
            };
            let Some(is) = found.filter(|_| why.is_empty()) else {
                let (spelt, snake) = (&event.name.value, names::snake(&event.name.value));
                let _ =
                    writeln!(out, "            // `{spelt}` {why}: what becomes of one that waits? `None` drops it.");
                let _ =
                    writeln!(out, "            {from}::Event::{name}{} => decide_event_{snake}({value}),", bind("old"));
                continue;
            };
            let now = &new.machine.events[is];
            let variant = &new.scope.names.events[is];
            if now.fields.is_empty() {
                let _ =
                    writeln!(out, "            {from}::Event::{name}{} => Some({to}::Event::{variant}),", bind("_"));
                continue;
            }
            let label = format!("event_{}", names::snake(&event.name.value));
            let fields = indented(&fields::all(&event.fields, &now.fields, "old", &label), 4);
            let _ = write!(
                out,
                "            {from}::Event::{name}{} => Some({to}::Event::{variant}({to}::event::{variant} {{\n{fields}            }})),\n",
                bind("old")
            );
        }
        out.push_str("        })\n    }\n");
    }

    /// For each old event whether one may wait in a queue that the new machine does not have.
    fn homeless(&self) -> Vec<bool> {
        let (old, new) = (self.old.scope, self.new.scope);
        let mut homeless = vec![false; old.machine.events.len()];
        let kinds = [
            (old.form.defers && !new.form.defers, held::deferred(old.machine)),
            (old.form.delayed && !new.form.delayed, held::delayed(old.machine)),
        ];
        for (_, waits) in kinds.into_iter().filter(|(is_gone, _)| *is_gone) {
            homeless.iter_mut().zip(waits).for_each(|(homeless, waits)| *homeless |= waits);
        }
        homeless
    }
}
