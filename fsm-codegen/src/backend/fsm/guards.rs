//! Guards, with no more parentheses than reading them again needs.
//!
//! Where a part of a combination is named, `&&`, `||` and `!` combine; where all parts are Rust, these would be one
//! expression, so `all`, `any` and `not` do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Printer, words};
use crate::backend::spelling::rust;
use crate::frontend::expr::guard::{Spelling, is_expression};
use crate::ir::{Call, Expr, Guard, StateId};

/// The words that are no name of a guard; the four names of Rust in a spec among them.
const RESERVED: &[&str] =
    &["all", "any", "context", "event", "false", "if", "in", "not", "queue", "rust", "state", "true"];

impl Printer<'_> {
    /// A guard; `source` is from where the targets of `in` are looked up.
    pub(super) fn guard(&self, source: StateId, guard: &Guard) -> String {
        match guard {
            Guard::Expr(expr) => expression(expr, false),
            _ => self.part(source, guard),
        }
    }

    /// A guard that is part of another.
    fn part(&self, source: StateId, guard: &Guard) -> String {
        match guard {
            Guard::Call(_, call) => call_of(call),
            Guard::Expr(expr) => expression(expr, true),
            Guard::Bool(value) => value.to_string(),
            Guard::In(state) => format!("in({})", words::target(&self.names.target(source, *state))),
            Guard::Not(inner) if is_rust(inner) => format!("not({})", self.part(source, inner)),
            Guard::Not(inner) => {
                let text = self.part(source, inner);
                if is_operator(inner) { format!("!({text})") } else { format!("!{text}") }
            }
            Guard::And(parts) => self.combined(source, parts, "all", " && "),
            Guard::Or(parts) => self.combined(source, parts, "any", " || "),
        }
    }

    fn combined(&self, source: StateId, parts: &[Guard], word: &str, operator: &str) -> String {
        let texts = parts.iter().map(|part| self.part(source, part));
        if parts.len() < 2 || parts.iter().all(is_rust) {
            return format!("{word}({})", texts.collect::<Vec<_>>().join(", "));
        }
        let texts = parts.iter().zip(texts).map(|(part, text)| match part {
            // What is combined by a word has its own brackets.
            Guard::And(_) | Guard::Or(_) if is_operator(part) => format!("({text})"),
            _ => text,
        });
        texts.collect::<Vec<_>>().join(operator)
    }
}

/// Whether it is printed as a combination by operators.
fn is_operator(guard: &Guard) -> bool {
    match guard {
        Guard::And(parts) | Guard::Or(parts) => parts.len() > 1 && !parts.iter().all(is_rust),
        _ => false,
    }
}

/// Whether no part of it is named: it would be read as one expression.
fn is_rust(guard: &Guard) -> bool {
    match guard {
        Guard::Expr(_) => true,
        Guard::Not(inner) => is_rust(inner) && !matches!(**inner, Guard::Not(_)),
        _ => false,
    }
}

fn call_of(call: &Call) -> String {
    let name = words::name_unless(&call.name.value, RESERVED);
    format!("{name}{}", rust::args(call))
}

/// An expression as a guard, or as part of one: in parentheses where an operator or a sign of the macro stands in it.
fn expression(expr: &Expr, is_part: bool) -> String {
    let text = rust::one_line(expr);
    let tokens: TokenStream = text.parse().unwrap_or_default();
    if !is_expression(tokens.clone(), Spelling::Tokens) {
        return format!("rust({text})");
    }
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let sign =
        |at: usize, char: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    let special = |at: usize| {
        let pair = |first, second| sign(at, first) && sign(at + 1, second);
        let brace = matches!(&trees[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let inside = is_part && (sign(at, ',') || pair('&', '&') || pair('|', '|'));
        sign(at, '/') || pair('=', '>') || brace || inside
    };
    // One pair of parentheses around everything is not part of the expression.
    let enclosed = matches!(&*expr.syntax, syn::Expr::Paren(_));
    if enclosed || (0..trees.len()).any(special) { format!("({text})") } else { text }
}
