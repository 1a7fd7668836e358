//! The spanned tree of one YAML document: what `read` makes and `lower` consumes.
//!
//! Invariants: depth is at most [`super::read::MAX_DEPTH`], so recursion over a tree (its drop included) is safe; the
//! span of a collection covers its entries; scalars keep the text that Rust or a name is read from, however YAML
//! would type them.

use std::borrow::Cow;

use crate::source::Span;

/// A node of the document.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Where it stands; of an alias, the place of its anchor's value.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: Kind<'a>,
}

/// What a [`Node`] is.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// Nothing, `~` or `null`.
    Null,
    /// An unquoted `true` or `false`.
    Bool(bool),
    /// An unquoted integer.
    Int(i64),
    /// Another unquoted number.
    Float(f64),
    /// Text, with escapes and folds undone.
    Text(Cow<'a, str>),
    /// A list.
    Seq(Vec<Node<'a>>),
    /// A mapping in the order of the source, duplicates included.
    Map(Vec<(Node<'a>, Node<'a>)>),
    /// Something that is wrong and was reported.
    Broken,
}

impl Node<'_> {
    /// How many entries a collection has.
    pub(super) const fn len(&self) -> usize {
        match &self.kind {
            Kind::Seq(items) => items.len(),
            Kind::Map(entries) => entries.len(),
            _ => 0,
        }
    }

    /// What it is, for messages: `a list`.
    pub(super) const fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Float(_) => "a number",
            Kind::Text(_) => "text",
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Broken => "something broken",
        }
    }
}
