//! Imports: the spec's `use:` lines in the module, and what they bring handed on to the modules below it.
//!
//! Part of [`super`]. What nothing mentions is imported under an `allow` or not at all, so that the generated
//! code has no warnings.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::UseTree;

use super::Scope;
use super::mentions::mentioned_idents;
use crate::tokens;
use fsm_model::names;
use fsm_model::source::Spanned;

/// The spec's `use:` lines.
pub(crate) fn uses(scope: &Scope<'_>) -> TokenStream {
    let mentioned = mentioned_idents(scope.machine);
    let lines = scope.machine.uses.iter().map(|Spanned { value: tree, .. }| {
        if names_of(tree).iter().all(|name| name.as_ref().is_some_and(|name| mentioned.contains(name))) {
            quote!(use #tree;)
        } else {
            // A trait is used without being named, and a glob may bring anything.
            quote! {
                #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
                use #tree;
            }
        }
    });
    let runtime = &scope.config.runtime;
    let waits = scope.machine.actions.iter().any(|action| !action.blocking) || !scope.machine.tasks.is_empty();
    let future = (scope.is_async() && waits).then(|| {
        quote!(
            use ::core::future::Future;
        )
    });
    quote! {
        #(#lines)*
        #future
        use #runtime::core as fsm;
    }
}

/// Imports of the spec's names into a module whose items are `items`, `depth` modules below the machine's own.
pub(crate) fn uses_of_child(scope: &Scope<'_>, items: &TokenStream, depth: usize) -> TokenStream {
    let above: TokenStream = (0..depth).map(|_| quote!(super::)).gather();
    let mut mentioned = HashSet::new();
    tokens::collect_idents(items.clone(), &mut mentioned);
    let names = scope.machine.uses.iter().flat_map(|tree| names_of(&tree.value));
    let lines = names.filter_map(|name| match name {
        Some(name) if mentioned.contains(&name) => {
            let name = names::ident(&name);
            Some(quote!(use #above #name;))
        }
        Some(_) => None,
        None => Some(quote! {
            #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
            use #above *;
        }),
    });
    quote!(#(#lines)*)
}

/// What a `use` brings into scope; `None` for a glob.
pub(crate) fn names_of(tree: &UseTree) -> Vec<Option<String>> {
    match tree {
        UseTree::Path(path) => names_of(&path.tree),
        UseTree::Name(name) => vec![Some(name.ident.to_string())],
        UseTree::Rename(rename) => vec![Some(rename.rename.to_string())],
        UseTree::Group(group) => group.items.iter().flat_map(names_of).gather(),
        UseTree::Glob(_) => vec![None],
    }
}
