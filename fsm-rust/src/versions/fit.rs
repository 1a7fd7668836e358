//! Which types can be read from what was written as another one, and how such a value is converted.
//!
//! Part of [`super`], for the stub of a migration and for whoever compares two versions. Judged by serde's derived traits
//! in a format that describes itself, such as JSON.

use fsm_model::gather::Gather as _;
use fsm_model::rust::same;
use syn::Type;

/// The name of a type without parameters, and those in angle brackets of one with.
fn parts(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let inner = match &last.arguments {
        syn::PathArguments::AngleBracketed(inner) => inner
            .args
            .iter()
            .filter_map(|arg| if let syn::GenericArgument::Type(ty) = arg { Some(ty) } else { None })
            .gather(),
        _ => Vec::new(),
    };
    Some((last.ident.to_string(), inner))
}

/// Whether it is an `Option`.
#[must_use]
pub fn is_option(ty: &Type) -> bool {
    parts(ty).is_some_and(|(name, inner)| name == "Option" && inner.len() == 1)
}

/// Whether whatever was written as `old` can be read as `new`, and is the same there.
#[must_use]
pub fn holds(new: &Type, old: &Type) -> bool {
    let (Some((wide, inside)), Some((narrow, within))) = (parts(new), parts(old)) else { return false };
    if wide == "Option" && inside.len() == 1 {
        let inner = if narrow == "Option" && within.len() == 1 { within[0] } else { old };
        return same(inside[0], inner) || holds(inside[0], inner);
    }
    let (Some(wide), Some(narrow)) = (number(&wide), number(&narrow)) else { return false };
    match (wide, narrow) {
        (Number::Float(wide), Number::Float(narrow)) => wide >= narrow,
        (Number::Signed(wide), Number::Signed(narrow)) | (Number::Unsigned(wide), Number::Unsigned(narrow)) => {
            wide >= narrow
        }
        (Number::Signed(wide), Number::Unsigned(narrow)) => wide > narrow,
        _ => false,
    }
}

/// `value`, of the type `old`, as an expression of the type `new`; nothing where [`holds`] does not.
#[must_use]
pub fn conversion(new: &Type, old: &Type, value: &str) -> Option<String> {
    if same(new, old) {
        return Some(value.to_owned());
    }
    if !holds(new, old) {
        return None;
    }
    let inner = |ty: &Type| {
        parts(ty).filter(|(name, _)| name == "Option").and_then(|(_, inner)| inner.first().copied().cloned())
    };
    Some(match (inner(new), inner(old)) {
        (Some(_), Some(_)) => format!("{value}.map(Into::into)"),
        (Some(inside), None) => format!("Some({})", conversion(&inside, old, value)?),
        _ => format!("{value}.into()"),
    })
}

/// A number of so many bits.
#[derive(Clone, Copy)]
enum Number {
    Signed(u32),
    Unsigned(u32),
    Float(u32),
}

fn number(name: &str) -> Option<Number> {
    let bits = || name.get(1..)?.parse().ok().filter(|bits| [8, 16, 32, 64, 128].contains(bits));
    match name.chars().next()? {
        'i' => bits().map(Number::Signed),
        'u' => bits().map(Number::Unsigned),
        'f' => bits().map(Number::Float),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{conversion, holds};

    #[test]
    fn wider_types_hold_what_was_written_as_narrower_ones() {
        let fits =
            |old: &str, new: &str| holds(&syn::parse_str(new).expect("a type"), &syn::parse_str(old).expect("a type"));
        for (old, new) in
            [("u8", "u16"), ("u8", "i16"), ("i32", "i64"), ("f32", "f64"), ("u8", "Option<u8>"), ("u8", "Option<u64>")]
        {
            assert!(fits(old, new), "{old} -> {new}");
            assert!(!fits(new, old), "{new} -> {old}");
        }
        for (old, new) in [("u8", "i8"), ("u32", "f64"), ("Job", "Task"), ("[u8; 2]", "[u8; 3]"), ("u64", "usize")] {
            assert!(!fits(old, new), "{old} -> {new}");
        }
        assert!(fits("Option<u8>", "Option<u32>") && !fits("Option<u32>", "Option<u8>"));
    }

    #[test]
    fn what_holds_can_be_converted() {
        let convert = |old: &str, new: &str| {
            conversion(&syn::parse_str(new).expect("a type"), &syn::parse_str(old).expect("a type"), "x")
        };
        for (old, new, value) in [
            ("Job", "Job", Some("x")),
            ("u8", "u16", Some("x.into()")),
            ("u8", "Option<u8>", Some("Some(x)")),
            ("u8", "Option<u64>", Some("Some(x.into())")),
            ("Option<u8>", "Option<u32>", Some("x.map(Into::into)")),
            ("u16", "u8", None),
        ] {
            assert_eq!(convert(old, new).as_deref(), value, "{old} -> {new}");
        }
    }
}
