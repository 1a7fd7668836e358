//! Expressions as Rust over `context.x`, as guards, and as the text of a log.
//!
//! Needs expressions that [`super::types`] found sound; all of their numbers are `i64`, or all are `f64`.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::types::{self, Lookup, Type};
use super::{Expr, Fault, Kind, Operator};
use crate::import::yaml::Yaml;

/// How deep guards over active states stand inside one another at most: each takes two levels of the spec.
const MAX_GUARDS: usize = 8;

/// How tightly each form binds in Rust, where comparisons do not chain.
mod binding {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const COMPARISON: u8 = 3;
    pub(super) const SUM: u8 = 4;
    pub(super) const PRODUCT: u8 = 5;
    pub(super) const PREFIX: u8 = 6;
    pub(super) const METHOD: u8 = 7;
}

/// Writes the expressions of one document.
pub(in crate::import::scxml) struct Writer<'w, L> {
    /// The fields of the context by the ids of the data.
    pub(in crate::import::scxml) fields: &'w HashMap<String, String>,
    /// Their types.
    pub(in crate::import::scxml) types: &'w L,
    /// Whether numbers are `f64`.
    pub(in crate::import::scxml) fractions: bool,
}

impl<L: Lookup> Writer<'_, L> {
    /// The expression as a value that can be stored.
    pub(in crate::import::scxml) fn value(&self, expr: &Expr) -> String {
        let text = self.rust(expr, 0);
        match &expr.kind {
            Kind::Text(_) => format!("{text}.to_owned()"),
            Kind::Data(_) if self.is_text(expr) => format!("{text}.clone()"),
            _ => text,
        }
    }

    /// The expression as it is.
    pub(in crate::import::scxml) fn plain(&self, expr: &Expr) -> String {
        self.rust(expr, 0)
    }

    fn is_text(&self, expr: &Expr) -> bool {
        types::check(expr, self.types) == Ok(Some(Type::Text))
    }

    fn rust(&self, expr: &Expr, least: u8) -> String {
        let (text, binding) = match &expr.kind {
            Kind::Bool(value) => (value.to_string(), binding::METHOD),
            // A conversion that cannot lose anything: such numbers were written without a fraction.
            Kind::Int(value) if self.fractions => (format!("{value}.0"), binding::METHOD),
            Kind::Int(value) if i32::try_from(*value).is_err() => (format!("{value}_i64"), binding::METHOD),
            Kind::Int(value) => (value.to_string(), binding::METHOD),
            Kind::Fraction(value) => (format!("{value:?}"), binding::METHOD),
            Kind::Text(text) => (format!("{text:?}"), binding::METHOD),
            Kind::Data(name) => (format!("context.{}", self.field(name)), binding::METHOD),
            // Never part of Rust: `guard` takes these apart, everything else refuses them.
            Kind::In(_) => ("true".to_owned(), binding::METHOD),
            Kind::Not(inner) => (format!("!{}", self.rust(inner, binding::PREFIX)), binding::PREFIX),
            Kind::Minus(inner) => (format!("-{}", self.rust(inner, binding::PREFIX)), binding::PREFIX),
            Kind::Power(base, exponent) => (self.power(base, *exponent), binding::METHOD),
            Kind::Binary(Operator::Add, ..) if self.is_text(expr) => (self.joined(expr), binding::METHOD),
            Kind::Binary(operator, left, right) => {
                let (sign, binding) = in_rust(*operator);
                let before = if binding == binding::COMPARISON { binding + 1 } else { binding };
                let text = format!("{} {sign} {}", self.rust(left, before), self.rust(right, binding + 1));
                (text, binding)
            }
        };
        if binding < least { format!("({text})") } else { text }
    }

    fn field<'s>(&'s self, name: &'s str) -> &'s str {
        self.fields.get(name).map_or(name, String::as_str)
    }

    /// A bare literal has no type yet when a method is called on it.
    fn power(&self, base: &Expr, exponent: u32) -> String {
        let text = self.rust(base, binding::METHOD);
        let text = match &base.kind {
            Kind::Int(_) | Kind::Fraction(_) if self.fractions => format!("{text}_f64"),
            Kind::Int(_) if !text.ends_with("_i64") => format!("{text}_i64"),
            _ => text,
        };
        let method = if self.fractions { "powi" } else { "pow" };
        format!("{text}.{method}({exponent})")
    }

    /// Texts put together with `+`.
    fn joined(&self, expr: &Expr) -> String {
        let (mut format, mut values) = (String::new(), String::new());
        for part in self.parts(expr) {
            if let Kind::Text(text) = &part.kind {
                format.push_str(&braces(text));
            } else {
                format.push_str("{}");
                // Writing into a String cannot fail.
                let _ = write!(values, ", {}", self.rust(part, 0));
            }
        }
        format!("format!({format:?}{values})")
    }

    /// What is put together, in order: from the first text on `+` joins, before it adds.
    fn parts<'e>(&self, expr: &'e Expr) -> Vec<&'e Expr> {
        let (mut parts, mut rest) = (Vec::new(), expr);
        while let Kind::Binary(Operator::Add, left, right) = &rest.kind
            && self.is_text(rest)
        {
            if self.is_text(right) && !matches!(right.kind, Kind::Text(_) | Kind::Data(_)) {
                let mut inner = self.parts(right);
                inner.reverse();
                parts.extend(inner);
            } else {
                parts.push(&**right);
            }
            rest = left;
        }
        parts.push(rest);
        parts.reverse();
        parts
    }

    /// The expression as the text of a log; `None` where that cannot hold it.
    pub(in crate::import::scxml) fn log(&self, expr: &Expr) -> Option<String> {
        let mut text = String::new();
        for part in self.parts(expr) {
            match &part.kind {
                Kind::Text(constant) => text.push_str(&braces(constant)),
                _ if part.any(|kind| matches!(kind, Kind::Text(_) | Kind::In(_))) => return None,
                _ => {
                    // Writing into a String cannot fail.
                    let _ = write!(text, "{{{}}}", self.rust(part, 0));
                }
            }
        }
        Some(text)
    }

    /// The expression as a guard; states that it asks for become `{ in: '#id' }`.
    pub(in crate::import::scxml) fn guard(&self, expr: &Expr) -> Yaml {
        if !expr.any(|kind| matches!(kind, Kind::In(_))) {
            return match expr.kind {
                Kind::Bool(true) => Yaml::Word("true"),
                Kind::Bool(false) => Yaml::Word("false"),
                _ => Yaml::text(self.plain(expr)),
            };
        }
        let list = |operator| Yaml::List(operands(expr, operator).into_iter().map(|it| self.guard(it)).collect());
        match &expr.kind {
            Kind::In(state) => Yaml::pair("in", Yaml::text(format!("#{state}"))),
            Kind::Not(inner) => Yaml::pair("not", self.guard(inner)),
            Kind::Binary(Operator::Or, ..) => Yaml::pair("or", list(Operator::Or)),
            // There is no other form: `check_guard` passed this one.
            _ => Yaml::pair("and", list(Operator::And)),
        }
    }
}

/// Whether the expression can be a guard of a spec, which asks for states only by `and`, `or` and `not`.
pub(in crate::import::scxml) fn check_guard(expr: &Expr) -> Result<(), Fault> {
    check_guard_at(expr, 0)
}

fn check_guard_at(expr: &Expr, depth: usize) -> Result<(), Fault> {
    if depth > MAX_GUARDS {
        return Err(Fault::new(expr.at.clone(), "conditions over active states are nested too deep"));
    }
    if !expr.any(|kind| matches!(kind, Kind::In(_))) {
        return Ok(());
    }
    match &expr.kind {
        Kind::In(_) => Ok(()),
        Kind::Not(inner) => check_guard_at(inner, depth + 1),
        Kind::Binary(operator @ (Operator::And | Operator::Or), ..) => {
            operands(expr, *operator).into_iter().try_for_each(|operand| check_guard_at(operand, depth + 1))
        }
        _ => {
            let fault = Fault::new(expr.at.clone(), "`In` is combined by `&&`, `||` and `!` only");
            Err(fault.help("write `In('a')` or `!In('a')` instead of comparing it"))
        }
    }
}

/// The operands of a chain of one operator.
fn operands(expr: &Expr, operator: Operator) -> Vec<&Expr> {
    let (mut operands, mut rest) = (Vec::new(), expr);
    while let Kind::Binary(found, left, right) = &rest.kind
        && *found == operator
    {
        operands.push(&**right);
        rest = left;
    }
    operands.push(rest);
    operands.reverse();
    operands
}

const fn in_rust(operator: Operator) -> (&'static str, u8) {
    match operator {
        Operator::Or => ("||", binding::OR),
        Operator::And => ("&&", binding::AND),
        Operator::Equal => ("==", binding::COMPARISON),
        Operator::NotEqual => ("!=", binding::COMPARISON),
        Operator::Less => ("<", binding::COMPARISON),
        Operator::LessOrEqual => ("<=", binding::COMPARISON),
        Operator::Greater => (">", binding::COMPARISON),
        Operator::GreaterOrEqual => (">=", binding::COMPARISON),
        Operator::Add => ("+", binding::SUM),
        Operator::Subtract => ("-", binding::SUM),
        Operator::Multiply => ("*", binding::PRODUCT),
        Operator::Divide => ("/", binding::PRODUCT),
        Operator::Remainder => ("%", binding::PRODUCT),
    }
}

/// Text in which braces stand for themselves.
pub(in crate::import::scxml) fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
