//! Words of other dialects and of people, where the language has one of a few: `off` for `allow`.
//!
//! Asked by both front-ends where no word of the language is near in letters.

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
