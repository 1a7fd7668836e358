//! What is entered with a transition: the tree of states, as values and as entry blocks.
//!
//! Part of the Rust back-end. The tree is known at compile time down to history states, where it goes on as a match on
//! what is remembered. SCXML's `computeEntrySet` (Appendix D), run ahead. From one tree come two pieces of code that
//! agree: the content that the domain gets, and the entry blocks that run when it has got it.

use std::cell::RefCell;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt as _;

use super::place::Place;
use super::scope::Scope;
use super::{blocks, completion, execute, leaving, place, tokens};
use crate::ir::{Action, Field, Id, Initial, Machine, StateId, StateKind, Supply};

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
}

/// Data for a state that is entered.
struct Given<'a> {
    supply: &'a Supply,
    /// Where it is written.
    place: Place,
    /// Whether an initial transition or the default of a history gives it: what those read is entered as well, or stays.
    from_inside: bool,
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
        let supplies = data.iter().map(|supply| Given { supply, place, from_inside: false }).collect();
        let mut entering = Self { scope, supplies, stays, domain, read: RefCell::default() };
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
            targets.iter().copied().filter(|target| machine.is_descendant(*target, state)).collect();
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
            return Below::Regions(children.iter().map(|region| self.node(*region, &wanted)).collect());
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
                self.given(&initial.data, state);
                Below::Initial(initial, Box::new(self.below(state, &initial.targets)))
            }
            StateKind::Parallel => {
                Below::Regions(machine.states[state].children.iter().map(|region| self.node(*region, &[])).collect())
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
                self.given(&default.data, machine.states[history].parent.unwrap_or(StateId::ROOT));
                self.below(state, &default.targets)
            }
            None => self.by_default(state),
        };
        let compound = machine.states[state].kind != StateKind::Parallel;
        let children = if !found.deep && compound {
            machine.states[state].children.iter().map(|child| self.node(*child, &[])).collect()
        } else {
            Vec::new()
        };
        let again = !found.deep && !compound && default.is_some();
        let regions = again.then(|| Box::new(self.by_default(state)));
        Below::Remembered(Memory { history, default, otherwise: Box::new(otherwise), children, regions })
    }

    /// Data from an initial transition of `state`, or from the default of one of its histories.
    fn given(&mut self, data: &'a [Supply], state: StateId) {
        let place = Place::of_state(state);
        self.supplies.extend(data.iter().map(|supply| Given { supply, place, from_inside: true }));
    }

    /// The states that stay and whose data the value reads, under the names of their bindings.
    pub(super) fn read(&self) -> Vec<StateId> {
        self.read.borrow().clone()
    }

    /// The new content of `state`, from a function where it is long and the same for all.
    pub(super) fn value(&self, state: StateId, below: &Below<'_>) -> TokenStream {
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
        match scope.shared.function(&name, &value, |name| quote!(#constant fn #name(#param) -> #ty { #value })) {
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
                let (name, value) = (crate::names::snake_ident(&field.name.value), self.field(node.state, at, field));
                let local = local(node.state, &name);
                if !tokens::mentions_tokens(&content, &local.to_string()) {
                    return quote!(#name: #value,);
                }
                let ty = &field.ty.syntax;
                named.extend(quote!(let #local: #ty = #value;));
                quote!(#name: #local,)
            })
            .collect();
        if named.is_empty() {
            let state = (!content.is_empty()).then(|| quote!(state: #content));
            return quote!(#holder { #fields #state });
        }
        quote!({ #named let state = #content; #holder { #fields state } })
    }

    fn field(&self, state: StateId, at: usize, field: &Field) -> TokenStream {
        let supplied = self.supplies.iter().find(|it| it.supply.state == state && it.supply.field == at);
        let Some(Given { supply, place, from_inside }) = supplied else { return super::machine::default_value(field) };
        let fields = super::arithmetic::Fields::new(self.scope.machine, *place);
        let value = match fields.value(&supply.value.syntax, &field.ty.syntax) {
            super::arithmetic::Value::Plain(value) => blocks::with_type(field, value),
            super::arithmetic::Value::Checked(value) => {
                let default = super::machine::default_value(field);
                quote!(match #value { Some(value) => value, None => { run.fault(); #default } })
            }
        };
        if *from_inside { self.read_inside(place.at, value) } else { value }
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
            let again = self.value(state, regions);
            return quote!(match &history.#slot { Some(_) => #again, None => #otherwise });
        }
        if memory.children.is_empty() {
            return otherwise;
        }
        let arms = memory.children.iter().map(|node| {
            let (number, value) = (number(scope, node.state), self.variant_again(memory.history, node));
            let pattern = self.slot_pattern(memory.history, node.state, &number);
            quote!(Some(#pattern) => #value,)
        });
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
            .map(|field| crate::names::snake_ident(&field.name.value))
            .map(|name| (local(node.state, &name), name))
            .filter(|(local, _)| tokens::mentions_tokens(&content, &local.to_string()))
            .map(|(local, name)| quote!(#name: #local,))
            .collect();
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

    /// The entry blocks of what is entered below `state`, in a function where they are long and may be many.
    pub(super) fn entries(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        let scope = self.scope;
        let code = self.blocks(state, below);
        if !matches!(below, Below::Regions(_) | Below::Remembered(_)) {
            return code;
        }
        let name = format!("enter_below_{}", scope.names.labels[state]);
        match scope.shared.function(&name, &code, |name| execute::function(scope, name, None, &code)) {
            Some(name) => {
                let (args, dot_await) = (scope.args(), scope.dot_await());
                quote!(self.#name(#args) #dot_await;)
            }
            None => code,
        }
    }

    fn blocks(&self, state: StateId, below: &Below<'_>) -> TokenStream {
        match below {
            Below::Leaf => TokenStream::new(),
            Below::Initial(initial, below) => {
                let (block, entries) = (self.block(&initial.actions, state), self.entries(state, below));
                quote!(#block #entries)
            }
            Below::Child(node) => self.enter(node),
            Below::Regions(nodes) => nodes.iter().map(|node| self.enter(node)).collect(),
            Below::Remembered(memory) => self.restore(state, memory),
        }
    }

    /// One state and what lies below it.
    fn enter(&self, node: &Node<'_>) -> TokenStream {
        let own = enter_state(self.scope, node.state);
        let complete = completion::entered(self.scope, node.state, self.domain);
        let below = self.entries(node.state, &node.below);
        quote!(#own #complete #below)
    }

    fn block(&self, actions: &[Action], state: StateId) -> TokenStream {
        blocks::block(self.scope, actions, Place::of_state(state))
    }

    fn restore(&self, state: StateId, memory: &Memory<'_>) -> TokenStream {
        let scope = self.scope;
        let slot = scope.slot(memory.history);
        let parent = scope.machine.states[memory.history].parent.unwrap_or(StateId::ROOT);
        let actions = memory.default.map(|default| self.block(&default.actions, parent));
        let otherwise = self.entries(state, &memory.otherwise);
        let otherwise = quote!(#actions #otherwise);
        if scope.is_deep(memory.history) {
            let again = leaving::reenter(scope, state);
            if again.is_empty() && otherwise.is_empty() {
                return TokenStream::new();
            }
            let otherwise = (!otherwise.is_empty()).then(|| quote!(else { #otherwise }));
            return quote!(if self.history.#slot.is_some() { #again } #otherwise);
        }
        if let Some(regions) = &memory.regions {
            let again = self.entries(state, regions);
            if again.is_empty() && otherwise.is_empty() {
                return TokenStream::new();
            }
            return quote!(if self.history.#slot.is_some() { #again } else { #otherwise });
        }
        if memory.children.is_empty() {
            // Regions are entered by default, whether remembered or not.
            let actions = actions.filter(|actions| !actions.is_empty());
            let actions = actions.map(|actions| quote!(if self.history.#slot.is_none() { #actions }));
            let entries = self.entries(state, &memory.otherwise);
            return quote!(#actions #entries);
        }
        let arms: Vec<(TokenStream, TokenStream)> = memory
            .children
            .iter()
            .map(|node| (scope.active(node.state), self.enter(node)))
            .filter(|(_, code)| !code.is_empty())
            .collect();
        if arms.is_empty() && otherwise.is_empty() {
            return TokenStream::new();
        }
        let again = match arms.as_slice() {
            [] => TokenStream::new(),
            [(pattern, code)] => quote!(if matches!(self.state, #pattern) { #code }),
            _ => {
                let arms = arms.iter().map(|(pattern, code)| quote!(#pattern => { #code }));
                let all = arms.len() == memory.children.len() && scope.is_always_active(state);
                let rest = (!all).then(|| quote!(_ => {}));
                quote!(match self.state { #(#arms)* #rest })
            }
        };
        let otherwise = (!otherwise.is_empty()).then(|| quote!(else { #otherwise }));
        quote!(if self.history.#slot.is_some() { #again } #otherwise)
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

/// What entering one state does: its entry block, then its timers start and its invokes are wanted.
pub(super) fn enter_state(scope: &Scope<'_>, state: StateId) -> TokenStream {
    let found = &scope.machine.states[state];
    let block = blocks::block(scope, &found.entry, Place::of_state(state));
    let timers = found.timers.iter().map(|timer| {
        let variant = &scope.names.timers[*timer];
        let (slot, delay) =
            (Literal::usize_unsuffixed(timer.index()), blocks::duration(scope, scope.machine.timers[*timer].wait));
        quote! {
            let delay = #delay;
            self.start_timer(run, actions, driver, Timer::#variant, #slot, delay);
        }
    });
    let fsm = &scope.core;
    let invokes = found.invokes.iter().map(|invoke| {
        let slot = Literal::usize_unsuffixed(invoke.index());
        quote!(self.invokes[#slot] = #fsm::Slot::Wanted;)
    });
    quote!(#block #(#timers)* #(#invokes)*)
}
