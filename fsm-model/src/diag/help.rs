//! Advice: what to do about a complaint, in words and, where there is one right answer, as a change of the text.
//!
//! Beside [`super::Diagnostic`], which carries it. A stage knows names and not how they are written, so it says what
//! becomes of what; where that stands is looked up in the source when somebody asks. Invariant: an [`Edit`] replaces
//! exactly the text that the stage spoke of. Where it is written in another way (with an escape, over two lines) or
//! more than once, there is no edit.

use std::fmt;

use crate::source::{Source, Span};

/// What to do about a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// In words, one phrase without a full stop.
    pub text: String,
    change: Option<Box<Change>>,
}

/// Inside the place that the diagnostic underlines, `old` becomes `new`; nothing old is an insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    old: String,
    new: String,
}

/// A piece of the source and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is taken away; empty where something is only inserted.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

impl Help {
    /// Advice that a program can follow: in the place that the diagnostic underlines, `old` becomes `new`.
    #[must_use]
    pub fn replacing(self, old: impl Into<String>, new: impl Into<String>) -> Self {
        Self { change: Some(Box::new(Change { old: old.into(), new: new.into() })), ..self }
    }

    /// The edit that follows this advice, given what the diagnostic underlines.
    #[must_use]
    pub fn edit(&self, source: &Source, underlined: Span) -> Option<Edit> {
        let Change { old, new } = &**self.change.as_ref()?;
        let text = source.slice(underlined);
        if old.is_empty() {
            return text.is_empty().then(|| Edit { span: underlined, text: new.clone() });
        }
        let mut places = text.match_indices(old.as_str()).filter(|(at, _)| stands_alone(text, *at, old));
        let (at, _) = places.next().filter(|_| places.next().is_none())?;
        let lo = underlined.range().start + at;
        Some(Edit { span: Span::new(lo, lo + old.len()), text: new.clone() })
    }
}

/// Whether no word goes on before or after `old`.
fn stands_alone(text: &str, at: usize, old: &str) -> bool {
    let joins = |left: Option<char>, right: Option<char>| {
        let in_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
        in_word(left) && in_word(right)
    };
    let (before, after) = (&text[..at], &text[at + old.len()..]);
    !joins(before.chars().next_back(), old.chars().next()) && !joins(old.chars().next_back(), after.chars().next())
}

impl<T: Into<String>> From<T> for Help {
    fn from(text: T) -> Self {
        Self { text: text.into(), change: None }
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, underlined: (usize, usize), old: &str, new: &str) -> Option<Edit> {
        let source = Source::new("x.yaml", text);
        Help::from("mend it").replacing(old, new).edit(&source, Span::new(underlined.0, underlined.1))
    }

    #[test]
    fn what_stands_there_once_is_replaced() {
        let expected = Edit { span: Span::new(9, 13), text: "Idle".to_owned() };
        assert_eq!(edit("target: 'Idel'", (8, 14), "Idel", "Idle"), Some(expected));
        let inserted = Edit { span: Span::new(1, 1), text: ";".to_owned() };
        assert_eq!(edit("a b", (1, 1), "", ";"), Some(inserted));
    }

    #[test]
    fn what_is_not_there_or_twice_or_inside_a_word_is_left_alone() {
        assert_eq!(edit(r#""Id\u0065l""#, (0, 11), "Idel", "Idle"), None);
        assert_eq!(edit("a + a", (0, 5), "a", "b"), None);
        assert_eq!(edit("Idels", (0, 5), "Idel", "Idle"), None);
        assert_eq!(edit("Idel.Idels", (0, 10), "Idel", "Idle").map(|edit| edit.span), Some(Span::new(0, 4)));
        assert_eq!(edit("a b", (0, 1), "", ";"), None);
    }
}
