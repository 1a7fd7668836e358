//! Methods of Rust's own types: those that conditions and assignments use.

use super::super::int::{Int, Op};
use super::super::value::{Type, Value};
use super::operators::{equal, order, unified};
use super::{Eval, Evaluated, Trouble, cannot, fit, unraw};

impl Eval<'_> {
    pub(super) fn method(&mut self, call: &syn::ExprMethodCall, expected: Option<&Type>) -> Evaluated {
        let name = unraw(&call.method);
        let receiver = self.eval(&call.receiver, None)?;
        let args = call.args.iter().map(|arg| self.eval(arg, None)).collect::<Result<Vec<_>, _>>()?;
        if let (Value::None, "unwrap_or_default") = (&receiver, name.as_str()) {
            let unknown = || cannot("the simulation does not know the type of this default");
            return expected.map_or_else(unknown, |ty| Ok(ty.default_value()));
        }
        let unknown = format!("the simulation does not know the method `{name}` of {}", receiver.kind());
        if args.is_empty() && SAME.contains(&name.as_str()) {
            return Ok(receiver);
        }
        let found = match (receiver, &args[..]) {
            (receiver, []) if name == "to_string" && is_printable(&receiver) => Some(Value::String(shown(&receiver))),
            (Value::String(text), args) => on_text(&text, &name, args),
            (Value::Char(char), []) => on_char(char, &name),
            (Value::Int(int), args) => return on_int(int, &name, args)?.map_or_else(|| cannot(unknown), Ok),
            (receiver @ (Value::Float(_) | Value::Single(_)), args) => on_float(receiver, &name, args)?,
            (receiver @ Value::Number(_), [other]) if name == "min" || name == "max" => {
                let (receiver, other) = unified(receiver, other.clone())?;
                Some(extreme(receiver, other, name == "max")?)
            }
            (receiver @ (Value::None | Value::Some(_)), args) => on_option(receiver, &name, args)?,
            (Value::List(items), args) => on_list(items, &name, args)?,
            (Value::Map(items), args) => on_map(items, &name, args),
            (Value::Bool(truth), [value]) if name == "then_some" => {
                Some(if truth { Value::Some(Box::new(value.clone())) } else { Value::None })
            }
            _ => None,
        };
        found.map_or_else(|| cannot(unknown), Ok)
    }
}

/// Methods that give the value itself, as far as values go.
const SAME: &[&str] = &[
    "clone",
    "to_owned",
    "as_ref",
    "as_str",
    "as_deref",
    "as_slice",
    "to_vec",
    "into",
    "copied",
    "cloned",
    "borrow",
    "into_string",
];

fn is_printable(value: &Value) -> bool {
    !matches!(value, Value::Unit | Value::None | Value::Some(_) | Value::List(_) | Value::Map(_) | Value::Opaque(_))
}

/// As `Display` of Rust shows it, which drops the fraction of a whole float.
pub(in crate::interp) fn shown(value: &Value) -> String {
    match value {
        Value::Float(float) => float.to_string(),
        Value::Single(float) => float.to_string(),
        other => other.shown(),
    }
}

/// As `{:?}` shows a value, near enough.
pub(in crate::interp) fn debug(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Some(inner) => format!("Some({})", debug(inner)),
        Value::Char(char) => format!("{char:?}"),
        Value::String(text) => format!("{text:?}"),
        Value::Unit => "()".to_owned(),
        Value::Opaque(text) => text.clone(),
        other => other.to_string(),
    }
}

fn size(len: usize) -> Value {
    Value::Int(Int::Usize(len))
}

fn on_text(text: &str, name: &str, args: &[Value]) -> Option<Value> {
    Some(match (name, args) {
        ("len", []) => size(text.len()),
        ("is_empty", []) => Value::Bool(text.is_empty()),
        ("trim", []) => Value::String(text.trim().to_owned()),
        ("to_uppercase" | "to_ascii_uppercase", []) => Value::String(text.to_uppercase()),
        ("to_lowercase" | "to_ascii_lowercase", []) => Value::String(text.to_lowercase()),
        (_, [Value::String(other)]) => Value::Bool(match name {
            "contains" => text.contains(other.as_str()),
            "starts_with" => text.starts_with(other.as_str()),
            "ends_with" => text.ends_with(other.as_str()),
            "eq_ignore_ascii_case" => text.eq_ignore_ascii_case(other),
            "eq" => text == other,
            "ne" => text != other,
            _ => return None,
        }),
        (_, [Value::Char(other)]) => Value::Bool(match name {
            "contains" => text.contains(*other),
            "starts_with" => text.starts_with(*other),
            "ends_with" => text.ends_with(*other),
            _ => return None,
        }),
        _ => return None,
    })
}

fn on_char(char: char, name: &str) -> Option<Value> {
    Some(Value::Bool(match name {
        "is_alphabetic" => char.is_alphabetic(),
        "is_alphanumeric" => char.is_alphanumeric(),
        "is_numeric" => char.is_numeric(),
        "is_ascii_digit" => char.is_ascii_digit(),
        "is_whitespace" => char.is_whitespace(),
        "is_uppercase" => char.is_uppercase(),
        "is_lowercase" => char.is_lowercase(),
        _ => return None,
    }))
}

fn on_int(int: Int, name: &str, args: &[Value]) -> Evaluated<Option<Value>> {
    let ty = Type::Int(int.ty());
    let of_type = |value: &Value| match fit(value.clone(), &ty)? {
        Value::Int(int) => Ok(int),
        other => cannot(format!("{} is no {}", other.kind(), ty.name())),
    };
    let sign = || int.value().map_or(1, i128::signum);
    let value = match (name, args) {
        ("abs", []) if sign() < 0 => int.negated(),
        ("abs", []) => Some(int),
        ("signum", []) => int.ty().hold(sign()),
        ("is_positive", []) => return Ok(Some(Value::Bool(sign() > 0))),
        ("is_negative", []) => return Ok(Some(Value::Bool(sign() < 0))),
        ("pow", [exponent]) => match fit(exponent.clone(), &Type::Int(super::super::int::IntType::U32))? {
            Value::Int(Int::U32(exponent)) => int.power(exponent),
            _ => return Ok(None),
        },
        ("min", [other]) => Some(int.min(of_type(other)?)),
        ("max", [other]) => Some(int.max(of_type(other)?)),
        ("clamp", [low, high]) => {
            let (low, high) = (of_type(low)?, of_type(high)?);
            if low > high {
                return cannot("`clamp` between bounds in the wrong order: the machine would panic");
            }
            Some(int.clamp(low, high))
        }
        ("rem_euclid", [other]) => int.rem_euclid(of_type(other)?),
        ("abs_diff", [other]) => int.abs_diff(of_type(other)?),
        (_, [other]) => {
            let Some((form, op)) = by_operator(name) else { return Ok(None) };
            let other = of_type(other)?;
            let value = match form {
                "saturating" => int.saturating(op, other),
                "wrapping" => int.wrapping(op, other),
                _ => {
                    let value = int.checked(op, other).map(Value::Int);
                    return Ok(Some(value.map_or(Value::None, |value| Value::Some(Box::new(value)))));
                }
            };
            return Ok(value.map(Value::Int));
        }
        _ => return Ok(None),
    };
    value.map(|value| Some(Value::Int(value))).ok_or(Trouble::Overflow)
}

/// `saturating_add` is the saturating form of `+`.
fn by_operator(name: &str) -> Option<(&str, Op)> {
    let (form, operator) = name.split_once('_')?;
    let op = match operator {
        "add" => Op::Add,
        "sub" => Op::Sub,
        "mul" => Op::Mul,
        "div" => Op::Div,
        "rem" => Op::Rem,
        _ => return None,
    };
    ["saturating", "wrapping", "checked"].contains(&form).then_some((form, op))
}

fn on_float(receiver: Value, name: &str, args: &[Value]) -> Evaluated<Option<Value>> {
    if let ("min" | "max", [other]) = (name, args) {
        let (receiver, other) = unified(receiver, other.clone())?;
        return extreme(receiver, other, name == "max").map(Some);
    }
    let function: fn(f64) -> f64 = match name {
        "abs" => f64::abs,
        "floor" => f64::floor,
        "ceil" => f64::ceil,
        "round" => f64::round,
        "trunc" => f64::trunc,
        "sqrt" => f64::sqrt,
        "is_nan" => return Ok(Some(Value::Bool(as_f64(&receiver).is_nan()))),
        "is_finite" => return Ok(Some(Value::Bool(as_f64(&receiver).is_finite()))),
        _ => return Ok(None),
    };
    if !args.is_empty() {
        return Ok(None);
    }
    let result = Value::Float(function(as_f64(&receiver)));
    // Each of them is exact, or rounded once more to the same `f32`.
    let ty = if matches!(receiver, Value::Single(_)) { Type::F32 } else { Type::F64 };
    fit(result, &ty).map(Some)
}

fn as_f64(value: &Value) -> f64 {
    match value {
        Value::Float(float) => *float,
        Value::Single(float) => f64::from(*float),
        _ => f64::NAN,
    }
}

fn extreme(a: Value, b: Value, greater: bool) -> Evaluated {
    let Some(order) = order(&a, &b)? else { return Ok(if as_f64(&a).is_nan() { b } else { a }) };
    Ok(if order.is_lt() == greater { b } else { a })
}

fn on_option(receiver: Value, name: &str, args: &[Value]) -> Evaluated<Option<Value>> {
    Ok(Some(match (name, receiver, args) {
        ("is_some", receiver, []) => Value::Bool(receiver != Value::None),
        ("is_none", receiver, []) => Value::Bool(receiver == Value::None),
        ("unwrap" | "unwrap_or_default", Value::Some(value), [])
        | ("expect" | "unwrap_or", Value::Some(value), [_]) => *value,
        ("unwrap", Value::None, []) | ("expect", Value::None, [_]) => {
            return cannot("`unwrap` of `None`: the machine would panic");
        }
        ("or", some @ Value::Some(_), [_]) => some,
        ("or" | "unwrap_or", Value::None, [other]) => other.clone(),
        _ => return Ok(None),
    }))
}

fn on_list(items: Vec<Value>, name: &str, args: &[Value]) -> Evaluated<Option<Value>> {
    let option = |item: Option<Value>| item.map_or(Value::None, |item| Value::Some(Box::new(item)));
    Ok(Some(match (name, args) {
        ("len", []) => size(items.len()),
        ("is_empty", []) => Value::Bool(items.is_empty()),
        ("first" | "front", []) => option(items.into_iter().next()),
        ("last" | "back", []) => option(items.into_iter().next_back()),
        ("contains", [wanted]) => {
            for item in items {
                let (item, wanted) = unified(item, wanted.clone())?;
                if equal(&item, &wanted)? {
                    return Ok(Some(Value::Bool(true)));
                }
            }
            Value::Bool(false)
        }
        _ => return Ok(None),
    }))
}

fn on_map(items: Vec<(String, Value)>, name: &str, args: &[Value]) -> Option<Value> {
    Some(match (name, args) {
        ("len", []) => size(items.len()),
        ("is_empty", []) => Value::Bool(items.is_empty()),
        ("contains_key", [Value::String(key)]) => Value::Bool(items.iter().any(|(known, _)| known == key)),
        ("get", [Value::String(key)]) => {
            let found = items.into_iter().find(|(known, _)| known == key);
            found.map_or(Value::None, |(_, value)| Value::Some(Box::new(value)))
        }
        _ => return None,
    })
}
