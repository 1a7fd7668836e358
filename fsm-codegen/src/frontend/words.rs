//! Words of other dialects and of people: `off` for `allow`, `int` for `i64`.
//!
//! Asked by both front-ends where no word of the language is near in letters, and wherever a type is none of Rust's.

use crate::diag::nearest;

/// The types that Rust has without an import, and that begin with a small letter.
pub(crate) const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// The type that is meant by a word that is none, if that can be guessed.
pub(crate) fn meant_type(word: &str) -> Option<&'static str> {
    Some(match word {
        "boolean" => "bool",
        "byte" => "u8",
        "character" => "char",
        "double" | "float" | "number" => "f64",
        "int" | "integer" | "long" => "i64",
        "short" => "i16",
        "string" | "text" => "String",
        "uint" | "unsigned" => "u64",
        _ => {
            let known = PRIMITIVES.iter().filter(|name| **name != "str").chain(&["String"]);
            nearest(word, known.copied()).filter(|(_, alone)| *alone)?.0
        }
    })
}

/// The word that is meant by one that is far from it in letters.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "off" | "none" | "ignore" => "allow",
        "on" | "warning" => "warn",
        "error" | "forbid" => "deny",
        "asink" | "asinc" | "asynchronous" => "async",
        "synchronous" | "blocking" => "sync",
        _ => return None,
    })
}
