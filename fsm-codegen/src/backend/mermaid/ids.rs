//! The ids under which a diagram names its states.
//!
//! Mermaid takes only some words for ids, loses or mangles others without a word, and makes ids of its own from them.
//! So states get readable ids of `[A-Za-z0-9_]`: `s_` and the path below the machine; the machine itself is `root`. Invariants: they are distinct,
//! none is a keyword (`s_`), none is the id that Mermaid gives to a start or end marker, and a double underscore
//! stands only before what is no state of the machine or what tells equal paths apart.

use std::collections::{HashMap, HashSet};

use crate::ir::{Id, IndexVec, Machine, StateId};

/// The longest path in an id; longer ones lose their beginning.
const LONGEST: usize = 64;

/// The id of each state, the root included.
pub(super) fn assign(machine: &Machine) -> IndexVec<StateId, String> {
    let mut ids: IndexVec<StateId, String> = IndexVec::default();
    let mut names = Names::default();
    ids.push("root".to_owned());
    for (at, state) in machine.states.enumerated().skip(1) {
        let own = words(&state.name.value);
        let path = match state.parent {
            Some(parent) if parent != StateId::ROOT => shortened(&format!("{}_{own}", &ids[parent]["s_".len()..])),
            _ => own,
        };
        let id = names.claim(&format!("s_{path}"));
        debug_assert_eq!(ids.len(), at.index());
        ids.push(id);
    }
    ids
}

/// The letters and digits of a name, one underscore for anything between them.
fn words(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "x".to_owned() } else { shortened(&words.join("_")) }
}

/// The last characters of an ASCII text, from the beginning of a word if one begins there.
fn shortened(path: &str) -> String {
    if path.len() <= LONGEST {
        return path.to_owned();
    }
    let tail = &path[path.len() - LONGEST..];
    let word = tail.find('_').map_or(0, |at| at + 1);
    let tail = if word < LONGEST / 2 { &tail[word..] } else { tail };
    tail.trim_start_matches('_').to_owned()
}

/// The ids that are taken.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    /// How often each id was asked for: equal ones are numbered without trying all numbers again.
    asked: HashMap<String, usize>,
}

impl Names {
    fn claim(&mut self, wanted: &str) -> String {
        let asked = self.asked.entry(wanted.to_owned()).or_default();
        let id = loop {
            *asked += 1;
            let id = if *asked == 1 { wanted.to_owned() } else { format!("{wanted}__{asked}") };
            if !clashes(&self.taken, &id) {
                break id;
            }
        };
        self.taken.insert(id.clone());
        id
    }
}

/// Mermaid calls the markers of the composite `x` `x_start` and `x_end`; neither may be the id of a state.
fn clashes(taken: &HashSet<String>, id: &str) -> bool {
    let marks = ["_start", "_end"];
    taken.contains(id)
        || marks.iter().any(|mark| taken.contains(&format!("{id}{mark}")))
        || marks.iter().any(|mark| id.strip_suffix(mark).is_some_and(|composite| taken.contains(composite)))
}

#[cfg(all(test, feature = "yaml"))]
mod tests;
