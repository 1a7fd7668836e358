//! What is entered, as a value: the content that a state gets.
//!
//! Part of `entering`. Data is evaluated here: what the transition supplies, what initial transitions do, else defaults.
//! What is remembered is read from the machine's `History` as it was before the step changed anything.

use fsm_model::gather::Gather as _;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::{Below, Entering, Given, Memory, Node, local, number};
use crate::{arithmetic, blocks, machine, place, places, tokens};
use fsm_model::ir::{Field, StateId};
use fsm_model::names;

impl Entering<'_, '_> {
    /// The new content of `state`, from a function where it is long and the same for all.
    pub(crate) fn value(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        let scope = self.scope;
        let value = self.content(state, below);
        // Data is supplied by the transition.
        let alike = || scope.machine.subtree(state).skip(1).all(|below| !scope.has_data(below));
        if !matches!(below, Below::Regions(_) | Below::Remembered(_)) || !alike() {
            return value;
        }
        let ty = &scope.names.types.contents[state];
        let reads = tokens::mentions_tokens(&value, "history");
        let (param, arg) = reads.then(|| (quote!(history: &History), quote!(history))).unzip();
        let name = format!("content_of_{}", scope.names.labels[state]);
        // What is remembered with data is cloned, which no constant function can.
        let constant = (!tokens::mentions_tokens(&value, "clone")).then(|| quote!(const));
        match scope.shared.function(scope, &name, &value, |name| quote!(#constant fn #name(#param) -> #ty { #value })) {
            Some(name) => quote!(Self::#name(#arg)),
            None => value,
        }
    }

    fn content(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        let scope = self.scope;
        match below {
            Below::Leaf => TokenStream::new(),
            Below::Initial(_, below) => self.value(state, below),
            Below::Child(node) => self.variant(node),
            Below::Regions(nodes) => {
                let ty = &scope.names.types.contents[state];
                let fields = nodes.iter().filter(|node| scope.carries(node.state)).map(|node| {
                    let (field, value) = (scope.field(node.state), self.carried(node));
                    quote!(#field: #value)
                });
                quote!(#ty { #(#fields),* })
            }
            Below::Remembered(memory) => self.remembered(state, memory),
        }
    }

    fn variant(&self, node: &Node<'_>) -> TokenStream {
        let path = self.scope.variant_path(node.state);
        if self.scope.carries(node.state) {
            let carried = self.carried(node);
            quote!(#path(#carried))
        } else {
            path
        }
    }

    /// What the state carries: its content, or its data with the content.
    fn carried(&self, node: &Node<'_>) -> TokenStream {
        let scope = self.scope;
        let content = self.value(node.state, &node.below);
        if !scope.has_data(node.state) {
            return content;
        }
        let holder = &scope.names.types.holders[node.state];
        // What is read further in needs a name of its own.
        let mut named = TokenStream::new();
        let fields: TokenStream = scope.machine.states[node.state]
            .data
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let (name, value) = (names::snake_ident(&field.name.value), self.field(node.state, at, field));
                let local = local(node.state, &name);
                if !tokens::mentions_tokens(&content, &local.to_string()) {
                    return quote!(#name: #value,);
                }
                let ty = &field.ty.syntax;
                named.extend(quote!(let #local: #ty = #value;));
                quote!(#name: #local,)
            })
            .gather();
        if named.is_empty() {
            let state = (!content.is_empty()).then(|| quote!(state: #content));
            return quote!(#holder { #fields #state });
        }
        quote!({ #named let state = #content; #holder { #fields state } })
    }

    fn field(&self, state: StateId, at: usize, field: &Field) -> TokenStream {
        let remembering = self.remembering.borrow();
        let given = |it: &&Given<'_>| !it.default_of.is_some_and(|history| remembering.contains(&history));
        let mut known = self.supplies.iter().filter(given);
        let supplied = known.find(|it| it.supply.state == state && it.supply.field == at);
        let Some(Given { supply, place, from_inside, .. }) = supplied else { return machine::default_value(field) };
        let fields = arithmetic::Fields::new(self.scope.machine, *place);
        let value = match fields.value(&supply.value.syntax, &field.ty.syntax) {
            arithmetic::Value::Plain(value) => blocks::with_type(field, value),
            arithmetic::Value::Checked(value) => {
                let default = machine::default_value(field);
                let checked = quote!(match #value { Some(value) => value, None => { run.fault(); #default } });
                self.scope.placed(supply.value.span, checked)
            }
        };
        let value = if *from_inside { self.read_inside(place.at, value) } else { value };
        places::value(self.scope, supply.value.span, value)
    }

    /// `state.field` where an initial transition reads it: of a state that is entered as well, or of one that stays.
    fn read_inside(&self, at: StateId, value: TokenStream) -> TokenStream {
        place::read(self.scope, at, value, &mut |owner, field| {
            if !self.stays || self.scope.machine.is_descendant(owner, self.domain) {
                return local(owner, field).into_token_stream();
            }
            let mut read = self.read.borrow_mut();
            if !read.contains(&owner) {
                read.push(owner);
            }
            let binding = place::binding(owner);
            quote!(#binding.#field)
        })
    }

    fn remembered(&self, state: StateId, memory: &Memory<'_>) -> TokenStream {
        let scope = self.scope;
        let slot = scope.slot(memory.history);
        let otherwise = self.value(state, &memory.otherwise);
        let parent = scope.machine.states[memory.history].parent.unwrap_or(StateId::ROOT);
        if scope.is_deep(memory.history) {
            let pattern = scope.pattern_within(parent, state, &quote!(saved));
            let saved = if scope.form.data { quote!(saved.clone()) } else { quote!(*saved) };
            return quote!(match &history.#slot { Some(#pattern) => #saved, _ => #otherwise });
        }
        if let Some(regions) = &memory.regions {
            self.remembering.borrow_mut().push(memory.history);
            let again = self.value(state, regions);
            self.remembering.borrow_mut().pop();
            return quote!(match &history.#slot { Some(_) => #again, None => #otherwise });
        }
        if memory.children.is_empty() {
            return otherwise;
        }
        self.remembering.borrow_mut().push(memory.history);
        let arms = memory.children.iter().map(|node| {
            let (number, value) = (number(scope, node.state), self.variant_again(memory.history, node));
            let pattern = self.slot_pattern(memory.history, node.state, &number);
            quote!(Some(#pattern) => #value,)
        });
        let arms: Vec<TokenStream> = arms.gather();
        self.remembering.borrow_mut().pop();
        quote!(match &history.#slot { #(#arms)* _ => #otherwise })
    }

    /// A child that a shallow history remembers: with its data from then, and below it what is entered by default.
    fn variant_again(&self, history: StateId, node: &Node<'_>) -> TokenStream {
        let scope = self.scope;
        if !scope.keeps_content(history) || !scope.has_data(node.state) {
            return self.variant(node);
        }
        let path = scope.variant_path(node.state);
        let content = self.value(node.state, &node.below);
        if content.is_empty() {
            return quote!(#path(saved.clone()));
        }
        let holder = &scope.names.types.holders[node.state];
        let named: Vec<TokenStream> = scope.machine.states[node.state]
            .data
            .iter()
            .map(|field| names::snake_ident(&field.name.value))
            .map(|name| (local(node.state, &name), name))
            .filter(|(local, _)| tokens::mentions_tokens(&content, &local.to_string()))
            .map(|(local, name)| quote!(#name: #local,))
            .gather();
        // As a pattern: where a field is `Copy`, clippy minds its `clone`.
        let named = (!named.is_empty()).then(|| quote!(let #holder { #(#named)* .. } = saved.clone();));
        let value = quote!(#holder { state: #content, ..saved.clone() });
        if named.is_none() { quote!(#path(#value)) } else { quote!(#path({ #named #value })) }
    }

    /// The pattern of a child in the slot of a shallow history.
    fn slot_pattern(&self, history: StateId, child: StateId, number: &Literal) -> TokenStream {
        let scope = self.scope;
        if !scope.keeps_content(history) {
            return quote!(#number);
        }
        let inner = match (scope.has_data(child), scope.carries(child)) {
            (true, _) => quote!(saved),
            (false, true) => quote!(_),
            (false, false) => TokenStream::new(),
        };
        scope.child_pattern(child, &inner)
    }
}
