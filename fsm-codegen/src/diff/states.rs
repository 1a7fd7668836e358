//! States: which there are, what they are, what they hold and what they do by themselves.
//!
//! Part of [`super`]. States are the same if their paths are. Of what was added or removed as a whole only the outermost
//! state is told; what lies in it is counted.

use std::collections::HashMap;

use super::fields::{self, Owner};
use super::{Change, Group, Sign, origin};
use crate::ir::{History, IndexVec, Initial, Machine, State, StateId, StateKind};
use crate::labels;

/// The states of two machines beside each other.
pub(super) struct Pairs {
    /// The paths of all new states.
    pub(super) paths: IndexVec<StateId, String>,
    /// The paths of all old states.
    pub(super) old_paths: IndexVec<StateId, String>,
    /// What each new state was.
    pub(super) old: IndexVec<StateId, Option<StateId>>,
    /// What each old state is.
    pub(super) new: IndexVec<StateId, Option<StateId>>,
}

impl Pairs {
    pub(super) fn new(old: &Machine, new: &Machine) -> Self {
        let paths = |machine: &Machine| machine.states.ids().map(|id| machine.path(id)).collect();
        let (old_paths, paths): (IndexVec<StateId, String>, IndexVec<StateId, String>) = (paths(old), paths(new));
        let pair = |of: &IndexVec<StateId, String>, among: &IndexVec<StateId, String>| {
            let by_path: HashMap<&str, StateId> =
                among.enumerated().skip(1).map(|(id, path)| (path.as_str(), id)).collect();
            let found = |(id, path): (StateId, &String)| match id {
                // Whatever the machines are called.
                StateId::ROOT => Some(StateId::ROOT),
                _ => by_path.get(path.as_str()).copied(),
            };
            of.enumerated().map(found).collect()
        };
        Self { old: pair(&paths, &old_paths), new: pair(&old_paths, &paths), paths, old_paths }
    }

    /// The states that both machines have, in the order of the new one.
    pub(super) fn both(&self) -> impl Iterator<Item = (StateId, StateId)> + '_ {
        self.old.enumerated().filter_map(|(new, old)| old.map(|old| (old, new)))
    }
}

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Vec<Change>) {
    let pairs = Pairs::new(old, new);
    let outermost = |machine: &Machine, others: &IndexVec<StateId, Option<StateId>>| -> Vec<StateId> {
        let is_known = |state: &State| state.parent.is_none_or(|parent| others[parent].is_some());
        let found = machine.states.enumerated().filter(|(id, state)| others[*id].is_none() && is_known(state));
        found.map(|(id, _)| id).collect()
    };
    let (came, gone) = (outermost(new, &pairs.old), outermost(old, &pairs.new));
    for id in pairs.paths.ids() {
        if came.binary_search(&id).is_ok() {
            let origin = guess(old, new, &pairs, &gone, id);
            changes.push(Change { origin, ..added(new, &pairs, id) });
        }
        if let Some(was) = pairs.old[id] {
            both(old, new, &pairs, (was, id), changes);
        }
    }
    changes.extend(gone.into_iter().map(|id| removed(old, &pairs, id)));
}

/// What a new state was called: a like name under the same parent, or the same name elsewhere.
fn guess(old: &Machine, new: &Machine, pairs: &Pairs, gone: &[StateId], id: StateId) -> Option<String> {
    if gone.len() > origin::MOST {
        return None;
    }
    let name = &new.states[id].name.value;
    let parent = new.states[id].parent.and_then(|parent| pairs.old[parent]);
    let siblings: Vec<StateId> = gone.iter().copied().filter(|gone| old.states[*gone].parent == parent).collect();
    let names: Vec<&str> = siblings.iter().map(|sibling| old.states[*sibling].name.value.as_str()).collect();
    let near = origin::of(name, &names).and_then(|near| names.iter().position(|name| *name == near));
    let near = near.map(|at| siblings[at]);
    let alike = || {
        let does = does(new, id);
        let mut alike =
            siblings.iter().copied().filter(|sibling| !does.is_empty() && self::does(old, *sibling) == does);
        // Of several nobody knows which.
        alike.next().filter(|_| alike.next().is_none())
    };
    let moved = || gone.iter().copied().find(|gone| old.states[*gone].name.value == *name);
    near.or_else(moved).or_else(alike).map(|was| pairs.old_paths[was].clone())
}

/// What makes a state itself, whatever it is called: what it waits for, and its children.
fn does(machine: &Machine, id: StateId) -> Vec<String> {
    let state = &machine.states[id];
    let children = state.children.iter().map(|child| machine.states[*child].name.value.clone());
    let triggers = state.transitions.iter().map(|it| labels::trigger(machine, machine.transitions[*it].trigger));
    children.chain(triggers).collect()
}

/// `Working, with 3 states in it`.
fn line(machine: &Machine, path: &str, id: StateId) -> String {
    let state = &machine.states[id];
    let kind = match (&state.kind, state.parent) {
        (StateKind::History(history), _) if history.deep => " (deep history)",
        (StateKind::History(_), _) => " (history)",
        (StateKind::Final, _) => " (final)",
        (_, Some(parent)) if machine.states[parent].kind == StateKind::Parallel => " (region)",
        (StateKind::Parallel, _) => " (parallel)",
        _ => "",
    };
    let within = match machine.subtree(id).count() - 1 {
        0 => String::new(),
        1 => ", with a state in it".to_owned(),
        more => format!(", with {more} states in it"),
    };
    format!("{}{kind}{within}", labels::one_line(path))
}

fn is_region(machine: &Machine, id: StateId) -> bool {
    machine.states[id].parent.is_some_and(|parent| machine.states[parent].kind == StateKind::Parallel)
}

fn is_history(state: &State) -> bool {
    matches!(state.kind, StateKind::History(_))
}

fn added(new: &Machine, pairs: &Pairs, id: StateId) -> Change {
    let state = &new.states[id];
    let change = Change::new(Group::States, Sign::Added, line(new, &pairs.paths[id], id));
    if is_history(state) {
        return change.note("nothing is remembered for it yet");
    }
    // A region without children and data is not written down.
    if is_region(new, id) && (!state.is_leaf() || !state.data.is_empty()) {
        return change.snapshots("an old one does not say where this region is");
    }
    change
}

fn removed(old: &Machine, pairs: &Pairs, id: StateId) -> Change {
    let state = &old.states[id];
    let change = Change::new(Group::States, Sign::Removed, line(old, &pairs.old_paths[id], id));
    match (is_history(state), is_region(old, id)) {
        (true, _) => change.note("what was remembered for it is dropped"),
        (_, true) => change.snapshots("where this region was is lost"),
        _ => change.snapshots("a machine that rests in it has nowhere to go"),
    }
}

/// A state that both machines have.
fn both(old: &Machine, new: &Machine, pairs: &Pairs, (was, is): (StateId, StateId), changes: &mut Vec<Change>) {
    let (before, after) = (&old.states[was], &new.states[is]);
    let path = labels::one_line(&pairs.paths[is]);
    let mut push = |what: &str, before: &str, after: &str, why: Option<&str>| {
        let change = Change::new(Group::States, Sign::Changed, format!("{path}: {what}{before} -> {after}"));
        changes.push(Change { snapshots: why.map(str::to_owned), ..change });
    };
    let kinds = [kind(before), kind(after)];
    if kinds[0] != kinds[1] {
        push("", kinds[0], kinds[1], Some(why_of_kinds(before, after)));
    } else if let (StateKind::History(was), StateKind::History(is)) = (&before.kind, &after.kind) {
        history(was, is, (old, before), (new, after), &mut push);
    }
    let tags = |state: &State| -> String {
        let tags: Vec<&str> = state.tags.iter().map(|tag| tag.value.as_str()).collect();
        if tags.is_empty() { "none".to_owned() } else { tags.join(", ") }
    };
    if tags(before) != tags(after) {
        push("tags ", &tags(before), &tags(after), None);
    }
    let starts = |machine: &Machine, paths: &IndexVec<StateId, String>, state: &State| match &state.kind {
        StateKind::Compound(initial) | StateKind::History(History { default: Some(initial), .. }) => {
            start(machine, paths, initial)
        }
        _ => "none".to_owned(),
    };
    let (from, to) = (starts(old, &pairs.old_paths, before), starts(new, &pairs.paths, after));
    if kinds[0] == kinds[1] && squeezed(&from) != squeezed(&to) {
        push("initial ", &from, &to, None);
    }
    let does = |machine: &Machine, id: StateId| -> Vec<(String, String)> {
        let lines = labels::behaviour(machine, id).into_iter();
        lines.map(|line| (line.trigger, line.actions.join(", "))).collect()
    };
    let (from, to) = (does(old, was), does(new, is));
    for what in ["entry", "exit", "defer", "output"] {
        let find = |lines: &[(String, String)]| {
            let found = lines.iter().find(|(trigger, _)| trigger == what);
            found.map_or_else(|| "none".to_owned(), |(_, actions)| actions.clone())
        };
        let (from, to) = (find(&from), find(&to));
        if squeezed(&from) != squeezed(&to) {
            push(&format!("{what} / "), &from, &to, None);
        }
    }
    data(before, after, &path, changes);
}

const fn kind(state: &State) -> &'static str {
    match state.kind {
        StateKind::Atomic => "atomic",
        StateKind::Compound(_) => "compound",
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History(_) => "history",
    }
}

const fn why_of_kinds(before: &State, after: &State) -> &'static str {
    match (&before.kind, &after.kind) {
        (StateKind::Atomic, StateKind::Final) => "a machine that rests in it would be at an end that nobody reached",
        (StateKind::Final, StateKind::Atomic) => "a machine that had ended in it would not go on",
        (StateKind::Atomic | StateKind::Final, _) => "an old one does not say where in it the machine is",
        (_, StateKind::Atomic | StateKind::Final) => "where in it the machine was has no place",
        _ => "where in it the machine was is written otherwise",
    }
}

/// A history state: whether what it remembers is read as it was written.
fn history(
    was: &History,
    is: &History,
    old: (&Machine, &State),
    new: (&Machine, &State),
    push: &mut impl FnMut(&str, &str, &str, Option<&str>),
) {
    let names = |(machine, state): (&Machine, &State)| -> Vec<(String, bool)> {
        let parent = state.parent.unwrap_or(StateId::ROOT);
        let child = |id: &StateId| (machine.states[*id].name.value.clone(), !machine.states[*id].data.is_empty());
        machine.states[parent].children.iter().map(child).collect()
    };
    let (before, after) = (names(old), names(new));
    let depth = |history: &History| if history.deep { "deep" } else { "shallow" };
    // With data it has to remember more than the number of a child.
    let whole = |history: &History, names: &[(String, bool)]| history.deep || names.iter().any(|(_, data)| *data);
    let (wrote, reads) = (whole(was, &before), whole(is, &after));
    let why = (wrote != reads).then_some("what is remembered is written otherwise");
    if was.deep != is.deep {
        push("", depth(was), depth(is), why);
    } else if wrote != reads {
        push("remembers ", "which child", "the child's data too", why);
    } else if !wrote && !after.iter().map(|(name, _)| name).take(before.len()).eq(before.iter().map(|(name, _)| name)) {
        let list =
            |names: &[(String, bool)]| names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        push("remembers one of ", &list(&before), &list(&after), Some("the child is remembered by its number"));
    }
}

/// What a state holds while it is active.
fn data(before: &State, after: &State, path: &str, changes: &mut Vec<Change>) {
    let shaped = before.data.is_empty() == after.data.is_empty();
    if !shaped {
        let (what, sign) =
            if before.data.is_empty() { ("holds data", Sign::Added) } else { ("holds no data", Sign::Removed) };
        let change = Change::new(Group::Data, sign, format!("{path} {what}"));
        changes.push(change.snapshots("a machine in that state is written otherwise"));
    }
    let owner = Owner { group: Group::Data, name: path, stored: shaped, sent: false, filled: false };
    fields::compare(&before.data, &after.data, owner, changes);
}

/// `Moving / prepare`.
fn start(machine: &Machine, paths: &IndexVec<StateId, String>, initial: &Initial) -> String {
    let targets: Vec<&str> = initial.targets.iter().map(|target| paths[*target].as_str()).collect();
    let label = labels::initial(machine, initial);
    let actions = if label.is_empty() { String::new() } else { format!(" {label}") };
    format!("{}{actions}", targets.join(", "))
}

/// Without white space: how a text is laid out is no difference.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
