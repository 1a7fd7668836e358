//! What every part of the Rust back-end needs: the machine, its names in Rust, and which kinds of code it has at all.
//!
//! Made once by `backend::rust::emit`, then only read.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::UseTree;

use super::{blocks, tokens};
use crate::config::Config;
use crate::ir::{
    Action, ArgKind, EventId, Guard, Id, IndexVec, Machine, Mode, ParamType, Root, StateId, StateKind, Trigger,
};
use crate::names;
use crate::source::{Source, Spanned};

/// Names that the generated module uses for itself: a machine so named, or named like a type that the spec mentions,
/// gets `Fsm` behind its name.
const TAKEN: &[&str] = &[
    "Actions",
    "Clone",
    "Context",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Err",
    "Event",
    "From",
    "Future",
    "Hash",
    "Iterator",
    "Machine",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "State",
    "Transition",
];

/// The machine and what is known about its code.
pub(super) struct Scope<'a> {
    /// What is generated from.
    pub(super) machine: &'a Machine,
    /// Where the places in the docs are looked up.
    pub(super) source: &'a Source,
    /// The user's choices.
    pub(super) config: &'a Config,
    /// Identifiers, made once.
    pub(super) names: Names,
    /// The name under which the module knows `fsm_runtime::core`.
    pub(super) core: TokenStream,
    /// The type of the actions' errors.
    pub(super) error: TokenStream,
    /// Whether a step can fail: there is an error type, or arithmetic that can overflow.
    pub(super) fallible: bool,
}

/// The machine's names in Rust.
pub(super) struct Names {
    /// `robot`.
    pub(super) module: Ident,
    /// `Robot`, the pair of machine and handlers.
    pub(super) service: Ident,
    /// The variant of each state; the root's is not used.
    pub(super) variants: IndexVec<StateId, Ident>,
    /// The path from the module to the enum of each compound state's children; empty for leaves.
    pub(super) enums: IndexVec<StateId, TokenStream>,
    /// The variant, and the struct, of each event.
    pub(super) events: IndexVec<EventId, Ident>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(machine: &'a Machine, source: &'a Source, config: &'a Config) -> Self {
        let core = quote!(fsm);
        let error = machine.error.as_ref().map_or_else(|| quote!(#core::Never), |error| error.syntax.to_token_stream());
        let overflows = |event, actions: &[Action]| {
            actions
                .iter()
                .any(|action| matches!(action, Action::Assign(all) if blocks::assign_fails(machine, all, event)))
        };
        let fallible = machine.error.is_some() || all_blocks(machine).any(|(event, actions)| overflows(event, actions));
        Self { machine, source, config, names: Names::new(machine), core, error, fallible }
    }

    /// Whether actions are asynchronous.
    pub(super) fn is_async(&self) -> bool {
        self.machine.mode == Mode::Async
    }

    /// The value, and the pattern, of a leaf: `State::Working(state::Working::Moving)`.
    pub(super) fn leaf(&self, leaf: StateId) -> TokenStream {
        let mut value = TokenStream::new();
        for state in self.machine.chain(leaf).take_while(|state| *state != StateId::ROOT) {
            let variant = self.variant_path(state);
            value = if state == leaf { variant } else { quote!(#variant(#value)) };
        }
        value
    }

    /// A pattern that matches whenever `state` is active.
    pub(super) fn active(&self, state: StateId) -> TokenStream {
        if state == StateId::ROOT {
            return quote!(_);
        }
        let variant = self.variant_path(state);
        let mut pattern = if self.machine.states[state].is_leaf() { variant } else { quote!(#variant(_)) };
        for outer in self.machine.chain(state).skip(1).take_while(|state| *state != StateId::ROOT) {
            let variant = self.variant_path(outer);
            pattern = quote!(#variant(#pattern));
        }
        pattern
    }

    /// `state::Working::Moving`: the enum of the parent and the variant in it.
    pub(super) fn variant_path(&self, state: StateId) -> TokenStream {
        let parent = self.machine.states[state].parent.unwrap_or(StateId::ROOT);
        let (path, variant) = (&self.names.enums[parent], &self.names.variants[state]);
        quote!(#path::#variant)
    }

    /// The pattern of an event, its payload bound to `event` or not.
    pub(super) fn event_pattern(&self, event: EventId, bind: bool) -> TokenStream {
        let variant = &self.names.events[event];
        match (self.machine.events[event].fields.is_empty(), bind) {
            (true, _) => quote!(Event::#variant),
            (false, true) => quote!(Event::#variant(event)),
            (false, false) => quote!(Event::#variant(_)),
        }
    }

    /// `.await`, where actions are asynchronous.
    pub(super) fn dot_await(&self) -> TokenStream {
        if self.is_async() { quote!(.await) } else { TokenStream::new() }
    }

    /// `async`, where actions are asynchronous.
    pub(super) fn async_keyword(&self) -> TokenStream {
        if self.is_async() { quote!(async) } else { TokenStream::new() }
    }

    /// The derive of serde's traits, where the user asked for it.
    pub(super) fn serde_derive(&self) -> TokenStream {
        if self.config.serde { quote!(#[derive(::serde::Serialize, ::serde::Deserialize)]) } else { TokenStream::new() }
    }

    /// The spec's own spelling on the wire, where it is not Rust's.
    pub(super) fn serde_rename(&self, ident: &Ident, spelling: &str) -> TokenStream {
        let spelt = ident.to_string();
        let same = spelt.strip_prefix("r#").unwrap_or(&spelt) == spelling;
        if self.config.serde && !same { quote!(#[serde(rename = #spelling)]) } else { TokenStream::new() }
    }
}

impl Names {
    fn new(machine: &Machine) -> Self {
        let mut name = names::pascal(&machine.name.value);
        if TAKEN.contains(&name.as_str()) || mentioned_idents(machine).contains(&name) {
            name.push_str("Fsm");
        }
        let variants: IndexVec<_, _> =
            machine.states.iter().map(|state| names::pascal_ident(&state.name.value)).collect();
        Self {
            module: names::snake_ident(&machine.name.value),
            service: names::ident(&name),
            enums: enums(machine, &variants),
            variants,
            events: machine.events.iter().map(|event| names::pascal_ident(&event.name.value)).collect(),
        }
    }
}

/// The paths of the enums: `State` for the machine, `state::Working`, `state::working::Tool`.
fn enums(machine: &Machine, variants: &IndexVec<StateId, Ident>) -> IndexVec<StateId, TokenStream> {
    let mut modules: Vec<TokenStream> = Vec::with_capacity(machine.states.len());
    let mut enums = IndexVec::default();
    for (id, state) in machine.states.enumerated() {
        let (module, path) = match state.parent {
            None => (quote!(state), quote!(State)),
            Some(_) if state.is_leaf() => (TokenStream::new(), TokenStream::new()),
            Some(parent) => {
                let (outer, variant) = (&modules[parent.index()], &variants[id]);
                let module = names::snake_ident(&state.name.value);
                (quote!(#outer::#module), quote!(#outer::#variant))
            }
        };
        modules.push(module);
        enums.push(path);
    }
    enums
}

/// The spec's `use:` lines.
pub(super) fn uses(scope: &Scope<'_>) -> TokenStream {
    let mentioned = mentioned_idents(scope.machine);
    let lines = scope.machine.uses.iter().map(|Spanned { value: tree, .. }| {
        if names_of(tree).iter().all(|name| name.as_ref().is_some_and(|name| mentioned.contains(name))) {
            quote!(use #tree;)
        } else {
            // A trait is used without being named, and a glob may bring anything.
            quote! {
                #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
                use #tree;
            }
        }
    });
    let runtime = &scope.config.runtime;
    let future = (scope.is_async() && !scope.machine.actions.is_empty()).then(|| {
        quote!(
            use ::core::future::Future;
        )
    });
    quote! {
        #(#lines)*
        #future
        use #runtime::core as fsm;
    }
}

/// Imports of the spec's names into a child module whose items are `items`.
pub(super) fn uses_of_child(scope: &Scope<'_>, items: &TokenStream) -> TokenStream {
    let mut mentioned = HashSet::new();
    tokens::collect_idents(items.clone(), &mut mentioned);
    let names = scope.machine.uses.iter().flat_map(|tree| names_of(&tree.value));
    let lines = names.filter_map(|name| match name {
        Some(name) if mentioned.contains(&name) => {
            let name = names::ident(&name);
            Some(quote!(use super::#name;))
        }
        Some(_) => None,
        None => Some(quote! {
            #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
            use super::*;
        }),
    });
    quote!(#(#lines)*)
}

/// What a `use` brings into scope; `None` for a glob.
fn names_of(tree: &UseTree) -> Vec<Option<String>> {
    match tree {
        UseTree::Path(path) => names_of(&path.tree),
        UseTree::Name(name) => vec![Some(name.ident.to_string())],
        UseTree::Rename(rename) => vec![Some(rename.rename.to_string())],
        UseTree::Group(group) => group.items.iter().flat_map(names_of).collect(),
        UseTree::Glob(_) => vec![None],
    }
}

/// Every identifier in the types and expressions that stand in the module itself, those of payloads aside.
fn mentioned_idents(machine: &Machine) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut add = |tokens: TokenStream| tokens::collect_idents(tokens, &mut found);
    for field in &machine.context {
        add(field.ty.syntax.to_token_stream());
        add(field.default.as_ref().map(|default| &default.syntax).to_token_stream());
    }
    add(machine.error.as_ref().map(|error| &error.syntax).to_token_stream());
    for param in machine.actions.iter().chain(&machine.guards).flat_map(|method| &method.params) {
        if let ParamType::Rust(ty) = &param.ty {
            add(ty.to_token_stream());
        }
    }
    for action in all_blocks(machine).flat_map(|(_, actions)| actions) {
        if let Action::Assign(assignments) = action {
            for assignment in assignments {
                add(assignment.value.syntax.to_token_stream());
            }
        }
    }
    let mut guards: Vec<&Guard> =
        machine.transitions.iter().filter_map(|transition| transition.guard.as_ref()).collect();
    while let Some(guard) = guards.pop() {
        match guard {
            Guard::Expr(expr) => add(expr.syntax.to_token_stream()),
            Guard::And(all) | Guard::Or(all) => guards.extend(all),
            Guard::Not(inner) => guards.push(inner),
            Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }
    found
}

/// Every block of actions of the machine, with the event whose payload it can read.
fn all_blocks(machine: &Machine) -> impl Iterator<Item = (Option<EventId>, &[Action])> {
    let of_states = machine.states.iter().flat_map(|state| {
        let initial = match &state.kind {
            StateKind::Compound(initial) => initial.actions.as_slice(),
            _ => &[],
        };
        [state.entry.as_slice(), state.exit.as_slice(), initial]
    });
    let of_transitions = machine.transitions.iter().map(|transition| {
        let Trigger::Event(event) = transition.trigger else { unreachable!("resolve gives no other yet") };
        (Some(event), transition.actions.as_slice())
    });
    of_states.map(|actions| (None, actions)).chain(of_transitions)
}

/// Whether running `actions` reads the payload of the event.
pub(super) fn reads_event(actions: &[Action]) -> bool {
    actions.iter().any(|action| match action {
        Action::Call(_, call) => {
            call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Path { root: Root::Event, .. }))
        }
        Action::Assign(all) => all.iter().any(|assignment| tokens::mentions(&assignment.value.syntax, "event")),
        _ => unreachable!("resolve gives no other yet"),
    })
}
