//! Attributes that a spec gives to generated types.
//!
//! Part of the Rust back-end. What a type derives anyway is not derived twice, and what is said about it stands before
//! what generated code says.

use fsm_model::gather::Gather as _;
use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use super::scope::Scope;
use fsm_model::rust::Placed;
use fsm_model::source::Span;

/// The attributes of a type: docs, then what it derives, then all others. `derived` are the traits that it has anyway;
/// rustc shows their derives at `place`, the name that the type has from the spec.
pub(super) fn with(
    scope: &Scope<'_>,
    place: Span,
    derived: &TokenStream,
    docs: &TokenStream,
    given: &[Placed<Attribute>],
) -> TokenStream {
    let is_doc = |attribute: &&Placed<Attribute>| attribute.value.path().is_ident("doc");
    let mut own_docs: TokenStream = given.iter().filter(is_doc).map(|attribute| tokens(&attribute.value)).gather();
    if !own_docs.is_empty() {
        own_docs.extend(quote!(#[doc = ""]));
    }
    let others = given.iter().filter(|attribute| !is_doc(attribute)).map(|attribute| other(&attribute.value, derived));
    let derive = scope.placed(place, quote!(#[derive(#derived)]));
    quote!(#own_docs #docs #derive #(#others)*)
}

fn tokens(attribute: &Attribute) -> TokenStream {
    quote!(#attribute)
}

/// An attribute as it is, or of a `derive` what the type does not derive anyway.
fn other(attribute: &Attribute, derived: &TokenStream) -> TokenStream {
    let parser = Punctuated::<Path, Token![,]>::parse_terminated;
    if !attribute.path().is_ident("derive") {
        return tokens(attribute);
    }
    let Ok(wanted) = attribute.parse_args_with(parser) else { return tokens(attribute) };
    let known: HashSet<String> = derived.clone().into_iter().map(|tree| tree.to_string()).gather();
    let last = |path: &Path| path.segments.last().is_some_and(|last| known.contains(&last.ident.to_string()));
    let missing: Vec<&Path> = wanted.iter().filter(|path| !last(path)).gather();
    if missing.is_empty() { TokenStream::new() } else { quote!(#[derive(#(#missing),*)]) }
}
