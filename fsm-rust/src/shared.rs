//! Code that many transitions need, in functions of its own.
//!
//! Part of the Rust back-end. What a transition enters or remembers can be as long as the machine has states: all
//! regions of a parallel state, all children that a history may have to bring back. Written out for each transition
//! that would be a product. Equal code beyond a few tokens is therefore written once, as a function, and called. The
//! functions stand in the order in which they were first asked for.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::places;
use super::scope::Scope;
use fsm_model::ir::EventId;

/// Code of up to this many tokens stands where it is needed.
const SHORT: usize = 48;

/// Up to this many events are listed where they are asked for.
const FEW: usize = 8;

/// The functions made so far.
#[derive(Default)]
pub(super) struct Shared(RefCell<Functions>);

#[derive(Default)]
struct Functions {
    /// By their code.
    names: HashMap<String, Ident>,
    taken: HashSet<String>,
    code: TokenStream,
}

impl Shared {
    /// The function that `code` stands in, made by `make` under a name that begins with `name`; `None` where the code is
    /// short.
    pub(super) fn function(
        &self,
        scope: &Scope<'_>,
        name: &str,
        code: &TokenStream,
        make: impl FnOnce(&Ident) -> TokenStream,
    ) -> Option<Ident> {
        let mut length = 0;
        if !is_longer(code, SHORT, &mut length) {
            return None;
        }
        Some(self.once(scope, name, code, make))
    }

    fn once(
        &self,
        scope: &Scope<'_>,
        name: &str,
        code: &TokenStream,
        make: impl FnOnce(&Ident) -> TokenStream,
    ) -> Ident {
        let key = format!("{name}|{}", places::key(scope, code));
        if let Some(known) = self.0.borrow().names.get(&key) {
            return known.clone();
        }
        let mut functions = self.0.borrow_mut();
        let mut unique = name.to_owned();
        let mut number = 2;
        while !functions.taken.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        let ident = format_ident!("{unique}");
        functions.names.insert(key, ident.clone());
        functions.code.extend(make(&ident));
        ident
    }

    /// An arm of a match over `event` for several events: a pattern, and a condition where they are too many to be
    /// listed in each state that asks for them.
    pub(super) fn events(&self, scope: &Scope<'_>, events: &[EventId]) -> (TokenStream, Option<TokenStream>) {
        let list = scope.event_patterns(events);
        if events.len() <= FEW {
            return (list, None);
        }
        let code = quote!(matches!(event, #list));
        let name =
            self.once(scope, "is_one_of_many", &code, |name| quote!(const fn #name(event: &Event) -> bool { #code }));
        (quote!(_), Some(quote!(Self::#name(event))))
    }

    /// All functions, for an `impl Machine`.
    pub(super) fn functions(&self) -> TokenStream {
        self.0.borrow().code.clone()
    }
}

/// Whether code has more than `most` tokens; counts no further.
fn is_longer(code: &TokenStream, most: usize, length: &mut usize) -> bool {
    code.clone().into_iter().any(|token| {
        *length += 1;
        *length > most
            || match token {
                TokenTree::Group(group) => is_longer(&group.stream(), most, length),
                _ => false,
            }
    })
}
