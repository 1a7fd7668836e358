//! The arguments of calls.
//!
//! Part of the Rust back-end, read by what calls actions, guards and tasks.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use fsm_model::ir::{Arg, ArgKind, Borrow, Call, Name, Root};

/// The arguments of a call.
pub(super) fn of(scope: &Scope<'_>, call: &Call) -> Vec<TokenStream> {
    call.args.iter().map(|one| scope.placed(one.span, arg(scope, one))).gather()
}

/// An argument that the method keeps.
pub(super) fn owned(scope: &Scope<'_>, arg: &Arg) -> TokenStream {
    let value = match &arg.kind {
        ArgKind::Literal(_) => self::arg(scope, arg),
        ArgKind::Path { root, fields, .. } => {
            let path = path(scope, *root, fields);
            quote!(Clone::clone(&#path))
        }
    };
    scope.placed(arg.span, value)
}

fn path(scope: &Scope<'_>, root: Root, fields: &[Name]) -> TokenStream {
    let fields = fields.iter().map(|field| scope.snake(field));
    match root {
        Root::Event => quote!(event #(.#fields)*),
        Root::Context => quote!(self.context #(.#fields)*),
        Root::State => quote!(state #(.#fields)*),
        Root::Queue => quote!(self.queue),
    }
}

fn arg(scope: &Scope<'_>, arg: &Arg) -> TokenStream {
    match &arg.kind {
        ArgKind::Literal(literal) => {
            let syntax = &literal.syntax;
            quote!(#syntax)
        }
        ArgKind::Path { borrow, root, fields } => {
            let path = path(scope, *root, fields);
            match root {
                // `event` is a reference already.
                Root::Event if fields.is_empty() => path,
                Root::Queue => quote!(&mut #path),
                Root::Context if fields.is_empty() && *borrow == Borrow::Value => quote!(&#path),
                _ => with_borrow(*borrow, &path),
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
