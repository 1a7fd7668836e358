//! Expressions of ECMAScript beside what becomes of them.

use std::collections::HashMap;
use std::ops::Range;

use super::rust::{Writer, check_guard};
use super::types::{self, Lookup, Type};
use super::{Fault, parse};

/// `n` and `m` are numbers, `s` and `t` texts, `b` is a boolean.
struct Known;

impl Lookup for Known {
    fn of(&self, data: &str, at: &Range<usize>) -> Result<Option<Type>, Fault> {
        match data {
            "n" | "m" => Ok(Some(Type::Number)),
            "s" | "t" => Ok(Some(Type::Text)),
            "b" => Ok(Some(Type::Bool)),
            _ => Err(Fault::new(at.clone(), "unknown")),
        }
    }
}

fn rust(text: &str, fractions: bool) -> Result<String, Fault> {
    let expr = parse(text)?;
    types::check(&expr, &Known)?;
    let fields = HashMap::new();
    Ok(Writer { fields: &fields, types: &Known, fractions }.value(&expr))
}

#[test]
fn what_becomes_rust() {
    let table = [
        ("1 + 2 * n", "1 + 2 * context.n"),
        ("(1 + n) * 2", "(1 + context.n) * 2"),
        ("n - (m - 1)", "context.n - (context.m - 1)"),
        ("n - m - 1", "context.n - context.m - 1"),
        ("-(n + 1)", "-(context.n + 1)"),
        ("-n * 2", "-context.n * 2"),
        ("!b && n < 3 || false", "!context.b && context.n < 3 || false"),
        ("!(b && n >= 3)", "!(context.b && context.n >= 3)"),
        ("b && (b || n != 1)", "context.b && (context.b || context.n != 1)"),
        ("(n < 1) === (m > 2)", "(context.n < 1) == (context.m > 2)"),
        ("n % 2 === 1", "context.n % 2 == 1"),
        ("Math.pow(n + 1, 2)", "(context.n + 1).pow(2)"),
        ("Math.pow(2, 3) + Math.pow(-n, 2)", "2_i64.pow(3) + (-context.n).pow(2)"),
        ("4000000000 > n", "4000000000_i64 > context.n"),
        ("'it\\'s \\u0041\"'", "\"it's A\\\"\".to_owned()"),
        ("s", "context.s.clone()"),
        ("s == 'x'", "context.s == \"x\""),
        ("s + t", "format!(\"{}{}\", context.s, context.t)"),
        ("1 + n + '{' + (n + 1) + ('a' + s)", "format!(\"{}{{{}a{}\", 1 + context.n, context.n + 1, context.s)"),
    ];
    for (text, expected) in table {
        assert_eq!(rust(text, false).as_deref(), Ok(expected), "{text}");
        let syntax = syn::parse_str::<syn::Expr>(expected);
        assert!(syntax.is_ok(), "{expected}");
    }
    for (text, expected) in
        [("n / 2", "context.n / 2.0"), ("1.5e1 - 1", "15.0 - 1.0"), ("Math.pow(2, 2)", "2.0_f64.powi(2)")]
    {
        assert_eq!(rust(text, true).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_is_shown_where_it_stands() {
    let table = [
        ("", 0..0),
        ("n +", 3..3),
        ("(n", 2..2),
        ("n m", 2..3),
        ("n ++ 1", 2..4),
        ("n = 1", 2..3),
        ("n ** 2", 2..4),
        ("n ? 1 : 2", 2..3),
        ("'open", 0..5),
        ("'\\q'", 1..3),
        ("012", 0..3),
        ("1e999", 0..5),
        ("0x10", 0..1),
        ("n.length", 0..8),
        ("f(1)", 0..1),
        ("Math.pow(n, -1)", 12..13),
        ("Math.pow(n, m)", 12..13),
        ("In(n)", 3..4),
        ("_event.data", 0..11),
        ("n == undefined", 5..14),
        ("x + 1", 0..1),
        ("!n", 1..2),
        ("n && b", 0..1),
        ("s < t", 0..1),
        ("s - 1", 0..1),
        ("b + 1", 0..1),
        ("n === 'a'", 6..9),
        ("'3' != n", 0..3),
        ("n > '2.5'", 4..9),
    ];
    for (text, place) in table {
        assert_eq!(rust(text, false).map_err(|fault| fault.at), Err(place), "{text}");
    }
}

#[test]
fn states_are_asked_for_in_guards_only() {
    for (text, sound) in [
        ("In('a') && !In('b') || n > 1", true),
        ("!(In('a') || b)", true),
        ("In('a') == true", false),
        ("n > 1 && (In('a') != b)", false),
    ] {
        assert_eq!(parse(text).and_then(|expr| check_guard(&expr)).is_ok(), sound, "{text}");
    }
}
