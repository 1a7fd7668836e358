//! The text of a log: pieces of plain text, and expressions in braces as `format!` has them.
//!
//! `{{` and `}}` stand for braces. Behind an expression may stand `:?` and nothing else: what else `format!` could do
//! would bind interpreter and diagrams to its small language.

use super::{Text, parse};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::rust::{Expr, LogPart};

/// The pieces of a log's text, in order; `None` where an expression does not parse or a brace is not closed.
pub fn log(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<LogPart>> {
    let whole = text.as_str();
    let (mut parts, mut plain, mut at, mut failed) = (Vec::new(), String::new(), 0, false);
    while let Some(letter) = whole[at..].chars().next() {
        let doubled = whole[at + letter.len_utf8()..].starts_with(letter);
        match letter {
            '{' | '}' if doubled => {
                plain.push(letter);
                at += 2;
            }
            '{' => {
                let Some(end) = closing(whole, at + 1) else {
                    return unmatched(text, at, diagnostics);
                };
                if !plain.is_empty() {
                    parts.push(LogPart::Text(std::mem::take(&mut plain)));
                }
                match value(&text.part(at + 1..end), diagnostics) {
                    Some((value, format)) => parts.push(LogPart::Value(value, format)),
                    None => failed = true,
                }
                at = end + 1;
            }
            '}' => return unmatched(text, at, diagnostics),
            _ => {
                plain.push(letter);
                at += letter.len_utf8();
            }
        }
    }
    if !plain.is_empty() {
        parts.push(LogPart::Text(plain));
    }
    (!failed).then_some(parts)
}

fn unmatched<T>(text: &Text<'_>, at: usize, diagnostics: &mut Diagnostics) -> Option<T> {
    let message = "this brace stands alone";
    let diagnostic = Diagnostic::error(Code::UnbalancedBrackets, text.at(at..at + 1), message);
    diagnostics.push(diagnostic.help("a value stands in braces, `{context.jobs}`; a brace as text is written twice"));
    None
}

/// Where the brace closes that was opened just before `from`; braces in quotes do not count.
fn closing(text: &str, from: usize) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    let mut bytes = text.bytes().enumerate().skip(from);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quoted => drop(bytes.next()),
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted && depth == 0 => return Some(at),
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `context.jobs`, `context.job:?`.
fn value(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<(Expr, String)> {
    match text.as_str().strip_suffix(":?") {
        Some(expr) => Some((parse::expression(&text.part(0..expr.len()), diagnostics)?, "?".to_owned())),
        None => Some((parse::expression(text, diagnostics)?, String::new())),
    }
}
