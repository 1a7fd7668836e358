//! Diagnostics for programs: one JSON object for all sources of a run.
//!
//! A face of [`crate::diag`]. The types here mirror the format that the language's documentation promises and nothing
//! else does, so the diagnostics themselves can change freely. Lines and columns count from 1, columns in characters,
//! ends are exclusive.

use crate::gather::Gather as _;
use serde::Serialize;

use super::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};

#[derive(Serialize)]
struct Document<'a> {
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    help: Option<&'a str>,
    /// What follows the help, where a program can: at most one today.
    edits: Vec<EditEntry<'a>>,
    labels: Vec<LabelEntry<'a>>,
}

/// What stands in the place becomes `text`; where the place is empty, `text` is put in.
#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: String,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// `{"diagnostics":[…]}` with those of all sources, in one line without a newline at the end.
#[must_use]
#[allow(clippy::missing_panics_doc, reason = "it cannot")]
pub fn render<'a>(checked: impl IntoIterator<Item = (&'a Source, &'a Diagnostics)>) -> String {
    let entries = |(source, diagnostics): (&'a Source, &'a Diagnostics)| diagnostics.iter().map(|d| entry(source, d));
    let document = Document { diagnostics: checked.into_iter().flat_map(entries).gather() };
    serde_json::to_string(&document).expect("invariant: strings and numbers always serialise")
}

fn entry<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Entry<'a> {
    let labels = diagnostic.labels.iter();
    Entry {
        code: diagnostic.code.id(),
        severity: diagnostic.severity.name(),
        message: &diagnostic.message,
        place: place(source, diagnostic.span),
        help: diagnostic.help.as_ref().map(|help| help.text.as_str()),
        edits: diagnostic
            .fix(source)
            .map(|edit| EditEntry { place: place(source, edit.span), text: edit.text })
            .into_iter()
            .gather(),
        labels: labels.map(|label| LabelEntry { place: place(source, label.span), text: &label.text }).gather(),
    }
}

fn place(source: &Source, span: Span) -> Place<'_> {
    let (start, end) = (source.position(span.lo), source.position(span.hi));
    Place { file: source.name(), line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Help};

    #[test]
    fn the_shape_is_the_one_that_is_promised() {
        let source = Source::new("x.yaml", "é: a\n  b\n");
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::error(Code::WrongType, Span::new(4, 9), "a \"quoted\" word"));
        diagnostics.push(
            Diagnostic::new(Code::Trap, crate::diag::Severity::Warning, Span::new(0, 2), "m")
                .label(Span::new(0, 2), "here")
                .help(Help::from("mend it").replacing("é", "e")),
        );
        let expected = concat!(
            r#"{"diagnostics":[{"code":"FSM0012","severity":"error","message":"a \"quoted\" word","file":"x.yaml","#,
            r#""line":1,"column":4,"end_line":2,"end_column":4,"help":null,"edits":[],"labels":[]},"#,
            r#"{"code":"FSM0103","severity":"warning","message":"m","file":"x.yaml","#,
            r#""line":1,"column":1,"end_line":1,"end_column":2,"help":"mend it","edits":[{"file":"x.yaml","line":1,"column":1,"end_line":1,"end_column":2,"text":"e"}],"labels":[{"file":"x.yaml","#,
            r#""line":1,"column":1,"end_line":1,"end_column":2,"text":"here"}]}]}"#,
        );
        assert_eq!(render([(&source, &diagnostics)]), expected);
    }

    #[test]
    fn no_diagnostics_are_an_empty_list() {
        assert_eq!(render([]), r#"{"diagnostics":[]}"#);
    }
}
