//! What is entered with a transition: the tree of states, as values and as entry blocks.
//!
//! Part of the Rust back-end. The tree is known at compile time down to history states, where it goes on as a match on
//! what is remembered. SCXML's `computeEntrySet` (Appendix D), run ahead. From one tree come two pieces of code that
//! agree: the content that the domain gets, and the entry blocks that run when it has got it.

mod entries;
mod value;

use fsm_model::gather::Gather as _;
use std::cell::RefCell;

use proc_macro2::{Ident, Literal};
use quote::format_ident;
use syn::ext::IdentExt as _;

pub(super) use self::entries::enter_state;
use super::place::Place;
use super::scope::Scope;
use fsm_model::ir::{Id, Initial, Machine, StateId, StateKind, Supply};

/// A state that is entered.
pub(super) struct Node<'m> {
    /// The state.
    pub(super) state: StateId,
    /// What of it is entered.
    pub(super) below: Below<'m>,
}

/// What is entered below a state.
pub(super) enum Below<'m> {
    /// It has no children.
    Leaf,
    /// What an initial transition leads to.
    Initial(&'m Initial, Box<Self>),
    /// One child of a compound state.
    Child(Box<Node<'m>>),
    /// All regions.
    Regions(Vec<Node<'m>>),
    /// What the history state remembers, or what it stands for.
    Remembered(Memory<'m>),
}

/// A history state as a target.
pub(super) struct Memory<'m> {
    /// The history state.
    history: StateId,
    /// Its default transition.
    default: Option<&'m Initial>,
    /// Where nothing is remembered.
    otherwise: Box<Below<'m>>,
    /// Of a shallow one: each child of a compound parent.
    children: Vec<Node<'m>>,
    /// Of a shallow one of a parallel parent with a default: its regions by default, for when it was active before.
    regions: Option<Box<Below<'m>>>,
}

/// The trees that are entered, and the data that is supplied on the way.
pub(super) struct Entering<'s, 'a> {
    scope: &'s Scope<'a>,
    /// What the transition supplies, then what initial transitions do.
    supplies: Vec<Given<'a>>,
    /// What lies around it stays.
    domain: StateId,
    /// Whether the domain itself does.
    stays: bool,
    /// States that stay and whose data is read by what is entered.
    read: RefCell<Vec<StateId>>,
    /// The histories that remember something where the value in the making is the one: their defaults give nothing.
    remembering: RefCell<Vec<StateId>>,
}

/// Data for a state that is entered.
struct Given<'a> {
    supply: &'a Supply,
    /// Where it is written.
    place: Place,
    /// Whether an initial transition or the default of a history gives it: what those read is entered as well, or stays.
    from_inside: bool,
    /// The history whose default it is.
    default_of: Option<StateId>,
}

/// The name of a field of a state that is entered, for what is entered below it.
fn local(state: StateId, field: &Ident) -> Ident {
    format_ident!("data{}_{}", state.index(), field.unraw())
}

impl<'s, 'a> Entering<'s, 'a> {
    /// What is entered below `domain` by a transition to `targets`, with the code that does it.
    pub(super) fn new(
        scope: &'s Scope<'a>,
        domain: Option<StateId>,
        targets: &[StateId],
        data: &'a [Supply],
        place: Place,
    ) -> (Self, Below<'a>) {
        let stays = domain.is_some();
        let domain = domain.unwrap_or(StateId::ROOT);
        let supplies = data.iter().map(|supply| Given { supply, place, from_inside: false, default_of: None }).gather();
        let mut entering =
            Self { scope, supplies, stays, domain, read: RefCell::default(), remembering: RefCell::default() };
        let below = match targets {
            // What a history outside of the domain remembers below it.
            [only] if is_history(scope.machine, *only) && !scope.machine.is_descendant(*only, domain) => {
                entering.memory(domain, *only)
            }
            _ => entering.below(domain, targets),
        };
        // The initial transition belongs to entering the state, which stays (5.7).
        (entering, if stays { without_initial(below) } else { below })
    }

    fn node(&mut self, state: StateId, targets: &[StateId]) -> Node<'a> {
        Node { state, below: self.below(state, targets) }
    }

    /// What is entered below `state`, of whose descendants `targets` are wanted.
    fn below(&mut self, state: StateId, targets: &[StateId]) -> Below<'a> {
        let machine: &'a Machine = self.scope.machine;
        let wanted: Vec<StateId> =
            targets.iter().copied().filter(|target| machine.is_descendant(*target, state)).gather();
        if wanted.is_empty() {
            return self.by_default(state);
        }
        let own_history = wanted
            .iter()
            .find(|target| is_history(machine, **target) && machine.states[**target].parent == Some(state));
        if let Some(history) = own_history {
            return self.memory(state, *history);
        }
        let children = &machine.states[state].children;
        if machine.states[state].kind == StateKind::Parallel {
            return Below::Regions(children.iter().map(|region| self.node(*region, &wanted)).gather());
        }
        let holds =
            |child: &&StateId| wanted.iter().any(|target| target == *child || machine.is_descendant(*target, **child));
        match children.iter().find(holds) {
            Some(child) => Below::Child(Box::new(self.node(*child, &wanted))),
            None => Below::Leaf,
        }
    }

    fn by_default(&mut self, state: StateId) -> Below<'a> {
        let machine: &'a Machine = self.scope.machine;
        match &machine.states[state].kind {
            StateKind::Compound(initial) => {
                self.given(&initial.data, state, None);
                Below::Initial(initial, Box::new(self.below(state, &initial.targets)))
            }
            StateKind::Parallel => {
                Below::Regions(machine.states[state].children.iter().map(|region| self.node(*region, &[])).gather())
            }
            StateKind::Atomic | StateKind::Final | StateKind::History(_) => Below::Leaf,
        }
    }

    fn memory(&mut self, state: StateId, history: StateId) -> Below<'a> {
        let machine: &'a Machine = self.scope.machine;
        let StateKind::History(found) = &machine.states[history].kind else { return Below::Leaf };
        let default = found.default.as_ref();
        let otherwise = match default {
            Some(default) => {
                self.given(&default.data, machine.states[history].parent.unwrap_or(StateId::ROOT), Some(history));
                self.below(state, &default.targets)
            }
            None => self.by_default(state),
        };
        let compound = machine.states[state].kind != StateKind::Parallel;
        let children = if !found.deep && compound {
            machine.states[state].children.iter().map(|child| self.node(*child, &[])).gather()
        } else {
            Vec::new()
        };
        let again = !found.deep && !compound && default.is_some();
        let regions = again.then(|| Box::new(self.by_default(state)));
        Below::Remembered(Memory { history, default, otherwise: Box::new(otherwise), children, regions })
    }

    /// Data from an initial transition of `state`, or from the default of one of its histories.
    fn given(&mut self, data: &'a [Supply], state: StateId, default_of: Option<StateId>) {
        let place = Place::of_state(state);
        self.supplies.extend(data.iter().map(|supply| Given { supply, place, from_inside: true, default_of }));
    }

    /// The states that stay and whose data the value reads, under the names of their bindings.
    pub(super) fn read(&self) -> Vec<StateId> {
        self.read.borrow().clone()
    }
}

fn without_initial(below: Below<'_>) -> Below<'_> {
    match below {
        Below::Initial(_, below) => without_initial(*below),
        Below::Remembered(memory) if memory.default.is_none() => {
            let otherwise = Box::new(without_initial(*memory.otherwise));
            Below::Remembered(Memory { otherwise, ..memory })
        }
        below => below,
    }
}

fn is_history(machine: &Machine, state: StateId) -> bool {
    matches!(machine.states[state].kind, StateKind::History(_))
}

/// How a shallow history without data remembers a child: by its place among its siblings.
pub(super) fn number(scope: &Scope<'_>, child: StateId) -> Literal {
    let parent = scope.machine.states[child].parent.unwrap_or(StateId::ROOT);
    let at = scope.machine.states[parent].children.iter().position(|sibling| *sibling == child);
    Literal::usize_unsuffixed(at.unwrap_or_default())
}
