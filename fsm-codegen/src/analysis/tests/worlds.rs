//! What statecharts can really do, by brute force: every configuration with every memory and every queue, over every
//! truth of the guards. What follows upon a world is the `player`'s. Shares no code with the analyses, nor with `ir::walk`.

mod player;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::player::Player;
use crate::ir::{EventId, Machine, StateId, TransitionId};

/// More worlds than this are not looked at.
const MOST_WORLDS: usize = 4_000;

/// A machine at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct World {
    pub(super) active: BTreeSet<StateId>,
    memory: BTreeMap<StateId, Vec<StateId>>,
    queue: Vec<Internal>,
    pub(super) ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Internal {
    Raised(EventId),
    Done(StateId),
}

/// Everything that can happen.
#[derive(Default)]
pub(super) struct Explored {
    pub(super) start: World,
    /// From each world those that can follow, and whether the machine can rest in it.
    pub(super) worlds: BTreeMap<World, (BTreeSet<World>, bool)>,
    /// Transitions that are selected somewhere.
    pub(super) selected: BTreeSet<TransitionId>,
}

/// `None` where there is too much.
pub(super) fn explore(machine: &Machine) -> Option<Explored> {
    let player = Player { machine };
    let mut explored = Explored { start: player.start(), ..Explored::default() };
    let mut waiting = vec![explored.start.clone()];
    while let Some(world) = waiting.pop() {
        if explored.worlds.contains_key(&world) {
            continue;
        }
        if explored.worlds.len() == MOST_WORLDS {
            return None;
        }
        let (next, rests) = player.next(&world, &mut explored.selected);
        waiting.extend(next.iter().cloned());
        explored.worlds.insert(world, (next, rests));
    }
    Some(explored)
}

impl Explored {
    /// For each state how few events make it active.
    pub(super) fn lengths(&self) -> BTreeMap<StateId, u32> {
        let (mut settled, mut lengths) = (BTreeSet::new(), BTreeMap::new());
        let mut waiting = VecDeque::from([(&self.start, 0)]);
        while let Some((world, length)) = waiting.pop_front() {
            if !settled.insert(world) {
                continue;
            }
            for state in &world.active {
                lengths.entry(*state).or_insert(length);
            }
            let (next, rests) = &self.worlds[world];
            for next in next {
                if *rests { waiting.push_back((next, length + 1)) } else { waiting.push_front((next, length)) }
            }
        }
        lengths
    }

    /// Whether the end can follow upon each world.
    pub(super) fn can_end(&self) -> BTreeSet<&World> {
        let mut before: BTreeMap<&World, Vec<&World>> = BTreeMap::new();
        for (world, (next, _)) in &self.worlds {
            for next in next {
                before.entry(next).or_default().push(world);
            }
        }
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&World> = self.worlds.keys().filter(|world| world.ended).collect();
        while let Some(world) = waiting.pop() {
            if found.insert(world) {
                waiting.extend(before.get(world).into_iter().flatten());
            }
        }
        found
    }
}
