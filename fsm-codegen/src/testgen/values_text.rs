//! Values as Rust expressions of the types that the spec gives them.

use crate::interp::Value;

/// What the interpreter calls the value of a type that it does not know.
const DEFAULT: &str = "Default::default()";

/// A value of a type of the standard library that has no default.
fn without_default(name: &str) -> Option<&'static str> {
    Some(match name {
        "SocketAddr" => "std::net::SocketAddr::from(([127, 0, 0, 1], 0))",
        "SocketAddrV4" => "std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0)",
        "SocketAddrV6" => "std::net::SocketAddrV6::new(std::net::Ipv6Addr::LOCALHOST, 0, 0, 0)",
        "IpAddr" => "std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)",
        "Ipv4Addr" => "std::net::Ipv4Addr::LOCALHOST",
        "Ipv6Addr" => "std::net::Ipv6Addr::LOCALHOST",
        "Instant" => "std::time::Instant::now()",
        "SystemTime" => "std::time::SystemTime::UNIX_EPOCH",
        "NonZeroU8" => "std::num::NonZeroU8::MIN",
        "NonZeroU16" => "std::num::NonZeroU16::MIN",
        "NonZeroU32" => "std::num::NonZeroU32::MIN",
        "NonZeroU64" => "std::num::NonZeroU64::MIN",
        "NonZeroUsize" => "std::num::NonZeroUsize::MIN",
        _ => return None,
    })
}

/// `3`, `String::from("a")`, `Some(true)`: a value in a place of this type.
pub(super) fn value(value: &Value, ty: &syn::Type) -> String {
    let (name, inner) = path(ty);
    match (name.as_deref(), inner) {
        (Some(pointer @ ("Box" | "Rc" | "Arc")), Some(inner)) if sized(inner) => {
            return format!("{pointer}::new({})", self::value(value, inner));
        }
        (Some("Option"), Some(inner)) => {
            if let Value::Some(some) = value {
                return format!("Some({})", self::value(some, inner));
            }
        }
        (Some(list), Some(inner)) => {
            if let Value::List(items) = value {
                let items: Vec<String> = items.iter().map(|item| self::value(item, inner)).collect();
                return match (list, items.is_empty()) {
                    ("Vec", true) => "Vec::new()".to_owned(),
                    (_, true) => "Default::default()".to_owned(),
                    ("Vec", false) => format!("vec![{}]", items.join(", ")),
                    _ => format!("[{}].into_iter().collect()", items.join(", ")),
                };
            }
        }
        _ => {}
    }
    match value {
        Value::Unit => "()".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Number(number) => number.to_string(),
        // Debug keeps the point: `1.0`.
        Value::Float(float) => format!("{float:?}"),
        Value::Single(float) => format!("{float:?}"),
        Value::Char(char) => format!("{char:?}"),
        Value::String(text) => match (name.as_deref(), text.is_empty()) {
            (Some("String"), true) => "String::new()".to_owned(),
            (Some("String"), false) => format!("String::from({text:?})"),
            (Some(_), _) => format!("{text:?}.into()"),
            // `&'static str`.
            (None, _) => format!("{text:?}"),
        },
        Value::None => "None".to_owned(),
        Value::Opaque(text) if text == DEFAULT => {
            name.and_then(|name| without_default(&name)).unwrap_or(DEFAULT).to_owned()
        }
        Value::Opaque(text) => text.clone(),
        Value::Some(_) | Value::List(_) | Value::Map(_) => "Default::default()".to_owned(),
    }
}

/// The last word of a path, and its first generic type.
fn path(ty: &syn::Type) -> (Option<String>, Option<&syn::Type>) {
    let last = match ty {
        syn::Type::Paren(inner) => return path(&inner.elem),
        syn::Type::Group(inner) => return path(&inner.elem),
        syn::Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let Some(last) = last else { return (None, None) };
    let inner = match &last.arguments {
        syn::PathArguments::AngleBracketed(generic) => generic.args.iter().find_map(|arg| match arg {
            syn::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    };
    (Some(last.ident.to_string()), inner)
}

/// `Box<str>` is made from a text.
fn sized(ty: &syn::Type) -> bool {
    let (name, _) = path(ty);
    name.is_some_and(|name| name != "str")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interp::{Int, Type};

    fn shown(of: &Value, ty: &str) -> String {
        value(of, &syn::parse_str(ty).expect("a type"))
    }

    #[test]
    fn values_are_written_as_their_types_want_them() {
        let text = |text: &str| Value::String(text.to_owned());
        let three = || Value::Int(Int::U8(3));
        for (of, ty, expected) in [
            (three(), "u8", "3"),
            (Value::Single(1.0), "f32", "1.0"),
            (text(""), "String", "String::new()"),
            (text("a\"b"), "String", r#"String::from("a\"b")"#),
            (text("a"), "&'static str", "\"a\""),
            (text("a"), "Box<str>", "\"a\".into()"),
            (Value::Some(Box::new(three())), "Option<Box<u8>>", "Some(Box::new(3))"),
            (Value::None, "Option<u8>", "None"),
            (Value::List(vec![three()]), "Vec<u8>", "vec![3]"),
            (Value::List(vec![three()]), "BTreeSet<u8>", "[3].into_iter().collect()"),
            (Value::List(Vec::new()), "VecDeque<u8>", "Default::default()"),
            (Type::Other.default_value(), "Job", "Default::default()"),
            (Type::Other.default_value(), "std::net::Ipv4Addr", "std::net::Ipv4Addr::LOCALHOST"),
        ] {
            assert_eq!(shown(&of, ty), expected, "{ty}");
        }
    }
}
