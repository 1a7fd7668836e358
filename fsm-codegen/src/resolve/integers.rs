//! Integers of two types: how a value of one becomes a value of the other, or both of a third, with nothing lost.
//!
//! Asked by [`super::kinds`] for advice. What it says is what `From` is implemented for in the standard library; `as`
//! stands only where no machine loses anything by it.

/// Those that hold values of others, smallest first.
const HOLDING: &[&str] = &["i16", "u16", "i32", "u32", "i64", "u64", "i128", "u128"];

/// Whether there is `To::from(from)`.
pub(super) fn converts(from: &str, to: &str) -> bool {
    match to {
        // What a machine of 16 bits has.
        "usize" => matches!(from, "u8" | "u16"),
        "isize" => matches!(from, "i8" | "u8" | "i16"),
        _ => !is_size(from) && width(from) < width(to) && (is_unsigned(from) || !is_unsigned(to)),
    }
}

/// The comparison of two integers of different types, written so that nothing is lost; `None` where no type holds both.
pub(super) fn comparable(left: (&str, &str), sign: &str, right: (&str, &str)) -> Option<String> {
    let held = |ty: &str, by: &str| by == ty || converts(ty, by) || is_size(ty) && holds_size(by, ty);
    let types = [left.1, right.1].into_iter().chain(HOLDING.iter().copied());
    let ty = types.into_iter().find(|ty| held(left.1, ty) && held(right.1, ty))?;
    let [left, right] = [left, right].map(|(text, from)| {
        if from == ty {
            text.to_owned()
        } else if converts(from, ty) {
            format!("{ty}::from({text})")
        } else {
            // In front of `<` a cast would begin generic arguments.
            format!("({text} as {ty})")
        }
    });
    Some(format!("{left} {sign} {right}"))
}

/// How a value goes where not all of its type fit.
pub(super) fn narrowed(text: &str, from: &str, to: &str) -> String {
    let tried = format!("{to}::try_from({text})");
    if is_unsigned(from) {
        format!("not every `{from}` is one of `{to}`: `{tried}.unwrap_or({to}::MAX)` gives the nearest")
    } else {
        format!("not every `{from}` is one of `{to}`: `{tried}.unwrap_or(…)` says what the others become")
    }
}

fn is_size(ty: &str) -> bool {
    ty.ends_with("size")
}

fn is_unsigned(ty: &str) -> bool {
    ty.starts_with('u')
}

/// No machine has addresses of more than 64 bits.
fn holds_size(by: &str, size: &str) -> bool {
    by == "i128" || width(by) >= 64 && !is_size(by) && is_unsigned(by) == is_unsigned(size)
}

/// How many bits an integer has; those of sizes are asked for nowhere.
fn width(ty: &str) -> u32 {
    ty.trim_start_matches(['i', 'u']).parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_those_of_the_standard_library() {
        for (from, to) in [("u8", "u16"), ("u8", "i16"), ("i8", "i128"), ("u16", "usize"), ("u8", "isize")] {
            assert!(converts(from, to), "{to}::from({from})");
        }
        for (from, to) in
            [("u8", "i8"), ("i8", "u16"), ("u32", "usize"), ("u64", "usize"), ("i32", "isize"), ("u16", "isize")]
        {
            assert!(!converts(from, to), "{to}::from({from})");
        }
        for (from, to) in [("usize", "u64"), ("usize", "u128"), ("isize", "i128"), ("u8", "u8")] {
            assert!(!converts(from, to), "{to}::from({from})");
        }
    }

    #[test]
    fn comparisons_lose_nothing() {
        for (left, right, expected) in [
            ("u8", "u64", Some("u64::from(a) < b")),
            ("u64", "u8", Some("a < u64::from(b)")),
            ("u8", "i8", Some("i16::from(a) < i16::from(b)")),
            ("u32", "i32", Some("i64::from(a) < i64::from(b)")),
            ("u64", "i64", Some("i128::from(a) < i128::from(b)")),
            ("u16", "usize", Some("usize::from(a) < b")),
            ("usize", "u32", Some("(a as u64) < u64::from(b)")),
            ("usize", "u64", Some("(a as u64) < b")),
            ("usize", "u128", Some("(a as u128) < b")),
            ("isize", "usize", Some("(a as i128) < (b as i128)")),
            ("i32", "isize", Some("i64::from(a) < (b as i64)")),
            ("u128", "i8", None),
        ] {
            assert_eq!(comparable(("a", left), "<", ("b", right)).as_deref(), expected, "{left}, {right}");
        }
    }
}
