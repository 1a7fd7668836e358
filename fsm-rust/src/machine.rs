//! `Context` and `Machine`: the plain data.
//!
//! Part of the Rust back-end.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Lit};

use super::scope::Scope;
use super::{attributes, bodies, docs, events, generics, lints, places, tokens};
use fsm_model::ir::{Field, StateId, Type};

/// `Context`: the extended state.
pub(super) fn context(scope: &Scope<'_>) -> TokenStream {
    let fields = &scope.machine.context;
    let serde = scope.serde_derive();
    let doc = docs::lines("The extended state.");
    if fields.is_empty() {
        let derived = quote!(Debug, Clone, PartialEq, Eq, Hash, Default);
        let head = attributes::with(scope, scope.machine.name.span, &derived, &doc, &scope.machine.context_attributes);
        return quote! {
            #head
            #serde
            pub struct Context {}
        };
    }
    let idents: Vec<Ident> = fields.iter().map(|field| scope.snake(&field.name)).gather();
    let members = fields.iter().zip(&idents).map(|(field, ident)| {
        let ty = &field.ty.syntax;
        let docs = docs::lines(&format!("{}.", docs::place(scope, field.name.span)));
        let rename = scope.serde_rename(ident, &field.name.value);
        let public = scope.public(&field.name);
        quote!(#docs #rename #public #ident: #ty)
    });
    let types = fields.iter().map(|field| &*field.ty.syntax);
    let allow = lints::of_struct("Context", idents.iter().zip(types));
    let comparable = fields.iter().all(|field| events::is_comparable(&field.ty.syntax)).then(|| quote!(Eq, Hash,));
    let generic: Vec<&Field> = fields.iter().filter(|field| generics::is_generic(scope, &field.ty.syntax)).gather();
    let defaults = generic.iter().filter(|field| field.default.is_none()).map(|field| &field.ty.syntax);
    // Only what has its type's own default asks for it, where a derive would ask all parameters.
    let asks = generics::only_where(scope, &quote!(#(#defaults: Default),*));
    let plain = generic.is_empty()
        && fields.iter().all(|field| field.default.as_ref().is_none_or(|default| is_default(&default.syntax)));
    let derive = plain.then(|| quote!(Default));
    let values = fields.iter().zip(&idents).map(|(field, ident)| {
        let value = default_value(field);
        let value = match &field.default {
            Some(default) => places::value(scope, default.span, value),
            None => value,
        };
        quote!(#ident: #value)
    });
    let default = (!plain).then(|| {
        quote! {
            impl Default for Context #asks {
                fn default() -> Self {
                    Self { #(#values,)* }
                }
            }
        }
    });
    let derived = quote!(Debug, Clone, PartialEq, #comparable #derive);
    let head = attributes::with(scope, scope.machine.name.span, &derived, &doc, &scope.machine.context_attributes);
    quote! {
        #head
        #serde
        #allow
        pub struct Context { #(#members,)* }
        #default
    }
}

pub(super) fn default_value(field: &Field) -> TokenStream {
    let Some(default) = &field.default else { return type_default(&field.ty.syntax) };
    let is_string = matches!(&*field.ty.syntax, syn::Type::Path(path) if path.path.is_ident("String"));
    match &*default.syntax {
        // `name: String = "arm"`, as everyone writes it.
        literal @ Expr::Lit(expr) if is_string && matches!(expr.lit, Lit::Str(_)) => quote!(String::from(#literal)),
        other => other.to_token_stream(),
    }
}

/// `Vec::default()`, as clippy likes it better than `Default::default()`.
pub(super) fn type_default(ty: &syn::Type) -> TokenStream {
    let syn::Type::Path(path) = ty else { return quote!(Default::default()) };
    let mut path = path.clone();
    if let Some(last) = path.path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    quote!(#path::default())
}

/// Whether an expression is what `Default::default()` gives anyway: clippy would ask for the derive.
fn is_default(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int.base10_digits() == "0",
            Lit::Bool(value) => !value.value,
            Lit::Str(text) => text.value().is_empty(),
            _ => false,
        },
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Call(call) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            call.args.is_empty() && (function.ends_with("::default") || function.ends_with("::new"))
        }
        _ => false,
    }
}

/// `Machine`: state, context, what waits, and where it is in its life.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let fsm = &scope.core;
    let error = &scope.error;
    let (plain, initial) = (plain(scope), Parts::new(scope).initial());
    let state = initial_state(scope);
    let constant = (!scope.form.data && !scope.form.history).then(|| quote!(const));
    let [timer, invoke, done, message, reply, output] = associated(scope);
    let error = declared_at(scope, scope.machine.error.as_ref(), quote!(type Error = #error;));
    let output = declared_at(scope, scope.machine.output.as_ref(), quote!(type Output = #output;));
    let active = if scope.leaves == 1 {
        quote!(::core::iter::once(self.state.index()))
    } else {
        quote!(self.state.leaves().into_iter())
    };
    let give = scope.form.output.then(|| {
        quote! {
            fn output(&self) -> Option<&Self::Output> {
                self.output.as_ref()
            }
        }
    });
    let has_default = generics::only_where(scope, &quote!(Context: Default));
    quote! {
        #plain

        impl Machine {
            #[doc = " A machine that is not started yet."]
            #[must_use]
            pub #constant fn new(context: Context) -> Self {
                #state
                Self { state, status: #fsm::Status::Stopped, context, #initial }
            }

            #[doc = " Where it is; where it was last, once it is finished."]
            #[must_use]
            pub const fn state(&self) -> &State {
                &self.state
            }

            #[doc = " The extended state."]
            #[must_use]
            pub const fn context(&self) -> &Context {
                &self.context
            }

            #[doc = " Where it is in its life."]
            #[must_use]
            pub const fn status(&self) -> #fsm::Status {
                self.status
            }
        }

        impl Default for Machine #has_default {
            fn default() -> Self {
                Self::new(Context::default())
            }
        }

        impl #fsm::Machine for Machine {
            type State = State;
            type Event = Event;
            type Context = Context;
            #error
            type Timer = #timer;
            type Invoke = #invoke;
            type Done = #done;
            #output
            type Message = #message;
            type Reply = #reply;

            const DEFINITION: &'static #fsm::Definition = &DEFINITION;

            fn state(&self) -> &State {
                &self.state
            }

            fn context(&self) -> &Context {
                &self.context
            }

            fn status(&self) -> #fsm::Status {
                self.status
            }

            fn event_index(event: &Event) -> usize {
                event.index()
            }

            fn active(&self) -> impl Iterator<Item = usize> {
                #active
            }

            #give
        }
    }
}

/// An associated type that the spec names: a mistake in it stands there.
fn declared_at(scope: &Scope<'_>, ty: Option<&Type>, item: TokenStream) -> TokenStream {
    match ty {
        Some(ty) => scope.placed(ty.span, item),
        None => item,
    }
}

/// The type alone.
pub(super) fn plain(scope: &Scope<'_>) -> TokenStream {
    let (fsm, inner, serde) = (&scope.core, &scope.inner, scope.serde_derive());
    let declared = Parts::new(scope).declare(scope);
    quote! {
        #[doc = " The machine as plain data, without handlers."]
        #[derive(Debug, Clone, PartialEq)]
        #serde
        pub struct Machine {
            #inner state: State,
            #inner status: #fsm::Status,
            #inner context: Context,
            #declared
        }
    }
}

/// The fields of a machine that is put together: those in `given` from variables of their names, the others as in a
/// new one.
#[cfg(feature = "versions")]
pub(super) fn assembled(scope: &Scope<'_>, given: &[&str]) -> TokenStream {
    let field = |(name, _, initial): &(TokenStream, TokenStream, TokenStream)| {
        if given.contains(&name.to_string().as_str()) { quote!(#name,) } else { quote!(#name: #initial,) }
    };
    Parts::new(scope).0.iter().map(field).gather()
}

/// `Timer`, `Invoke`, `Done`, `Message`, `Reply` and the output: `Never` where the machine has none.
fn associated(scope: &Scope<'_>) -> [TokenStream; 6] {
    let (fsm, machine, form) = (&scope.core, scope.machine, &scope.form);
    let of = |has: bool, ty: TokenStream| if has { ty } else { quote!(#fsm::Never) };
    let output = machine.output.as_ref().map(|ty| {
        let ty = &ty.syntax;
        quote!(#ty)
    });
    [
        of(form.has_timers(), quote!(Timer)),
        of(form.invokes, quote!(Invoke)),
        of(form.invokes, quote!(Done)),
        of(!machine.emits.is_empty(), quote!(Message)),
        of(machine.events.iter().any(|event| event.reply.is_some()), quote!(Reply)),
        output.unwrap_or_else(|| quote!(#fsm::Never)),
    ]
}

/// `let state = …;`: where the machine is to start, by what its spec declares.
fn initial_state(scope: &Scope<'_>) -> TokenStream {
    if scope.is_plain() {
        let leaf = scope.leaf(scope.machine.default_leaf(StateId::ROOT));
        return quote!(let state = #leaf;);
    }
    let (_, value) = bodies::start(scope);
    let fsm = &scope.core;
    let error = &scope.error;
    let mentions = |name| tokens::mentions_tokens(&value, name);
    let lend = value.to_string().contains("context .");
    let value = if lend { quote!({ let context = &context; #value }) } else { value.clone() };
    let history = mentions("history").then(|| quote!(let history = &History::default();));
    // An overflow is told when the machine starts.
    let run = mentions("run").then(|| quote!(let run = &mut #fsm::Run::<#error>::new(&DEFINITION);));
    quote!(#history #run let state = #value;)
}

/// How a field of `Machine` is written to a snapshot, where serde's derive needs to be told.
fn wire(scope: &Scope<'_>, field: &str) -> TokenStream {
    if !scope.config.serde {
        return TokenStream::new();
    }
    match field {
        // Between two steps nothing waits there.
        "queue" | "due" => quote!(#[serde(skip)]),
        // Arrays of any length.
        "timers" | "invokes" => {
            let path = format!("{}::wire::array", scope.core.to_string().replace(' ', ""));
            quote!(#[serde(with = #path)])
        }
        _ => TokenStream::new(),
    }
}

/// The fields of `Machine` that depend on what it has.
struct Parts(Vec<(TokenStream, TokenStream, TokenStream)>);

impl Parts {
    fn new(scope: &Scope<'_>) -> Self {
        let (fsm, machine, form) = (&scope.core, scope.machine, &scope.form);
        let literal = proc_macro2::Literal::usize_unsuffixed;
        let (queue, deferred) = (
            proc_macro2::Literal::u32_unsuffixed(machine.queue),
            proc_macro2::Literal::u32_unsuffixed(machine.defer_capacity),
        );
        let (timers, invokes) = (literal(machine.timers.len()), literal(machine.invokes.len()));
        let ring = quote!(#fsm::Ring::new());
        let output = machine.output.as_ref().map(|ty| &ty.syntax);
        let marker = generics::marker(scope);
        // Those that a snapshot never holds are not there in a machine of which nothing but snapshots are left.
        let lives = !scope.is_older();
        let all = [
            (form.history, quote!(history), quote!(History), quote!(History::default())),
            (form.queue && lives, quote!(queue), quote!(Queue), quote!(Queue { ring: #fsm::Ring::new(), full: false })),
            (form.due && lives, quote!(due), quote!(#fsm::Ring<Due, #queue>), ring.clone()),
            (form.delayed, quote!(delayed), quote!(#fsm::Ring<Delayed, #queue>), ring.clone()),
            (form.defers, quote!(deferred), quote!(#fsm::Ring<(#fsm::Token, Event), #deferred>), ring),
            (form.defers, quote!(tokens), quote!(u32), quote!(0)),
            (form.has_timers() || form.invokes, quote!(generations), quote!(u32), quote!(0)),
            (form.timers, quote!(timers), quote!([u32; #timers]), quote!([0; #timers])),
            (form.invokes, quote!(invokes), quote!([#fsm::Slot; #invokes]), quote!([#fsm::Slot::Idle; #invokes])),
            (form.output, quote!(output), quote!(Option<#output>), quote!(None)),
            (marker.is_some(), quote!(parameters), quote!(#marker), quote!(::core::marker::PhantomData)),
        ];
        Self(all.into_iter().filter(|(has, ..)| *has).map(|(_, name, ty, initial)| (name, ty, initial)).gather())
    }

    fn declare(&self, scope: &Scope<'_>) -> TokenStream {
        let field = |(name, ty, _): &(TokenStream, TokenStream, TokenStream)| {
            let (wire, inner) = (wire(scope, &name.to_string()), &scope.inner);
            quote!(#wire #inner #name: #ty,)
        };
        self.0.iter().map(field).gather()
    }

    fn initial(&self) -> TokenStream {
        self.0.iter().map(|(name, _, initial)| quote!(#name: #initial,)).gather()
    }
}
