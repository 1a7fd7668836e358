//! Following the advice: the edits of all diagnostics that have one, made in the text.
//!
//! Beside the faces of [`crate::diag`]; writes nothing. Invariants: every byte outside of an edit stays as it is; of two
//! edits that touch each other the first is made, the second may be asked for again in the new text.

use super::{Diagnostic, Diagnostics, Edit};
use crate::gather::Gather as _;
use crate::source::Source;

/// A text in which edits were made.
#[derive(Debug)]
pub struct Fixed<'d> {
    /// The new text.
    pub text: String,
    /// What was done, in the order of the text.
    pub made: Vec<(&'d Diagnostic, Edit)>,
}

/// Makes the edits that `diagnostics` ask for.
#[must_use]
pub fn apply<'d>(source: &Source, diagnostics: &'d Diagnostics) -> Fixed<'d> {
    let edit = |diagnostic: &'d Diagnostic| Some((diagnostic, diagnostic.fix(source)?));
    let mut wanted: Vec<_> = diagnostics.iter().filter_map(edit).gather();
    wanted.sort_by(|(_, one), (_, other)| one.cmp(other));

    let (mut text, mut made, mut at) = (String::new(), Vec::new(), 0);
    for (diagnostic, edit) in wanted {
        let range = edit.span.range();
        // Also an insertion right behind the last edit waits: the two may be one.
        if range.start < at || (range.start == at && !made.is_empty()) {
            continue;
        }
        text.push_str(&source.text()[at..range.start]);
        text.push_str(&edit.text);
        at = range.end;
        made.push((diagnostic, edit));
    }
    text.push_str(&source.text()[at..]);
    Fixed { text, made }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Help};
    use crate::source::Span;

    fn replacing(lo: usize, old: &str, new: &str) -> Diagnostic {
        let help = Help::from("mend it").replacing(old, new);
        Diagnostic::error(Code::UnknownKey, Span::new(lo, lo + old.len()), "wrong").help(help)
    }

    #[test]
    fn edits_are_made_in_order_and_the_rest_stays() {
        let source = Source::new("x.yaml", "é: aa  # bb\r\n\tcc");
        let mut diagnostics = Diagnostics::default();
        for wanted in [replacing(15, "cc", "ccc"), replacing(4, "aa", "a"), replacing(4, "aa", "a")] {
            diagnostics.push(wanted);
        }
        diagnostics.push(Diagnostic::error(Code::UnknownKey, Span::new(9, 11), "no advice"));
        let fixed = apply(&source, &diagnostics);
        assert_eq!((fixed.text.as_str(), fixed.made.len()), ("é: a  # bb\r\n\tccc", 2));
    }

    #[test]
    fn of_edits_that_touch_the_first_is_made() {
        let source = Source::new("x.yaml", "abcd");
        let mut diagnostics = Diagnostics::default();
        for wanted in [replacing(0, "abcd", "x"), replacing(2, "cd", "y"), replacing(4, "", ";")] {
            diagnostics.push(wanted);
        }
        assert_eq!(apply(&source, &diagnostics).text, "x");
    }
}
