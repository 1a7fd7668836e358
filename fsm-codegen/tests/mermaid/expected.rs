//! What a diagram must say, made from the machine without a look at the back-end's plan: the `expected.json` of
//! `tests/mermaid/verify.mjs`.
//!
//! The rule for arrows comes from the machine's own domain of a transition: what stays active is not left.

use fsm_codegen::ir::{History, Machine, StateId, StateKind, Transition};
use fsm_codegen::labels;
use serde_json::{Value, json};

pub(crate) fn expected(machine: &Machine) -> Value {
    let mut graph = Graph { machine, boxes: Vec::new(), states: Vec::new(), notes: Vec::new(), arrows: Vec::new() };
    graph.notes.extend(machine.description.as_ref().map(|text| json!({ "path": null, "text": text })));
    for state in machine.states.ids() {
        graph.state(state);
    }
    let title = shown_in_title(&machine.name.value);
    let frame = graph.is_parallel(StateId::ROOT).then(|| labels::one_line(&machine.name.value));
    json!({ "title": title, "frame": frame, "states": graph.states, "boxes": graph.boxes, "notes": graph.notes, "arrows": graph.arrows })
}

/// A title cannot hold HTML's own characters; look-alikes stand for them.
fn shown_in_title(name: &str) -> String {
    labels::one_line(name).replace('<', "‹").replace('>', "›").replace('&', "＆")
}

struct Graph<'a> {
    machine: &'a Machine,
    states: Vec<Value>,
    boxes: Vec<Value>,
    notes: Vec<Value>,
    arrows: Vec<Value>,
}

impl Graph<'_> {
    fn state(&mut self, id: StateId) {
        let machine = self.machine;
        let state = &machine.states[id];
        let mut lines = Vec::new();
        if !state.tags.is_empty() {
            lines.push(state.tags.iter().map(|tag| format!("«{}»", tag.value)).collect::<Vec<_>>().join(" "));
        }
        match (&state.description, state.parent) {
            (None, _) | (_, None) => {}
            (Some(text), Some(StateId::ROOT)) if !self.is_parallel(StateId::ROOT) => {
                self.notes.push(json!({ "path": self.path(id), "text": text }));
            }
            (Some(text), Some(_)) => lines.extend(text.lines().map(str::to_owned)),
        }
        lines.extend(labels::behaviour(machine, id).iter().map(ToString::to_string));
        let mut has_inner = false;
        for transition in &state.transitions {
            let transition = &machine.transitions[*transition];
            match self.arrow(transition) {
                Some(arrow) => {
                    has_inner |= arrow["from"].get("box").is_some();
                    self.push(arrow);
                }
                None => lines.push(self.internal(transition)),
            }
        }
        if id != StateId::ROOT {
            let own = if state.is_leaf() { std::mem::take(&mut lines) } else { Vec::new() };
            self.states.push(json!({ "path": self.path(id), "lines": own }));
        }
        if has_inner {
            let title = format!("in {}", labels::one_line(&state.name.value));
            self.boxes.push(json!({ "path": self.path(id), "title": title, "lines": lines }));
        } else if !lines.is_empty() {
            self.boxes.push(json!({ "path": self.path(id), "title": "", "lines": [lines.join(" ")] }));
        }
        self.markers(id);
    }

    /// All transitions of a state to itself share one loop.
    fn push(&mut self, arrow: Value) {
        let is_loop = |known: &&mut Value| known["from"] == arrow["from"] && known["to"] == arrow["from"];
        let known = self.arrows.iter_mut().find(is_loop).filter(|known| known["to"] == arrow["to"]);
        match known {
            Some(known) => known["label"] = format!("{}{}", text(&known["label"]), text(&arrow["label"])).into(),
            None => self.arrows.push(arrow),
        }
    }

    fn markers(&mut self, id: StateId) {
        let state = &self.machine.states[id];
        if let StateKind::Compound(initial) = &state.kind {
            let label = labels::initial(self.machine, initial).to_string();
            let (from, to) = (json!({ "start": self.path(id) }), self.ends(&initial.targets));
            self.arrows.push(json!({ "from": from, "to": to, "label": label }));
        }
        if let StateKind::History(History { default: Some(default), .. }) = &state.kind {
            let label = labels::initial(self.machine, default).to_string();
            for target in &default.targets {
                let (from, to) = (json!({ "state": self.path(id) }), json!({ "state": self.path(*target) }));
                self.arrows.push(json!({ "from": from, "to": to, "label": label }));
            }
        }
        if let (StateKind::Final, Some(parent)) = (&state.kind, state.parent) {
            let (from, to) = (json!({ "state": self.path(id) }), json!({ "end": self.path(parent) }));
            self.arrows.push(json!({ "from": from, "to": to, "label": "" }));
        }
    }

    /// `None` where the transition changes no state.
    fn arrow(&self, transition: &Transition) -> Option<Value> {
        let machine = self.machine;
        let source = transition.source;
        let targets = transition.targets.as_slice();
        let inside = targets.iter().all(|target| *target == source || machine.is_descendant(*target, source));
        let stays = source == StateId::ROOT || inside && !transition.reenter;
        let around = targets == [StateId::ROOT] || (targets == [source] && stays);
        let targets = match &machine.states[*targets.first()?].kind {
            StateKind::Compound(initial) if around => &initial.targets,
            StateKind::Parallel if around => &machine.states[targets[0]].children,
            _ if around => return None,
            _ => &transition.targets,
        };
        let to = self.ends(targets);
        let from = if stays { json!({ "box": self.path(source) }) } else { json!({ "state": self.path(source) }) };
        let label = labels::transition(machine, transition).to_string();
        Some(json!({ "from": from, "to": to, "label": label }))
    }

    /// One state, or a bar that leads to several.
    fn ends(&self, targets: &[StateId]) -> Value {
        match targets {
            [only] => json!({ "state": self.path(*only) }),
            _ => json!({ "fork": targets.iter().map(|target| self.path(*target)).collect::<Vec<_>>() }),
        }
    }

    fn is_parallel(&self, state: StateId) -> bool {
        self.machine.states[state].kind == StateKind::Parallel
    }

    fn internal(&self, transition: &Transition) -> String {
        let label = labels::transition(self.machine, transition).to_string();
        if transition.actions.is_empty() { format!("{label} / {{}}") } else { label }
    }

    /// The names from below the machine down to the state.
    fn path(&self, state: StateId) -> Vec<String> {
        let machine = self.machine;
        let mut names: Vec<_> =
            machine.chain(state).filter(|at| *at != StateId::ROOT).map(|at| labels::name(machine, at)).collect();
        names.reverse();
        names
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
