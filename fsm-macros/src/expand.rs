//! The macro as a function of tokens, so that tests can call it.

use std::path::Path;

use fsm_codegen::diag::tokens;
use fsm_codegen::frontend::tokens::file;
use fsm_codegen::{Checked, Config};
use proc_macro2::{Span, TokenStream};
use quote::quote;
#[cfg(feature = "yaml")]
use {
    fsm_codegen::config::Places,
    fsm_codegen::source::MAX_BYTES,
    std::{fs::File, io::Read as _},
};

/// What `fsm!` expands to in a package at `package`.
pub(crate) fn fsm(input: TokenStream, package: &Path) -> TokenStream {
    match file::path(input.clone()) {
        Some(path) => from_file(&path, package),
        None => from_tokens(input),
    }
}

fn from_tokens(input: TokenStream) -> TokenStream {
    let (at, config) = (Span::call_site(), Config::default());
    let name = input.clone().into_iter().next().map_or_else(String::new, |first| first.span().file());
    let (source, Checked { machine, diagnostics }) = fsm_codegen::check_tokens(&name, input, &config);
    let diagnostics = tokens::render(&source, &diagnostics, at);
    let module = machine.map(|machine| fsm_rust::emit(&machine, &source, &config));
    quote!(#diagnostics #module)
}

#[cfg(not(feature = "yaml"))]
fn from_file(path: &syn::LitStr, _: &Path) -> TokenStream {
    tokens::error("a machine in a file needs the feature `yaml` of fsm-runtime", path.span())
}

#[cfg(feature = "yaml")]
fn from_file(path: &syn::LitStr, package: &Path) -> TokenStream {
    let (name, at) = (path.value(), path.span());
    let file = package.join(&name);
    let Some(absolute) = file.to_str() else {
        return tokens::error(&format!("the path {} is not UTF-8", file.display()), at);
    };
    let mut bytes = Vec::new();
    // One byte more than the limit is enough for the compiler to say that it is too large.
    let read = File::open(&file).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return tokens::error(&format!("cannot read {absolute}: {error}"), at);
    }
    let config = Config { places: Places::Macros, ..Config::default() };
    let (source, Checked { machine, diagnostics }) = fsm_codegen::check_bytes(&name, &bytes, &config);
    let diagnostics = tokens::render(&source, &diagnostics, at);
    let module = machine.map(|machine| fsm_rust::emit(&machine, &source, &config));
    // rustc remembers files that it includes, and cargo asks rustc.
    let absolute = syn::LitStr::new(absolute, Span::call_site());
    quote! {
        const _: &[u8] = ::core::include_bytes!(#absolute);
        #diagnostics
        #module
    }
}

#[cfg(test)]
mod tests;
