//! Names of methods: which text is one wherever it stands, and which is one in JSON, where XState takes any text.
//!
//! Beside [`super::parse`], which asks before it reads text as Rust. Invariant: whatever has a meaning in the language is no
//! name: a call, an expression that could be meant, a path over the four names.

use super::parse::{call_bracket, has_arguments, quietly_parsed};
use super::{classify, scan};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, shown};
use crate::source::Span;

/// The longest name that is more than a word, in bytes.
const MAX_PHRASE: usize = 200;

/// What a text is where it is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::frontend) enum Role {
    /// A condition: a path is a constant of Rust's, and `a & b` may be two of them.
    Guard,
    /// Nothing, since actions and tasks are methods.
    Method,
}

/// Whether this is the name of a method and not an expression over the four names: `ready`, `user.is_admin`,
/// `go-up`, `send an email`.
pub(super) fn is_name(text: &str) -> bool {
    is_word(text) || is_phrase(text)
}

/// Whether this is the name of a method in JSON though Rust's rules would not let it stand alone: `step 2`, `go!`, `a/b`,
/// `retry?`, `log:it`.
pub(in crate::frontend) fn is_free_name(text: &str, role: Role) -> bool {
    let may_be = text.len() <= MAX_PHRASE
        && text.contains(char::is_alphanumeric)
        && !text.contains(char::is_control)
        && classify::root(text).is_none()
        && !text.starts_with('"');
    may_be && (is_prose(text) || !has_operator(text) && !has_path(text) && is_no_rust(text, role))
}

/// Whether a text in JSON is text, where a value is wanted: words, and whatever could be a name.
#[cfg(feature = "yaml")]
pub(in crate::frontend) fn is_free_text(text: &str) -> bool {
    is_name(text) || is_free_name(text, Role::Method)
}

/// Reports a name behind `self.`, which as it stands would be a method `self_name`.
pub(in crate::frontend) fn is_behind_self(name: &str, span: Span, diagnostics: &mut Diagnostics) -> bool {
    let Some(method) = name.strip_prefix("self.").filter(|method| is_word(method)) else { return false };
    let method = shown(method);
    let message = format!("there is no `self` here: `{method}` is a method of the trait `Actions`");
    let help = Help::from(format!("write `{method}`")).replacing("self.", "");
    diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, span, message).help(help));
    true
}

fn is_word(text: &str) -> bool {
    let first = text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let last = text.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_');
    let inside = |char: char| char.is_alphanumeric() || matches!(char, '_' | '.' | '-');
    let head = text.split(['.', '-']).next().unwrap_or_default();
    first && last && text.chars().all(inside) && classify::root(head).is_none()
}

/// Several words: no expression, since none of them is a keyword.
fn is_phrase(text: &str) -> bool {
    let word = |word: &str| is_word(word) && !word.contains('.') && syn::parse_str::<syn::Ident>(word).is_ok();
    text.contains(' ') && text.len() <= MAX_PHRASE && text.split(' ').all(word)
}

/// Several words and numbers that are Rust of no kind: `step 2`, `if ready`, `is it on?`.
fn is_prose(text: &str) -> bool {
    let inside = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '\'' | '?');
    let word = |word: &str| {
        word.starts_with(char::is_alphanumeric) && word.chars().all(inside) && classify::root(word).is_none()
    };
    text.starts_with(char::is_alphabetic) && text.contains(' ') && text.split(' ').all(word)
}

/// Whether it compares, combines, negates or assigns, as far as signs tell: then an expression is meant, right or wrong.
fn has_operator(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is = |at: Option<usize>, signs: &[u8]| at.and_then(|at| bytes.get(at)).is_some_and(|byte| signs.contains(byte));
    let begins_word =
        |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_(".contains(byte));
    bytes.iter().enumerate().any(|(at, byte)| {
        let (before, next) = (at.checked_sub(1), Some(at + 1));
        match byte {
            b'&' | b'|' | b'+' => is(next, &[*byte]),
            b'-' => is(next, b"-") && !begins_word(at + 2),
            b'!' => begins_word(at + 1) && before.is_none_or(|before| b" (".contains(&bytes[before])),
            // `=>` and `->` are arrows.
            b'=' => !is(next, b">"),
            b'<' => true,
            b'>' => !is(before, b"-="),
            _ => false,
        }
    })
}

/// Whether it has a path over one of the four names in it, `event.x`.
pub(in crate::frontend) fn has_path(text: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    text.match_indices('.').any(|(at, _)| {
        let head = text[..at].trim_end();
        let head = head.rsplit(|char| !is_word(char)).next().unwrap_or_default();
        text[at + 1..].trim_start().starts_with(is_word) && classify::root(head).is_some()
    })
}

/// Whether it is neither a call nor Rust that could be meant in its place.
fn is_no_rust(text: &str, role: Role) -> bool {
    let Ok(tokens) = scan::scan(text) else { return false };
    // `step +` of a guard is half of an expression, and of an action a name like `volume +`.
    let is_half = role == Role::Guard && [" +", " -", " *", " /"].iter().any(|sign| text.ends_with(sign));
    match call_bracket(text, &tokens) {
        // `set volume (now)`: what the brackets hold is no argument.
        Some(open) => text[..open].trim_end().contains(' ') && !has_arguments(text, open),
        None if is_half => false,
        None => quietly_parsed(text).is_none_or(|expr| is_senseless(&expr.syntax, text, role)),
    }
}

/// Whether an expression can be no condition, or as a method is an expression only by chance: `a/b`, `retry?`.
fn is_senseless(expr: &syn::Expr, text: &str, role: Role) -> bool {
    use syn::BinOp::{Add, BitAnd, BitOr, BitXor, Div, Mul, Rem, Shl, Shr, Sub};
    // With a number and blanks, `count - 1`, it is arithmetic in the wrong place.
    let is_word = |word: &str| !word.starts_with(|char: char| char.is_ascii_digit());
    let of_words = !text.contains(' ') || text.split(|char: char| !char.is_alphanumeric()).all(is_word);
    let of_words = of_words && !text.contains(['(', '[', '{', '"']);
    match expr {
        syn::Expr::Binary(binary) => match binary.op {
            Add(_) | Sub(_) | Mul(_) | Div(_) | Rem(_) | Shl(_) | Shr(_) => of_words,
            BitAnd(_) | BitOr(_) | BitXor(_) => of_words && role == Role::Method,
            _ => false,
        },
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), .. }) | syn::Expr::Try(_) | syn::Expr::Range(_) => {
            of_words
        }
        syn::Expr::Path(_) | syn::Expr::Cast(_) => of_words && role == Role::Method,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> (bool, bool) {
        let free = |role| is_name(text) || is_free_name(text, role);
        (free(Role::Guard), free(Role::Method))
    }

    #[test]
    fn text_that_is_no_rust_is_a_name() {
        let names = [
            "go!",
            "don't",
            "retry?",
            "50%",
            "log:it",
            "a/b",
            "a-b",
            "play / pause",
            "show errors…",
            "• bullet",
            "#tag",
            "@user",
            "$x",
            "step 2",
            "if ready",
            "is it on?",
            "save as draft",
            "idle -> active",
            "idle=>active",
            "-up",
            "rock 'n' roll",
            "context-menu",
            "state changed",
            "queue-job",
            "update state",
            "event!",
            "do it (again)!",
            "a..b",
            "1. number",
            "go (now) or later",
            "--dry-run",
            "set volume (now)",
            "hold on (to me, now)",
        ];
        for name in names {
            assert_eq!(both(name), (true, true), "{name}");
        }
    }

    #[test]
    fn paths_and_signs_of_bits_are_names_of_methods_alone() {
        for name in ["Save & Exit", "volume +", "R&D", "user::notify", "a|b", "a^b"] {
            assert_eq!(both(name), (false, true), "{name}");
        }
    }

    #[test]
    fn what_could_be_meant_is_no_name() {
        let others = [
            "context.n > 3",
            "a && b!",
            "!busy",
            "event.x",
            "n > 3",
            "n=3",
            "n += 1",
            "count++",
            "count--",
            "state.save!",
            "event",
            "queue",
            "go!(3)",
            "notify(context.n)",
            "foo(3",
            "ready || late?",
            "count - 1",
            "1",
            "items[0]",
            "matches!(a, b)",
            "x /context.n",
            "ready !busy",
            "a <b",
            "--",
            "…",
            "a\nb!",
            "(a) - (b)",
            "\"in\"(3)",
            "",
            "go!(context.n)",
            "event . x",
            "and(a, b)",
            "set volume (3)",
            "set volume(context.n)",
        ];
        for other in others {
            assert_eq!(both(other), (false, false), "{other}");
        }
    }
}
