//! How a state is named where it is a target.
//!
//! Every spelling is some ancestor of the target, or the target itself, by name or by id, with the path from there. The
//! shortest of the first kind that leads to the target is taken, and whether it does is asked of the same lookup that
//! `resolve::targets` makes: the nearest name wins, `#x` is an id before it is a name, and a name may hold dots.

use std::collections::HashMap;

use crate::ir::{Machine, StateId};

/// The tables by which a target is looked up.
pub(in crate::backend) struct Names<'m> {
    machine: &'m Machine,
    children: HashMap<(StateId, &'m str), StateId>,
    ids: HashMap<&'m str, StateId>,
    /// `None` where several states have the name.
    named: HashMap<&'m str, Option<StateId>>,
}

impl<'m> Names<'m> {
    pub(in crate::backend) fn new(machine: &'m Machine) -> Self {
        let mut names = Self { machine, children: HashMap::new(), ids: HashMap::new(), named: HashMap::new() };
        for (id, state) in machine.states.enumerated() {
            let name = state.name.value.as_str();
            if let Some(parent) = state.parent {
                names.children.insert((parent, name), id);
            }
            if let Some(written) = &state.id {
                names.ids.insert(&written.value, id);
            }
            names.named.entry(name).and_modify(|known| *known = None).or_insert(Some(id));
        }
        names
    }

    /// `target` as a transition of `source` names it.
    pub(in crate::backend) fn target(&self, source: StateId, target: StateId) -> String {
        let paths = self.paths(target);
        let relative = paths.iter().map(|(_, path)| path.clone());
        let below = paths.iter().map(|(_, path)| format!(".{path}"));
        let inside = self.machine.is_descendant(target, source);
        // Beside the source a bare name reads best, below it the dotted form says what is meant.
        let (first, second): (Vec<_>, Vec<_>) =
            if inside { (below.collect(), relative.collect()) } else { (relative.collect(), below.collect()) };
        let mut candidates = first.into_iter().chain(second).chain(self.anchored(&paths));
        candidates.find(|text| self.find(source, text) == Some(target)).unwrap_or_else(|| self.whole(target))
    }

    /// `target` as the `initial` of `parent` names it.
    pub(in crate::backend) fn initial(&self, parent: StateId, target: StateId) -> String {
        let paths = self.paths(target);
        let relative = paths.iter().flat_map(|(_, path)| [path.clone(), format!(".{path}")]);
        let relative: Vec<_> = relative.collect();
        let mut candidates = relative.into_iter().chain(self.anchored(&paths));
        candidates.find(|text| self.find_initial(parent, text) == Some(target)).unwrap_or_else(|| self.whole(target))
    }

    /// The target and its ancestors, each with the path from it to the target, itself included; the root aside.
    fn paths(&self, target: StateId) -> Vec<(StateId, String)> {
        let mut paths: Vec<(StateId, String)> = Vec::new();
        for state in self.machine.chain(target) {
            let name = &self.machine.states[state].name.value;
            let path = match paths.last() {
                Some((_, path)) => format!("{name}.{path}"),
                None => name.clone(),
            };
            paths.push((state, path));
        }
        paths
    }

    /// `#id`, `#name`, then the same of the ancestors.
    fn anchored(&self, paths: &[(StateId, String)]) -> Vec<String> {
        let mut texts = Vec::new();
        for (state, path) in paths {
            let state = &self.machine.states[*state];
            if let Some(id) = &state.id {
                let rest = &path[state.name.value.len()..];
                texts.push(format!("#{}{rest}", id.value));
            }
            texts.push(format!("#{path}"));
        }
        texts
    }

    /// The spelling of last resort: no machine that came from a spec needs it.
    fn whole(&self, target: StateId) -> String {
        self.paths(target).pop().map_or_else(String::new, |(_, path)| format!("#{path}"))
    }

    fn find(&self, source: StateId, text: &str) -> Option<StateId> {
        if let Some(path) = text.strip_prefix('.') {
            self.descend(source, path)
        } else if let Some(anchor) = text.strip_prefix('#') {
            self.find_anchor(anchor)
        } else {
            self.find_relative(source, text)
        }
    }

    fn find_initial(&self, parent: StateId, text: &str) -> Option<StateId> {
        match text.strip_prefix('#') {
            Some(anchor) => self.find_anchor(anchor),
            None => self.descend(parent, text.strip_prefix('.').unwrap_or(text)),
        }
    }

    fn find_relative(&self, source: StateId, text: &str) -> Option<StateId> {
        let (head, path) = text.split_once('.').unwrap_or((text, ""));
        let own = (source == StateId::ROOT).then_some(StateId::ROOT);
        for scope in own.into_iter().chain(self.machine.chain(source).skip(1)) {
            if let Some(found) = self.children.get(&(scope, text)) {
                return Some(*found);
            }
            if let Some(found) = self.children.get(&(scope, head)) {
                return self.descend(*found, path);
            }
        }
        None
    }

    fn find_anchor(&self, anchor: &str) -> Option<StateId> {
        let (head, path) = anchor.split_once('.').map_or((anchor, None), |(head, path)| (head, Some(path)));
        for (name, path) in [(anchor, None), (head, path)] {
            let found = match self.ids.get(name).copied().map(Some).or_else(|| self.named.get(name).copied()) {
                None => continue,
                Some(found) => found?,
            };
            return path.map_or(Some(found), |path| self.descend(found, path));
        }
        None
    }

    fn descend(&self, from: StateId, path: &str) -> Option<StateId> {
        let (mut at, mut rest) = (from, path);
        loop {
            if let Some(found) = self.children.get(&(at, rest)) {
                return Some(*found);
            }
            let (name, deeper) = rest.split_once('.')?;
            at = *self.children.get(&(at, name))?;
            rest = deeper;
        }
    }
}
