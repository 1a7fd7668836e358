//! Where a token of an expression stands in the spec.
//!
//! Beside [`super::expressions`] and [`super::kinds`], for their diagnostics. An expression keeps its text and the place of the
//! whole; a token knows its offset in what was lexed. In a macro rustc knows each token.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenTree};
use quote::ToTokens;

use super::scope::Scope;
use crate::ir::Expr;
use crate::source::Span;

/// Where a token of the expression stands in the spec; the whole expression where that cannot be told.
pub(super) fn of_token(expr: &Expr, scope: &Scope<'_>, token: &TokenTree) -> Span {
    let whole = expr.span;
    let Some(source) = scope.source() else { return whole };
    if source.has_tokens() {
        return source.place_of(token.span(), whole).unwrap_or(whole);
    }
    let range = in_text(expr, token.span().byte_range());
    if expr.text.get(range.clone()) != Some(token.to_string().as_str()) {
        return whole;
    }
    let slice = source.slice(whole);
    // The text stands in the source as it is, perhaps in quotes, unless it is folded or has escapes.
    let found = slice.find(&expr.text).map(|at| at + range.start);
    match found.or_else(|| offset_in_folded(slice, &expr.text, range.start)) {
        Some(at) => Span::new(whole.lo as usize + at, whole.lo as usize + at + range.len()),
        None => whole,
    }
}

/// Where in the text of the expression a token stands. Its offset counts from the beginning of what was lexed, of which
/// the expression may be a part: an operand of a guard, a field of a payload.
fn in_text(expr: &Expr, range: Range<usize>) -> Range<usize> {
    let Some(first) = expr.syntax.to_token_stream().into_iter().next() else { return range };
    let base = first.span().byte_range();
    // A text that begins with a comment was lexed alone.
    let begins = base.start > 0 && base.end <= range.end && expr.text.starts_with(&first_word(&first));
    if begins { range.start - base.start..range.end - base.start } else { range }
}

/// Where byte `at` of `text` stands in `source`, which differs from it in white space only.
fn offset_in_folded(source: &str, text: &str, at: usize) -> Option<usize> {
    let (source, text) = (source.as_bytes(), text.as_bytes());
    let skip =
        |bytes: &[u8], from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let (mut there, mut here) = (0, 0);
    while here < at {
        let (theirs, ours) = (*source.get(there)?, text[here]);
        if theirs.is_ascii_whitespace() && ours.is_ascii_whitespace() {
            (there, here) = (skip(source, there), skip(text, here));
        } else if theirs == ours {
            (there, here) = (there + 1, here + 1);
        } else {
            return None;
        }
    }
    (here == at).then_some(there)
}

/// What a token begins with, as it is written.
fn first_word(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "(",
            Delimiter::Brace => "{",
            Delimiter::Bracket => "[",
            Delimiter::None => "",
        }
        .to_owned(),
        other => other.to_string(),
    }
}
