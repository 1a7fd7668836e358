//! Operators: arithmetic, comparison, logic, casts.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Rem, Sub};

use syn::{BinOp, UnOp};

use super::super::int::{Int, IntType, Op};
use super::super::value::{Type, Value};
use super::{Eval, Evaluated, LONGEST_TEXT, Trouble, cannot, fit};

impl Eval<'_> {
    pub(super) fn unary(&mut self, unary: &syn::ExprUnary, expected: Option<&Type>) -> Evaluated {
        match unary.op {
            UnOp::Deref(_) => self.eval(&unary.expr, expected),
            UnOp::Not(_) => match self.eval(&unary.expr, expected)? {
                Value::Bool(truth) => Ok(Value::Bool(!truth)),
                Value::Int(int) => Ok(Value::Int(int.inverted())),
                other => cannot(format!("`!` of {}", other.kind())),
            },
            UnOp::Neg(_) => {
                // `-128i8`: the literal alone would be out of range.
                if let (syn::Expr::Lit(lit), Some(ty)) = (&*unary.expr, expected)
                    && let syn::Lit::Int(lit) = &lit.lit
                    && lit.suffix().is_empty()
                {
                    return fit(negated(super::integer(lit, None)?)?, ty);
                }
                negated(self.eval(&unary.expr, expected)?)
            }
            _ => cannot("the simulation does not know this operator"),
        }
    }

    pub(super) fn binary(&mut self, binary: &syn::ExprBinary, expected: Option<&Type>) -> Evaluated {
        let (left, right) = (&*binary.left, &*binary.right);
        let op = match binary.op {
            BinOp::And(_) => return Ok(Value::Bool(self.truth(left)? && self.truth(right)?)),
            BinOp::Or(_) => return Ok(Value::Bool(self.truth(left)? || self.truth(right)?)),
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                let pair = unified(self.eval(left, None)?, self.eval(right, None)?)?;
                return compare(&binary.op, &pair.0, &pair.1);
            }
            BinOp::Shl(_) | BinOp::Shr(_) => {
                let (value, by) = (self.eval(left, expected)?, self.eval(right, None)?);
                return shift(&value, matches!(binary.op, BinOp::Shl(_)), &by);
            }
            BinOp::Add(_) => Op::Add,
            BinOp::Sub(_) => Op::Sub,
            BinOp::Mul(_) => Op::Mul,
            BinOp::Div(_) => Op::Div,
            BinOp::Rem(_) => Op::Rem,
            BinOp::BitAnd(_) => Op::And,
            BinOp::BitOr(_) => Op::Or,
            BinOp::BitXor(_) => Op::Xor,
            _ => return cannot("an expression cannot assign: use the action `assign`"),
        };
        let (left, right) = unified(self.eval(left, expected)?, self.eval(right, expected)?)?;
        arithmetic(op, left, right)
    }
}

fn negated(value: Value) -> Evaluated {
    match value {
        Value::Int(int) => int.negated().map(Value::Int).ok_or(Trouble::Overflow),
        Value::Number(number) => number.checked_neg().map(Value::Number).ok_or(Trouble::Overflow),
        Value::Float(float) => Ok(Value::Float(-float)),
        Value::Single(float) => Ok(Value::Single(-float)),
        other => cannot(format!("`-` of {}", other.kind())),
    }
}

/// Two values for one operator: the one without a type takes that of the other.
pub(super) fn unified(left: Value, right: Value) -> Evaluated<(Value, Value)> {
    let typed = |value: &Value| match value {
        Value::Int(int) => Some(Type::Int(int.ty())),
        Value::Float(_) => Some(Type::F64),
        Value::Single(_) => Some(Type::F32),
        _ => None,
    };
    Ok(match (&left, &right) {
        (Value::Number(_), _) if typed(&right).is_some() => (fit(left, &typed(&right).unwrap_or(Type::Other))?, right),
        (_, Value::Number(_)) if typed(&left).is_some() => {
            let ty = typed(&left).unwrap_or(Type::Other);
            (left, fit(right, &ty)?)
        }
        (Value::Single(_), Value::Float(_)) => (left, fit(right, &Type::F32)?),
        (Value::Float(_), Value::Single(_)) => (fit(left, &Type::F32)?, right),
        (Value::Some(_), Value::Some(_)) => {
            let (Value::Some(left), Value::Some(right)) = (left, right) else { return cannot("two options") };
            let (left, right) = unified(*left, *right)?;
            (Value::Some(Box::new(left)), Value::Some(Box::new(right)))
        }
        _ => (left, right),
    })
}

/// An arithmetic operator.
pub(super) fn arithmetic(op: Op, left: Value, right: Value) -> Evaluated {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) if a.ty() == b.ty() => a.checked(op, b).map(Value::Int).ok_or(Trouble::Overflow),
        (Value::Number(a), Value::Number(b)) => match Int::I128(a).checked(op, Int::I128(b)).and_then(Int::value) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(Trouble::Overflow),
        },
        (Value::Float(a), Value::Float(b)) => float(op, a, b).map(Value::Float),
        (Value::Single(a), Value::Single(b)) => float(op, a, b).map(Value::Single),
        (Value::Bool(a), Value::Bool(b)) => match op {
            Op::And => Ok(Value::Bool(a & b)),
            Op::Or => Ok(Value::Bool(a | b)),
            Op::Xor => Ok(Value::Bool(a ^ b)),
            _ => cannot("there is no arithmetic of truths"),
        },
        (Value::String(mut a), Value::String(b)) if op == Op::Add => {
            if a.len() + b.len() > LONGEST_TEXT {
                return cannot("the text becomes too long");
            }
            a.push_str(&b);
            Ok(Value::String(a))
        }
        (a, b) => cannot(format!("there is no arithmetic between {} and {}", a.kind(), b.kind())),
    }
}

/// Either width of float: each rounds by itself.
fn float<F>(op: Op, a: F, b: F) -> Evaluated<F>
where
    F: Add<Output = F> + Sub<Output = F> + Mul<Output = F> + Div<Output = F> + Rem<Output = F>,
{
    Ok(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Rem => a % b,
        Op::And | Op::Or | Op::Xor => return cannot("a float has no bits to combine"),
    })
}

fn shift(value: &Value, left: bool, by: &Value) -> Evaluated {
    let by = match by {
        Value::Int(by) => by.value(),
        Value::Number(by) => Some(*by),
        other => return cannot(format!("a shift by {}", other.kind())),
    };
    let Some(by) = by.and_then(|by| u32::try_from(by).ok()) else { return Err(Trouble::Overflow) };
    let shifted = match value {
        Value::Int(int) => int.shift(left, by).map(Value::Int),
        // Rust's type of a literal that nothing else types.
        Value::Number(number) => {
            IntType::I32.hold(*number).and_then(|int| int.shift(left, by)).and_then(Int::value).map(Value::Number)
        }
        other => return cannot(format!("a shift of {}", other.kind())),
    };
    shifted.ok_or(Trouble::Overflow)
}

fn compare(op: &BinOp, left: &Value, right: &Value) -> Evaluated {
    let truth = match op {
        BinOp::Eq(_) => equal(left, right)?,
        BinOp::Ne(_) => !equal(left, right)?,
        _ => {
            // Floats that cannot be compared are in no order: every comparison is false.
            let Some(order) = order(left, right)? else { return Ok(Value::Bool(false)) };
            match op {
                BinOp::Lt(_) => order.is_lt(),
                BinOp::Le(_) => order.is_le(),
                BinOp::Gt(_) => order.is_gt(),
                _ => order.is_ge(),
            }
        }
    };
    Ok(Value::Bool(truth))
}

/// `==`, where both are of one kind and known.
pub(super) fn equal(left: &Value, right: &Value) -> Evaluated<bool> {
    match (left, right) {
        (Value::Opaque(_), _) | (_, Value::Opaque(_)) => {
            cannot("a value that the simulation does not know is compared")
        }
        (Value::Some(a), Value::Some(b)) => equal(a, b),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b) {
                let (a, b) = unified(a.clone(), b.clone())?;
                if !equal(&a, &b)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::None, Value::Some(_)) | (Value::Some(_), Value::None) => Ok(false),
        _ if std::mem::discriminant(left) == std::mem::discriminant(right) => match (left, right) {
            (Value::Int(a), Value::Int(b)) if a.ty() != b.ty() => mixed(left, right),
            _ => Ok(left == right),
        },
        _ => mixed(left, right),
    }
}

fn mixed<T>(left: &Value, right: &Value) -> Evaluated<T> {
    cannot(format!("{} and {} cannot be compared", left.kind(), right.kind()))
}

pub(super) fn order(left: &Value, right: &Value) -> Evaluated<Option<Ordering>> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) if a.ty() == b.ty() => Ok(Some(a.cmp(b))),
        (Value::Number(a), Value::Number(b)) => Ok(Some(a.cmp(b))),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Single(a), Value::Single(b)) => Ok(a.partial_cmp(b)),
        (Value::Char(a), Value::Char(b)) => Ok(Some(a.cmp(b))),
        (Value::String(a), Value::String(b)) => Ok(Some(a.cmp(b))),
        (Value::Bool(a), Value::Bool(b)) => Ok(Some(a.cmp(b))),
        (Value::None, Value::None) => Ok(Some(Ordering::Equal)),
        (Value::None, Value::Some(_)) => Ok(Some(Ordering::Less)),
        (Value::Some(_), Value::None) => Ok(Some(Ordering::Greater)),
        (Value::Some(a), Value::Some(b)) => order(a, b),
        _ => mixed(left, right),
    }
}

/// `as`.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as Rust's `as` does")]
pub(super) fn cast(value: Value, ty: &Type) -> Evaluated {
    let from = value.kind();
    Ok(match (ty, value) {
        (Type::Int(ty), Value::Int(int)) => Value::Int(int.cast(*ty)),
        (Type::Int(ty), Value::Number(number)) => Value::Int(Int::I128(number).cast(*ty)),
        (Type::Int(ty), Value::Float(float)) => Value::Int(ty.truncate(float)),
        (Type::Int(ty), Value::Single(float)) => Value::Int(ty.truncate(float.into())),
        (Type::Int(ty), Value::Bool(truth)) => Value::Int(Int::U8(truth.into()).cast(*ty)),
        (Type::Int(ty), Value::Char(char)) => Value::Int(Int::U32(char.into()).cast(*ty)),
        (Type::F64, Value::Int(int)) => Value::Float(int.as_f64()),
        (Type::F32, Value::Int(int)) => Value::Single(int.as_f64() as f32),
        (Type::F64, Value::Number(number)) => Value::Float(number as f64),
        (Type::F32, Value::Number(number)) => Value::Single(number as f32),
        (Type::F64, Value::Single(float)) => Value::Float(float.into()),
        (Type::F32, Value::Float(float)) => Value::Single(float as f32),
        (Type::Char, Value::Int(Int::U8(byte))) => Value::Char(byte.into()),
        (Type::Other, _) => return cannot("the simulation does not know the type behind `as`"),
        (ty, value) if value.clone().fit(ty).is_ok() => fit(value, ty)?,
        (ty, _) => return cannot(format!("{from} cannot be cast to `{}`", ty.name())),
    })
}
