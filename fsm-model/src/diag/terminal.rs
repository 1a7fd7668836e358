//! Diagnostics for people: the source underlined, as rustc does it.
//!
//! A face of [`crate::diag`]. The caller decides whether there are colours; nothing here looks at the terminal or at
//! the environment. Invariants: what is written for one diagnostic has a bounded size, however long the lines of the
//! source are, and every place is shown as the line and column of the whole source.

mod excerpt;

use crate::gather::Gather as _;
use std::borrow::Cow;
use std::fmt::Write as _;

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, Style};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};

use self::excerpt::Excerpt;
use super::{Diagnostic, Diagnostics, Severity};
use crate::source::Source;

/// How wide a line of the source may be before it is trimmed around what is underlined.
const WIDTH: usize = 110;

/// Whether escape sequences colour the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// Text alone.
    #[default]
    Plain,
    /// ANSI colours.
    Coloured,
}

impl Look {
    const fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Coloured => Renderer::styled().hyperlink(false),
        }
        .term_width(WIDTH)
    }

    const fn gutter(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Coloured => DEFAULT_LINE_NUM_STYLE,
        }
    }
}

/// All diagnostics of one source, an empty line after each, and a last line that counts them; empty if there are none.
#[must_use]
pub fn render(source: &Source, diagnostics: &Diagnostics, look: Look) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&render_one(source, diagnostic, look));
        text.push_str("\n\n");
    }
    if let Some(summary) = summary(source, diagnostics, look) {
        text.push_str(&summary);
        text.push('\n');
    }
    text
}

/// One diagnostic, without a newline at the end.
#[must_use]
pub fn render_one(source: &Source, diagnostic: &Diagnostic, look: Look) -> String {
    let title = level(diagnostic.severity).primary_title(diagnostic.message.as_str()).id(diagnostic.code.id());
    let title = look.renderer().render(&[Group::with_title(title)]);
    format!("{title}\n{}", render_body(source, diagnostic, look))
}

/// What stands below the title: the place, the lines of the source, the help.
pub(super) fn render_body(source: &Source, diagnostic: &Diagnostic, look: Look) -> String {
    let (excerpts, notes) = excerpt::excerpts(source, diagnostic);
    let mut body = Group::with_level(level(diagnostic.severity));
    for (nth, excerpt) in excerpts.iter().enumerate() {
        body = body.element(snippet(source, excerpt, nth));
    }
    for note in notes {
        body = body.element(Level::NOTE.message(normalize_untrusted_str(&note)));
    }
    if let Some(help) = &diagnostic.help {
        body = body.element(Level::HELP.message(normalize_untrusted_str(&help.text)));
    }
    let text = format!("{}\n{}", place(source, diagnostic, &excerpts, look), look.renderer().render(&[body]));
    // The renderer pads some lines of the gutter.
    text.lines().map(str::trim_end).gather::<Vec<_>>().join("\n")
}

/// `error: 3 errors, 1 warning in specs/x.yaml`; nothing where there is nothing to count.
#[must_use]
pub fn summary(source: &Source, diagnostics: &Diagnostics, look: Look) -> Option<String> {
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counts = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(*n, what)).gather();
    if counts.is_empty() {
        return None;
    }
    let mut message = format!("{} in {}", counts.join(", "), source.name());
    if diagnostics.dropped() > 0 {
        let _ = write!(message, ", and {} more not shown", diagnostics.dropped());
    }
    let severity = if diagnostics.has_errors() { Severity::Error } else { Severity::Warning };
    Some(look.renderer().render(&[Group::with_title(level(severity).primary_title(message))]))
}

/// `1 error`, `3 errors`.
fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The line `  --> specs/x.yaml:3:5`. The renderer would write it too, but it counts the columns of what it is given,
/// and that is only a piece of a long line.
fn place(source: &Source, diagnostic: &Diagnostic, excerpts: &[Excerpt<'_>], look: Look) -> String {
    let last = excerpts.iter().map(Excerpt::last_line).max().unwrap_or(1);
    let indent = last.to_string().len();
    let (gutter, at) = (look.gutter(), source.position(diagnostic.span.lo));
    let name = normalize_untrusted_str(source.name());
    format!("{:indent$}{gutter}-->{gutter:#} {name}:{}:{}", "", at.line, at.column)
}

fn snippet<'a>(source: &'a Source, excerpt: &'a Excerpt<'_>, nth: usize) -> Snippet<'a, Annotation<'a>> {
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range.clone()).label(mark.text.map(one_line))
    });
    // The place of the first stands above it already; that of a cut line would be wrong, its line number is enough.
    let path = (nth > 0 && !excerpt.cut).then(|| source.name());
    Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line).path(path).annotations(annotations)
}

/// The renderer breaks at newlines in labels without aligning what follows.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { text.replace('\n', " ").into() } else { text.into() }
}

#[cfg(test)]
mod tests;
