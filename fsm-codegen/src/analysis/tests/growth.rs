//! The graph grows with what is written, whatever the shape of the machine.

use super::builder::{Builder, expr, name};
use crate::analysis::check;
use crate::analysis::facts::Facts;
use crate::config::Config;
use crate::diag::{Code, Diagnostics, Level};
use crate::ir::{Field, Guard, Id, Machine, Pattern, StateId, StateKind, Trigger, Type};
use crate::rust::Syntax;
use crate::source::{Notation, Span};

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

/// A parallel state with so many regions of two states; each state leads to the first state of the next region, and the
/// machine leads into each region.
fn many_regions(count: usize) -> Machine {
    let mut builder = Builder::new();
    let events: Vec<_> = (0..count).map(|number| builder.event(name(&format!("E{number}")))).collect();
    let parallel = builder.state(0, name("P"), false);
    let regions: Vec<_> = (0..count)
        .map(|number| {
            let region = builder.state(parallel, name(&format!("R{number}")), false);
            [builder.state(region, name("A"), false), builder.state(region, name("B"), false)]
        })
        .collect();
    for (number, event) in events.iter().enumerate() {
        let next = regions[(number + 1) % count];
        builder.on(0, *event, None, Some(next[1]), Span::new(number, number + 1));
        for state in regions[number] {
            builder.on(state, *event, None, Some(next[0]), Span::new(number, number + 1));
        }
    }
    let mut machine = builder.build();
    machine.states[StateId::new(parallel)].kind = StateKind::Parallel;
    machine
}

#[test]
fn regions_are_not_multiplied_by_the_transitions_between_them() {
    for count in [50, 1_000, 4_000] {
        let machine = many_regions(count);
        let written = machine.states.len() + machine.transitions.len();
        assert!(size(&machine) < 24 * written, "{count} regions: {} for {written}", size(&machine));
    }
}

#[test]
fn patterns_are_not_multiplied_by_events_without_bound() {
    let mut builder = Builder::new();
    for number in 0..2_000 {
        builder.event(name(&format!("E{number}")));
    }
    let states: Vec<_> = (0..2_000).map(|number| builder.state(0, name(&format!("S{number}")), false)).collect();
    let event = builder.event(name("E0"));
    for state in &states {
        builder.on(*state, event, None, Some(states[state % 2_000]), Span::new(*state, *state + 1));
    }
    let mut machine = builder.build();
    let events = machine.events.ids().collect();
    let pattern = machine.patterns.push(Pattern { name: name("*"), events });
    machine.transitions.ids().for_each(|id| machine.transitions[id].trigger = Trigger::Pattern(pattern));
    let written = machine.states.len() + machine.transitions.len();
    assert!(size(&machine) < 14 * written, "{} for {written}", size(&machine));
    let mut diagnostics = Diagnostics::default();
    check(&machine, Notation::Yaml, &Config::default(), &mut diagnostics);
    assert_eq!(diagnostics.iter().len(), 0, "every state leads to every other in the end");
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
    check(&builder.build(), Notation::Yaml, &Config::default(), &mut diagnostics);
    assert_eq!(diagnostics.iter().len() + diagnostics.dropped(), 49_998);
}

#[test]
fn ten_thousand_comparisons_in_one_group_are_judged_in_time() {
    let mut builder = Builder::new();
    let event = builder.event(name("E"));
    let state = builder.state(0, name("A"), false);
    for number in 0..10_000 {
        let text = match number % 3 {
            0 => format!("context.n == {}", number % 500),
            1 => format!("context.n > {} && context.a.x", number % 430),
            _ => format!("!(context.n < {}) || context.a.y", number % 470),
        };
        builder.on(state, event, Some(expr(&text)), Some(state), Span::new(number, number + 1));
    }
    let mut machine = builder.build();
    let ty = Type { syntax: Syntax::new(syn::parse_str("u16").expect("a type")), span: Span::default() };
    machine.context.push(Field { name: name("n"), ty, default: None });
    let config = Config { lints: vec![(Code::OverlappingGuards, Level::Warn)], ..Config::default() };
    let mut diagnostics = Diagnostics::default();
    check(&machine, Notation::Yaml, &config, &mut diagnostics);
    assert!(diagnostics.dropped() > 8_000, "most of them come too late");
}

#[test]
fn twenty_thousand_traps_at_the_end_of_long_ways_are_told_in_time() {
    const COUNT: usize = 20_000;
    let mut builder = Builder::new();
    let (next, fall) = (builder.event(name("Next")), builder.event(name("Fall")));
    for number in 0..COUNT {
        builder.state(0, name(&format!("S{number}")), number == COUNT - 1);
    }
    for number in 0..COUNT {
        let pit = builder.state(0, name(&format!("T{number}")), false);
        if number < COUNT - 1 {
            builder.on(1 + number, next, None, Some(2 + number), Span::new(number, number + 1));
            builder.on(1 + number, fall, None, Some(pit), Span::new(number, number + 1));
        }
    }
    let mut diagnostics = Diagnostics::default();
    check(&builder.build(), Notation::Yaml, &Config::default(), &mut diagnostics);
    let told =
        diagnostics.iter().filter(|found| found.help.as_ref().is_some_and(|help| help.text.contains("Next, Fall")));
    assert!(told.count() > 500, "most of those that are kept are told");
}
