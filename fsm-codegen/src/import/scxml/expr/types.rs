//! The types of expressions: numbers, booleans, texts, and nothing that turns one into another.
//!
//! ECMAScript converts where Rust does not, so what mixes types is an error, except text that is put together with `+`.

use std::ops::Range;

use super::{Expr, Fault, Kind, Operator};

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import::scxml) enum Type {
    Number,
    Bool,
    Text,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Text => "a text",
        }
    }
}

/// Says the type of a data item: `Ok(None)` while it is not known, a fault where there is no such item.
pub(in crate::import::scxml) trait Lookup {
    fn of(&self, data: &str, at: &Range<usize>) -> Result<Option<Type>, Fault>;
}

/// The type of the expression; `None` where it hangs on data whose type is not known.
pub(in crate::import::scxml) fn check(expr: &Expr, data: &impl Lookup) -> Result<Option<Type>, Fault> {
    match &expr.kind {
        Kind::Bool(_) | Kind::In(_) => Ok(Some(Type::Bool)),
        Kind::Int(_) | Kind::Fraction(_) => Ok(Some(Type::Number)),
        Kind::Text(_) => Ok(Some(Type::Text)),
        Kind::Data(name) => data.of(name, &expr.at),
        Kind::Not(inner) => wanted(inner, Type::Bool, data),
        Kind::Minus(inner) | Kind::Power(inner, _) => wanted(inner, Type::Number, data),
        Kind::Binary(operator, left, right) => binary(*operator, left, right, data),
    }
}

/// Checks that the expression has the type, and gives it.
pub(in crate::import::scxml) fn wanted(expr: &Expr, wanted: Type, data: &impl Lookup) -> Result<Option<Type>, Fault> {
    match check(expr, data)? {
        Some(found) if found != wanted => {
            let message = format!("{} is wanted here, this is {}", wanted.name(), found.name());
            let fault = Fault::new(expr.at.clone(), message);
            Err(match (wanted, found) {
                (Type::Bool, Type::Number) => fault.help("compare it: `x !== 0`"),
                (Type::Bool, Type::Text) => fault.help("compare it: `x !== ''`"),
                (Type::Number, Type::Text) => match number_in(expr) {
                    Some(number) => fault.help(format!("ECMAScript would turn it into a number; write `{number}`")),
                    None => fault,
                },
                _ => fault,
            })
        }
        _ => Ok(Some(wanted)),
    }
}

/// Two values of different types are asked whether they are equal. To `===` they never are; `==` first turns one into the
/// type of the other, which is not translated.
fn unlike((left, left_type): (&Expr, Type), (right, right_type): (&Expr, Type)) -> Fault {
    let message = format!("{} is compared with {}", left_type.name(), right_type.name());
    let number = match (left_type, right_type) {
        (Type::Text, Type::Number) => number_in(left).map(|number| (left, number)),
        (Type::Number, Type::Text) => number_in(right).map(|number| (right, number)),
        _ => None,
    };
    match number {
        Some((text, number)) => Fault::new(text.at.clone(), message)
            .help(format!("`==` would turn the text into a number, which is not translated; write `{number}`")),
        None => Fault::new(right.at.clone(), message)
            .help("`==` would turn one into the other, which is not translated; to `===` they are never equal"),
    }
}

/// The number that a constant text stands for.
fn number_in(expr: &Expr) -> Option<&str> {
    let Kind::Text(text) = &expr.kind else { return None };
    let digits = text.trim();
    (digits.starts_with(|char: char| char.is_ascii_digit()) && digits.parse::<f64>().is_ok()).then_some(digits)
}

fn binary(operator: Operator, left: &Expr, right: &Expr, data: &impl Lookup) -> Result<Option<Type>, Fault> {
    match operator {
        Operator::Or | Operator::And => {
            wanted(left, Type::Bool, data)?;
            wanted(right, Type::Bool, data)
        }
        Operator::Equal | Operator::NotEqual => {
            if let (Some(left_type), Some(right_type)) = (check(left, data)?, check(right, data)?)
                && left_type != right_type
            {
                return Err(unlike((left, left_type), (right, right_type)));
            }
            Ok(Some(Type::Bool))
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            wanted(left, Type::Number, data)?;
            wanted(right, Type::Number, data)?;
            Ok(Some(Type::Bool))
        }
        Operator::Add => {
            let (first, second) = (check(left, data)?, check(right, data)?);
            match (first, second) {
                (Some(Type::Text), _) | (_, Some(Type::Text)) => Ok(Some(Type::Text)),
                (None, None) => Ok(None),
                _ => {
                    wanted(left, Type::Number, data)?;
                    wanted(right, Type::Number, data)?;
                    // What is not known yet might be a text.
                    Ok(first.and(second))
                }
            }
        }
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
            wanted(left, Type::Number, data)?;
            wanted(right, Type::Number, data)
        }
    }
}
