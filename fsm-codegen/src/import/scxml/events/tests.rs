//! Keys against descriptors: for every event the spec tries the same transitions in the same order as SCXML does.

use super::*;
use crate::import::scxml::model::{Descriptor, State};
use crate::source::Span;

const EVENTS: &[&str] = &["a", "a.b", "a.b.c", "a.bc", "ab", "b", "d.e"];

/// A document of one state whose transitions have these descriptors.
fn document(transitions: &[Vec<&str>]) -> Document {
    let descriptor = |prefix: &&str| Descriptor { prefix: (*prefix).to_owned(), span: Span::default() };
    let transition = |(at, descriptors): (usize, &Vec<&str>)| Transition {
        // The place tells the transitions apart.
        span: Span::new(at, at),
        events: Some(descriptors.iter().map(descriptor).collect()),
        ..Transition::default()
    };
    let transitions = transitions.iter().enumerate().map(transition).collect();
    let state = State { transitions, end: 2, ..State::default() };
    Document { states: vec![State { children: vec![1], end: 2, ..State::default() }, state], ..Document::default() }
}

/// The transitions that SCXML tries for an event, in order.
fn in_scxml(document: &Document, event: &str) -> Vec<u32> {
    matching(document, 1, event).iter().map(|transition| transition.span.lo).collect()
}

/// Those that the spec tries: the exact name, longer patterns before shorter ones, `*`; each once.
fn in_spec(keys: &[Key<'_>], event: &str) -> Vec<u32> {
    let rank = |key: &str| match key.strip_suffix(".*") {
        _ if key == event => Some(usize::MAX),
        Some(prefix) if is_prefix(prefix, event) => Some(prefix.len()),
        _ => (key == "*").then_some(0),
    };
    let mut ranked: Vec<_> = keys.iter().filter_map(|(key, list)| Some((rank(key)?, list))).collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let mut tried = Vec::new();
    for transition in ranked.into_iter().flat_map(|(_, list)| list) {
        if !tried.contains(&transition.span.lo) {
            tried.push(transition.span.lo);
        }
    }
    tried
}

#[test]
fn keys_keep_the_order_of_the_document() {
    let descriptors = ["", "a", "a.b", "a.b.c", "b", "d"];
    let mut lists: Vec<Vec<&str>> = descriptors.iter().map(|one| vec![*one]).collect();
    lists.extend([vec!["b", "a"], vec!["a.b.c", "d"], vec!["a.b", ""]]);
    let extra: Vec<String> = EVENTS.iter().map(|event| (*event).to_owned()).collect();
    for first in &lists {
        for second in &lists {
            for third in &lists {
                let document = document(&[first.clone(), second.clone(), third.clone()]);
                let events = Events::new(&document, &extra, &mut Diagnostics::default());
                let keys = events.keys(&document, 1);
                for event in EVENTS {
                    let (scxml, spec) = (in_scxml(&document, event), in_spec(&keys, event));
                    assert_eq!(scxml, spec, "{first:?} {second:?} {third:?}: {event}");
                }
            }
        }
    }
}

#[test]
fn plain_names_stay_plain() {
    let document = document(&[vec!["a"], vec!["a.b", "b"]]);
    let events = Events::new(&document, &[], &mut Diagnostics::default());
    let keys: Vec<String> = events.keys(&document, 1).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["a.*", "a.b", "b"]);
    assert_eq!(events.known, ["a", "a.b", "b"]);
}
