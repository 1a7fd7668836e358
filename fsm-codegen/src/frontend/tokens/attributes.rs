//! What stands in front of a statement: doc comments, `#[meta(…)]`, attributes for generated types.

use proc_macro2::{Delimiter, Span as RustSpan, TokenTree};

use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{Text, Value};
use crate::diag::{Code, Diagnostic};
use crate::frontend::expr::piece;
use crate::rust::{Placed, placed};
use crate::source::{Span, Spanned};

/// The attributes of one statement.
#[derive(Default)]
pub(super) struct Attributes {
    /// The doc comments, a line each, without the blank that follows the slashes.
    docs: Vec<String>,
    docs_span: Option<Span>,
    /// `#[meta(…)]`.
    meta: Option<Spanned<Value>>,
    /// All others.
    others: Vec<Placed<syn::Attribute>>,
}

impl Attributes {
    /// The doc comments as one text.
    pub(super) fn description(&mut self) -> Option<Text> {
        let span = self.docs_span.take()?;
        Some(Spanned::new(std::mem::take(&mut self.docs).join("\n"), span))
    }

    pub(super) fn meta(&mut self) -> Option<Spanned<Value>> {
        self.meta.take()
    }

    /// Attributes for a generated type that has no description of its own: doc comments are some of them.
    pub(super) fn all(&mut self) -> Vec<Placed<syn::Attribute>> {
        let mut all = self.others();
        if let Some(docs) = self.description() {
            let line = |line: &str| {
                let line = if line.is_empty() { String::new() } else { format!(" {line}") };
                placed(syn::parse_quote!(#[doc = #line]), docs.span)
            };
            all.splice(0..0, docs.value.split('\n').map(line));
        }
        all
    }

    /// Attributes for a generated type.
    pub(super) fn others(&mut self) -> Vec<Placed<syn::Attribute>> {
        std::mem::take(&mut self.others)
    }
}

impl Parser<'_, '_> {
    /// Those in front of the next statement.
    pub(super) fn attributes(&mut self, cursor: &mut Cursor) -> Attributes {
        let mut found = Attributes::default();
        while cursor.is_punct('#') {
            let (first, from) = (cursor.here(), cursor.position());
            cursor.eat_punct('#');
            if cursor.eat_punct('!') {
                cursor.group(Delimiter::Bracket);
                let span = self.since(first, cursor);
                self.error_help(span, "an attribute stands in front of what it belongs to", "write `#[…]` there");
                continue;
            }
            let Some(group) = cursor.group(Delimiter::Bracket) else {
                self.expected(cursor, "an attribute", "write `#[derive(Hash)]`, or a doc comment");
                return found;
            };
            let span = self.over(first, group.span_close());
            let mut inside = Cursor::inside(&group);
            if inside.eat_word("doc").is_some() && inside.eat_punct('=') {
                if let Some(line) = self.string(&mut inside) {
                    let text = line.value.strip_prefix(' ').unwrap_or(&line.value);
                    found.docs.push(text.to_owned());
                    found.docs_span = Some(found.docs_span.map_or(span, |known| known.to(span)));
                }
                continue;
            }
            let mut inside = Cursor::inside(&group);
            if let Some(word) = inside.eat_word("meta") {
                self.meta_attribute(&mut inside, word, &mut found);
                continue;
            }
            let tokens: Vec<TokenTree> = cursor.since(from).to_vec();
            let parsed = self.rust(tokens, first, "an attribute", piece::attributes);
            found.others.extend(parsed.into_iter().flatten());
        }
        found
    }

    fn meta_attribute(&mut self, inside: &mut Cursor, word: RustSpan, found: &mut Attributes) {
        let Some(group) = inside.group(Delimiter::Parenthesis) else {
            self.expected(inside, "a value in parentheses", "write `#[meta({ \"color\": \"red\" })]`");
            return;
        };
        let mut value = Cursor::inside(&group);
        let (first, parsed) = (value.here(), self.value(&mut value, 0));
        if !value.is_end() {
            self.expected(&value, "`)`", "");
        }
        if let Some(first) = &found.meta {
            let diagnostic =
                Diagnostic::error(Code::DuplicateKey, self.place(word), "`meta` stands here a second time");
            self.push(diagnostic.label(first.span, "first written here"));
        } else if let Some(parsed) = parsed {
            found.meta = Some(Spanned::new(parsed, self.since(first, &value)));
        }
    }

    /// Reports what has no meaning in front of this statement.
    pub(super) fn no_attributes(&mut self, mut attributes: Attributes, what: &str) {
        if let Some(docs) = attributes.description() {
            let help = "a comment that is for readers of the spec alone begins with `//`";
            self.error_help(docs.span, format!("{what} has no documentation"), help);
        }
        self.no_meta(&mut attributes, what);
        self.no_others(&mut attributes, what);
    }

    pub(super) fn no_meta(&mut self, attributes: &mut Attributes, what: &str) {
        if let Some(meta) = attributes.meta() {
            self.error_help(meta.span, format!("{what} has no `meta`"), "states and transitions have one");
        }
    }

    pub(super) fn no_others(&mut self, attributes: &mut Attributes, what: &str) {
        for attribute in attributes.others() {
            let help = "attributes are for generated types: in front of the machine (`State`), `context`, and `event`";
            self.error_help(attribute.span, format!("{what} has no attributes"), help);
        }
    }
}
