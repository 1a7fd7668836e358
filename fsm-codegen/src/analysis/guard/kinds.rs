//! The types whose values guards compare with constants, each laid on the integers in its order.
//!
//! Part of [`super`], below [`super::fields`]. Integers are themselves, `false` and `true` 0 and 1, characters their numbers
//! without the gap of the surrogates, floats the numbers that their bits are. So a range of integers is empty exactly where no
//! value lies between two constants. `usize` and `isize` count as 64 bits wide, which is more than they may be and errs on the
//! careful side.

use crate::ir::Machine;
use fsm_model::gather::Gather as _;

/// A type whose values can be compared with constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer { name: &'static str, min: i128, max: i128 },
    Bool,
    Char,
    F32,
    F64,
    Text,
}

const fn integer(name: &'static str, min: i128, max: i128) -> Kind {
    Kind::Integer { name, min, max }
}

/// The integers. What lies beyond the range of `i128` is no constant here, so its end stands for that of `u128` as well.
const INTEGERS: [Kind; 12] = [
    integer("u8", 0, u8::MAX as i128),
    integer("u16", 0, u16::MAX as i128),
    integer("u32", 0, u32::MAX as i128),
    integer("u64", 0, u64::MAX as i128),
    integer("u128", 0, i128::MAX),
    integer("usize", 0, u64::MAX as i128),
    integer("i8", i8::MIN as i128, i8::MAX as i128),
    integer("i16", i16::MIN as i128, i16::MAX as i128),
    integer("i32", i32::MIN as i128, i32::MAX as i128),
    integer("i64", i64::MIN as i128, i64::MAX as i128),
    integer("i128", i128::MIN, i128::MAX),
    integer("isize", i64::MIN as i128, i64::MAX as i128),
];

/// The first of the surrogates, which are no characters, and how many there are.
const FIRST_SURROGATE: u32 = 0xD800;
const SURROGATES: u32 = 0x800;

impl Kind {
    /// That of a type by its name; an alias of the same name is not thought of, a name that `use` brings in is.
    pub(super) fn of(ty: &syn::Type, machine: &Machine) -> Option<Self> {
        let name = match ty {
            syn::Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
                syn::Type::Path(path) if path.path.is_ident("str") => "str".to_owned(),
                _ => return None,
            },
            syn::Type::Path(path) if path.qself.is_none() => path.path.get_ident()?.to_string(),
            _ => return None,
        };
        if is_redefined(machine, &name) {
            return None;
        }
        match name.as_str() {
            "bool" => Some(Self::Bool),
            "char" => Some(Self::Char),
            "f32" => Some(Self::F32),
            "f64" => Some(Self::F64),
            "String" | "str" => Some(Self::Text),
            other => INTEGERS.into_iter().find(|kind| matches!(kind, Self::Integer { name, .. } if *name == other)),
        }
    }

    /// Where a constant of this type lies; texts lie nowhere by themselves.
    pub(super) fn place(self, constant: &syn::Expr) -> Option<i128> {
        let place = match (self, bare(constant)) {
            (Self::Integer { .. }, syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. })) => {
                self.place(expr)?.checked_neg()
            }
            (Self::F32 | Self::F64, syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. })) => {
                Some(-self.place(expr)?)
            }
            (Self::Integer { name, min, max }, syn::Expr::Path(path)) => limit(name, path, min, max),
            (_, syn::Expr::Lit(literal)) => self.place_of_literal(&literal.lit),
            _ => None,
        };
        // The outermost places are left for what lies beyond all constants.
        place.filter(|place| (i128::MIN + 2..i128::MAX - 1).contains(place))
    }

    fn place_of_literal(self, literal: &syn::Lit) -> Option<i128> {
        match (self, literal) {
            (Self::Integer { name, .. }, syn::Lit::Int(int)) if ["", name].contains(&int.suffix()) => {
                int.base10_parse().ok()
            }
            (Self::Integer { name: "u8", .. }, syn::Lit::Byte(byte)) => Some(i128::from(byte.value())),
            (Self::Bool, syn::Lit::Bool(literal)) => Some(i128::from(literal.value)),
            (Self::Char, syn::Lit::Char(literal)) => {
                let scalar = u32::from(literal.value());
                Some(i128::from(if scalar < FIRST_SURROGATE { scalar } else { scalar - SURROGATES }))
            }
            (Self::F32, syn::Lit::Float(float)) if ["", "f32"].contains(&float.suffix()) => {
                float.base10_parse().ok().filter(|value: &f32| value.is_finite()).map(place_of_f32)
            }
            (Self::F64, syn::Lit::Float(float)) if ["", "f64"].contains(&float.suffix()) => {
                float.base10_parse().ok().filter(|value: &f64| value.is_finite()).map(place_of_f64)
            }
            _ => None,
        }
    }

    /// A place strictly between two others, one that reads well where there is one; `None` where there is none.
    pub(super) fn between(self, after: i128, before: i128) -> Option<i128> {
        let (min, max) = self.range();
        let (low, high) = (after.saturating_add(1).max(min), before.saturating_sub(1).min(max));
        let wish = match self {
            Self::F32 => place_of_f32(narrow(halfway(value_of_f32(low).into(), value_of_f32(high).into()))),
            Self::F64 => place_of_f64(halfway(value_of_f64(low), value_of_f64(high))),
            // Next to the constant that is compared.
            _ if after < min => high,
            _ => low,
        };
        (low <= high).then(|| wish.clamp(low, high))
    }

    /// The value at a place, as it is written in Rust; that of a text is known where it was numbered.
    pub(super) fn value_text(self, place: i128) -> String {
        match self {
            Self::Integer { .. } | Self::Text => place.to_string(),
            Self::Bool => (place == 1).to_string(),
            Self::Char => {
                let scalar = u32::try_from(place).unwrap_or(0);
                let scalar = if scalar < FIRST_SURROGATE { scalar } else { scalar + SURROGATES };
                format!("{:?}", char::from_u32(scalar).unwrap_or_default())
            }
            Self::F32 => format!("{:?}", value_of_f32(place)),
            Self::F64 => format!("{:?}", value_of_f64(place)),
        }
    }

    /// The least and the greatest value.
    pub(super) fn range(self) -> (i128, i128) {
        match self {
            Self::Integer { min, max, .. } => (min, max),
            Self::Bool => (0, 1),
            Self::Char => (0, i128::from(u32::from(char::MAX) - SURROGATES)),
            Self::F32 => (-place_of_f32(f32::INFINITY), place_of_f32(f32::INFINITY)),
            Self::F64 => (-place_of_f64(f64::INFINITY), place_of_f64(f64::INFINITY)),
            // Beyond the last text that is named lie all others.
            Self::Text => (0, i128::MAX),
        }
    }
}

/// Whether a name means something of the spec's own.
fn is_redefined(machine: &Machine, name: &str) -> bool {
    let generics = machine.generics.iter().flat_map(|generics| &generics.value.params);
    let mut parameters = generics.map(|parameter| match parameter {
        syn::GenericParam::Type(ty) => ty.ident == name,
        syn::GenericParam::Lifetime(_) | syn::GenericParam::Const(_) => false,
    });
    parameters.any(|same| same) || machine.uses.iter().any(|tree| brings_in(&tree.value, name))
}

fn brings_in(tree: &syn::UseTree, name: &str) -> bool {
    match tree {
        syn::UseTree::Path(path) => brings_in(&path.tree, name),
        syn::UseTree::Name(own) => own.ident == name,
        syn::UseTree::Rename(renamed) => renamed.rename == name,
        syn::UseTree::Group(group) => group.items.iter().any(|tree| brings_in(tree, name)),
        syn::UseTree::Glob(_) => false,
    }
}

/// Where a float lies: the greater the float, the greater the place, and neighbours are neighbours.
fn place_of_f64(value: f64) -> i128 {
    let place = i128::from(value.abs().to_bits());
    if value < 0.0 { -place } else { place }
}

fn place_of_f32(value: f32) -> i128 {
    let place = i128::from(value.abs().to_bits());
    if value < 0.0 { -place } else { place }
}

fn value_of_f64(place: i128) -> f64 {
    let value = f64::from_bits(u64::try_from(place.unsigned_abs()).unwrap_or(0));
    if place < 0 { -value } else { value }
}

fn value_of_f32(place: i128) -> f32 {
    let value = f32::from_bits(u32::try_from(place.unsigned_abs()).unwrap_or(0));
    if place < 0 { -value } else { value }
}

/// A number between two others, one with few digits if there is one; near to one of them if the other is infinite.
fn halfway(low: f64, high: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => {
            let half = low / 2.0 + high / 2.0;
            let rounded = [1.0, 10.0, 100.0, 1_000.0].map(|digits| (half * digits).round() / digits);
            rounded.into_iter().find(|value| low < *value && *value < high).unwrap_or(half)
        }
        (true, false) => low.floor() + 1.0,
        (false, true) => high.ceil() - 1.0,
        (false, false) => 0.0,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any value near by will do")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// `u8::MAX`: where the end of a type's range lies that is the same everywhere.
fn limit(name: &str, path: &syn::ExprPath, min: i128, max: i128) -> Option<i128> {
    let segments: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).gather();
    let [ty, end] = segments.as_slice() else { return None };
    match end.as_str() {
        _ if ty != name || name.ends_with("size") || path.qself.is_some() => None,
        "MIN" => Some(min),
        "MAX" => Some(max),
        _ => None,
    }
}

/// An expression without the brackets around it.
pub(super) fn bare(mut expr: &syn::Expr) -> &syn::Expr {
    loop {
        expr = match expr {
            syn::Expr::Paren(paren) => &paren.expr,
            syn::Expr::Group(group) => &group.expr,
            other => return other,
        }
    }
}
