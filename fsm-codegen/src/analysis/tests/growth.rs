//! The graph grows with what is written, whatever the shape of the machine.

use super::builder::{Builder, name};
use crate::analysis::check;
use crate::analysis::facts::Facts;
use crate::config::Config;
use crate::diag::Diagnostics;
use crate::ir::{Guard, Machine};
use crate::source::Span;

/// `leaves` states side by side below the machine, which handles `inherited` events; each leaf handles `own` of them.
fn broad(leaves: usize, inherited: usize, own: usize) -> Machine {
    let mut builder = Builder::new();
    let events: Vec<_> = (0..inherited).map(|number| builder.event(name(&format!("E{number}")))).collect();
    for number in 0..leaves {
        builder.state(0, name(&format!("S{number}")), false);
    }
    for (number, event) in events.iter().enumerate() {
        builder.on(0, *event, None, Some(1 + number % leaves), Span::new(number, number + 1));
    }
    for leaf in 1..=leaves {
        for turn in 0..own {
            let event = events[(leaf * 7 + turn) % inherited];
            builder.on(leaf, event, None, Some(1 + leaf % leaves), Span::new(leaf, leaf + 1));
        }
    }
    builder.build()
}

fn size(machine: &Machine) -> usize {
    let graph = &Facts::of(machine).flow.graph;
    graph.node_count() + graph.edge_count()
}

#[test]
fn inherited_transitions_are_not_multiplied_by_leaves() {
    for (leaves, inherited, own) in [(50, 50, 0), (1_000, 1_000, 1), (1_000, 1_000, 3), (4_000, 10, 2)] {
        let machine = broad(leaves, inherited, own);
        let written = machine.states.len() + machine.transitions.len();
        // The logarithm is that of the number of leaves.
        assert!(size(&machine) < 14 * written, "{leaves} leaves, {inherited} inherited, {own} own: {}", size(&machine));
    }
}

#[test]
fn a_deep_machine_is_read_in_a_loop() {
    let mut builder = Builder::new();
    let event = builder.event(name("E"));
    for depth in 0..20_000 {
        let state = builder.state(depth, name("S"), false);
        builder.on(state, event, None, Some(1), Span::new(depth, depth + 1));
    }
    let machine = builder.build();
    let facts = Facts::of(&machine);
    assert!(machine.states.ids().all(|state| facts.reachable[state]));
}

#[test]
fn every_one_of_fifty_thousand_dead_transitions_is_counted() {
    let mut builder = Builder::new();
    let event = builder.event(name("E"));
    let state = builder.state(0, name("A"), false);
    let guard = builder.guard(name("g"));
    let guards = [guard.clone(), Guard::Not(Box::new(guard))];
    for number in 0..50_000 {
        builder.on(state, event, Some(guards[number % 2].clone()), Some(state), Span::new(number, number + 1));
    }
    let mut diagnostics = Diagnostics::default();
    check(&builder.build(), &Config::default(), &mut diagnostics);
    assert_eq!(diagnostics.iter().len() + diagnostics.dropped(), 49_998);
}
