//! Guards: `ready && !above(3) && context.jobs > 2 && in(Working)`.
//!
//! First the shape is found on tokens (`||`, `&&`, `!`, parentheses), then its leaves are read. A part without named
//! guards and `in` is one Rust expression, however many operators it has; `all(…)`, `any(…)` and `not(…)` combine such
//! parts too, as `cfg` does, and `rust(…)` says that a name in it is no guard. `/` and `=>` end a guard, so a division
//! stands in parentheses.

use proc_macro2::{Delimiter, Group, Spacing, Span as RustSpan, TokenStream, TokenTree};

use super::cursor::Cursor;
use super::parser::Parser;
use crate::ast::{Guard, GuardKind};
use crate::diag::{Code, Diagnostic};
use crate::frontend::expr::piece;
use crate::frontend::expr::{classify, limits};

/// A guard, its leaves not read.
enum Shape {
    Any(By, Vec<Part>),
    All(By, Vec<Part>),
    Not(By, Box<Part>),
    /// `in(target)`.
    In(Group),
    /// The name of a method, and what stands in its brackets.
    Named(Vec<TokenTree>, Option<Group>),
    Bool(bool),
    Rust,
    /// `rust(…)`: Rust, whatever names are in it.
    Verbatim(Group),
}

/// What combines parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// `&&`, `||`, `!`, which Rust has too.
    Operator,
    /// `all`, `any`, `not`.
    Word,
}

/// A shape and the tokens that make it.
struct Part {
    shape: Shape,
    trees: Vec<TokenTree>,
}

impl Parser<'_, '_> {
    /// A guard of these tokens; `here` is where it should begin.
    pub(super) fn guard(&mut self, trees: Vec<TokenTree>, here: RustSpan) -> Option<Guard> {
        if trees.is_empty() {
            let span = self.place(here);
            self.error_help(span, "expected a guard", "write a name, a call, or a Rust expression");
            return None;
        }
        // The shape is found by recursion.
        let tokens: TokenStream = trees.iter().cloned().collect();
        if let Err(excess) = limits::check(&tokens, false) {
            let span = self.place(excess.span);
            self.push(Diagnostic::error(Code::ExpressionTooLarge, span, excess.message).help(limits::HELP));
            return None;
        }
        self.part(part(trees), here)
    }

    fn part(&mut self, part: Part, here: RustSpan) -> Option<Guard> {
        let (first, last) = (part.trees.first(), part.trees.last());
        let span = match (first, last) {
            (Some(first), Some(last)) => self.over(first.span(), last.span()),
            _ => self.place(here),
        };
        let kind = match part.shape {
            Shape::Any(_, parts) => GuardKind::Or(self.parts(parts, here)?),
            Shape::All(_, parts) => GuardKind::And(self.parts(parts, here)?),
            Shape::Not(_, part) => GuardKind::Not(Box::new(self.part(*part, here)?)),
            Shape::Bool(value) => GuardKind::Bool(value),
            Shape::In(group) => {
                let mut inside = Cursor::inside(&group);
                let target = self.target(&mut inside)?;
                if !inside.is_end() {
                    self.expected(&inside, "`)`", "`in` asks for one state");
                }
                GuardKind::In(target)
            }
            Shape::Named(name, args) => {
                let tokens = name.into_iter().chain(args.map(TokenTree::Group)).collect();
                GuardKind::Call(self.call(&mut Cursor::new(tokens, here))?)
            }
            Shape::Verbatim(group) => {
                let (close, trees) = (group.span_close(), group.stream().into_iter().collect());
                GuardKind::Expr(self.rust(trees, close, "an expression", piece::expression)?)
            }
            Shape::Rust => {
                let expression = self.rust(part.trees, here, "a guard", piece::expression)?;
                GuardKind::Expr(expression)
            }
        };
        Some(Guard { kind, span })
    }

    fn parts(&mut self, parts: Vec<Part>, here: RustSpan) -> Option<Vec<Guard>> {
        // All of them are read, whichever is wrong.
        let guards: Vec<Option<Guard>> = parts.into_iter().map(|part| self.part(part, here)).collect();
        guards.into_iter().collect()
    }
}

/// Whether an expression is read as one, and not as a combination of guards.
pub(crate) fn is_expression(tokens: TokenStream) -> bool {
    matches!(part(tokens.into_iter().collect()).shape, Shape::Rust)
}

/// The shape of some tokens: one Rust expression where no part of it is more than that.
fn part(trees: Vec<TokenTree>) -> Part {
    let shape = shape(&trees);
    if let ([TokenTree::Group(group)], Shape::Rust) = (&trees[..], &shape)
        && group.delimiter() == Delimiter::Parenthesis
        && !group.stream().is_empty()
    {
        // These parentheses are the macro's.
        return Part { shape, trees: group.stream().into_iter().collect() };
    }
    let shape = if is_rust(&shape) { Shape::Rust } else { shape };
    Part { shape, trees }
}

fn is_rust(shape: &Shape) -> bool {
    match shape {
        Shape::Any(By::Operator, parts) | Shape::All(By::Operator, parts) => {
            parts.iter().all(|part| is_rust(&part.shape))
        }
        Shape::Not(By::Operator, part) => is_rust(&part.shape),
        Shape::Any(..)
        | Shape::All(..)
        | Shape::Not(..)
        | Shape::In(_)
        | Shape::Named(..)
        | Shape::Bool(_)
        | Shape::Verbatim(_) => false,
        Shape::Rust => true,
    }
}

/// `all(…)`, `any(…)`, `not(…)`: the word and its parts.
fn combination(trees: &[TokenTree]) -> Option<(String, Vec<Part>)> {
    let [TokenTree::Ident(word), TokenTree::Group(group)] = trees else { return None };
    let word = word.to_string();
    let known = matches!(word.as_str(), "all" | "any" | "not") && group.delimiter() == Delimiter::Parenthesis;
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let parts = known.then(|| split(&inside, |trees, at| usize::from(is_punct(trees, at, ','))))?;
    let parts: Vec<Part> = parts.into_iter().filter(|part| !part.is_empty()).map(part).collect();
    let fits = if word == "not" { parts.len() == 1 } else { !parts.is_empty() };
    fits.then_some((word, parts))
}

fn shape(trees: &[TokenTree]) -> Shape {
    if let Some((word, mut parts)) = combination(trees) {
        return match (word.as_str(), parts.pop()) {
            ("not", Some(part)) => Shape::Not(By::Word, Box::new(part)),
            ("all", last) => Shape::All(By::Word, parts.into_iter().chain(last).collect()),
            (_, last) => Shape::Any(By::Word, parts.into_iter().chain(last).collect()),
        };
    }
    for (sign, make) in [('|', Shape::Any as fn(By, Vec<Part>) -> Shape), ('&', Shape::All)] {
        let parts = split(trees, |trees, at| 2 * usize::from(is_pair(trees, at, sign)));
        if parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) {
            return make(By::Operator, parts.into_iter().map(part).collect());
        }
    }
    match trees {
        [TokenTree::Punct(sign), rest @ ..] if sign.as_char() == '!' => match shape(rest) {
            // Of Rust it is an operator like any other.
            Shape::Rust | Shape::Bool(_) => Shape::Rust,
            inner => Shape::Not(By::Operator, Box::new(Part { shape: inner, trees: rest.to_vec() })),
        },
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            match part(group.stream().into_iter().collect()).shape {
                Shape::Rust | Shape::Bool(_) => Shape::Rust,
                inner => inner,
            }
        }
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "in" => Shape::In(group.clone()),
        [TokenTree::Ident(word), TokenTree::Group(group)]
            if word == "rust" && group.delimiter() == Delimiter::Parenthesis =>
        {
            Shape::Verbatim(group.clone())
        }
        [TokenTree::Ident(word)] if word == "true" || word == "false" => Shape::Bool(word == "true"),
        [name @ .., TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis && is_name(name) => {
            Shape::Named(name.to_vec(), Some(group.clone()))
        }
        name if is_name(name) => Shape::Named(name.to_vec(), None),
        _ => Shape::Rust,
    }
}

/// A string, or identifiers with dots between them that do not begin with one of the four names.
fn is_name(trees: &[TokenTree]) -> bool {
    match trees {
        [TokenTree::Literal(literal)] => matches!(syn::Lit::new(literal.clone()), syn::Lit::Str(_)),
        [TokenTree::Ident(head), rest @ ..] => {
            let dotted =
                |pair: &[TokenTree]| is_punct(pair, 0, '.') && matches!(pair.get(1), Some(TokenTree::Ident(_)));
            classify::root(&head.to_string()).is_none() && rest.chunks(2).all(dotted)
        }
        _ => false,
    }
}

/// The pieces between separators, of which `separates` tells the length.
fn split(trees: &[TokenTree], separates: impl Fn(&[TokenTree], usize) -> usize) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut at) = (vec![Vec::new()], 0);
    while at < trees.len() {
        match separates(trees, at) {
            0 => {
                if let Some(last) = parts.last_mut() {
                    last.push(trees[at].clone());
                }
                at += 1;
            }
            length => {
                parts.push(Vec::new());
                at += length;
            }
        }
    }
    parts
}

fn is_punct(trees: &[TokenTree], at: usize, char: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// The sign twice, without a blank between.
fn is_pair(trees: &[TokenTree], at: usize, char: char) -> bool {
    let joint = matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
    joint && is_punct(trees, at, char) && is_punct(trees, at + 1, char)
}
