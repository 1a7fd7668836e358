//! When a scalar of YAML needs quotes, and which.
//!
//! For all that writes YAML, the printer of specs and the importers. A scalar stays bare only where every reader of YAML
//! takes it for the same text: what one of them could take for a number, a boolean, nothing, a comment, an anchor or a
//! tag is quoted. Invariant: a reader gives every text back as it was put in, whatever characters it holds.

use std::fmt::Write as _;

/// Text on one line of its own, in the plainest quotes that it can have.
pub(crate) fn block(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

/// Text inside of brackets on one line, where commas and brackets mean something.
#[cfg(feature = "scxml")]
pub(crate) fn flow(text: &str) -> String {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || " _.()=<>+-*/%&|!".contains(letter);
    if is_bare(text) && text.chars().all(is_safe) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    if text.chars().all(is_printable) { format!("'{}'", text.replace('\'', "''")) } else { escaped(text) }
}

/// Letters that need no escape.
pub(super) fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

fn escaped(text: &str) -> String {
    let mut escaped = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            letter if is_printable(letter) => escaped.push(letter),
            letter => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\U{:08x}", u32::from(letter));
            }
        }
    }
    escaped.push('"');
    escaped
}

/// Words that some reader takes for a boolean or for nothing.
const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Whether every reader takes it for text as it stands.
fn is_bare(text: &str) -> bool {
    let mut letters = text.chars();
    let begins = match letters.next() {
        Some('.') => letters.next().is_some_and(char::is_alphabetic) && !is_special_float(text),
        Some('(' | '_' | '<' | '/') => true,
        Some(first) => first.is_alphabetic(),
        None => false,
    };
    begins
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        // A merge key to readers of YAML 1.1.
        && text != "<<"
}

fn is_special_float(text: &str) -> bool {
    [".inf", ".nan"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_the_plainest_form_that_is_safe() {
        let table = [
            ("Idle", "Idle"),
            (".child", ".child"),
            ("context.jobs + 1", "context.jobs + 1"),
            ("begin(&event.job, 3)", "begin(&event.job, 3)"),
            ("a.b", "a.b"),
            ("a::B", "a::B"),
            ("", "''"),
            ("on", "'on'"),
            ("NULL", "'NULL'"),
            ("~", "'~'"),
            ("1", "'1'"),
            ("1.5", "'1.5'"),
            ("-1", "'-1'"),
            (".5", "'.5'"),
            (".NaN", "'.NaN'"),
            ("*", "'*'"),
            ("a.*", "a.*"),
            ("#x", "'#x'"),
            ("!x", "'!x'"),
            ("&event", "'&event'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("a:", "'a:'"),
            ("it's", "it's"),
            ("'s", "'''s'"),
            (" a", "' a'"),
            ("\"a\"", "'\"a\"'"),
            ("a\nb", "\"a\\nb\""),
            ("a\u{7}", "\"a\\U00000007\""),
        ];
        for (text, expected) in table {
            assert_eq!(block(text), expected, "{text:?}");
        }
    }

    #[cfg(feature = "scxml")]
    #[test]
    fn inside_of_brackets_more_is_quoted() {
        let table = [
            ("idle", "idle"),
            ("a.b", "a.b"),
            ("context.x + 1", "context.x + 1"),
            ("on", "'on'"),
            ("Null", "'Null'"),
            ("1", "'1'"),
            ("", "''"),
            ("#x", "'#x'"),
            ("*", "'*'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("it's", "'it''s'"),
            ("a ", "'a '"),
            ("über", "'über'"),
            ("a\nb\"\\", "\"a\\nb\\\"\\\\\""),
            ("\u{2028}\u{7}", "\"\\U00002028\\U00000007\""),
        ];
        for (text, expected) in table {
            assert_eq!(flow(text), expected, "{text:?}");
        }
        assert_eq!((block("a, b"), flow("a, b")), ("a, b".to_owned(), "'a, b'".to_owned()));
    }
}
