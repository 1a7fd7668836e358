//! What taking each transition does, computed at compile time: equal bodies are shared.
//!
//! Part of the Rust back-end, made once and read by `select` (which value to give) and `execute` (what to do then).
//! A body is exits, actions and entries as code; transitions whose code is equal share one variant of `Transition`,
//! and what differs, their number and target, is data. In a machine with very many bodies exits and entries move into
//! functions of their own, so that the number of await sites grows with the states and not with the transitions.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::leaving::{Helper, Helpers};
use super::scope::{self, Scope};
use super::{blocks, docs, tokens};
use crate::ir::{EventId, Id, StateId, StateKind, Transition, TransitionId, Trigger};
use crate::names;

/// From this number of distinct bodies on, exits and entries stand in functions of their own.
const INLINE_LIMIT: usize = 96;

/// All bodies, in the order of their first transition.
pub(super) struct Bodies {
    /// Each with the transitions that share it.
    pub(super) list: Vec<Body>,
    /// For each transition its body.
    of: Vec<usize>,
    /// Functions that leave what is active below a compound state.
    pub(super) helpers: Vec<Helper>,
    /// Exits and entries as data, where they are not inlined.
    pub(super) phases: Option<Phases>,
}

/// One body.
pub(super) struct Body {
    /// The variant of `Transition`.
    pub(super) variant: Ident,
    /// The docs of the variant.
    pub(super) docs: String,
    /// Exits, actions and entries.
    pub(super) code: TokenStream,
    /// The event whose payload the code reads.
    pub(super) payload: Option<EventId>,
    /// What the step reports.
    pub(super) result: StepResult,
    /// Who shares it, in document order.
    pub(super) members: Vec<TransitionId>,
}

/// What taking a transition amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum StepResult {
    /// The configuration stays.
    Handled,
    /// It changes to this leaf, or for a shared body to the one that the value carries.
    Transitioned(Option<StateId>),
    /// It changes, and the machine ends there.
    Finished(Option<StateId>),
}

/// Exits and entries that stand in functions of their own: distinct codes, and which transition has which (0 = none).
pub(super) struct Phases {
    pub(super) exits: Vec<TokenStream>,
    pub(super) exit_of: Vec<usize>,
    pub(super) entries: Vec<TokenStream>,
    pub(super) entry_of: Vec<usize>,
}

/// The three parts of a transition's body.
struct Parts {
    exits: TokenStream,
    actions: TokenStream,
    entries: TokenStream,
    payload: Option<EventId>,
    result: StepResult,
}

impl Bodies {
    pub(super) fn new(scope: &Scope<'_>) -> Self {
        let mut helpers = Helpers::new(scope);
        let parts: Vec<Parts> = scope.machine.transitions.ids().map(|id| parts(&mut helpers, id)).collect();
        let inline = group(scope, &parts, |part| {
            let Parts { exits, actions, entries, .. } = part;
            quote!(#exits #actions #entries)
        });
        let helpers = helpers.list;
        if inline.0.len() <= INLINE_LIMIT {
            return Self { list: inline.0, of: inline.1, helpers, phases: None };
        }
        let (exits, exit_of) = distinct(parts.iter().map(|part| &part.exits));
        let (entries, entry_of) = distinct(parts.iter().map(|part| &part.entries));
        let (list, of) = group(scope, &parts, |part| {
            let exit = phase_call(scope, "exit", &part.exits);
            let enter = phase_call(scope, "enter", &part.entries);
            let actions = &part.actions;
            quote!(#exit #actions #enter)
        });
        Self { list, of, helpers, phases: Some(Phases { exits, exit_of, entries, entry_of }) }
    }

    /// The value of `Transition` for one transition; `event` is bound where its body reads the payload.
    pub(super) fn value(&self, scope: &Scope<'_>, id: TransitionId) -> TokenStream {
        let body = self.of(id);
        let variant = &body.variant;
        let index = body.is_shared().then(|| {
            let index = proc_macro2::Literal::usize_unsuffixed(id.index());
            quote!(#index)
        });
        let target = body.carries_target().then(|| {
            let transition = &scope.machine.transitions[id];
            scope.leaf(scope.machine.default_leaf(transition.target().unwrap_or(transition.source)))
        });
        let event = body.payload.map(|_| quote!(event));
        let fields: Vec<TokenStream> = [index, target, event].into_iter().flatten().collect();
        if fields.is_empty() { quote!(Transition::#variant) } else { quote!(Transition::#variant(#(#fields),*)) }
    }

    /// The body of a transition.
    pub(super) fn of(&self, id: TransitionId) -> &Body {
        &self.list[self.of[id.index()]]
    }

    /// `<'e>` with the given lifetime, where a body borrows a payload.
    pub(super) fn lifetime(&self, lifetime: &TokenStream) -> TokenStream {
        if self.list.iter().any(|body| body.payload.is_some()) { quote!(<#lifetime>) } else { TokenStream::new() }
    }
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
        self.result != StepResult::Handled && self.result.target().is_none()
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
            Self::Handled => None,
            Self::Transitioned(leaf) | Self::Finished(leaf) => leaf,
        }
    }

    fn without_target(self) -> Self {
        match self {
            Self::Handled => Self::Handled,
            Self::Transitioned(_) => Self::Transitioned(None),
            Self::Finished(_) => Self::Finished(None),
        }
    }
}

/// Transitions with equal code, payload and kind of result share a body.
fn group(scope: &Scope<'_>, parts: &[Parts], code: impl Fn(&Parts) -> TokenStream) -> (Vec<Body>, Vec<usize>) {
    let mut list: Vec<Body> = Vec::new();
    let mut of = Vec::with_capacity(parts.len());
    let mut known = HashMap::new();
    for (index, part) in parts.iter().enumerate() {
        let id = TransitionId::new(index);
        let code = code(part);
        let key = (code.to_string(), part.payload, part.result.without_target());
        let at = *known.entry(key).or_insert_with(|| {
            let (variant, docs) = (format_ident!("_Unnamed"), String::new());
            list.push(Body { variant, docs, code, payload: part.payload, result: part.result, members: Vec::new() });
            list.len() - 1
        });
        list[at].members.push(id);
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
            body.result = body.result.without_target();
        }
        // A body is made for its first member, so there is one.
        let name = if body.is_shared() { "Shared".to_owned() } else { variant_name(scope, body.members[0]) };
        body.variant = names::ident(&variants.unique(&name, body.is_shared()));
        let mut lines: Vec<String> =
            body.members.iter().take(SHOWN).map(|id| format!("{}.", docs::transition(scope, *id))).collect();
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
        let taken = ["Unhandled", "Rejected", "Undecided"].map(str::to_owned).into();
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
    let Transition { source, trigger, .. } = &scope.machine.transitions[id];
    let name = names::pascal(&format!(
        "{} {}",
        scope.machine.path(*source),
        crate::backend::labels::trigger(scope.machine, *trigger)
    ));
    // One-letter names add up to what looks like an acronym.
    if name.chars().any(char::is_lowercase) { name } else { format!("On{name}") }
}

/// Each different code once; for each of them its number from 1, 0 for no code.
fn distinct<'t>(codes: impl Iterator<Item = &'t TokenStream>) -> (Vec<TokenStream>, Vec<usize>) {
    let mut list = Vec::new();
    let mut known = HashMap::new();
    let numbers = codes
        .map(|code| {
            if code.is_empty() {
                return 0;
            }
            *known.entry(code.to_string()).or_insert_with(|| {
                list.push(code.clone());
                list.len()
            })
        })
        .collect();
    (list, numbers)
}

/// `self.exit(index, actions, failed).await;`
fn phase_call(scope: &Scope<'_>, name: &str, code: &TokenStream) -> TokenStream {
    if code.is_empty() {
        return TokenStream::new();
    }
    let name = format_ident!("{name}");
    let (failed, dot_await) = (scope.fallible.then(|| quote!(, failed)), scope.dot_await());
    quote!(self.#name(index, actions #failed) #dot_await;)
}

fn parts(helpers: &mut Helpers<'_, '_>, id: TransitionId) -> Parts {
    let scope = helpers.scope;
    let machine = scope.machine;
    let transition = &machine.transitions[id];
    let Trigger::Event(event) = transition.trigger else { unreachable!("resolve gives no other yet") };
    let payload =
        (scope::reads_event(&transition.actions) && !machine.events[event].fields.is_empty()).then_some(event);
    let actions = blocks::block(scope, &transition.actions, Some(event));
    let domain = machine.domain(transition);
    // A transition to an atomic state itself, without `reenter`, leaves and enters nothing.
    let Some(target) = transition.target().filter(|target| {
        domain != Some(transition.source) || *target != transition.source || !machine.states[*target].is_leaf()
    }) else {
        return Parts {
            exits: TokenStream::new(),
            actions,
            entries: TokenStream::new(),
            payload,
            result: StepResult::Handled,
        };
    };
    let leaf = machine.default_leaf(target);
    let mut entries = entry(scope, domain, target);
    let mut result = StepResult::Transitioned(Some(leaf));
    if machine.is_top_final(leaf) {
        entries.extend(exit_chain(scope, leaf, None));
        result = StepResult::Finished(Some(leaf));
    }
    Parts { exits: exits(helpers, transition, domain), actions, entries, payload, result }
}

/// The exit blocks of everything active below `domain`, innermost first.
fn exits(helpers: &mut Helpers<'_, '_>, transition: &Transition, domain: Option<StateId>) -> TokenStream {
    let below = helpers.call(transition.source);
    let chain = exit_chain(helpers.scope, transition.source, domain);
    quote!(#below #chain)
}

/// The exit blocks from `from` outwards up to, and without, `domain`.
pub(super) fn exit_chain(scope: &Scope<'_>, from: StateId, domain: Option<StateId>) -> TokenStream {
    scope
        .machine
        .chain(from)
        .take_while(|state| Some(*state) != domain)
        .map(|state| blocks::block(scope, &scope.machine.states[state].exit, None))
        .collect()
}

/// The entry blocks on the way from `domain` to `target` and on to a leaf, with the actions of initial transitions.
pub(super) fn entry(scope: &Scope<'_>, domain: Option<StateId>, target: StateId) -> TokenStream {
    let machine = scope.machine;
    let path = machine.entry_path(domain, target);
    path.iter()
        .map(|id| {
            let state = &machine.states[*id];
            let entry = blocks::block(scope, &state.entry, None);
            // States above the target are entered on the way; from the target on, by their initial transitions.
            let by_default = *id == target || machine.is_descendant(*id, target);
            let initial = match &state.kind {
                StateKind::Compound(initial) if by_default && is_on_default_way(machine, target, *id) => {
                    blocks::block(scope, &initial.actions, None)
                }
                _ => TokenStream::new(),
            };
            quote!(#entry #initial)
        })
        .collect()
}

/// Whether `state` takes its initial transition when `target` is entered: it is not merely passed on the way to the
/// deeper target of another state's initial transition.
fn is_on_default_way(machine: &crate::ir::Machine, target: StateId, state: StateId) -> bool {
    let mut at = target;
    loop {
        match &machine.states[at].kind {
            _ if at == state => return true,
            StateKind::Compound(initial) => at = initial.target(),
            _ => return false,
        }
    }
}

/// Whether code waits for anything.
pub(super) fn awaits(code: &TokenStream) -> bool {
    let mut found = HashSet::new();
    tokens::collect_idents(code.clone(), &mut found);
    found.contains("await")
}
