//! Fields of the context, of data and of payloads.
//!
//! Part of [`super`]. All three are structs with names on the wire, so what is missing matters, what is too much does
//! not, and order does not either.

use syn::Type;

use super::{Change, Group, Sign, matching, origin};
use crate::ir::Field;
use crate::labels;
use crate::rust::same;

/// Whose fields they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) group: Group,
    /// In front of a field: `Start`; nothing for the context.
    pub(super) name: &'a str,
    /// Whether a snapshot of the old machine can hold them.
    pub(super) stored: bool,
    /// Whether messages to the old machine can.
    pub(super) sent: bool,
    /// Whether a field that is missing on the wire gets its default.
    pub(super) filled: bool,
}

/// All differences.
pub(super) fn compare(old: &[Field], new: &[Field], owner: Owner<'_>, changes: &mut Vec<Change>) {
    let names = |fields: &[Field]| fields.iter().map(|field| field.name.value.clone()).collect::<Vec<_>>();
    let (matched, gone) = matching::equal(&names(old), &names(new));
    let gone_names: Vec<&str> = gone.iter().map(|at| old[*at].name.value.as_str()).collect();
    for (field, was) in new.iter().zip(matched) {
        if let Some(at) = was {
            changes.extend(changed(&old[at], field, owner));
        } else {
            let origin = origin::of(&field.name.value, &gone_names).map(str::to_owned);
            changes.push(Change { origin, ..added(field, owner) });
        }
    }
    changes.extend(gone.into_iter().map(|at| removed(&old[at], owner)));
}

fn added(field: &Field, owner: Owner<'_>) -> Change {
    let change = Change::new(owner.group, Sign::Added, owner.line(&labels::field(field)));
    if is_option(&field.ty.syntax) {
        return change.note("where it is missing it is `None`");
    }
    match (&field.default, owner.filled) {
        (Some(_), true) => change.note("where it is missing it has its default"),
        (Some(_), false) => {
            owner.broken(change, "has no value for it, and none is made up: its default is for new ones")
        }
        (None, _) => owner.broken(change, "has no value for it"),
    }
}

fn removed(field: &Field, owner: Owner<'_>) -> Change {
    let change = Change::new(owner.group, Sign::Removed, owner.line(&labels::field(field)));
    change.note("old values are dropped")
}

fn changed(old: &Field, new: &Field, owner: Owner<'_>) -> Option<Change> {
    if old.ty != new.ty {
        let line = format!("{}: {} -> {}", new.name.value, labels::ty(&old.ty), labels::ty(&new.ty));
        let change = Change::new(owner.group, Sign::Changed, owner.line(&line));
        return Some(if holds(&new.ty.syntax, &old.ty.syntax) {
            change.note("every old value is one of the new type")
        } else {
            owner.broken(change, "has a value of the old type")
        });
    }
    if old.default == new.default {
        return None;
    }
    let text = |field: &Field| {
        let default = field.default.as_ref();
        default.map_or_else(|| "no default".to_owned(), |value| labels::one_line(&value.text))
    };
    let line = owner.line(&format!("{} = {} -> {}", new.name.value, text(old), text(new)));
    let change = Change::new(owner.group, Sign::Changed, line);
    Some(if owner.filled && owner.sent && old.default.is_some() && new.default.is_none() {
        change.messages("an old message may leave it out")
    } else {
        change.note("old values stay as they are")
    })
}

impl Owner<'_> {
    /// `Start { speed: f32 }`, `jobs: u32`.
    fn line(&self, field: &str) -> String {
        if self.name.is_empty() { field.to_owned() } else { format!("{} {{ {field} }}", self.name) }
    }

    fn broken(&self, mut change: Change, why: &str) -> Change {
        change.snapshots = self.stored.then(|| format!("an old one {why}"));
        change.messages = self.sent.then(|| format!("an old one {why}"));
        change
    }
}

/// The name of a type without parameters, and those in angle brackets of one with.
fn parts(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let inner = match &last.arguments {
        syn::PathArguments::AngleBracketed(inner) => inner
            .args
            .iter()
            .filter_map(|arg| if let syn::GenericArgument::Type(ty) = arg { Some(ty) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    Some((last.ident.to_string(), inner))
}

pub(crate) fn is_option(ty: &Type) -> bool {
    parts(ty).is_some_and(|(name, inner)| name == "Option" && inner.len() == 1)
}

/// Whether whatever was written as `old` can be read as `new`, and is the same there.
fn holds(new: &Type, old: &Type) -> bool {
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
pub(crate) fn conversion(new: &Type, old: &Type, value: &str) -> Option<String> {
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
