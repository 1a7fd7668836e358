//! Diagnostics for rustc: what a proc macro expands to.
//!
//! A face of [`crate::diag`]. Each error is a `compile_error!` of its own. rustc lets a proc macro on stable say
//! nothing milder, so a warning is a deprecated constant and its use: the lint's text is the diagnostic. All of them
//! are items and may stand wherever the macro stands. Where the machine is written in the macro, each stands at its own
//! tokens, from the first to the last, since spans cannot be joined.

use crate::gather::Gather as _;
use std::fmt::Write as _;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{Notation, Source};

/// Items that make rustc show all diagnostics, at their tokens or, where they come from a file, at `at`.
#[must_use]
pub fn render(source: &Source, diagnostics: &Diagnostics, at: Span) -> TokenStream {
    let mut tokens: TokenStream = diagnostics.iter().map(|diagnostic| item(source, diagnostic, at)).gather();
    if diagnostics.dropped() > 0 {
        let text = format!("and {} more in {} not shown", diagnostics.dropped(), source.name());
        tokens.extend(if diagnostics.has_errors() { error(&text, at) } else { warning("MORE", &text, (at, at)) });
    }
    tokens
}

/// A `compile_error!` at `at`.
#[must_use]
pub fn error(text: &str, at: Span) -> TokenStream {
    error_over(text, (at, at))
}

/// A `compile_error!` from one token to another.
fn error_over(text: &str, (first, last): (Span, Span)) -> TokenStream {
    let mut text = Literal::string(text);
    text.set_span(last);
    let mut body = Group::new(Delimiter::Brace, TokenStream::from(TokenTree::from(text)));
    body.set_span(last);
    let path = quote_spanned!(first=> ::core::compile_error!);
    quote!(#path #body)
}

fn item(source: &Source, diagnostic: &Diagnostic, at: Span) -> TokenStream {
    let own = source.rust(diagnostic.span);
    let (text, over) = (text(source, diagnostic, own.is_some()), own.unwrap_or((at, at)));
    match diagnostic.severity {
        Severity::Error => error_over(&text, over),
        Severity::Warning => warning(diagnostic.code.id(), &text, over),
    }
}

/// rustc says: use of deprecated constant `_::FSM0103`, then the text.
fn warning(name: &str, text: &str, (at, _): (Span, Span)) -> TokenStream {
    let name = Ident::new(name, at);
    quote_spanned! {at=>
        const _: () = {
            #[deprecated(note = #text)]
            const #name: () = ();
            #name
        };
    }
}

/// What rustc says of it. It shows the tokens itself where there are any.
fn text(source: &Source, diagnostic: &Diagnostic, shown: bool) -> String {
    if !shown && source.notation() == Notation::Yaml {
        return in_file(source, diagnostic);
    }
    let mut text = format!("{} [{}]", diagnostic.message, diagnostic.code.id());
    for label in &diagnostic.labels {
        let at = source.position(label.span.lo);
        let _ = write!(text, "\nnote: {}: {}:{}:{}", label.text, source.name(), at.line, at.column);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}

#[cfg(feature = "report")]
fn in_file(source: &Source, diagnostic: &Diagnostic) -> String {
    use super::terminal::{Look, render_body};
    format!("{} [{}]\n{}", diagnostic.message, diagnostic.code.id(), render_body(source, diagnostic, Look::Plain))
}

#[cfg(not(feature = "report"))]
fn in_file(source: &Source, diagnostic: &Diagnostic) -> String {
    let at = source.position(diagnostic.span.lo);
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let (message, code, name) = (&diagnostic.message, diagnostic.code.id(), source.name());
    format!("{message} [{code}]\n --> {name}:{}:{}{help}", at.line, at.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn each_diagnostic_is_an_item_of_its_own() {
        let source = Source::new("specs/x.yaml", "a: 1\n");
        let mut diagnostics = Diagnostics::default();
        let place = crate::source::Span::new(0, 1);
        diagnostics.push(Diagnostic::error(Code::UnknownKey, place, "unknown key `a`").help("remove it"));
        diagnostics.push(Diagnostic::new(Code::Trap, Severity::Warning, place, "trap"));
        let file: syn::File = syn::parse2(render(&source, &diagnostics, Span::call_site())).expect("items");
        let [syn::Item::Macro(error), syn::Item::Const(_)] = file.items.as_slice() else {
            panic!("{}", quote!(#file));
        };
        let text: syn::LitStr = error.mac.parse_body().expect("a string");
        let text = text.value();
        assert!(text.starts_with("unknown key `a` [FSM0010]\n --> specs/x.yaml:1:1\n"), "{text}");
        assert!(text.ends_with("help: remove it"), "{text}");
    }
}
