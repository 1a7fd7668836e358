//! The simple expressions of ECMAScript: read here, checked in [`types`], written as Rust in [`rust`].
//!
//! Booleans, numbers, texts, data by their names, arithmetic, comparisons, `&&`, `||`, `!`, `In('state')` and
//! `Math.pow(x, 3)`. Anything else is a [`Fault`] at its place. Invariant: a tree is at most [`MAX_CHAIN`] deep and has at
//! most [`MAX_TOKENS`] tokens, so that walking it, and what is made of it, stays within the limits of the spec's reader.

mod lex;
mod parse;
pub(super) mod rust;
pub(super) mod types;

use std::ops::Range;

use super::xml::Attribute;
use crate::diag::{Code, Diagnostic, Help};

/// The most tokens of an expression; the spec's own limit is 4,096, and a name becomes three.
const MAX_TOKENS: usize = 1_000;
/// The deepest nesting of brackets and signs.
const MAX_NESTING: usize = 40;
/// The deepest tree: chains of operators lean to the left.
const MAX_CHAIN: usize = 200;

/// An expression and where it stands in its text.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
    depth: usize,
}

/// What an [`Expr`] is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Bool(bool),
    Int(i64),
    Fraction(f64),
    Text(String),
    /// A data item, by its id.
    Data(String),
    /// `In('state')`.
    In(String),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `Math.pow(x, 3)`.
    Power(Box<Expr>, u32),
}

/// The operators between two operands, from the loosest to the tightest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Why an expression cannot be translated, with a place in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<Help>,
}

impl Fault {
    fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with a place in the document.
    pub(super) fn diagnostic(self, text: &Attribute) -> Diagnostic {
        Diagnostic::error(Code::NotTranslatable, text.place(self.at), self.message).maybe_help(self.help)
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Fault> {
    parse::Parser::new(lex::lex(text)?, text).whole()
}

/// The text that the expression is, if it is nothing but a constant text.
pub(super) fn constant_text(attribute: &Attribute) -> Option<String> {
    match parse(&attribute.value) {
        Ok(Expr { kind: Kind::Text(text), .. }) => Some(text),
        _ => None,
    }
}

impl Expr {
    fn new(kind: Kind, at: Range<usize>) -> Self {
        let depth = match &kind {
            Kind::Not(inner) | Kind::Minus(inner) | Kind::Power(inner, _) => inner.depth + 1,
            Kind::Binary(_, left, right) => left.depth.max(right.depth) + 1,
            _ => 1,
        };
        Self { kind, at, depth }
    }

    /// Calls `visit` with this expression and all below it.
    pub(super) fn each<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        visit(self);
        match &self.kind {
            Kind::Not(inner) | Kind::Minus(inner) | Kind::Power(inner, _) => inner.each(visit),
            Kind::Binary(_, left, right) => {
                left.each(visit);
                right.each(visit);
            }
            _ => {}
        }
    }

    /// Whether `test` holds of this expression or of one below it.
    pub(super) fn any(&self, test: impl Fn(&Kind) -> bool) -> bool {
        let mut found = false;
        self.each(&mut |expr| found |= test(&expr.kind));
        found
    }
}

#[cfg(test)]
mod tests;
