//! What a spec's Rust can see where it stands: the payload of the trigger, and the data of the states around.
//!
//! Part of the Rust back-end. `event` and `context` are bound as they are called. `state` is not one value: each field
//! belongs to the nearest state around that has it, so `state.job` becomes a field of a binding for that state, and the
//! code around it takes the binding out of the configuration.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};

use super::scope::Scope;
use fsm_model::ir::{EventId, Field, Id, InvokeId, Machine, StateId, Transition, Trigger};
use fsm_model::names;

/// What `event` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Payload {
    /// The payload of an event.
    Event(EventId),
    /// `event.output` of a state that is complete.
    Done(StateId),
    /// `event.output` of an invoke.
    Invoke(InvokeId),
    /// `event.error`.
    Failed,
}

/// Where code stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The state to which it belongs.
    pub(super) at: StateId,
    /// What it can see of its trigger.
    pub(super) event: Option<Payload>,
}

impl Place {
    /// The guard and the actions of a transition.
    pub(super) fn of_transition(machine: &Machine, transition: &Transition) -> Self {
        Self { at: transition.source, event: payload(machine, transition) }
    }

    /// The blocks of a state.
    pub(super) const fn of_state(state: StateId) -> Self {
        Self { at: state, event: None }
    }

    /// The type of `root.field`, where it stands in the spec.
    pub(super) fn field_type<'m>(&self, machine: &'m Machine, root: &str, field: &Ident) -> Option<&'m syn::Type> {
        let of = |fields: &'m [Field]| {
            let found = fields.iter().find(|known| *field == names::snake_ident(&known.name.value));
            found.map(|found| &*found.ty.syntax)
        };
        match (root, self.event) {
            ("context", _) => of(&machine.context),
            ("event", Some(Payload::Event(event))) => of(&machine.events[event].fields),
            ("event", Some(Payload::Done(state))) if field == "output" => {
                machine.states[state].done.as_ref().map(|ty| &*ty.syntax)
            }
            ("event", Some(Payload::Invoke(invoke))) if field == "output" => {
                machine.tasks[machine.invokes[invoke].task].output.as_ref().map(|ty| &*ty.syntax)
            }
            ("state", _) => owner(machine, self.at, field).and_then(|owner| of(&machine.states[owner].data)),
            _ => None,
        }
    }
}

/// What `event` is in a transition: nothing where its trigger carries nothing.
fn payload(machine: &Machine, transition: &Transition) -> Option<Payload> {
    match transition.trigger {
        Trigger::Event(event) => (!machine.events[event].fields.is_empty()).then_some(Payload::Event(event)),
        Trigger::Done => machine.states[transition.source].done.is_some().then_some(Payload::Done(transition.source)),
        Trigger::InvokeDone(invoke) => Some(Payload::Invoke(invoke)),
        Trigger::InvokeError(_) | Trigger::Error => machine.error.is_some().then_some(Payload::Failed),
        Trigger::Pattern(_) | Trigger::Always | Trigger::Timer(_) => None,
    }
}

impl Payload {
    /// Its type.
    pub(super) fn ty(self, scope: &Scope<'_>) -> TokenStream {
        let (fsm, machine) = (&scope.core, scope.machine);
        match self {
            Self::Event(event) => {
                let event = &scope.names.events[event];
                quote!(event::#event)
            }
            Self::Done(state) => {
                let ty = machine.states[state].done.as_ref().map(|ty| &ty.syntax);
                quote!(#fsm::Done<#ty>)
            }
            Self::Invoke(invoke) => {
                let ty = task_output(machine, invoke);
                quote!(#fsm::Done<#ty>)
            }
            Self::Failed => {
                let error = &scope.error;
                quote!(#fsm::Failed<#error>)
            }
        }
    }
}

/// What an invoke gives.
pub(super) fn task_output(machine: &Machine, invoke: InvokeId) -> TokenStream {
    let output = machine.tasks[machine.invokes[invoke].task].output.as_ref().map(|ty| &ty.syntax);
    output.map_or_else(|| quote!(()), |ty| quote!(#ty))
}

/// The nearest state from `at` outwards with that field in its data.
fn owner(machine: &Machine, at: StateId, field: &Ident) -> Option<StateId> {
    machine
        .chain(at)
        .find(|state| machine.states[*state].data.iter().any(|known| *field == names::snake_ident(&known.name.value)))
}

/// Code with its uses of `state` bound.
pub(super) struct Bound {
    /// The code, over bindings in the place of `state`.
    pub(super) code: TokenStream,
    /// The states whose data it names.
    pub(super) owners: Vec<StateId>,
}

/// The binding of a state's data.
pub(super) fn binding(owner: StateId) -> Ident {
    format_ident!("data{}", owner.index())
}

/// Binds `state.field` in `code`.
pub(super) fn bind(scope: &Scope<'_>, place: Place, code: TokenStream) -> Bound {
    let mut owners = Vec::new();
    let code = read(scope, place.at, code, &mut |owner, field| {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
        let binding = binding(owner);
        quote!(#binding.#field)
    });
    Bound { code, owners }
}

/// What stands for `state.field` in code of the state `at`: what `place_of` says for the state that has the field.
pub(super) fn read(
    scope: &Scope<'_>,
    at: StateId,
    code: TokenStream,
    place_of: &mut dyn FnMut(StateId, &Ident) -> TokenStream,
) -> TokenStream {
    if scope.machine.chain(at).all(|state| !scope.has_data(state)) {
        return code;
    }
    rewrite(scope, at, code, place_of)
}

fn rewrite(
    scope: &Scope<'_>,
    at: StateId,
    code: TokenStream,
    place_of: &mut dyn FnMut(StateId, &Ident) -> TokenStream,
) -> TokenStream {
    let tokens: Vec<TokenTree> = code.into_iter().gather();
    let is_dot = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
    let mut rewritten = TokenStream::new();
    let mut next = 0;
    while let Some(token) = tokens.get(next) {
        let owned = match (token, tokens.get(next + 2)) {
            (TokenTree::Ident(ident), Some(TokenTree::Ident(field)))
                if ident == "state" && is_dot(next + 1) && (next == 0 || !is_dot(next - 1)) =>
            {
                owner(scope.machine, at, field).map(|owner| (owner, field))
            }
            _ => None,
        };
        if let Some((owner, field)) = owned {
            rewritten.extend(place_of(owner, field));
            next += 3;
            continue;
        }
        next += 1;
        if let TokenTree::Group(group) = token {
            let inside = rewrite(scope, at, group.stream(), place_of);
            let mut inner = proc_macro2::Group::new(group.delimiter(), inside);
            inner.set_span(group.span());
            rewritten.extend([TokenTree::Group(inner)]);
        } else {
            rewritten.extend([token.clone()]);
        }
    }
    rewritten
}

impl Bound {
    /// With further states, whose bindings the code names already.
    pub(super) fn and(mut self, owners: Vec<StateId>) -> Self {
        for owner in owners {
            if !self.owners.contains(&owner) {
                self.owners.push(owner);
            }
        }
        self
    }

    /// Statements that run with the data in reach: `if let … = &self.state { … }`. The states are active, so they
    /// always run.
    pub(super) fn statements(self, scope: &Scope<'_>, mutable: bool) -> TokenStream {
        let mut code = self.code;
        for owner in self.owners {
            let pattern = scope.holder_pattern(owner, &binding(owner).into_token_stream());
            let mutability = mutable.then(|| quote!(mut));
            code = scope.with_pattern(owner, &pattern, &quote!(&#mutability self.state), &code);
        }
        code
    }

    /// A condition over the data.
    pub(super) fn condition(self, scope: &Scope<'_>) -> TokenStream {
        let mut code = self.code;
        for owner in self.owners {
            let pattern = scope.holder_pattern(owner, &binding(owner).into_token_stream());
            code = quote!(matches!(&self.state, #pattern if #code));
        }
        code
    }
}
