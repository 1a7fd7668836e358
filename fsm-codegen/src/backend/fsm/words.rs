//! Words of the macro: names, targets, values, doc comments.

use super::Printer;
use crate::ast::Value;
use crate::json;

/// A name: identifiers with dots between them as they are, any other text in quotes.
pub(super) fn name(name: &str) -> String {
    if name.split('.').all(is_word) { name.to_owned() } else { format!("{name:?}") }
}

/// A name where some words mean something else.
pub(super) fn name_unless(text: &str, reserved: &[&str]) -> String {
    let head = text.split('.').next().unwrap_or_default();
    if reserved.contains(&head) { format!("{text:?}") } else { name(text) }
}

/// An event or a pattern.
pub(super) fn pattern(text: &str) -> String {
    match text.strip_suffix(".*") {
        _ if text == "*" => text.to_owned(),
        Some(prefix) if prefix.split('.').all(is_word) => text.to_owned(),
        _ => name(text),
    }
}

/// A target, `#` or a dot in front.
pub(super) fn target(text: &str) -> String {
    let path = text.strip_prefix(['#', '.']).unwrap_or(text);
    if path.split('.').all(is_word) && path != "reenter" { text.to_owned() } else { format!("{text:?}") }
}

/// A version as a literal where it reads as one.
pub(super) fn version(text: &str) -> String {
    let is_number = text.split('.').all(|digits| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()));
    if is_number && text.split('.').count() <= 2 { text.to_owned() } else { format!("{text:?}") }
}

/// The line of a doc comment that has the usual blank.
pub(super) fn documentation(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
    let text = text.value();
    let line = text.strip_prefix(' ').filter(|line| !line.is_empty() && !line.contains('\n'))?;
    attribute.path().is_ident("doc").then(|| line.to_owned())
}

fn is_word(text: &str) -> bool {
    let is_ident = syn::parse_str::<syn::Ident>(text).is_ok_and(|ident| ident == text && !text.starts_with("r#"));
    is_ident || crate::names::is_keyword(text)
}

impl Printer<'_> {
    /// A description as doc comments, a line each.
    pub(super) fn docs(&mut self, description: Option<&str>) {
        let Some(description) = description else { return };
        for line in description.split('\n') {
            // A doc comment ends with its line, whatever ends that.
            if line.contains('\r') {
                self.line(&format!("#[doc = {:?}]", format!(" {line}")));
            } else if line.is_empty() {
                self.line("///");
            } else {
                self.line(&format!("/// {line}"));
            }
        }
    }

    pub(super) fn meta(&mut self, meta: Option<&Value>) {
        if let Some(meta) = meta {
            self.line(&format!("#[meta({})]", json::text(meta)));
        }
    }
}
