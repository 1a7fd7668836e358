//! What taking each transition does, computed at compile time: equal bodies are shared.
//!
//! Part of the Rust back-end, made once and read by `select` (which value to give) and `execute` (what to do then).
//! A body is exits, actions, the change of the configuration, and entries, as code; transitions whose code is equal
//! share one variant of `Transition`, and what differs, their number and target, is data. In a machine with very many
//! bodies exits and entries move into functions of their own, so that the number of await sites grows with the states
//! and not with the transitions.

mod parts;

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

pub(super) use self::parts::{reads_event, start};
use super::place::Payload;
use super::plans::{self, Plan};
use super::scope::Scope;
use super::{docs, places};
use fsm_model::ir::{Id, StateId, Transition, TransitionId};
use fsm_model::names;

/// From this number of distinct bodies on, exits and entries stand in functions of their own.
const INLINE_LIMIT: usize = 96;

/// All bodies, in the order of their first transition.
pub(super) struct Bodies {
    /// Each with the transitions that share it.
    pub(super) list: Vec<Body>,
    /// The ways in which each transition can be taken, in the order in which their conditions are asked.
    plans: Vec<Vec<(Plan, usize)>>,
    /// Exits and entries as data, where they are not inlined.
    pub(super) phases: Option<Phases>,
}

/// One body.
pub(super) struct Body {
    /// The variant of `Transition`.
    pub(super) variant: Ident,
    /// The docs of the variant.
    pub(super) docs: String,
    /// What it does.
    pub(super) parts: Parts,
    /// What the code of its parts becomes in one piece, up to the change of the configuration.
    pub(super) before: TokenStream,
    /// And from there on.
    pub(super) after: TokenStream,
    /// Who shares it, in document order.
    pub(super) members: Vec<TransitionId>,
}

/// What taking a transition amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum StepResult {
    /// The configuration stays.
    Handled,
    /// It changes to this leaf, or for a shared body to the one that the value carries.
    Transitioned(Option<StateId>),
    /// It changes, and the machine ends there.
    Finished(Option<StateId>),
    /// It changes as `Parts::set` says.
    Set,
}

/// Exits and entries that stand in functions of their own: distinct codes, and which transition has which (0 = none).
pub(super) struct Phases {
    pub(super) exits: Vec<TokenStream>,
    pub(super) exit_of: Vec<usize>,
    pub(super) entries: Vec<TokenStream>,
    pub(super) entry_of: Vec<usize>,
}

/// The parts of a transition's body.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) exits: TokenStream,
    pub(super) actions: TokenStream,
    /// The change of the configuration, where it is more than a leaf.
    pub(super) set: TokenStream,
    pub(super) entries: TokenStream,
    /// What of its trigger the code reads.
    pub(super) payload: Option<Payload>,
    pub(super) result: StepResult,
}

impl Bodies {
    pub(super) fn new(scope: &Scope<'_>) -> Self {
        let ways: Vec<Vec<Plan>> = scope.machine.transitions.ids().map(|id| plans::of(scope, id)).gather();
        let flat: Vec<(TransitionId, &Plan)> = ways
            .iter()
            .enumerate()
            .flat_map(|(at, plans)| plans.iter().map(move |plan| (TransitionId::new(at), plan)))
            .gather();
        let parts: Vec<Parts> = flat.iter().map(|(id, plan)| parts::parts(scope, *id, plan)).gather();
        let members: Vec<TransitionId> = flat.iter().map(|(id, _)| *id).gather();
        let inline = group(scope, &members, &parts, |part| (part.exits.clone(), part.entries.clone()));
        let ((list, of), phases) = if inline.0.len() <= INLINE_LIMIT || scope.form.regions || flat.len() != ways.len() {
            (inline, None)
        } else {
            let (exits, exit_of) = distinct(scope, parts.iter().map(|part| &part.exits));
            let (entries, entry_of) = distinct(scope, parts.iter().map(|part| &part.entries));
            let grouped = group(scope, &members, &parts, |part| {
                (phase_call(scope, "exit", &part.exits), phase_call(scope, "enter", &part.entries))
            });
            (grouped, Some(Phases { exits, exit_of, entries, entry_of }))
        };
        let mut of = of.into_iter();
        let plans = ways.into_iter().map(|plans| plans.into_iter().zip(of.by_ref()).gather()).gather();
        Self { list, plans, phases }
    }

    /// Code that ends in the value of `Transition` for one transition, with `take` around each value; `event` is bound
    /// where its body reads the payload.
    pub(super) fn choose(
        &self,
        scope: &Scope<'_>,
        id: TransitionId,
        take: impl Fn(&TokenStream, &Plan) -> TokenStream,
    ) -> TokenStream {
        let plans = &self.plans[id.index()];
        plans.iter().rev().fold(TokenStream::new(), |rest, (plan, body)| {
            let taken = take(&value_of(scope, id, &self.list[*body]), plan);
            match &plan.condition {
                None => taken,
                Some(condition) => quote!(if #condition { #taken } #rest),
            }
        })
    }

    /// The value of `Transition` for one transition that is always taken in one way.
    pub(super) fn value(&self, scope: &Scope<'_>, id: TransitionId) -> TokenStream {
        value_of(scope, id, self.of(id))
    }

    /// Whether it depends on what is remembered how the transition is taken.
    pub(super) fn is_conditional(&self, id: TransitionId) -> bool {
        self.plans[id.index()].len() > 1
    }

    /// Whether one of the ways of a transition reads its trigger.
    pub(super) fn reads(&self, id: TransitionId) -> bool {
        self.plans[id.index()].iter().any(|(_, body)| self.list[*body].parts.payload.is_some())
    }

    /// The body of a transition, the last one where there are several.
    pub(super) fn of(&self, id: TransitionId) -> &Body {
        let last = self.plans[id.index()].last().map_or(0, |(_, body)| *body);
        &self.list[last]
    }

    /// `<'e>` with the given lifetime, where a body borrows a payload.
    pub(super) fn lifetime(&self, lifetime: &TokenStream) -> TokenStream {
        if self.list.iter().any(|body| body.parts.payload.is_some()) { quote!(<#lifetime>) } else { TokenStream::new() }
    }
}

/// The value of `Transition` for one transition and one of its bodies.
fn value_of(scope: &Scope<'_>, id: TransitionId, body: &Body) -> TokenStream {
    let variant = &body.variant;
    let index = body.is_shared().then(|| {
        let index = Literal::usize_unsuffixed(id.index());
        quote!(#index)
    });
    let target = body.carries_target().then(|| {
        let transition = &scope.machine.transitions[id];
        scope.leaf(scope.machine.default_leaf(transition.target().unwrap_or(transition.source)))
    });
    let event = body.parts.payload.map(|_| quote!(event));
    let fields: Vec<TokenStream> = [index, target, event].into_iter().flatten().gather();
    if fields.is_empty() { quote!(Transition::#variant) } else { quote!(Transition::#variant(#(#fields),*)) }
}

impl Body {
    /// Whether all members end in the same leaf.
    fn has_one_target(&self, scope: &Scope<'_>) -> bool {
        let machine = scope.machine;
        let leaf = |id: &TransitionId| machine.transitions[*id].target().map(|target| machine.default_leaf(target));
        self.members.iter().all(|member| leaf(member) == leaf(&self.members[0]))
    }

    /// Whether the leaf in which it ends is part of the value.
    pub(super) fn carries_target(&self) -> bool {
        matches!(self.parts.result, StepResult::Transitioned(None) | StepResult::Finished(None))
    }

    /// Whether the transition's number is part of the value.
    pub(super) fn is_shared(&self) -> bool {
        self.members.len() > 1
    }
}

impl StepResult {
    /// The leaf, where it is the same for all members.
    pub(super) fn target(self) -> Option<StateId> {
        match self {
            Self::Handled | Self::Set => None,
            Self::Transitioned(leaf) | Self::Finished(leaf) => leaf,
        }
    }

    fn without_target(self) -> Self {
        match self {
            Self::Handled => Self::Handled,
            Self::Set => Self::Set,
            Self::Transitioned(_) => Self::Transitioned(None),
            Self::Finished(_) => Self::Finished(None),
        }
    }
}

/// Transitions with equal code, payload and kind of result share a body.
fn group(
    scope: &Scope<'_>,
    members: &[TransitionId],
    parts: &[Parts],
    ends: impl Fn(&Parts) -> (TokenStream, TokenStream),
) -> (Vec<Body>, Vec<usize>) {
    let mut list: Vec<Body> = Vec::new();
    let mut of = Vec::with_capacity(parts.len());
    let mut known = HashMap::new();
    for (id, part) in members.iter().zip(parts) {
        let (exits, entries) = ends(part);
        let (actions, set) = (&part.actions, &part.set);
        let (before, after) = (quote!(#exits #actions), entries);
        // In regions exits and actions do not run in one piece.
        let pieces = if scope.form.regions { quote!(#exits | #actions) } else { before.clone() };
        let code = places::key(scope, &quote!(#pieces | #set | #after));
        let key = (code, part.payload, part.result.without_target());
        let at = *known.entry(key).or_insert_with(|| {
            let (variant, docs) = (format_ident!("_Unnamed"), String::new());
            list.push(Body { variant, docs, parts: part.clone(), before, after, members: Vec::new() });
            list.len() - 1
        });
        list[at].members.push(*id);
        of.push(at);
    }
    name(scope, &mut list);
    (list, of)
}

/// Names and docs of the variants; a shared body has no one target.
fn name(scope: &Scope<'_>, list: &mut [Body]) {
    const SHOWN: usize = 8;
    let mut variants = Variants::default();
    for body in list {
        if !body.has_one_target(scope) {
            body.parts.result = body.parts.result.without_target();
        }
        // A body is made for its first member, so there is one.
        let name = if body.is_shared() { "Shared".to_owned() } else { variant_name(scope, body.members[0]) };
        body.variant = names::ident(&variants.unique(&name, body.is_shared()));
        let mut lines: Vec<String> =
            body.members.iter().take(SHOWN).map(|id| format!("{}.", docs::transition(scope, *id))).gather();
        if body.members.len() > SHOWN {
            lines.push(format!("And {} more.", body.members.len() - SHOWN));
        }
        body.docs = lines.join("\n\n");
    }
}

/// The names of variants given so far.
struct Variants {
    taken: HashSet<String>,
    /// How often each name was wanted.
    wanted: HashMap<String, usize>,
}

impl Default for Variants {
    fn default() -> Self {
        let taken = ["Unhandled", "Rejected", "Deferred", "Undecided"].map(str::to_owned).into();
        Self { taken, wanted: HashMap::new() }
    }
}

impl Variants {
    /// `name`, with a number behind it where it is taken or is to be numbered anyway. A number may run into the name of
    /// another: the second `E1` is not called `E12` where there is an event of that name.
    fn unique(&mut self, name: &str, numbered: bool) -> String {
        let wanted = self.wanted.entry(name.to_owned()).or_default();
        loop {
            *wanted += 1;
            let unique = if *wanted == 1 && !numbered { name.to_owned() } else { format!("{name}{wanted}") };
            if self.taken.insert(unique.clone()) {
                return unique;
            }
        }
    }
}

fn variant_name(scope: &Scope<'_>, id: TransitionId) -> String {
    let Transition { source, .. } = &scope.machine.transitions[id];
    let trigger = docs::trigger_name(scope, id);
    let name = names::pascal(&format!("{} {trigger}", scope.machine.path(*source)));
    // One-letter names add up to what looks like an acronym.
    if name.chars().any(char::is_lowercase) { name } else { format!("On{name}") }
}

/// Each different code once; for each of them its number from 1, 0 for no code.
fn distinct<'t>(scope: &Scope<'_>, codes: impl Iterator<Item = &'t TokenStream>) -> (Vec<TokenStream>, Vec<usize>) {
    let mut list = Vec::new();
    let mut known = HashMap::new();
    let numbers = codes
        .map(|code| {
            if code.is_empty() {
                return 0;
            }
            *known.entry(places::key(scope, code)).or_insert_with(|| {
                list.push(code.clone());
                list.len()
            })
        })
        .gather();
    (list, numbers)
}

/// `self.exit(index, actions, failed).await;`
fn phase_call(scope: &Scope<'_>, name: &str, code: &TokenStream) -> TokenStream {
    if code.is_empty() {
        return TokenStream::new();
    }
    let name = format_ident!("{name}");
    let (args, dot_await) = (scope.args(), scope.dot_await());
    quote!(self.#name(index, #args) #dot_await;)
}
