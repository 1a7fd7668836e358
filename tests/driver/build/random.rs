//! Random machines as YAML: states of up to four levels, transitions from anywhere to anywhere, everything that a
//! machine can do with named guards, named actions, and one small counter.
//!
//! What is compiled is the YAML, by the way that every spec takes. The same numbers give the same machines.

use std::fmt::Write as _;

use crate::dice::Dice;

/// How many there are.
const MACHINES: u64 = 60;
/// The root is level 0.
const DEEPEST: usize = 4;
/// How many actions have a name.
const ACTIONS: usize = 16;
/// How many guards have a name.
const GUARDS: usize = 4;

/// The names and the texts of all random machines.
pub(crate) fn specs() -> Vec<(String, String)> {
    (0..MACHINES).map(|number| (format!("random_{number:02}"), Spec::new(number).text())).collect()
}

/// A machine in the making.
struct Spec {
    dice: Dice,
    number: u64,
    events: usize,
    /// In the order of their making; 0 is the machine itself.
    states: Vec<State>,
}

struct State {
    parent: usize,
    level: usize,
    children: Vec<usize>,
}

impl Spec {
    fn new(number: u64) -> Self {
        let mut dice = Dice::new(number);
        // A few are big enough for the forms of code that small machines do not get.
        let (states, events) = if number % 20 == 19 { (30, 40) } else { (4 + dice.below(9), 6) };
        let mut spec = Self { dice, number, events, states: vec![State { parent: 0, level: 0, children: Vec::new() }] };
        for id in 1..=states {
            let parents: Vec<usize> = (0..id).filter(|at| spec.states[*at].level < DEEPEST).collect();
            let parent = *spec.dice.pick(&parents);
            let level = spec.states[parent].level + 1;
            spec.states[parent].children.push(id);
            spec.states.push(State { parent, level, children: Vec::new() });
        }
        spec
    }

    fn text(mut self) -> String {
        let mut text = format!("machine: Random{:02}\ncontext: {{ n: u8 }}\n", self.number);
        if self.number % 8 != 3 {
            text.push_str("mode: sync\n");
        }
        if self.can_fail() {
            text.push_str("error: driver::tape::Failure\n");
        }
        text.push_str("events:\n");
        for event in 0..self.events {
            let payload = if carries(event) { "{ k: u8 }" } else { "{}" };
            let _ = writeln!(text, "  E{event}: {payload}");
        }
        self.state(0, "", &mut text);
        text
    }

    fn can_fail(&self) -> bool {
        !self.number.is_multiple_of(5)
    }

    /// The keys of a state; the levels are few.
    fn state(&mut self, id: usize, indent: &str, text: &mut String) {
        for block in ["entry", "exit"] {
            let actions = self.actions(None);
            let _ = writeln!(text, "{indent}{block}: {actions}");
        }
        let is_leaf = self.states[id].children.is_empty();
        // Only those right below the machine end it.
        let rarity = if self.states[id].level == 1 { 2 } else { 8 };
        if is_leaf && self.dice.once_in(rarity) {
            let _ = writeln!(text, "{indent}type: final");
            return;
        }
        let handled: Vec<usize> = (0..self.events).filter(|_| self.dice.once_in(4)).collect();
        if !handled.is_empty() {
            let _ = writeln!(text, "{indent}on:");
        }
        for event in handled {
            let transitions: Vec<String> = (0..=self.dice.below(3)).map(|_| self.transition(event)).collect();
            let _ = writeln!(text, "{indent}  E{event}: [{}]", transitions.join(", "));
        }
        if !is_leaf {
            let (initial, actions) = (self.initial(id), self.actions(None));
            let _ = writeln!(text, "{indent}initial: {{ target: {initial}, actions: {actions} }}\n{indent}states:");
            for child in self.states[id].children.clone() {
                let _ = writeln!(text, "{indent}  S{child}:");
                self.state(child, &format!("{indent}    "), text);
            }
        }
    }

    /// A descendant as a dotted path.
    fn initial(&mut self, id: usize) -> String {
        let below: Vec<usize> = (1..self.states.len()).filter(|at| self.lies_below(*at, id)).collect();
        let target = *self.dice.pick(&below);
        let mut path = format!("S{target}");
        let mut at = self.states[target].parent;
        while at != id {
            path = format!("S{at}.{path}");
            at = self.states[at].parent;
        }
        path
    }

    fn lies_below(&self, mut state: usize, ancestor: usize) -> bool {
        while state != 0 {
            state = self.states[state].parent;
            if state == ancestor {
                return true;
            }
        }
        false
    }

    fn transition(&mut self, event: usize) -> String {
        let mut keys = vec![format!("actions: {}", self.actions(Some(event)))];
        if !self.dice.once_in(3) {
            keys.push(format!("guard: {}", self.guard(event, 2)));
        }
        if !self.dice.once_in(4) {
            let target = self.dice.below(self.states.len());
            let target = if target == 0 { format!("Random{:02}", self.number) } else { format!("S{target}") };
            keys.push(format!("target: '#{target}', reenter: {}", self.dice.once_in(3)));
        }
        format!("{{ {} }}", keys.join(", "))
    }

    fn guard(&mut self, event: usize, depth: usize) -> String {
        match self.dice.below(if depth == 0 { 6 } else { 9 }) {
            0 => ["true", "false"][self.dice.below(2)].to_owned(),
            1 => "'context.n < 150'".to_owned(),
            // Where `n` is above 155 it cannot be evaluated.
            2 => "'context.n + 100 > 150'".to_owned(),
            3 if carries(event) => "'event.k > 100'".to_owned(),
            4 => format!("{{ in: '#S{}' }}", 1 + self.dice.below(self.states.len() - 1)),
            6 => format!("{{ not: {} }}", self.guard(event, depth - 1)),
            7 => format!("{{ and: [{}, {}] }}", self.guard(event, depth - 1), self.guard(event, depth - 1)),
            8 => format!("{{ or: [{}, {}] }}", self.guard(event, depth - 1), self.guard(event, depth - 1)),
            _ => format!("g{}", self.dice.below(GUARDS)),
        }
    }

    /// A block of up to three actions; few names, so that equal blocks happen.
    fn actions(&mut self, event: Option<usize>) -> String {
        let actions: Vec<String> = (0..self.dice.below(4)).map(|_| self.action(event)).collect();
        format!("[{}]", actions.join(", "))
    }

    fn action(&mut self, event: Option<usize>) -> String {
        match self.dice.below(16) {
            0 => "{ assign: { n: 'context.n + 100' } }".to_owned(),
            1 => "{ assign: { n: '7' } }".to_owned(),
            2 if event.is_some_and(carries) => "{ assign: { n: event.k } }".to_owned(),
            _ => format!("a{}", self.dice.below(ACTIONS)),
        }
    }
}

/// Every third event carries a number.
fn carries(event: usize) -> bool {
    event % 3 == 1
}
