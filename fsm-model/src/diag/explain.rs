//! The catalogue of diagnostics in words: what a code means, an example that has it, and the same mended.
//!
//! The texts are Markdown, one file a code in `catalogue/`: paragraphs, then an example in a fence that says its language
//! and `bad`, then one that says `good`. `fsmc explain` prints them ([`plain`]); a test compiles every example, and writes
//! the pages of docs/errors/ from them. Behind a feature, so that no proc macro carries the texts. Lines are at most 80
//! characters wide, because terminals show them as they stand.

use std::fmt::Write as _;

use super::{Code, Kind, Level, Severity, did_you_mean};

/// What there is to say about a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What is wrong, why, and what to do: paragraphs of Markdown.
    pub text: &'static str,
    /// The mistake.
    pub bad: Example,
    /// The same without it.
    pub good: Example,
}

/// A machine in a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is written in: `yaml`, `rust` or `xml`.
    pub language: &'static str,
    /// What the fence says behind `bad` or `good`: `latin-1`, where the file is saved so; mostly nothing.
    pub remark: &'static str,
    /// The machine.
    pub text: &'static str,
}

/// The explanation of a code; `None` if its page has another form than it should have, which a test rules out.
#[must_use]
pub fn explanation(code: Code) -> Option<Explanation> {
    let (text, rest) = code.page().split_once("\n```")?;
    let (bad, rest) = example(rest, "bad")?;
    let (good, rest) = example(rest.strip_prefix("\n```")?, "good")?;
    rest.is_empty().then_some(Explanation { text: text.trim_end(), bad, good })
}

/// The example that begins behind its three backticks, and what follows it.
fn example(fence: &'static str, role: &str) -> Option<(Example, &'static str)> {
    let (info, rest) = fence.split_once('\n')?;
    let (language, remark) = info.split_once(' ')?;
    let remark = remark.strip_prefix(role)?.trim_start();
    let (text, rest) = rest.split_once("```\n")?;
    Some((Example { language, remark, text }, rest))
}

/// The code that is meant by `FSM0012`, `fsm0012`, `12` or `wrong_type`.
///
/// # Errors
/// There is none; the name nearest to it, ready to be shown, where one is near.
pub fn find(wanted: &str) -> Result<Code, Option<String>> {
    let word = wanted.to_ascii_lowercase().replace('-', "_");
    let digits = word.strip_prefix("fsm").unwrap_or(&word);
    let number = digits.parse::<u16>().ok().filter(|_| !digits.starts_with('+'));
    let id = number.map(|number| format!("FSM{number:04}"));
    let meant = |code: &Code| code.name() == word || Some(code.id()) == id.as_deref();
    let found = Code::ALL.iter().copied().find(meant);
    found.ok_or_else(|| {
        let names = || Code::ALL.iter().map(|code| code.name());
        let begun = || names().find(|name| word.len() > 2 && name.starts_with(&word));
        did_you_mean(&word, names())
            .map(|help| help.text)
            .or_else(|| begun().map(|name| format!("did you mean `{name}`?")))
    })
}

/// What kind of diagnostic it is, its name, and of a lint the level, in a sentence or two.
#[must_use]
pub fn kind(code: Code) -> String {
    let name = code.name();
    let level = match code.kind() {
        Kind::Fixed(Severity::Warning) => return format!("Warning `{name}`."),
        Kind::Fixed(Severity::Error) => return format!("Error `{name}`."),
        Kind::Lint(level) => level,
    };
    let other = if level == Level::Warn { Level::Deny } else { Level::Warn };
    let (level, other) = (level.name(), other.name());
    format!(
        "Lint `{name}`, `{level}` by default.\n\
         A spec sets its level by `lints: {{ {name}: {other} }}`,\n\
         `fsm!` by `{other} {name};`."
    )
}

/// The explanation as text for a terminal.
#[must_use]
pub fn plain(code: Code) -> String {
    let mut page = format!("{}: {}\n\n{}\n\n", code.id(), code.title(), kind(code));
    if let Some(Explanation { text, bad, good }) = explanation(code) {
        page.push_str(text);
        for (role, example) in [("Wrong", bad), ("Right", good)] {
            // Writing to a string cannot fail.
            let _ = write!(page, "\n\n{role}:\n");
            for line in example.text.lines() {
                let _ = write!(page, "\n    {line}");
            }
        }
        page.push('\n');
    }
    page
}

/// All codes with their names and titles, a line each.
#[must_use]
pub fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in Code::ALL {
        let _ = writeln!(text, "{} {:width$} {}", code.id(), code.name(), code.title());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_number_and_by_name() {
        for word in ["FSM0012", "fsm0012", "0012", "12", "wrong_type", "Wrong-Type"] {
            assert_eq!(find(word), Ok(Code::WrongType), "{word}");
        }
    }

    #[test]
    fn of_others_the_nearest_name_is_given() {
        assert_eq!(find("wrong_typ"), Err(Some("did you mean `wrong_type`?".to_owned())));
        assert_eq!(find("Unreachable"), Err(Some("did you mean `unreachable_state`?".to_owned())));
        for word in ["", "FSM", "FSM9999", "99999999", "-1", "+12", "\u{ff11}2", "\u{1b}[31m"] {
            assert_eq!(find(word), Err(None), "{word}");
        }
    }

    #[test]
    fn the_texts_fit_into_a_terminal() {
        assert_eq!(list().lines().count(), Code::ALL.len());
        let page = plain(Code::WrongType);
        assert!(page.starts_with("FSM0012: a value of the wrong kind\n\nError `wrong_type`.\n\n"), "{page}");
        assert!(
            page.contains("\n\nWrong:\n\n    machine: ") && !page.contains("```") && page.ends_with("}\n"),
            "{page}"
        );
    }
}
