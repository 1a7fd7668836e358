//! Names: what a spec spells becomes what Rust can spell.
//!
//! Beside the stages: `resolve` checks every name here and reports those that cannot be used, back-ends then ask for the
//! same Rust names without a chance of failure. A name is split into words at whatever is neither letter nor digit and
//! where the case changes; [`pascal`] and [`snake`] put the words together again. Invariant: equal spellings give equal
//! names, and neither function ever gives a keyword's raw form: that is for [`ident`] to add.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// Rust's keywords, reserved ones included, that may stand as raw identifiers.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that generated modules give their own items and parameters, and those of the prelude that their code uses.
const TAKEN: &[&str] = &[
    "A",
    "Actions",
    "Active",
    "ActiveState",
    "CHOICES",
    "Clone",
    "Context",
    "Copy",
    "D",
    "DEFINITION",
    "Debug",
    "Default",
    "Delayed",
    "Done",
    "Due",
    "ENTER",
    "EXIT",
    "Eq",
    "Err",
    "Event",
    "From",
    "Future",
    "Hash",
    "History",
    "Internal",
    "Into",
    "Invoke",
    "Iterator",
    "Machine",
    "Message",
    "None",
    "Ok",
    "Option",
    "PATTERNS",
    "PartialEq",
    "Queue",
    "Reply",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Snapshot",
    "Some",
    "State",
    "String",
    "Sync",
    "TRANSITIONS",
    "Tag",
    "Timer",
    "Transition",
    "Vec",
];

/// The names that Rust does not accept as raw identifiers either.
const RESERVED: &[&str] = &["self", "Self", "super", "crate"];

/// How a name is put together in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `UserLogin`: types and variants.
    Pascal,
    /// `user_login`: methods, fields and modules.
    Snake,
}

/// Why a name cannot become a Rust name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Empty,
    /// There is neither a letter nor a digit in it.
    NoWords,
    /// Rust's names do not begin with digits.
    LeadingDigit,
    /// `self`, `Self`, `super` or `crate`.
    Reserved,
    /// A letter that Rust's names cannot hold, such as `²` or `Ⓐ`.
    ForeignLetter,
}

impl Fault {
    /// The reason, to be read after "it".
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::NoWords => "has neither letters nor digits",
            Self::LeadingDigit => "begins with a digit",
            Self::Reserved => "is a word that Rust keeps for itself",
            Self::ForeignLetter => "has a letter that Rust does not allow in names",
        }
    }
}

/// The name of a type or a variant: `user.login` gives `UserLogin`, `TIMER` gives `Timer`.
#[must_use]
pub fn pascal(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in words(name) {
        let mut letters = word.chars();
        text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        text.push_str(letters.as_str());
    }
    text
}

/// The name of a method, a field or a module: `goUp` gives `go_up`.
#[must_use]
pub fn snake(name: &str) -> String {
    words(name).join("_")
}

/// The Rust name of `name`, not raw.
///
/// # Errors
/// Where there is none.
pub fn check(name: &str, case: Case) -> Result<String, Fault> {
    if name.is_empty() {
        return Err(Fault::Empty);
    }
    let text = match case {
        Case::Pascal => pascal(name),
        Case::Snake => snake(name),
    };
    match text.chars().next() {
        None => Err(Fault::NoWords),
        Some(first) if first.is_ascii_digit() => Err(Fault::LeadingDigit),
        // `crate` would be a fine variant, but the language refuses these words wherever they stand.
        Some(_) if RESERVED.contains(&text.as_str()) || RESERVED.contains(&name) => Err(Fault::Reserved),
        Some(_) if !is_identifier(&text) => Err(Fault::ForeignLetter),
        Some(_) => Ok(text),
    }
}

/// `text`, as [`pascal`], [`snake`] or [`raw`] gave it, as an identifier; a keyword becomes a raw one.
///
/// # Panics
/// Where [`check`] would have refused the name: back-ends only see names that it accepted.
#[must_use]
pub fn ident(text: &str) -> Ident {
    let plain = text.strip_prefix("r#").unwrap_or(text);
    if is_keyword(plain) { Ident::new_raw(plain, Span::call_site()) } else { Ident::new(plain, Span::call_site()) }
}

/// The identifier of a type or a variant; see [`ident`].
#[must_use]
pub fn pascal_ident(name: &str) -> Ident {
    ident(&pascal(name))
}

/// The identifier of a method, a field or a module; see [`ident`].
#[must_use]
pub fn snake_ident(name: &str) -> Ident {
    ident(&snake(name))
}

/// `text` as it stands in Rust: `r#type` for `type`.
#[must_use]
pub fn raw(text: String) -> String {
    if is_keyword(&text) { format!("r#{text}") } else { text }
}

/// Whether `text` is a keyword that can be made a raw identifier.
#[must_use]
pub fn is_keyword(text: &str) -> bool {
    KEYWORDS.binary_search(&text).is_ok()
}

/// Whether Rust's lexer takes `text` for one identifier.
fn is_identifier(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    }
    let Ok(tokens) = text.parse::<TokenStream>() else { return false };
    let mut tokens = tokens.into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(_)), None))
}

/// The words of a name in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    // Whether the last letter of the word with a case was upper case; digits keep what was before them.
    let mut upper = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let begins = letter.is_uppercase()
            && match upper {
                Some(false) => true,
                Some(true) => letters.peek().is_some_and(|next| next.is_lowercase()),
                None => false,
            };
        if (begins || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        if letter.is_uppercase() || letter.is_lowercase() {
            upper = Some(letter.is_uppercase());
        } else if !letter.is_alphanumeric() {
            upper = None;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether generated modules need a name for themselves: nothing that a spec names may be called so.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_signs_and_case_changes() {
        let table = [
            ("user.login", "UserLogin", "user_login"),
            ("TIMER", "Timer", "timer"),
            ("go-up", "GoUp", "go_up"),
            ("goUp", "GoUp", "go_up"),
            ("HTTPServer", "HttpServer", "http_server"),
            ("SYN_RCVD", "SynRcvd", "syn_rcvd"),
            ("Point2D", "Point2D", "point2_d"),
            ("S1A", "S1a", "s1a"),
            ("a1", "A1", "a1"),
            ("a_1", "A1", "a_1"),
            ("__x__y", "XY", "x_y"),
            ("type", "Type", "type"),
            ("über zeit", "ÜberZeit", "über_zeit"),
            ("状态", "状态", "状态"),
        ];
        for (name, in_pascal, in_snake) in table {
            assert_eq!((pascal(name).as_str(), snake(name).as_str()), (in_pascal, in_snake), "{name}");
            assert!(check(name, Case::Pascal).is_ok() && check(name, Case::Snake).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_with_its_reason() {
        let table = [
            ("", Fault::Empty),
            ("-->", Fault::NoWords),
            ("2fast", Fault::LeadingDigit),
            ("_2", Fault::LeadingDigit),
            ("self", Fault::Reserved),
            ("Self", Fault::Reserved),
            ("super", Fault::Reserved),
            ("crate", Fault::Reserved),
            ("x²", Fault::ForeignLetter),
            ("Ⓐ", Fault::ForeignLetter),
        ];
        for (name, fault) in table {
            assert_eq!(check(name, Case::Pascal), Err(fault), "{name}");
            assert_eq!(check(name, Case::Snake), Err(fault), "{name}");
        }
        assert_eq!(check("Crate", Case::Pascal).as_deref(), Ok("Crate"));
        assert_eq!(check("Crate", Case::Snake), Err(Fault::Reserved));
    }

    #[test]
    fn keywords_become_raw_identifiers() {
        assert!(KEYWORDS.is_sorted());
        assert_eq!(snake_ident("type").to_string(), "r#type");
        assert_eq!(pascal_ident("type").to_string(), "Type");
        assert_eq!(ident("r#match").to_string(), "r#match");
        assert_eq!((raw("loop".into()).as_str(), raw("looped".into()).as_str()), ("r#loop", "looped"));
        for keyword in KEYWORDS {
            assert_eq!(ident(keyword).to_string(), format!("r#{keyword}"));
        }
    }
}
