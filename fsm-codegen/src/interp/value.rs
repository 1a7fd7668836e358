//! Values of expressions, and the types that a spec's Rust types become.
//!
//! Below [`super::eval`]. A number that nobody has typed yet (a literal, JSON) takes the type of what it meets. What is
//! not known, a value of a type of the user, is opaque: it can be moved about, but not computed with.

use std::fmt;

use super::int::{Int, IntType};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `()`, and a reply or an output that is not given.
    Unit,
    /// A truth.
    Bool(bool),
    /// An integer of a known type.
    Int(Int),
    /// An integer that has no type yet.
    Number(i128),
    /// An `f64`, or a float that has no type yet.
    Float(f64),
    /// An `f32`.
    Single(f32),
    /// A `char`.
    Char(char),
    /// Text, owned or borrowed.
    String(String),
    /// `None`, and JSON's `null`.
    None,
    /// `Some(…)`.
    Some(Box<Self>),
    /// A list.
    List(Vec<Self>),
    /// A mapping, or a struct, in its order.
    Map(Vec<(String, Self)>),
    /// Something that cannot be looked into, with a text for logs.
    Opaque(String),
}

/// A type as far as it is understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `bool`.
    Bool,
    /// An integer.
    Int(IntType),
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `char`.
    Char,
    /// `String`, `&str`.
    String,
    /// `()`.
    Unit,
    /// `Option<T>`.
    Option(Box<Self>),
    /// `Vec<T>`, `VecDeque<T>`.
    List(Box<Self>),
    /// `BTreeMap<String, T>`, `HashMap<String, T>`.
    Map(Box<Self>),
    /// `serde_json::Value`, and every type of the user.
    Other,
}

impl Type {
    /// What is known of a Rust type.
    #[must_use]
    pub fn of(ty: &syn::Type) -> Self {
        match ty {
            syn::Type::Paren(inner) => Self::of(&inner.elem),
            syn::Type::Group(inner) => Self::of(&inner.elem),
            syn::Type::Reference(inner) => Self::of(&inner.elem),
            syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Self::Unit,
            syn::Type::Slice(slice) => Self::List(Box::new(Self::of(&slice.elem))),
            syn::Type::Path(path) if path.qself.is_none() => Self::of_path(&path.path),
            _ => Self::Other,
        }
    }

    fn of_path(path: &syn::Path) -> Self {
        let Some(last) = path.segments.last() else { return Self::Other };
        let name = last.ident.to_string();
        let args: Vec<Self> = match &last.arguments {
            syn::PathArguments::AngleBracketed(generic) => generic
                .args
                .iter()
                .filter_map(|arg| match arg {
                    syn::GenericArgument::Type(ty) => Some(Self::of(ty)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let std = path.segments.len() == 1 || path.segments.first().is_some_and(|first| first.ident == "std");
        match (name.as_str(), &args[..]) {
            ("Option", [inner]) if std => Self::Option(Box::new(inner.clone())),
            ("Box" | "Rc" | "Arc", [inner]) if std => inner.clone(),
            ("Vec" | "VecDeque" | "BTreeSet" | "HashSet", [inner, ..]) if std => Self::List(Box::new(inner.clone())),
            ("BTreeMap" | "HashMap", [Self::String, inner, ..]) if std => Self::Map(Box::new(inner.clone())),
            ("String", []) if std => Self::String,
            (_, []) if path.segments.len() == 1 => Self::primitive(&name),
            _ => Self::Other,
        }
    }

    fn primitive(name: &str) -> Self {
        match name {
            "bool" => Self::Bool,
            "f32" => Self::F32,
            "f64" => Self::F64,
            "char" => Self::Char,
            "str" => Self::String,
            _ => IntType::named(name).map_or(Self::Other, Self::Int),
        }
    }

    /// `Default::default()` of it.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match self {
            Self::Bool => Value::Bool(false),
            Self::Int(ty) => ty.hold(0).map_or(Value::Number(0), Value::Int),
            Self::F32 => Value::Single(0.0),
            Self::F64 => Value::Float(0.0),
            Self::Char => Value::Char('\0'),
            Self::String => Value::String(String::new()),
            Self::Unit => Value::Unit,
            Self::Option(_) => Value::None,
            Self::List(_) => Value::List(Vec::new()),
            Self::Map(_) => Value::Map(Vec::new()),
            Self::Other => Value::Opaque("Default::default()".to_owned()),
        }
    }

    /// As Rust writes it, where it is known.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Int(ty) => ty.name().to_owned(),
            Self::F32 => "f32".to_owned(),
            Self::F64 => "f64".to_owned(),
            Self::Char => "char".to_owned(),
            Self::String => "String".to_owned(),
            Self::Unit => "()".to_owned(),
            Self::Option(inner) => format!("Option<{}>", inner.name()),
            Self::List(inner) => format!("Vec<{}>", inner.name()),
            Self::Map(inner) => format!("BTreeMap<String, {}>", inner.name()),
            Self::Other => "a type of the user".to_owned(),
        }
    }
}

/// Why a value does not become one of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// An integer is out of range.
    Range,
    /// It is something else.
    Kind,
}

impl Value {
    /// The value as one of `ty`: numbers without a type get theirs.
    ///
    /// # Errors
    /// Where it is none.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "as a literal of that type is read"
    )]
    pub fn fit(self, ty: &Type) -> Result<Self, Misfit> {
        Ok(match (ty, self) {
            (Type::Int(ty), Self::Number(number)) => Self::Int(ty.hold(number).ok_or(Misfit::Range)?),
            (Type::F64, Self::Number(number)) => Self::Float(number as f64),
            (Type::F32, Self::Number(number)) => Self::Single(number as f32),
            (Type::F32, Self::Float(number)) => Self::Single(number as f32),
            (Type::Option(_), Self::None) => Self::None,
            (Type::Option(inner), Self::Some(value)) => Self::Some(Box::new(value.fit(inner)?)),
            (Type::List(inner), Self::List(items)) => {
                Self::List(items.into_iter().map(|item| item.fit(inner)).collect::<Result<_, _>>()?)
            }
            (Type::Map(inner), Self::Map(items)) => Self::Map(
                items.into_iter().map(|(key, item)| Ok((key, item.fit(inner)?))).collect::<Result<_, Misfit>>()?,
            ),
            (_, opaque @ Self::Opaque(_)) => opaque,
            (ty, value) if value.is(ty) => value,
            _ => return Err(Misfit::Kind),
        })
    }

    /// JSON as a value of `ty`: `null` is `None`, anything else for an `Option` is `Some`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn from_json(self, ty: &Type) -> Result<Self, Misfit> {
        match (ty, self) {
            (Type::Option(_) | Type::Other, Self::None) => Ok(Self::None),
            (Type::Unit, Self::None) => Ok(Self::Unit),
            (Type::Option(inner), value) => Ok(Self::Some(Box::new(value.from_json(inner)?))),
            (Type::List(inner), Self::List(items)) => {
                Ok(Self::List(items.into_iter().map(|item| item.from_json(inner)).collect::<Result<_, _>>()?))
            }
            (Type::Map(inner), Self::Map(items)) => {
                let items = items.into_iter().map(|(key, item)| Ok((key, item.from_json(inner)?)));
                Ok(Self::Map(items.collect::<Result<_, Misfit>>()?))
            }
            (Type::Char, Self::String(text)) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(char), None) => Ok(Self::Char(char)),
                    _ => Err(Misfit::Kind),
                }
            }
            (ty, value) => value.fit(ty),
        }
    }

    fn is(&self, ty: &Type) -> bool {
        match (ty, self) {
            (Type::Int(ty), Self::Int(int)) => int.ty() == *ty,
            (Type::Other, _)
            | (Type::Bool, Self::Bool(_))
            | (Type::F32, Self::Single(_))
            | (Type::F64, Self::Float(_))
            | (Type::Char, Self::Char(_))
            | (Type::String, Self::String(_))
            | (Type::Unit, Self::Unit) => true,
            _ => false,
        }
    }

    /// Whether it is not nested deeply, nor holds very many values.
    #[must_use]
    pub(super) fn is_small(&self) -> bool {
        const DEPTH: usize = 128;
        const PARTS: usize = 1 << 16;
        let (mut open, mut parts) = (vec![(self, 0)], 0);
        while let Some((value, depth)) = open.pop() {
            parts += 1;
            if depth > DEPTH || parts > PARTS {
                return false;
            }
            match value {
                Self::Some(inner) => open.push((inner, depth + 1)),
                Self::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
                Self::Map(items) => open.extend(items.iter().map(|(_, item)| (item, depth + 1))),
                _ => {}
            }
        }
        true
    }

    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unit => "()",
            Self::Bool(_) => "a bool",
            Self::Int(int) => int.ty().name(),
            Self::Number(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Single(_) => "f32",
            Self::Char(_) => "a char",
            Self::String(_) => "text",
            Self::None | Self::Some(_) => "an Option",
            Self::List(_) => "a list",
            Self::Map(_) => "a struct or a map",
            Self::Opaque(_) => "a value that the simulation does not know",
        }
    }

    /// As `{}` would show it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::String(text) | Self::Opaque(text) => text.clone(),
            Self::Char(char) => char.to_string(),
            other => other.to_string(),
        }
    }
}

/// As JSON. What JSON cannot say (an opaque value, a float that is no number) is `null`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit | Self::None | Self::Opaque(_) => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(int) => int.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Float(float) if !float.is_finite() => f.write_str("null"),
            Self::Single(float) if !float.is_finite() => f.write_str("null"),
            // Debug keeps the point: `1.0`.
            Self::Float(float) => write!(f, "{float:?}"),
            Self::Single(float) => write!(f, "{float:?}"),
            Self::Char(char) => Text(char.encode_utf8(&mut [0; 4])).fmt(f),
            Self::String(text) => Text(text).fmt(f),
            Self::Some(inner) => inner.fmt(f),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Map(items) => {
                f.write_str("{")?;
                for (at, (key, item)) in items.iter().enumerate() {
                    write!(f, "{}{}:{item}", if at == 0 { "" } else { "," }, Text(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Text as a JSON string.
pub struct Text<'t>(pub &'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        f.write_str("\"")?;
        for char in self.0.chars() {
            match char {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                char if u32::from(char) < 0x20 => write!(f, "\\u{:04x}", u32::from(char))?,
                char => f.write_char(char)?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(text: &str) -> Type {
        Type::of(&syn::parse_str(text).expect("a type"))
    }

    #[test]
    fn types_are_known_by_their_names() {
        assert_eq!(ty("&'a str"), Type::String);
        assert_eq!(ty("std::option::Option<u8>"), Type::Option(Box::new(Type::Int(IntType::U8))));
        assert_eq!(ty("Vec<String>"), Type::List(Box::new(Type::String)));
        assert_eq!(ty("crate::Option<u8>"), Type::Other);
        assert_eq!(ty("serde_json::Value"), Type::Other);
    }

    #[test]
    fn json_takes_the_type_of_its_field() {
        assert_eq!(Value::Number(3).from_json(&ty("u8")), Ok(Value::Int(Int::U8(3))));
        assert_eq!(Value::Number(300).from_json(&ty("u8")), Err(Misfit::Range));
        assert_eq!(Value::Number(3).from_json(&ty("f32")), Ok(Value::Single(3.0)));
        assert_eq!(Value::None.from_json(&ty("Option<u8>")), Ok(Value::None));
        assert_eq!(Value::String("x".into()).from_json(&ty("u8")), Err(Misfit::Kind));
        assert_eq!(Value::None.from_json(&ty("u8")), Err(Misfit::Kind));
    }

    #[test]
    fn values_are_printed_as_json() {
        let map = Value::Map(vec![
            ("a\"\u{1}".into(), Value::Some(Box::new(Value::Float(1.0)))),
            ("b".into(), Value::List(vec![Value::None, Value::Int(Int::U128(u128::MAX)), Value::Float(f64::NAN)])),
        ]);
        let expected = "{\"a\\\"\\u0001\":1.0,\"b\":[null,340282366920938463463374607431768211455,null]}";
        assert_eq!(map.to_string(), expected);
    }
}
