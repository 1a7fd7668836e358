//! A chart as a spec in YAML.
//!
//! Every state has a name of its own and is a target by `#name`. What the language refuses is left out here: a target
//! that contradicts another, a payload or data where there are none, `onDone` of a state without children.

mod phrase;

use crate::chart::{Chart, Doing, Edge, History, Initial, Key, Kind, Node, Value};

/// The events, those with a payload `k` first.
pub(crate) const EVENTS: [&str; 5] = ["a", "a.b", "c", "d", "e.f"];
/// How many of them carry it.
pub(crate) const WITH_PAYLOAD: u8 = 2;
/// How many of them expect an answer.
const ANSWERED: u8 = 3;

/// The spec of a chart.
pub(crate) fn spec(chart: &Chart) -> String {
    let mut printer = Printer { states: Vec::new(), calls: 0, text: String::new(), fails: chart.fails };
    let root = printer.add(None, chart.parallel, &chart.root);
    for node in &chart.states {
        printer.collect(root, node);
    }
    printer.head(chart);
    printer.doing(root, &chart.root, 0);
    printer.children(root, &chart.states, None, 0);
    // Only what is sent under a name can be cancelled.
    let unsent = (0..2).filter(|id| !printer.text.contains(&format!(", id: x{id} }}")));
    unsent.fold(printer.text.clone(), |text, id| text.replace(&format!("{{ cancel: x{id} }}"), "{ log: nothing }"))
}

/// What is known of a state before it is printed.
struct Known {
    name: String,
    parent: Option<usize>,
    parallel: bool,
    history: bool,
    data: bool,
    children: Vec<usize>,
    /// One past the last descendant.
    end: usize,
    /// Final children, and whether each has an output.
    finals: Vec<bool>,
}

/// What can be seen where something stands.
#[derive(Clone, Copy)]
struct Scope {
    /// The state to which it belongs.
    state: usize,
    /// `event.k`, `event.output` or nothing.
    event: Option<&'static str>,
    /// Whether there is an event that expects an answer.
    answers: bool,
}

impl Scope {
    /// Where no event is.
    const fn of(state: usize) -> Self {
        Self { state, event: None, answers: false }
    }
}

struct Printer {
    states: Vec<Known>,
    calls: usize,
    text: String,
    fails: bool,
}

impl Printer {
    fn add(&mut self, parent: Option<usize>, parallel: bool, doing: &Doing) -> usize {
        let id = self.states.len();
        // Some names have dots.
        let name = match (parent, id % 7) {
            (None, _) => "M".to_owned(),
            (_, 3) => format!("s{id}.x"),
            _ => format!("s{id}"),
        };
        self.states.push(Known {
            name,
            parent,
            parallel,
            history: false,
            data: doing.data && parent.is_some(),
            children: Vec::new(),
            end: id + 1,
            finals: Vec::new(),
        });
        if let Some(parent) = parent {
            self.states[parent].children.push(id);
        }
        id
    }

    fn collect(&mut self, parent: usize, node: &Node) {
        let id = self.add(Some(parent), matches!(node.kind, Kind::Parallel(_)), &node.doing);
        match &node.kind {
            Kind::Final(output) if !self.states[parent].parallel => {
                // A final state has no use for data.
                self.states[id].data = false;
                self.states[parent].finals.push(output.is_some());
            }
            Kind::Compound(children) | Kind::Parallel(children) => {
                for child in children {
                    self.collect(id, child);
                }
                if node.doing.history.is_some() {
                    let history = self.add(None, false, &Doing::default());
                    let known = &mut self.states[history];
                    (known.name, known.parent, known.history) = (format!("h{history}"), Some(id), true);
                }
            }
            _ => {}
        }
        self.states[id].end = self.states.len();
        let end = self.states.len();
        self.states[0].end = end;
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', depth * 2));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn head(&mut self, chart: &Chart) {
        self.line(0, "machine: M");
        if chart.sync {
            self.line(0, "mode: sync");
        }
        if chart.fails {
            self.line(0, "error: driver::tape::Failure");
        }
        match chart.unhandled {
            5 => self.line(0, "unhandled: error"),
            6 => self.line(0, "unhandled: ignore"),
            7 => self.line(0, "unhandled: defer"),
            _ => {}
        }
        if chart.short {
            self.line(0, "queue: 2");
            self.line(0, "defer_capacity: 1");
        }
        self.line(0, "context: { n: u8, p: 'u8 = 3', fuel: 'u8 = 40' }");
        self.line(
            0,
            "events: { a: { k: u8, reply: u8 }, a.b: { k: u8, reply: u8 }, c: { reply: u8 }, d: {}, e.f: {} }",
        );
        self.line(0, "emits: { Full: { n: u8 }, Empty: {} }");
        if chart.parallel {
            self.line(0, "type: parallel");
        }
    }

    fn children(&mut self, parent: usize, nodes: &[Node], history: Option<&History>, depth: usize) {
        self.line(depth, "states:");
        let ids = self.states[parent].children.clone();
        for (id, node) in ids.into_iter().zip(nodes) {
            self.node(id, node, depth + 1);
        }
        if let Some(history) = history {
            self.history(parent, history, depth + 1);
        }
    }

    /// A history state is the last child.
    fn history(&mut self, parent: usize, history: &History, depth: usize) {
        let id = self.states[parent].end - 1;
        let depth_of = if history.deep { "deep" } else { "shallow" };
        let mut line = format!("{}: {{ type: history, history: {depth_of}", self.states[id].name);
        if let Some(default) = &history.default {
            line += &format!(", {}", self.initial(parent, default));
        }
        self.line(depth, &(line + " }"));
    }

    fn node(&mut self, id: usize, node: &Node, depth: usize) {
        let head = format!("{}:", self.states[id].name);
        self.line(depth, &head);
        let parent = self.states[id].parent.unwrap_or_default();
        let before = self.text.len();
        match &node.kind {
            Kind::Final(output) if !self.states[parent].parallel => {
                self.line(depth + 1, "type: final");
                let scope = Scope::of(id);
                self.block("entry", &node.doing.entry, scope, depth + 1);
                self.block("exit", &node.doing.exit, scope, depth + 1);
                if let Some(output) = *output {
                    // Alone, a constant is an `i64`.
                    let line = match output {
                        Value::Constant(constant) => format!("output: {constant}u8"),
                        _ => format!("output: {}", self.value(output, scope)),
                    };
                    self.line(depth + 1, &line);
                }
            }
            Kind::Compound(children) | Kind::Parallel(children) => {
                if self.states[id].parallel {
                    self.line(depth + 1, "type: parallel");
                }
                self.doing(id, &node.doing, depth + 1);
                self.children(id, children, node.doing.history.as_ref(), depth + 1);
            }
            _ => self.doing(id, &node.doing, depth + 1),
        }
        if self.text.len() == before {
            self.text.truncate(before - 1);
            self.text.push_str(" {}\n");
        }
    }

    /// The entries of an initial transition of `parent`, or of the default of its history state.
    fn initial(&mut self, parent: usize, initial: &Initial) -> String {
        let (target, scope) = (self.descendant(parent, initial.target), Scope::of(parent));
        let mut entries = format!("target: '#{}'", self.states[target].name);
        if !initial.actions.is_empty() {
            entries += &format!(", actions: {}", self.actions(&initial.actions, scope));
        }
        if let Some(value) = initial.supply.filter(|_| self.states[target].data) {
            entries += &format!(", data: {{ d{target}: {} }}", self.value(value, scope));
        }
        entries
    }

    /// A descendant that is no history state.
    fn descendant(&self, parent: usize, index: u8) -> usize {
        let all: Vec<usize> = (parent + 1..self.states[parent].end).filter(|id| !self.states[*id].history).collect();
        all[usize::from(index) % all.len()]
    }

    fn doing(&mut self, id: usize, doing: &Doing, depth: usize) {
        let scope = Scope::of(id);
        let inner = !self.states[id].children.is_empty();
        if self.states[id].data {
            let line = format!("data: {{ d{id}: 'u8 = {id}' }}");
            self.line(depth, &line);
        }
        if inner && !self.states[id].parallel {
            let line = format!("initial: {{ {} }}", self.initial(id, &doing.initial));
            self.line(depth, &line);
        }
        self.block("entry", &doing.entry, scope, depth);
        self.block("exit", &doing.exit, scope, depth);
        self.handlers(id, &doing.on, depth);
        if !doing.always.is_empty() {
            let edges: Vec<String> = doing.always.iter().map(|edge| self.eventless(edge, scope)).collect();
            let line = format!("always: [{}]", edges.join(", "));
            self.line(depth, &line);
        }
        self.timers(id, doing, depth);
        if inner && id != 0 && !doing.done.is_empty() {
            let finals = &self.states[id].finals;
            let output = !finals.is_empty() && finals.iter().all(|output| *output) && !self.states[id].parallel;
            let scope = Scope { event: output.then_some("event.output"), ..Scope::of(id) };
            let line = format!("onDone: {}", self.edges(&doing.done, scope));
            self.line(depth, &line);
        }
        match doing.defer {
            Some(Key::Event(event)) => self.line(depth, &format!("defer: {}", EVENTS[usize::from(event)])),
            Some(Key::Prefix) => self.line(depth, "defer: a.*"),
            Some(Key::Star) => self.line(depth, "defer: '*'"),
            _ => {}
        }
    }

    fn timers(&mut self, id: usize, doing: &Doing, depth: usize) {
        let scope = Scope::of(id);
        let mut after = doing.after.clone();
        after.dedup_by_key(|(delay, _)| *delay);
        if !after.is_empty() {
            let entries: Vec<String> =
                after.iter().map(|(delay, edge)| format!("{delay}ms: {}", self.edge(edge, scope))).collect();
            let line = format!("after: {{ {} }}", entries.join(", "));
            self.line(depth, &line);
        }
        if let Some((delay, edge)) = &doing.every {
            let line = format!("every: {{ {delay}ms: {} }}", self.edge(edge, scope));
            self.line(depth, &line);
        }
        if let Some((done, failed)) = &doing.invoke {
            let mut line = format!("invoke: {{ src: 'task{id} -> u8', id: i{id}");
            if !done.is_empty() {
                line += &format!(", onDone: {}", self.edges(done, Scope { event: Some("event.output"), ..scope }));
            }
            if self.fails && !failed.is_empty() {
                line += &format!(", onError: {}", self.edges(failed, scope));
            }
            self.line(depth, &(line + " }"));
        }
    }

    fn handlers(&mut self, id: usize, on: &[(Key, Edge)], depth: usize) {
        let mut keys: Vec<Key> = Vec::new();
        for (key, _) in on {
            if !keys.contains(key) {
                keys.push(*key);
            }
        }
        if keys.is_empty() {
            return;
        }
        self.line(depth, "on:");
        for key in keys {
            let scope = Scope::of(id);
            let (name, scope) = match key {
                Key::Event(event) => {
                    let payload = (event < WITH_PAYLOAD).then_some("event.k");
                    (EVENTS[usize::from(event)], Scope { event: payload, answers: event < ANSWERED, ..scope })
                }
                // What an answer answers must be one event.
                Key::Prefix => ("a.*", Scope { event: Some("event.k"), ..scope }),
                Key::Star => ("'*'", scope),
                Key::Error => ("error", scope),
            };
            let edges: Vec<Edge> = on.iter().filter(|(own, _)| *own == key).map(|(_, edge)| edge.clone()).collect();
            let line = format!("{name}: {}", self.edges(&edges, scope));
            self.line(depth + 1, &line);
        }
    }

    fn edges(&mut self, edges: &[Edge], scope: Scope) -> String {
        let edges: Vec<String> = edges.iter().map(|edge| self.edge(edge, scope)).collect();
        format!("[{}]", edges.join(", "))
    }

    fn edge(&mut self, edge: &Edge, scope: Scope) -> String {
        let guard = edge.guard.as_ref().map(|guard| self.guard(guard, scope));
        self.edge_with(edge, guard, None, scope)
    }

    /// An eventless transition takes fuel, so that most machines come to rest.
    fn eventless(&mut self, edge: &Edge, scope: Scope) -> String {
        let fuel = "context.fuel > 0".to_owned();
        let guard = match &edge.guard {
            Some(guard) => format!("{{ and: [{fuel}, {}] }}", self.guard(guard, scope)),
            None => fuel,
        };
        self.edge_with(edge, Some(guard), Some("{ assign: { fuel: context.fuel - 1 } }"), scope)
    }

    fn edge_with(&mut self, edge: &Edge, guard: Option<String>, first: Option<&str>, scope: Scope) -> String {
        let targets = self.targets(&edge.targets);
        let mut entries = Vec::new();
        entries.extend(guard.map(|guard| format!("guard: {guard}")));
        let names: Vec<String> = targets.iter().map(|target| format!("'#{}'", self.states[*target].name)).collect();
        match &names[..] {
            [] => {}
            [one] => entries.push(format!("target: {one}")),
            _ => entries.push(format!("target: [{}]", names.join(", "))),
        }
        if edge.reenter && !targets.is_empty() {
            entries.push("reenter: true".to_owned());
        }
        let mut actions: Vec<String> = first.map(str::to_owned).into_iter().collect();
        actions.extend(edge.actions.iter().map(|act| self.act(act, scope)));
        if !actions.is_empty() {
            entries.push(format!("actions: [{}]", actions.join(", ")));
        }
        if let (Some(value), [target]) = (edge.supply, &targets[..])
            && self.states[*target].data
            && !(*target..self.states[*target].end).contains(&scope.state)
        {
            entries.push(format!("data: {{ d{target}: {} }}", self.value(value, scope)));
        }
        if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
    }

    /// The first target, and those of the others that can be active together with all before.
    fn targets(&self, indices: &[u8]) -> Vec<usize> {
        let mut targets: Vec<usize> = Vec::new();
        for index in indices {
            let target = usize::from(*index) % self.states.len();
            let fits = targets.iter().all(|other| {
                !self.states[*other].history && !self.states[target].history && self.are_apart(*other, target)
            });
            if fits {
                targets.push(target);
            }
        }
        targets
    }

    /// Whether two states lie in different regions of a parallel state.
    fn are_apart(&self, one: usize, other: usize) -> bool {
        let chain = |state: usize| std::iter::successors(Some(state), |at| self.states[*at].parent);
        let common = chain(one).find(|at| chain(other).any(|it| it == *at));
        common.is_some_and(|at| self.states[at].parallel && at != one && at != other)
    }
}
