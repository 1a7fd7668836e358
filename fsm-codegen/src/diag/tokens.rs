//! Diagnostics for rustc: what a proc macro expands to.
//!
//! A face of [`crate::diag`]. Each error is a `compile_error!` of its own. rustc lets a proc macro on stable say
//! nothing milder, so a warning is a deprecated constant and its use: the lint's text is the diagnostic. All of them
//! are items and may stand wherever the macro stands.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::Source;

/// Items that make rustc show all diagnostics of a file at `at`, a place in the macro's call.
#[must_use]
pub fn render(source: &Source, diagnostics: &Diagnostics, at: Span) -> TokenStream {
    let mut tokens: TokenStream = diagnostics.iter().map(|diagnostic| item(source, diagnostic, at)).collect();
    if diagnostics.dropped() > 0 {
        let text = format!("and {} more in {} not shown", diagnostics.dropped(), source.name());
        tokens.extend(if diagnostics.has_errors() { error(&text, at) } else { warning("MORE", &text, at) });
    }
    tokens
}

/// A `compile_error!` at `at`.
#[must_use]
pub fn error(text: &str, at: Span) -> TokenStream {
    let mut text = Literal::string(text);
    text.set_span(at);
    quote_spanned!(at=> ::core::compile_error! { #text })
}

fn item(source: &Source, diagnostic: &Diagnostic, at: Span) -> TokenStream {
    let text = text(source, diagnostic);
    match diagnostic.severity {
        Severity::Error => error(&text, at),
        Severity::Warning => warning(diagnostic.code.id(), &text, at),
    }
}

/// rustc says: use of deprecated constant `_::FSM0103`, then the text.
fn warning(name: &str, text: &str, at: Span) -> TokenStream {
    let name = Ident::new(name, at);
    quote_spanned! {at=>
        const _: () = {
            #[deprecated(note = #text)]
            const #name: () = ();
            #name
        };
    }
}

#[cfg(feature = "report")]
fn text(source: &Source, diagnostic: &Diagnostic) -> String {
    use super::terminal::{Look, render_body};
    format!("{} [{}]\n{}", diagnostic.message, diagnostic.code.id(), render_body(source, diagnostic, Look::Plain))
}

#[cfg(not(feature = "report"))]
fn text(source: &Source, diagnostic: &Diagnostic) -> String {
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
            panic!("{:?}", file.items);
        };
        let text: syn::LitStr = error.mac.parse_body().expect("a string");
        let text = text.value();
        assert!(text.starts_with("unknown key `a` [FSM0010]\n --> specs/x.yaml:1:1\n"), "{text}");
        assert!(text.ends_with("help: remove it"), "{text}");
    }
}
