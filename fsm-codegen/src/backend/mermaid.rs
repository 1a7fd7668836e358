//! The machine as a Mermaid state diagram, version 2.
//!
//! ```text
//! ir::Machine ─► plan (where each transition is drawn) ─► this writer ─► text
//!                 ids (names that Mermaid takes)  ─────────┤
//!                 text (wrapping, escaping)       ─────────┘
//! ```
//!
//! Regions are set apart by `--`, each with one state; a history state is a box `[H] Name`.
//!
//! States are visited in document order, with a stack of the composites that are open instead of recursion. Each state
//! is declared once, in its parent; arrows between different composites follow after all of them, at the top.
//! Invariants: Mermaid understands every state and every transition (the project's tests ask it); equal machines give
//! equal text; the time is linear in the size of the machine.

mod arrows;
mod heat;
mod ids;
mod plan;
mod text;

use crate::coverage::Counts;
use crate::ir::{IndexVec, Machine, StateId, StateKind, TransitionId};
use crate::labels;
use heat::Heat;
use plan::{Place, Plan};

/// The text of a `stateDiagram-v2`.
#[must_use]
pub fn emit(machine: &Machine) -> String {
    written(machine, None)
}

/// The same diagram as a heat map: each transition with how often it was taken, the states coloured by how often they were
/// entered.
#[must_use]
pub fn heat_map(machine: &Machine, counts: &Counts) -> String {
    written(machine, Some(Heat::new(machine, counts)))
}

fn written(machine: &Machine, heat: Option<Heat<'_>>) -> String {
    let (ids, plan) = (ids::assign(machine), plan::plan(machine));
    let mut writer = Writer { machine, ids, plan, heat, out: String::new(), depth: 0 };
    writer.diagram();
    writer.out
}

/// Deeper scopes are not indented further, or the indentation would be most of the text.
const DEEPEST_INDENT: usize = 16;

struct Writer<'a> {
    machine: &'a Machine,
    ids: IndexVec<StateId, String>,
    plan: Plan,
    heat: Option<Heat<'a>>,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn diagram(&mut self) {
        self.title();
        self.line("stateDiagram-v2");
        self.depth = 1;
        let is_framed = self.is_parallel(StateId::ROOT);
        if is_framed {
            self.description_of_the_machine();
            // Regions exist only inside of a composite.
            self.open_composite(StateId::ROOT, &self.frame());
        } else {
            self.open_scope(StateId::ROOT);
        }
        let mut open: Vec<StateId> = Vec::new();
        for state in self.machine.subtree(StateId::ROOT).skip(1) {
            while let Some(composite) = open.pop_if(|composite| self.machine.states[*composite].end <= state) {
                self.close(composite);
            }
            if self.is_shown_with_its_parent(state) {
                continue;
            }
            self.separate(state);
            if self.machine.states[state].is_leaf() {
                self.leaf(state);
            } else {
                self.open_composite(state, &self.ids[state].clone());
                open.push(state);
            }
        }
        while let Some(composite) = open.pop() {
            self.close(composite);
        }
        if is_framed {
            self.depth -= 1;
            self.line("}");
        }
        self.arrows(StateId::ROOT);
        self.classes();
    }

    /// The name above the picture.
    fn title(&mut self) {
        let name = labels::one_line(&self.machine.name.value);
        let title = text::title(&self.heat.as_ref().map_or(name.clone(), |heat| format!("{name}: {}", heat.title())));
        self.line("---");
        self.line(&format!("title: \"{title}\""));
        self.line("---");
    }

    fn open_composite(&mut self, state: StateId, id: &str) {
        self.line(&format!("state \"{}\" as {id} {{", self.name(state)));
        self.depth += 1;
        self.open_scope(state);
    }

    fn is_parallel(&self, state: StateId) -> bool {
        self.machine.states[state].kind == StateKind::Parallel
    }

    /// Whether a state is no region and stands with the box of its parallel state.
    fn is_shown_with_its_parent(&self, state: StateId) -> bool {
        let state = &self.machine.states[state];
        matches!(state.kind, StateKind::History(_)) && state.parent.is_some_and(|parent| self.is_parallel(parent))
    }

    /// Sets a region apart from what stands before it.
    fn separate(&mut self, state: StateId) {
        let Some(parent) = self.machine.states[state].parent.filter(|parent| self.is_parallel(*parent)) else { return };
        let is_first = self.machine.states[parent].children.first() == Some(&state);
        if !is_first || self.has_own_section(parent) {
            self.line("--");
        }
    }

    /// Whether something stands in a parallel state before its regions.
    fn has_own_section(&self, parallel: StateId) -> bool {
        let scope = &self.plan.scopes[parallel];
        let has_histories = !self.machine.states[parallel].histories.is_empty();
        scope.has_inner || has_histories || !scope.junctions.is_empty() || !self.box_lines(parallel).is_empty()
    }

    /// A state without children.
    fn leaf(&mut self, state: StateId) {
        self.line(&format!("state \"{}\" as {}", self.name(state), self.ids[state]));
        for line in self.box_lines(state) {
            self.line(&format!("{} : {line}", self.ids[state]));
        }
        self.note(state);
    }

    /// What comes first in a composite or at the top: the initial marker, the box, the junctions.
    fn open_scope(&mut self, scope: StateId) {
        if let StateKind::Compound(initial) = &self.machine.states[scope].kind {
            // Before the children: Mermaid gives a target deeper down to the composite that mentions it last.
            let label = text::label_lines(&labels::initial(self.machine, initial));
            if let [only] = initial.targets.as_slice() {
                self.arrow("[*]", &self.ids[*only].clone(), &label);
            } else {
                let bar = self.bar(scope);
                self.line(&format!("state {bar} <<fork>>"));
                self.arrow("[*]", &bar, &label);
            }
        }
        if scope == StateId::ROOT && !self.is_parallel(scope) {
            self.description_of_the_machine();
        }
        self.inner_box(scope);
        if self.is_parallel(scope) {
            let histories = self.machine.states[scope].histories.clone();
            for history in histories {
                self.leaf(history);
            }
        }
        for index in 0..self.plan.scopes[scope].junctions.len() {
            let id = self.plan.scopes[scope].junctions[index];
            let shape = if matches!(self.plan.places[id], Place::Fork { .. }) { "fork" } else { "choice" };
            let junction = self.junction(id);
            self.line(&format!("state {junction} <<{shape}>>"));
        }
    }

    /// The end of a composite.
    fn close(&mut self, composite: StateId) {
        self.arrows(composite);
        self.depth -= 1;
        self.line("}");
        self.note(composite);
    }

    /// The box in a composite that holds its behaviour, where arrows start that do not leave it.
    fn inner_box(&mut self, scope: StateId) {
        let lines = self.box_lines(scope);
        let id = self.inner(scope);
        if self.plan.scopes[scope].has_inner {
            self.line(&format!("state \"in {}\" as {id}", self.name(scope)));
            for line in lines {
                self.line(&format!("{id} : {line}"));
            }
        } else if !lines.is_empty() {
            self.line(&format!("state \"{}\" as {id}", lines.join("<br/>")));
        }
    }

    /// Tags, what the state holds and does by itself, and the transitions that neither leave nor enter anything.
    fn box_lines(&self, state: StateId) -> Vec<String> {
        let mut lines = Vec::new();
        let data = &self.machine.states[state];
        let tags: Vec<_> = data.tags.iter().map(|tag| format!("«{}»", labels::one_line(&tag.value))).collect();
        if !tags.is_empty() {
            lines.push(text::boxed(&tags.join(" ")));
        }
        // A note is drawn outside of all composites, which spoils the layout of those around its state.
        if data.parent.is_some() && !self.has_note(state) {
            lines.extend(text::boxed_paragraphs(data.description.as_deref().unwrap_or_default()));
        }
        lines.extend(labels::behaviour(self.machine, state).iter().map(text::boxed_label));
        lines.extend(self.plan.scopes[state].lines.iter().map(|id| self.internal(*id)));
        lines
    }

    /// `Ping / pong`; a transition that does nothing is shown with an empty block.
    fn internal(&self, id: TransitionId) -> String {
        let mut label = labels::transition(self.machine, &self.machine.transitions[id]);
        if label.actions.is_empty() {
            label.actions.push("{}".to_owned());
        }
        let counted = self.heat.as_ref().map(|heat| format!(" {}", heat.transition(id)));
        text::boxed_label(&label) + &counted.unwrap_or_default()
    }

    /// Whether the state stands at the top, outside of all frames.
    fn has_note(&self, state: StateId) -> bool {
        self.machine.states[state].parent == Some(StateId::ROOT) && !self.is_parallel(StateId::ROOT)
    }

    /// The description of a state at the top.
    fn note(&mut self, state: StateId) {
        let description = self.machine.states[state].description.as_deref().filter(|_| self.has_note(state));
        let lines = text::paragraphs(description.unwrap_or_default());
        if lines.is_empty() {
            return;
        }
        self.line(&format!("note right of {}", self.ids[state]));
        self.depth += 1;
        for line in lines {
            self.line(&text::escape(&line));
        }
        self.depth -= 1;
        self.line("end note");
    }

    /// The machine's own description stands free, as there is no state to which a note could belong.
    fn description_of_the_machine(&mut self) {
        let lines = text::paragraphs(self.machine.description.as_deref().unwrap_or_default());
        if !lines.is_empty() {
            self.line(&format!("state \"{}\" as {}", text::joined(&lines), self.description_id()));
        }
    }

    /// Looks: final states have a thick border, boxes that are no states a dashed one, the description is a note.
    fn classes(&mut self) {
        let mut finals = Vec::new();
        let mut inner = Vec::new();
        for (id, state) in self.machine.states.enumerated() {
            if state.kind == StateKind::Final {
                finals.push(self.ids[id].clone());
            }
            if !state.is_leaf() && (self.plan.scopes[id].has_inner || !self.box_lines(id).is_empty()) {
                inner.push(self.inner(id));
            }
        }
        let described = self.machine.description.iter().any(|text| !text::paragraphs(text).is_empty());
        let description = described.then(|| self.description_id()).into_iter().collect();
        self.class("final", "stroke-width:3px", finals);
        self.class("inner", "fill:transparent,stroke-dasharray:4 3", inner);
        self.class("description", "fill:#fff5ad,stroke:#aaaa33,color:#333", description);
        let Some(heat) = self.heat.take() else { return };
        for (name, style, states) in heat.classes() {
            self.class(name, style, states.into_iter().map(|state| self.ids[state].clone()).collect());
        }
    }

    fn class(&mut self, name: &str, style: &str, members: Vec<String>) {
        if members.is_empty() {
            return;
        }
        self.line(&format!("classDef {name} {style}"));
        for member in members {
            self.line(&format!("class {member} {name}"));
        }
    }

    fn name(&self, state: StateId) -> String {
        text::joined(&text::loose(&labels::name(self.machine, state)))
    }

    /// The frame of a machine that is parallel itself. Mermaid takes the id `root` for the picture.
    fn frame(&self) -> String {
        format!("{}__frame", self.ids[StateId::ROOT])
    }

    /// The bar behind an initial marker.
    fn bar(&self, state: StateId) -> String {
        format!("{}__via0", self.ids[state])
    }

    /// The box in a composite.
    fn inner(&self, state: StateId) -> String {
        format!("{}__in", self.ids[state])
    }

    /// The junction of a transition that crosses the border of a state into it or out of it, or the bar of one with
    /// several targets.
    fn junction(&self, id: TransitionId) -> String {
        let number = match self.plan.places[id] {
            Place::Detour { number, .. } | Place::Fork { number, .. } => number,
            _ => 0,
        };
        format!("{}__via{number}", self.ids[self.machine.transitions[id].source])
    }

    fn description_id(&self) -> String {
        format!("{}__description", self.ids[StateId::ROOT])
    }

    fn line(&mut self, line: &str) {
        for _ in 0..self.depth.min(DEEPEST_INDENT) {
            self.out.push_str("  ");
        }
        self.out.push_str(line);
        self.out.push('\n');
    }
}
