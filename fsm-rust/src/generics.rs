//! Machines with generic parameters: every item that needs one gets it.
//!
//! Part of the Rust back-end, its last step, and nothing where the spec has no `generics:`. The other parts write
//! `Machine`, `Event` or `impl Machine` as if there were no parameters; here the finished module is read as syntax,
//! `names` finds out which of its types mention a parameter, also through one another, and `heads` writes
//! `Machine<M>` and `impl<M: Motor> Machine<M>` in their place. An event enum whose payloads mention none stays without:
//! users write no more parameters than there have to be. Expressions and patterns stay as they are, since rustc infers
//! the arguments there.
//!
//! `Machine` has all parameters: its steps may call what their bounds offer.

mod heads;
mod names;
mod projections;

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, TypeParam, TypeParamBound, WherePredicate, parse_quote};

use super::events::Deeper;
use super::scope::Scope;
use super::tokens;
use fsm_model::ir::{Method, ParamType, Type};
use fsm_model::rust::same;

use heads::Heads;
use names::Names;

/// The parameters of the spec, and what generated code needs of them beyond their bounds.
pub(super) struct Params {
    list: Vec<GenericParam>,
    /// What steps ask of each besides.
    demands: Vec<Vec<TypeParamBound>>,
    /// Those that the defaults of the context mention.
    in_defaults: Vec<usize>,
    /// The types of the spec that belong to a parameter, `M::Speed`, with their owners.
    projections: Vec<(Ident, syn::Type)>,
}

/// What an `impl` is for, which decides what it asks of the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It only looks at values.
    Data,
    /// Steps are in it, or called from it.
    Step,
    /// Its futures can go to another thread.
    Service,
}

/// The names of the parameters.
pub(super) fn names(scope: &Scope<'_>) -> Vec<Ident> {
    let params = scope.machine.generics.iter().flat_map(|generics| &generics.value.params);
    let name = |param: &GenericParam| match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(_) => None,
    };
    params.filter_map(name).gather()
}

/// The items of the module with the parameters that they need.
pub(super) fn spread(scope: &Scope<'_>, items: TokenStream) -> TokenStream {
    let Some(params) = Params::of(scope) else { return items };
    // The other parts make nothing but items.
    let Ok(mut file) = syn::parse2::<syn::File>(items.clone()) else { return items };
    let names = Names::of(&params, &file.items);
    Heads::new(scope, &params, &names).spread(&mut file.items);
    file.into_token_stream()
}

/// `where …`, in machines with parameters: without them the predicate holds, or rustc would not have come so far.
pub(super) fn only_where(scope: &Scope<'_>, predicate: &TokenStream) -> Option<TokenStream> {
    scope.machine.generics.is_some().then(|| quote!(where #predicate))
}

/// Whether a type mentions a parameter.
pub(super) fn is_generic(scope: &Scope<'_>, ty: &syn::Type) -> bool {
    let Some(generics) = &scope.machine.generics else { return false };
    generics.value.params.iter().filter_map(ident_of).any(|param| mentions(ty, param))
}

/// What `Machine` holds to be generic over types that no value in it is made of: `PhantomData<fn() -> (J,)>`.
pub(super) fn marker(scope: &Scope<'_>) -> Option<TokenStream> {
    let machine = scope.machine;
    let generics = machine.generics.as_ref()?;
    let data = machine.states.iter().flat_map(|state| &state.data);
    let held: Vec<&Type> = machine.context.iter().chain(data).map(|field| &field.ty).chain(&machine.output).gather();
    let unheld: Vec<&Ident> = generics
        .value
        .type_params()
        .map(|param| &param.ident)
        .filter(|param| !held.iter().any(|ty| mentions(&ty.syntax, param)))
        .gather();
    (!unheld.is_empty()).then(|| quote!(::core::marker::PhantomData<fn() -> (#(#unheld,)*)>))
}

fn ident_of(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        // Resolve refuses lifetimes.
        GenericParam::Lifetime(_) => None,
    }
}

fn mentions(syntax: &impl ToTokens, param: &Ident) -> bool {
    tokens::mentions_tokens(&syntax.to_token_stream(), &param.to_string())
}

impl Params {
    fn of(scope: &Scope<'_>) -> Option<Self> {
        let generics = scope.machine.generics.as_ref()?;
        let list: Vec<GenericParam> = generics.value.params.iter().cloned().gather();
        let machine = scope.machine;
        let defaults = machine.context.iter().filter_map(|field| field.default.as_ref());
        let defaults: TokenStream = defaults.map(|default| default.syntax.to_token_stream()).gather();
        let in_defaults =
            (0..list.len()).filter(|at| ident_of(&list[*at]).is_some_and(|param| mentions(&defaults, param))).gather();
        let projections = projections::of(machine, &generics.value);
        Some(Self { demands: list.iter().map(|param| demands(scope, param)).gather(), list, in_defaults, projections })
    }

    fn ident(&self, at: usize) -> Option<&Ident> {
        ident_of(&self.list[at])
    }

    /// A parameter as an item declares it, `depth` modules below the machine's own.
    fn declaration(&self, at: usize, depth: usize) -> GenericParam {
        let mut param = self.list[at].clone();
        for _ in 0..depth {
            syn::visit_mut::VisitMut::visit_generic_param_mut(&mut Deeper, &mut param);
        }
        param
    }

    /// A parameter as an `impl` declares it, with what has to hold of the types that belong to it.
    fn implementation(&self, at: usize, role: Role) -> (GenericParam, Vec<WherePredicate>) {
        let mut param = self.list[at].clone();
        let mut bounds = if role == Role::Data { Vec::new() } else { self.demands[at].clone() };
        if role == Role::Service {
            let wanted: [TypeParamBound; 3] = [parse_quote!(Send), parse_quote!(Sync), parse_quote!('static)];
            bounds.extend(wanted.into_iter().filter(|bound| !self.demands[at].iter().any(|known| same(known, bound))));
        }
        let GenericParam::Type(own) = &mut param else { return (param, Vec::new()) };
        let belongs = |(owner, ty): &(Ident, syn::Type)| -> Option<WherePredicate> {
            (*owner == own.ident && !bounds.is_empty()).then(|| parse_quote!(#ty: #(#bounds)+*))
        };
        let predicates = self.projections.iter().filter_map(belongs).gather();
        let missing: Vec<_> = bounds.iter().filter(|bound| !own.bounds.iter().any(|known| same(known, bound))).gather();
        own.bounds.extend(missing.into_iter().cloned());
        own.colon_token = (!own.bounds.is_empty()).then(Default::default);
        (param, predicates)
    }
}

/// What the code of a step does with values of a parameter, beyond moving and lending them.
fn demands(scope: &Scope<'_>, param: &GenericParam) -> Vec<TypeParamBound> {
    let GenericParam::Type(TypeParam { ident: param, .. }) = param else { return Vec::new() };
    let machine = scope.machine;
    let fields =
        |mut fields: std::slice::Iter<'_, fsm_model::ir::Field>| fields.any(|field| mentions(&field.ty.syntax, param));
    let takes = |method: &Method| {
        method.params.iter().any(|own| match &own.ty {
            ParamType::Rust(ty) => mentions(ty, param),
            ParamType::Context(_) => fields(machine.context.iter()),
            ParamType::Event(event) => fields(machine.events[*event].fields.iter()),
            ParamType::Queue => false,
        })
    };
    let in_events = machine.events.iter().any(|event| fields(event.fields.iter()));
    let in_data = machine.states.iter().any(|state| fields(state.data.iter()));
    let mut blocking = machine.actions.iter().filter(|method| method.blocking).peekable();
    // What works on a thread of its own takes its arguments along, and brings its error back.
    let fails = blocking.peek().is_some() && machine.error.as_ref().is_some_and(|ty| mentions(&ty.syntax, param));
    let works = blocking.any(takes) || fails;
    let clones = scope.form.defers && in_events
        || scope.form.history && in_data
        || works
        || machine.tasks.iter().any(|task| takes(&task.method));
    let mut demands = Vec::new();
    if clones {
        demands.push(parse_quote!(Clone));
    }
    if works && scope.is_async() {
        demands.extend([parse_quote!(Send), parse_quote!('static)]);
    }
    demands
}
