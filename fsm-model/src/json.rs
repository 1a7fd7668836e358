//! JSON in a spec as Rust: the call of `json!` that a value becomes, and the value in such a call.
//!
//! Between [`crate::ast`] and [`crate::rust`]: XState's configs hold JSON where Rust stands otherwise, as defaults, outputs
//! and arguments. Invariant: what [`call`] writes, [`read`] gives back, but for numbers that JSON does not have.

use crate::gather::Gather as _;
use syn::parse::{Parse, ParseStream};
use syn::{Lit, LitStr, Token, braced, bracketed, token};

use crate::ast::Value;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// How many values one call may hold, and how deep they may stand, since all of it is parsed as Rust.
const MOST_VALUES: usize = 1_000;
const DEEPEST: usize = 32;

/// The type of what `json!` gives.
pub const TYPE: &str = "::serde_json::Value";

/// `::serde_json::json!(…)`, for the value at `span`.
///
/// # Errors
///
/// Where there are too many values in it, or too deep ones.
pub fn call(value: &Value, span: Span) -> Result<String, Diagnostic> {
    let mut left = MOST_VALUES;
    if !fits(value, DEEPEST, &mut left) {
        let message = format!("a JSON value holds at most {MOST_VALUES} values, {DEEPEST} levels deep");
        return Err(Diagnostic::error(Code::TooLarge, span, message).help("read it when the machine starts"));
    }
    Ok(format!("::serde_json::json!({})", text(value)))
}

fn fits(value: &Value, depth: usize, left: &mut usize) -> bool {
    if depth == 0 || *left == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::List(items) => items.iter().all(|item| fits(item, depth - 1, left)),
        Value::Map(entries) => entries.iter().all(|(_, entry)| fits(entry, depth - 1, left)),
        _ => true,
    }
}

/// A value as the macro `json!` reads it, on one line.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => float(*value),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(text).gather::<Vec<_>>().join(", ")),
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, entry)| format!("{key:?}: {}", text(entry)));
            format!("{{ {} }}", entries.gather::<Vec<_>>().join(", "))
        }
    }
}

/// A number as Rust spells it, with a point.
#[must_use]
pub fn float(value: f64) -> String {
    if value.is_nan() {
        "f64::NAN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned()
    } else {
        format!("{value:?}")
    }
}

/// The value in a call of `json!` that holds nothing but JSON; `None` for any other expression.
///
/// The front-ends count brackets before they parse, so that the recursion ends.
#[must_use]
pub fn read(expr: &syn::Expr) -> Option<Value> {
    let syn::Expr::Macro(call) = expr else { return None };
    let path: Vec<String> = call.mac.path.segments.iter().map(|segment| segment.ident.to_string()).gather();
    let is_json = matches!(&path.iter().map(String::as_str).gather::<Vec<_>>()[..], ["json"] | ["serde_json", "json"]);
    if !is_json || !call.attrs.is_empty() {
        return None;
    }
    syn::parse2::<Json>(call.mac.tokens.clone()).ok().map(|json| json.0)
}

mod word {
    syn::custom_keyword!(null);
}

struct Json(Value);

impl Parse for Json {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(token::Bracket) {
            let items;
            bracketed!(items in input);
            let items = items.parse_terminated(Self::parse, Token![,])?;
            return Ok(Self(Value::List(items.into_iter().map(|item| item.0).gather())));
        }
        if input.peek(token::Brace) {
            let entries;
            braced!(entries in input);
            let entries = entries.parse_terminated(entry, Token![,])?;
            return Ok(Self(Value::Map(entries.into_iter().gather())));
        }
        if input.peek(word::null) {
            input.parse::<word::null>()?;
            return Ok(Self(Value::Null));
        }
        scalar(&input.parse()?).map(Self)
    }
}

fn entry(input: ParseStream<'_>) -> syn::Result<(String, Value)> {
    let key: LitStr = input.parse()?;
    input.parse::<Token![:]>()?;
    Ok((key.value(), Json::parse(input)?.0))
}

/// A literal that JSON has as well; the sign of a number belongs to it.
fn scalar(literal: &Lit) -> syn::Result<Value> {
    match literal {
        Lit::Bool(value) => Ok(Value::Bool(value.value)),
        Lit::Str(text) if text.suffix().is_empty() => Ok(Value::String(text.value())),
        Lit::Int(number) if number.suffix().is_empty() => {
            number.base10_parse().map(Value::Int).or_else(|_| number.base10_parse().map(Value::Float))
        }
        Lit::Float(number) if number.suffix().is_empty() => number.base10_parse().map(Value::Float),
        other => Err(syn::Error::new(other.span(), "JSON has no such literal")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> syn::Expr {
        syn::parse_str(text).expect("an expression")
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = Value::Map(vec![
            ("a key".to_owned(), Value::List(vec![Value::Null, Value::Bool(true), Value::Int(-1), Value::Float(-1.5)])),
            ("\"\\\n\u{7}".to_owned(), Value::String("\"\u{301}".to_owned())),
            ("empty".to_owned(), Value::List(vec![Value::Map(Vec::new()), Value::List(Vec::new())])),
            ("least".to_owned(), Value::Int(i64::MIN)),
            ("large".to_owned(), Value::Float(1e300)),
        ]);
        let call = call(&value, Span::default()).expect("small enough");
        assert_eq!(read(&parsed(&call)), Some(value), "{call}");
    }

    #[test]
    fn what_holds_more_than_json_is_not_read() {
        for text in ["json!([1, 2,])", "serde_json::json!(null)", "::serde_json::json!({ \"a\": -0.5 })", "json!(true)"]
        {
            assert!(read(&parsed(text)).is_some(), "{text}");
        }
        for text in [
            "json!(event.x)",
            "json!([1, n])",
            "json!({ a: 1 })",
            "json!(1u8)",
            "json!([1 2])",
            "json!()",
            "json!('a')",
            "other::json!(1)",
            "vec![1]",
            "1",
        ] {
            assert!(read(&parsed(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn a_value_is_neither_too_long_nor_too_deep() {
        let deep = |levels| (1..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        let long = |length| Value::List(vec![Value::Null; length]);
        for (value, fits) in [
            (deep(DEEPEST), true),
            (deep(DEEPEST + 1), false),
            (long(MOST_VALUES - 1), true),
            (long(MOST_VALUES), false),
        ] {
            assert_eq!(call(&value, Span::default()).is_ok(), fits);
        }
    }
}
