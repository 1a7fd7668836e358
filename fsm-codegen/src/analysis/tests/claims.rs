//! What the analyses say of random statecharts against what [`super::worlds`] finds: less may be said than is true, and
//! never anything else.

use std::collections::BTreeSet;

use super::charts::{chart, described};
use super::random::Random;
use super::worlds::explore;
use crate::analysis::facts::{Facts, Fate};
use crate::analysis::ways::Ways;
use crate::analysis::{check, eventless};
use crate::config::Config;
use crate::diag::Diagnostics;
use crate::ir::{StateId, StateKind, TransitionId};
use crate::source::Notation;

#[test]
fn nothing_that_is_said_of_a_random_statechart_is_wrong() {
    let (mut looked_at, mut said, mut true_of) = (0, [0_usize; 4], [0_usize; 3]);
    for seed in 0..3_000 {
        let machine = chart(&mut Random::new(seed));
        let facts = Facts::of(&machine);
        let mut silent = Diagnostics::default();
        check(&machine, Notation::Yaml, &Config::default(), &mut silent);
        let Some(explored) = explore(&machine) else { continue };
        looked_at += 1;
        let active: BTreeSet<_> = explored.worlds.keys().flat_map(|world| world.active.iter().copied()).collect();
        let unreachable = |state: &StateId| !facts.reachable[*state];
        let wrong = active.iter().copied().find(unreachable);
        assert_eq!(wrong, None, "active all the same, seed {seed}: {}", described(&machine));
        let wrong = explored.selected.iter().find(|id| facts.fate(**id) != Fate::Taken);
        assert_eq!(wrong, None, "selected all the same, seed {seed}: {}", described(&machine));

        let can_end = explored.can_end();
        let endless = eventless::endless(&facts);
        for (world, (_, rests)) in explored.worlds.iter().filter(|(world, (_, rests))| *rests && !world.ended) {
            let trapped = world.active.iter().find(|state| facts.trapped[**state]);
            assert!(
                trapped.is_none() || !can_end.contains(world),
                "no trap, seed {seed}: {trapped:?} {}",
                described(&machine)
            );
            let loops = endless.iter().find(|leaf| world.active.contains(leaf) && *rests);
            assert_eq!(loops, None, "comes to rest, seed {seed}: {}", described(&machine));
        }
        let is_state = |id: &StateId| !matches!(machine.states[*id].kind, StateKind::History(_));
        said[0] += machine.states.ids().filter(is_state).filter(unreachable).count();
        true_of[0] += machine.states.ids().filter(is_state).filter(|state| !active.contains(state)).count();
        let source = |id: &TransitionId| machine.transitions[*id].source;
        let dead =
            machine.transitions.ids().filter(|id| !matches!(facts.fate(*id), Fate::Taken | Fate::SourceUnreachable));
        said[1] += dead.count();
        let never =
            machine.transitions.ids().filter(|id| active.contains(&source(id)) && !explored.selected.contains(id));
        true_of[1] += never.count();
        said[2] += active.iter().filter(|state| facts.trapped[**state]).count();
        let ends = !can_end.is_empty();
        let open: BTreeSet<_> = can_end.iter().flat_map(|world| world.active.iter().copied()).collect();
        true_of[2] += active.iter().filter(|state| ends && !open.contains(state)).count();
        said[3] += endless.len();
    }
    assert!(looked_at > 1_500, "too many worlds in too many charts: {looked_at}");
    let shares: Vec<_> = said.iter().zip(true_of).map(|(said, holds)| format!("{said} of {holds}")).collect();
    assert!(said.iter().all(|count| *count > 10), "too little is said to speak of: {shares:?}, {said:?}");
    assert!(said[0] * 10 > true_of[0] * 6, "most unreachable states are seen: {shares:?}");
    assert!(said[1] * 10 > true_of[1] * 3, "many dead transitions are seen: {shares:?}");
    println!("{looked_at} charts: {shares:?}");
}

#[test]
fn ways_that_depend_on_nothing_are_the_shortest_there_are() {
    let mut lengths = [0_usize; 3];
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let mut machine = chart(&mut random);
        // Most ways depend on something; on less where nothing is raised and few guards are left.
        for state in machine.states.ids() {
            machine.states[state].entry.clear();
            machine.states[state].exit.clear();
        }
        for transition in machine.transitions.ids() {
            machine.transitions[transition].actions.clear();
            if random.chance(80) {
                machine.transitions[transition].guard = None;
            }
        }
        let facts = Facts::of(&machine);
        let ways = Ways::of(&facts);
        let sure: Vec<_> = machine
            .leaves()
            .filter_map(|leaf| Some((leaf, ways.told(leaf).filter(|told| told.2.is_empty())?.0)))
            .filter(|(leaf, _)| facts.reachable[*leaf])
            .collect();
        if sure.is_empty() {
            continue;
        }
        let Some(explored) = explore(&machine) else { continue };
        let found = explored.lengths();
        for (leaf, length) in sure {
            assert_eq!(found.get(&leaf), Some(&length), "to {leaf:?}, seed {seed}: {}", described(&machine));
            lengths[(length as usize).min(2)] += 1;
        }
    }
    assert!(lengths.iter().all(|count| *count > 10), "too few ways of each length: {lengths:?}");
}
