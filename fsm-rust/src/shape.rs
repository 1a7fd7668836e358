//! How configurations look in Rust: the types that states have, and patterns over them.
//!
//! Part of the Rust back-end. What a state *carries* is the payload of its variant, or the field of its region: nothing
//! for a state without children and data; its *content*, the enum of its children or the struct of its regions; or its
//! *holder*, a struct of its data with the content in the field `state`. Patterns go from the machine's own content
//! inwards, and bind only at their innermost place, so that a match on `self.state` borrows nothing else.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::scope::Scope;
use fsm_model::ir::{IndexVec, Machine, StateId, StateKind};
use fsm_model::names;

/// The types of the states, as paths from the generated module.
pub(super) struct Types {
    /// The enum of the children or the struct of the regions; empty without children.
    pub(super) contents: IndexVec<StateId, TokenStream>,
    /// The struct of the data; empty without data.
    pub(super) holders: IndexVec<StateId, TokenStream>,
    /// Names for modules deep below, so that the length of a path does not grow with its depth.
    pub(super) shortcuts: TokenStream,
}

/// After this many levels a path begins anew.
const LONG_PATH: usize = 8;

impl Types {
    pub(super) fn new(machine: &Machine, variants: &IndexVec<StateId, Ident>) -> Self {
        let mut modules: Vec<TokenStream> = Vec::with_capacity(machine.states.len());
        let mut depths: Vec<usize> = Vec::with_capacity(machine.states.len());
        let mut types =
            Self { contents: IndexVec::default(), holders: IndexVec::default(), shortcuts: TokenStream::new() };
        for (id, state) in machine.states.enumerated() {
            let Some(parent) = state.parent else {
                modules.push(quote!(state));
                depths.push(0);
                types.contents.push(quote!(State));
                types.holders.push(TokenStream::new());
                continue;
            };
            let (outer, variant) = (&modules[usize_of(parent)], &variants[id]);
            let (own, module) = (quote!(#outer::#variant), names::snake_ident(&state.name.value));
            let mut module = quote!(#outer::#module);
            depths.push(depths[usize_of(parent)] + 1);
            if depths[usize_of(id)].is_multiple_of(LONG_PATH) && !state.children.is_empty() {
                let short = format_ident!("deep{}", usize_of(id));
                types.shortcuts.extend(quote! {
                    #[allow(unused_imports, reason = "not every module is named again")]
                    use self::#module as #short;
                });
                module = quote!(#short);
            }
            let (has_content, has_data) = (!state.children.is_empty(), !state.data.is_empty());
            let content = match (has_content, has_data) {
                (false, _) => TokenStream::new(),
                (true, false) => own.clone(),
                (true, true) => {
                    let name = content_name(machine, id, variants);
                    quote!(#module::#name)
                }
            };
            types.contents.push(content);
            types.holders.push(if has_data { own } else { TokenStream::new() });
            modules.push(module);
        }
        types
    }
}

fn usize_of(id: StateId) -> usize {
    fsm_model::ir::Id::index(id)
}

/// The name of the content's type where the state's own name is that of its holder. It lies beside the types of the
/// children.
pub(super) fn content_name(machine: &Machine, state: StateId, variants: &IndexVec<StateId, Ident>) -> Ident {
    let taken = machine.states[state].children.iter().any(|child| variants[*child] == "Active");
    if taken { format_ident!("ActiveState") } else { format_ident!("Active") }
}

/// How many states without active children can be active at once.
pub(super) fn most_leaves(machine: &Machine) -> usize {
    let mut most: IndexVec<StateId, usize> = machine.states.iter().map(|_| 1).gather();
    for id in machine.states.ids().rev() {
        let children = machine.states[id].children.iter().map(|child| most[*child]);
        most[id] = match machine.states[id].kind {
            StateKind::Parallel => children.sum(),
            _ => children.max().unwrap_or(1),
        };
    }
    most[StateId::ROOT]
}

impl Scope<'_> {
    /// Whether the state lives with data of its own.
    pub(super) fn has_data(&self, state: StateId) -> bool {
        !self.machine.states[state].data.is_empty()
    }

    /// Whether its variant has a payload, or its region a field.
    pub(super) fn carries(&self, state: StateId) -> bool {
        self.has_data(state) || !self.machine.states[state].children.is_empty()
    }

    /// Whether it is a region of a parallel state.
    pub(super) fn is_region(&self, state: StateId) -> bool {
        let parent = self.machine.states[state].parent;
        parent.is_some_and(|parent| self.machine.states[parent].kind == StateKind::Parallel)
    }

    /// `state::Working::Moving`: the enum of the parent and the variant in it. Not for regions.
    pub(super) fn variant_path(&self, state: StateId) -> TokenStream {
        let parent = self.machine.states[state].parent.unwrap_or(StateId::ROOT);
        let (path, variant) = (&self.names.types.contents[parent], &self.names.variants[state]);
        quote!(#path::#variant)
    }

    /// Whether it is active whatever the configuration is.
    pub(super) fn is_always_active(&self, state: StateId) -> bool {
        self.machine.chain(state).take_while(|state| *state != StateId::ROOT).all(|state| {
            let parent = self.machine.states[state].parent.unwrap_or(StateId::ROOT);
            self.is_region(state) || self.machine.states[parent].children.len() == 1
        })
    }

    /// Code that runs with `pattern` bound, where it matches; it does whenever `state` is active.
    pub(super) fn with_pattern(
        &self,
        state: StateId,
        pattern: &TokenStream,
        value: &TokenStream,
        code: &TokenStream,
    ) -> TokenStream {
        if self.is_always_active(state) {
            quote!({ let #pattern = #value; #code })
        } else {
            quote!(if let #pattern = #value { #code })
        }
    }

    /// The field of a region.
    pub(super) fn field(&self, region: StateId) -> Ident {
        self.snake(&self.machine.states[region].name)
    }

    /// The value, and the pattern, of a leaf in a machine without regions and data:
    /// `State::Working(state::Working::Moving)`.
    pub(super) fn leaf(&self, leaf: StateId) -> TokenStream {
        self.pattern(StateId::ROOT, leaf, TokenStream::new())
    }

    /// A pattern over the configuration that matches whenever `state` is active.
    pub(super) fn active(&self, state: StateId) -> TokenStream {
        let inner = if state == StateId::ROOT || self.carries(state) { quote!(_) } else { TokenStream::new() };
        self.pattern(StateId::ROOT, state, inner)
    }

    /// A pattern over the configuration that binds the content of `state`.
    pub(super) fn content_pattern(&self, state: StateId, bind: &TokenStream) -> TokenStream {
        self.pattern(StateId::ROOT, state, self.content_of(state, bind))
    }

    /// A pattern over the configuration that binds the data of `state`.
    pub(super) fn holder_pattern(&self, state: StateId, bind: &TokenStream) -> TokenStream {
        self.pattern(StateId::ROOT, state, bind.clone())
    }

    /// What `state` carries, with its content in the place of `content`.
    pub(super) fn content_of(&self, state: StateId, content: &TokenStream) -> TokenStream {
        if self.has_data(state) {
            let holder = &self.names.types.holders[state];
            if content.to_string() == "state" {
                quote!(#holder { state, .. })
            } else {
                quote!(#holder { state: #content, .. })
            }
        } else {
            content.clone()
        }
    }

    /// A pattern over the content of `from` in which `to`, a state below it, is active and carries `inner`.
    pub(super) fn pattern(&self, from: StateId, to: StateId, inner: TokenStream) -> TokenStream {
        let mut pattern = inner;
        for state in self.machine.chain(to).take_while(|state| *state != from) {
            if state != to {
                pattern = self.content_of(state, &pattern);
            }
            pattern = self.child_pattern(state, &pattern);
        }
        pattern
    }

    /// A pattern over the content of `from` that binds the content of `to`, which is `from` or below it.
    pub(super) fn pattern_within(&self, from: StateId, to: StateId, bind: &TokenStream) -> TokenStream {
        if from == to { bind.clone() } else { self.pattern(from, to, self.content_of(to, bind)) }
    }

    /// A pattern over the content of the parent of `state`; `carried` is empty where `state` carries nothing.
    pub(super) fn child_pattern(&self, state: StateId, carried: &TokenStream) -> TokenStream {
        if self.is_region(state) {
            let parent = self.machine.states[state].parent.unwrap_or(StateId::ROOT);
            let (ty, field) = (&self.names.types.contents[parent], self.field(state));
            return if carried.is_empty() || is_wild(carried) {
                quote!(_)
            } else {
                quote!(#ty { #field: #carried, .. })
            };
        }
        let path = self.variant_path(state);
        if carried.is_empty() { path } else { quote!(#path(#carried)) }
    }
}

fn is_wild(pattern: &TokenStream) -> bool {
    pattern.to_string() == "_"
}
