//! Blocks of actions: one `entry` list, one `exit` list, the actions of one transition.
//!
//! Part of the Rust back-end. An action that fails ends its block, not the step (SEMANTICS.md, errors): the code of a
//! block is a labelled Rust block that failures break out of.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::arithmetic::{Fields, Value};
use super::scope::Scope;
use super::tokens;
use crate::ir::{Action, Arg, ArgKind, Assignment, Borrow, Call, EventId, Root};
use crate::names;

/// The code of one block; `event` is the event whose payload `event` names, if any.
///
/// It runs where `self`, `actions` and, in a machine that can fail, `failed: &mut Option<Error<_>>` are in scope.
pub(super) fn block(scope: &Scope<'_>, actions: &[Action], event: Option<EventId>) -> TokenStream {
    let Some((last, rest)) = actions.split_last() else { return TokenStream::new() };
    let statements: TokenStream = rest.iter().map(|one| action(scope, one, event, &quote!(break 'block;))).collect();
    let last = action(scope, last, event, &TokenStream::new());
    if rest.iter().any(|one| fails(scope, one, event)) {
        quote!('block: { #statements #last })
    } else {
        quote!(#statements #last)
    }
}

/// Whether a step can fail at this action.
pub(super) fn fails(scope: &Scope<'_>, action: &Action, event: Option<EventId>) -> bool {
    match action {
        Action::Call(..) => scope.machine.error.is_some(),
        Action::Assign(all) => assign_fails(scope.machine, all, event),
        _ => unreachable!("resolve gives no other yet"),
    }
}

/// Whether an assignment can overflow.
pub(super) fn assign_fails(machine: &crate::ir::Machine, all: &[Assignment], event: Option<EventId>) -> bool {
    let fields = Fields::new(machine, event);
    all.iter().any(|assignment| {
        let target = &machine.context[assignment.field].ty.syntax;
        fields.value(&assignment.value.syntax, target).is_checked()
    })
}

fn action(scope: &Scope<'_>, action: &Action, event: Option<EventId>, leave: &TokenStream) -> TokenStream {
    match action {
        Action::Call(id, call) => {
            let method = names::snake_ident(&scope.machine.actions[*id].name.value);
            let (args, dot_await) = (args(call), scope.dot_await());
            let call = quote!(actions.#method(#(#args),*) #dot_await);
            if scope.machine.error.is_none() {
                return quote!(#call;);
            }
            let core = &scope.core;
            quote! {
                if let Err(error) = #call {
                    Self::fail(failed, #core::Error::Action(error), actions);
                    #leave
                }
            }
        }
        Action::Assign(all) => assign(scope, all, event, leave),
        _ => unreachable!("resolve gives no other yet"),
    }
}

/// New values for fields: all of them are computed before the first is written.
fn assign(scope: &Scope<'_>, all: &[Assignment], event: Option<EventId>, leave: &TokenStream) -> TokenStream {
    let machine = scope.machine;
    let fields = Fields::new(machine, event);
    let targets: Vec<_> = all
        .iter()
        .map(|assignment| {
            let name = names::snake_ident(&machine.context[assignment.field].name.value);
            quote!(self.context.#name)
        })
        .collect();
    let values: Vec<Value> = all
        .iter()
        .map(|assignment| fields.value(&assignment.value.syntax, &machine.context[assignment.field].ty.syntax))
        .collect();
    let old = all
        .iter()
        .any(|assignment| tokens::mentions(&assignment.value.syntax, Root::Context.name()))
        .then(|| quote!(let context = &self.context;));
    let core = &scope.core;
    let overflow = quote!(Self::fail(failed, #core::Error::Overflow, actions); #leave);
    match (targets.as_slice(), values.as_slice()) {
        ([], _) => TokenStream::new(),
        ([target], [Value::Plain(value)]) if old.is_none() => quote!(#target = #value;),
        ([target], [Value::Plain(value)]) => quote!({ #old #target = #value; }),
        ([target], [Value::Checked(value)]) => checked(old.as_ref(), value, target, &overflow),
        _ if values.iter().all(|value| matches!(value, Value::Plain(_))) => {
            let values = values.iter().map(Value::tokens);
            quote!({ #old (#(#targets),*) = (#(#values),*); })
        }
        _ => {
            // One overflow among them leaves every field as it was.
            let values = all.iter().map(|assignment| {
                fields.escaping(&assignment.value.syntax, &machine.context[assignment.field].ty.syntax)
            });
            let all = quote!('checked: { Some((#(#values),*)) });
            checked(old.as_ref(), &all, &quote!((#(#targets),*)), &overflow)
        }
    }
}

fn checked(
    old: Option<&TokenStream>,
    value: &TokenStream,
    target: &TokenStream,
    overflow: &TokenStream,
) -> TokenStream {
    // A block may not stand where `if` asks for its condition.
    let is_block = matches!(value.clone().into_iter().next(), Some(TokenTree::Punct(label)) if label.as_char() == '\'');
    let (before, value) =
        if is_block { (Some(quote!(let value = #value;)), quote!(value)) } else { (None, value.clone()) };
    quote! {
        {
            #old
            #before
            if let Some(value) = #value {
                #target = value;
            } else {
                #overflow
            }
        }
    }
}

/// The arguments of a call.
pub(super) fn args(call: &Call) -> Vec<TokenStream> {
    call.args.iter().map(arg).collect()
}

fn arg(arg: &Arg) -> TokenStream {
    match &arg.kind {
        ArgKind::Literal(literal) => {
            let syntax = &literal.syntax;
            quote!(#syntax)
        }
        ArgKind::Path { borrow, root, fields } => {
            let fields = fields.iter().map(|field| names::snake_ident(&field.value));
            match root {
                // `event` is a reference already.
                Root::Event if fields.len() == 0 => quote!(event),
                Root::Event => with_borrow(*borrow, &quote!(event #(.#fields)*)),
                Root::Context if fields.len() == 0 && *borrow == Borrow::Mutable => quote!(&mut self.context),
                Root::Context if fields.len() == 0 => quote!(&self.context),
                Root::Context => with_borrow(*borrow, &quote!(self.context #(.#fields)*)),
                // `resolve` reports both as not supported yet.
                Root::State | Root::Queue => TokenStream::new(),
            }
        }
    }
}

fn with_borrow(borrow: Borrow, path: &TokenStream) -> TokenStream {
    match borrow {
        Borrow::Value => path.clone(),
        Borrow::Shared => quote!(&#path),
        Borrow::Mutable => quote!(&mut #path),
    }
}
