//! Lints that fire on what a spec declares, not on how it was generated: allowed where they would.
//!
//! Part of the Rust back-end. Nobody can rename the states of RFC 9293 because all of them end in one word; the
//! conditions here are clippy's own, so that no attribute stands where it is not needed.

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use fsm_model::names;

/// clippy's threshold for `enum_variant_names` and `struct_field_names`.
const SMALLEST_GROUP: usize = 3;
/// clippy's threshold for `struct_excessive_bools` and `fn_params_excessive_bools`.
const MOST_BOOLS: usize = 3;
/// clippy's threshold for `too_many_arguments`.
const MOST_ARGUMENTS: usize = 7;

/// For an enum: `enum_variant_names`.
pub(super) fn of_enum<'i>(name: &str, variants: impl Iterator<Item = &'i Ident>) -> TokenStream {
    let all: Vec<String> = variants.map(ToString::to_string).gather();
    if share_a_word(name, &all) {
        quote!(#[allow(clippy::enum_variant_names, reason = "as the spec names them")])
    } else {
        TokenStream::new()
    }
}

/// For a struct: `struct_field_names` and `struct_excessive_bools`.
pub(super) fn of_struct<'i>(name: &str, fields: impl Iterator<Item = (&'i Ident, &'i syn::Type)>) -> TokenStream {
    let (names, bools): (Vec<String>, Vec<bool>) = fields.map(|(name, ty)| (name.to_string(), is_bool(ty))).unzip();
    let share = share_a_word(name, &names)
        .then(|| quote!(#[allow(clippy::struct_field_names, reason = "as the spec names them")]));
    let many = (bools.iter().filter(|is_bool| **is_bool).count() > MOST_BOOLS)
        .then(|| quote!(#[allow(clippy::struct_excessive_bools, reason = "as the spec declares them")]));
    quote!(#share #many)
}

/// For a method: `too_many_arguments` and `fn_params_excessive_bools`.
pub(super) fn of_method(params: &[TokenStream]) -> TokenStream {
    // The receiver counts.
    let long = (params.len() + 1 > MOST_ARGUMENTS)
        .then(|| quote!(#[allow(clippy::too_many_arguments, reason = "as the spec calls it")]));
    let bools = params.iter().filter(|ty| ty.to_string() == "bool").count();
    let many = (bools > MOST_BOOLS)
        .then(|| quote!(#[allow(clippy::fn_params_excessive_bools, reason = "as the spec calls it")]));
    quote!(#long #many)
}

fn is_bool(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("bool"))
}

/// Whether clippy would ask to drop a word that all members share, or that they share with their owner.
fn share_a_word(owner: &str, members: &[String]) -> bool {
    let owner = names::snake(owner);
    let words: Vec<Vec<String>> =
        members.iter().map(|name| names::snake(name).split('_').map(str::to_owned).gather()).gather();
    let repeats_owner = words.iter().any(|words| {
        let name = words.join("_");
        name != owner && (name.starts_with(&format!("{owner}_")) || name.ends_with(&format!("_{owner}")))
    });
    let all_share = |word: fn(&Vec<String>) -> Option<&String>| {
        words.first().is_some_and(|first| words.iter().all(|other| other.len() > 1 && word(other) == word(first)))
    };
    members.len() >= SMALLEST_GROUP && (all_share(|words| words.first()) || all_share(|words| words.last()))
        || repeats_owner
}

#[cfg(test)]
mod tests {
    use super::share_a_word;

    #[test]
    fn shared_words_are_found_as_clippy_finds_them() {
        let shares = |owner: &str, names: &[&str]| {
            share_a_word(owner, &names.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert!(shares("State", &["SynSent", "SynReceived", "SynAcked"]));
        assert!(shares("Event", &["CardPaid", "CashPaid", "CheckPaid"]));
        assert!(shares("State", &["StateA", "Other"]));
        assert!(!shares("State", &["SynSent", "SynReceived"]));
        assert!(!shares("State", &["Idle", "Working", "Failed"]));
    }
}
