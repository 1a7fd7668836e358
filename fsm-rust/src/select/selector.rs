//! The functions of selection: from the active leaf outwards, region by region.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::group::Settled;
use super::taken::ends_in_return;
use super::{Search, generics, uses_actions};
use crate::bodies::Bodies;
use crate::scope::Scope;
use crate::tokens;
use fsm_model::ir::{StateId, StateKind};

/// Looks for transitions from the leaves outwards.
pub(crate) struct Selector<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    pub(super) bodies: &'s Bodies,
    pub(super) search: Search,
    pub(super) settled: Settled,
    /// Functions that ask one region.
    regions: Vec<TokenStream>,
}

/// What is asked while a state is active.
struct Choice {
    code: TokenStream,
    /// Whether the code asks which child is active.
    asks_child: bool,
}

impl<'s, 'a> Selector<'s, 'a> {
    pub(crate) fn new(scope: &'s Scope<'a>, bodies: &'s Bodies, search: Search) -> Self {
        let machine = scope.machine;
        let settled = match search {
            Search::Event if scope.form.regions => Settled::in_regions(machine),
            Search::Event => Settled::new(machine),
            Search::Error | Search::Always => Settled::without_event(machine, scope.form.regions, search),
        };
        Self { scope, bodies, search, settled, regions: Vec::new() }
    }

    /// The function, under a name of its own if one is given, and those of the regions.
    pub(crate) fn functions(mut self, name: Option<Ident>) -> TokenStream {
        let scope = self.scope;
        let name = name.unwrap_or_else(|| format_ident!("{}", self.search.function()));
        let Choice { code, .. } = self.choice(StateId::ROOT, &quote!(self.state));
        let regions = std::mem::take(&mut self.regions);
        let docs = match self.search {
            Search::Event => " The first transition for `event`, from the active leaf outwards, whose guard holds.",
            Search::Error => " The first transition for an error, from the active leaf outwards, whose guard holds.",
            Search::Always => {
                " The first transition without a trigger, from the active leaf outwards, whose guard holds."
            }
        };
        let (generics, params) = self.signature();
        let result = self.bodies.lifetime(&quote!('e));
        if scope.form.regions {
            let (fsm, most) = (&scope.core, Literal::usize_unsuffixed(scope.leaves));
            let used = self.unused(&code);
            return quote! {
                #[doc = #docs]
                fn #name #generics (&self, #params, found: &mut #fsm::Found<Transition #result, #most>) {
                    #used
                    #code
                }

                #(#regions)*
            };
        }
        let settled = self.settled.0[StateId::ROOT] || (self.search != Search::Event && ends_in_return(&code));
        let otherwise = (!settled).then(|| quote!(Transition::Unhandled));
        let used = self.unused(&code);
        let inline = (scope.machine.states.len() <= 64).then(|| quote!(#[inline]));
        quote! {
            #[doc = #docs]
            #inline
            fn #name #generics (&self, #params) -> Transition #result {
                #used
                #code
                #otherwise
            }
        }
    }

    /// Bindings that the code needs, and what is done with parameters that it does not.
    fn unused(&self, code: &TokenStream) -> TokenStream {
        let mentions = |name| tokens::mentions_tokens(code, name);
        // `self.context` in the arguments of a call is no use of it.
        let context = tokens::mentions(code, "context").then(|| quote!(let context = &self.context;));
        let mut idle: Vec<TokenStream> = Vec::new();
        if !mentions("self") && context.is_none() {
            idle.push(quote!(self));
        }
        if self.search != Search::Always && self.takes_event() && !mentions("event") {
            idle.push(quote!(event));
        }
        if uses_actions(self.scope) && !mentions("actions") {
            idle.push(quote!(actions));
        }
        if self.scope.form.faults && !mentions("run") {
            idle.push(quote!(run));
        }
        if self.scope.form.regions && !mentions("found") {
            idle.push(quote!(found));
        }
        quote!(#(let _ = #idle;)* #context)
    }

    fn takes_event(&self) -> bool {
        match self.search {
            Search::Event => true,
            Search::Error => self.scope.form.reads_error,
            Search::Always => false,
        }
    }

    fn signature(&self) -> (TokenStream, TokenStream) {
        let lifetime = (!self.bodies.lifetime(&quote!('e)).is_empty()).then(|| quote!('e));
        let (fsm, error) = (&self.scope.core, &self.scope.error);
        let ty = if self.search == Search::Event { quote!(Event) } else { quote!(#fsm::Failed<#error>) };
        let event = self.takes_event().then(|| quote!(event: &#lifetime #ty));
        let actions = uses_actions(self.scope).then(|| quote!(actions: &A));
        let run = self.scope.form.faults.then(|| quote!(run: &mut #fsm::Run<#error>));
        let params = [actions, event, run].into_iter().flatten();
        (generics(self.scope, self.bodies), quote!(#(#params),*))
    }

    /// The parameters as arguments.
    fn forward(&self) -> TokenStream {
        let actions = uses_actions(self.scope).then(|| quote!(actions));
        let event = self.takes_event().then(|| quote!(event));
        let run = self.scope.form.faults.then(|| quote!(run));
        let args = [actions, event, run].into_iter().flatten();
        quote!(#(#args),*)
    }

    /// The active child of `id` first, then its own transitions. `value` is the content of `id`.
    fn choice(&mut self, id: StateId, value: &TokenStream) -> Choice {
        let scope = self.scope;
        let machine = scope.machine;
        if machine.states[id].kind == StateKind::Parallel {
            return self.parallel(id, value);
        }
        let children: Vec<StateId> = machine.states[id].children.clone();
        let children: Vec<(StateId, Choice)> =
            children.into_iter().map(|child| (child, self.choice(child, &quote!(state)))).gather();
        let inner = (!children.iter().all(|(_, choice)| choice.code.is_empty())).then(|| {
            let mut arms: Vec<TokenStream> = Vec::new();
            let mut silent: Vec<TokenStream> = Vec::new();
            for (child, Choice { code, asks_child }) in &children {
                let inner = match (scope.carries(*child), *asks_child) {
                    (false, _) => TokenStream::new(),
                    (true, true) => scope.content_of(*child, &quote!(state)),
                    (true, false) => quote!(_),
                };
                let pattern = scope.child_pattern(*child, &inner);
                if code.is_empty() {
                    silent.push(pattern);
                } else {
                    arms.push(quote!(#pattern => { #code }));
                }
            }
            if !silent.is_empty() {
                arms.push(quote!(#(#silent)|* => {}));
            }
            let by_reference = (id == StateId::ROOT && scope.form.engine).then(|| quote!(&));
            quote!(match #by_reference #value { #(#arms)* })
        });
        let own = if self.settled.below(machine, id) { TokenStream::new() } else { self.own(id) };
        Choice { code: quote!(#inner #own), asks_child: inner.is_some() }
    }

    /// Each region by itself, then the parallel state, if none of them took the event.
    fn parallel(&mut self, id: StateId, value: &TokenStream) -> Choice {
        let scope = self.scope;
        let regions = scope.machine.states[id].children.clone();
        let own = |this: &mut Self| this.own(id);
        let field = |region: StateId| {
            let field = scope.field(region);
            let state = scope.has_data(region).then(|| quote!(.state));
            quote!(#value.#field #state)
        };
        if !scope.form.regions {
            // There is but one.
            let inner: Vec<Choice> = regions
                .iter()
                .map(|region| {
                    let content = if scope.carries(*region) { field(*region) } else { TokenStream::new() };
                    self.choice(*region, &content)
                })
                .gather();
            let (code, asks_child): (Vec<_>, Vec<_>) =
                inner.into_iter().map(|choice| (choice.code, choice.asks_child)).unzip();
            let own = own(self);
            return Choice { code: quote!(#(#code)* #own), asks_child: asks_child.contains(&true) };
        }
        let mut asks_child = false;
        let args = self.forward();
        let calls: Vec<TokenStream> = regions
            .iter()
            .filter_map(|region| {
                let Choice { code, asks_child: asks } = self.choice(*region, &quote!(state));
                if code.is_empty() {
                    return None;
                }
                let name = format_ident!("{}_{}", self.search.function(), scope.names.labels[*region]);
                self.region(*region, &name, &code, asks);
                asks_child |= asks;
                let content = asks.then(|| {
                    let (field, lend) = (field(*region), scope.form.data.then(|| quote!(&)));
                    quote!(#lend #field,)
                });
                Some(quote!(self.#name(#content #args, found);))
            })
            .gather();
        let own = own(self);
        let code = if calls.is_empty() {
            own
        } else if own.is_empty() && self.is_last(id) {
            quote!(#(#calls)*)
        } else {
            quote! {
                let before = found.answers();
                #(#calls)*
                if found.answers() > before {
                    return;
                }
                #own
            }
        };
        Choice { code, asks_child }
    }

    /// Whether nothing around `id` has anything to say.
    fn is_last(&self, id: StateId) -> bool {
        let machine = self.scope.machine;
        machine.chain(id).skip(1).all(|outer| {
            let state = &machine.states[outer];
            state.defer.is_empty()
                && !state.transitions.iter().any(|it| self.search.finds(machine.transitions[*it].trigger))
        })
    }

    fn region(&mut self, region: StateId, name: &Ident, code: &TokenStream, asks: bool) {
        let scope = self.scope;
        let (generics, params) = self.signature();
        let (fsm, most) = (&scope.core, Literal::usize_unsuffixed(scope.leaves));
        let result = self.bodies.lifetime(&quote!('e));
        let state = asks.then(|| {
            let (ty, lend) = (&scope.names.types.contents[region], scope.form.data.then(|| quote!(&)));
            quote!(state: #lend #ty,)
        });
        let used = self.unused(code);
        self.regions.push(quote! {
            fn #name #generics (&self, #state #params, found: &mut #fsm::Found<Transition #result, #most>) {
                #used
                #code
            }
        });
    }
}
