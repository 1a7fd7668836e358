//! Why a text is no YAML: what was left open, where, and what is usually behind it.
//!
//! `syntax` has the reader's sentence and the place where it gave up, which is often lines behind the mistake. Here the
//! text in front of it is looked at (`scan`), and the sentence becomes one about the mistake. `None` wherever that is
//! not certain; then the reader's own sentence stands.

use super::scan::{self, Line, Scan};
use crate::diag::{Code, Diagnostic, Help, shown};
use crate::source::{Source, Span};

/// What is behind the reader's sentence `said`, which is about `span`.
pub(super) fn of(source: &Source, span: Span, said: &str) -> Option<Diagnostic> {
    let text = source.text();
    if said.starts_with("while parsing a flow") {
        return unclosed(text, span);
    }
    if said.starts_with("mismatched bracket") {
        let (open, close) = scan::scan(text, text.len()).mismatch?;
        let message = format!("the bracket `{}` is closed by `{}`", byte(text, open), byte(text, close));
        let found = error(Span::new(close, close + 1), message).label(Span::new(open, open + 1), "opened here");
        return Some(found.maybe_help(comment(text, &scan::scan(text, close))));
    }
    if said.starts_with("misplaced bracket") {
        let message = format!("the bracket `{}` closes nothing", text.get(span.range())?);
        return Some(error(span, message).help("take it away, or quote the text that it belongs to"));
    }
    if said.starts_with("unclosed bracket") {
        let message = format!("the bracket `{}` is never closed", text.get(span.range())?);
        return Some(error(span, message).maybe_help(comment(text, &scan::scan(text, text.len()))));
    }
    if said.starts_with("unclosed quote") {
        let help = "close it; inside of `'…'` a `'` is written twice, inside of `\"…\"` a `\"` as `\\\"`";
        return Some(error(span, "this quote is never closed").help(help));
    }
    if said.starts_with("invalid trailing content after") {
        return trailing(text, span);
    }
    if said.starts_with("while parsing a block mapping, did not find expected key") {
        return indentation(text, span);
    }
    if said.starts_with("mapping values are not allowed") {
        return deeper(text, span);
    }
    if said.starts_with("simple key expected ':'") {
        let line = scan::line(text, span.lo as usize).span;
        let message = format!("`{}` is no entry of a mapping", shown(text.get(line.range())?));
        return Some(error(line, message).help("an entry is `key: value`, with a blank behind the colon"));
    }
    None
}

fn error(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, span, message)
}

fn byte(text: &str, at: usize) -> &str {
    text.get(at..=at).unwrap_or_default()
}

/// An entry of a mapping or a list in brackets that neither a comma nor the bracket ends.
fn unclosed(text: &str, span: Span) -> Option<Diagnostic> {
    let end = span.lo as usize;
    let seen = scan::scan(text, end);
    let open = *seen.open.last()?;
    let close = if byte(text, open) == "{" { "}" } else { "]" };
    let entry = text.get(seen.entry..end)?;
    let opened = |diagnostic: Diagnostic| diagnostic.label(Span::new(open, open + 1), "opened here");
    if entry.contains('\n') || !text.get(open..end)?.contains(entry) {
        let start = entry.rfind('\n').map_or(end, |at| seen.entry + at + 1);
        let blanks = text.get(start..end)?.len() - text.get(start..end)?.trim_start().len();
        let place = Span::new(start + blanks, end.max(start + blanks + 1));
        let place = if place.lo as usize >= end { span } else { place };
        let found = opened(error(place, format!("in front of this a `{close}` is missing, or a `,`")));
        let ends = || format!("behind each entry stands a `,`, and behind the last one `{close}`").into();
        return Some(found.help(comment(text, &seen).unwrap_or_else(ends)));
    }
    let (key, value) = entry.split_once(": ")?;
    let (key, value) = (shown(key.trim()), value.trim());
    if value.is_empty() || byte(text, end) != ":" || value.starts_with(['"', '\'']) {
        return None;
    }
    let quoted = format!("`{key}: '{}: …'`", shown(value));
    let found = match value.rsplit_once([' ', '\t']) {
        Some((_, word)) => {
            let word = shown(word);
            let help = format!("put a `,` in front of `{word}`; text that holds `: ` is quoted: {quoted}");
            error(span, format!("a `,` is missing in front of `{word}`, or quotes around the whole text")).help(help)
        }
        None => error(span, "one value holds a second `: `").help(format!("quote the whole text: {quoted}")),
    };
    Some(opened(found))
}

/// The advice where a bracket that is missed stands in a comment.
fn comment(text: &str, scan: &Scan) -> Option<Help> {
    let swallowed = |place: &&Span| text.get(place.range()).is_some_and(|it| it.contains(['}', ']']));
    let place = scan.comments.iter().rev().find(swallowed)?;
    let written = text.get(place.range())?;
    let end = written.find([' ', ',', '}', ']']).unwrap_or(written.len());
    let word = written.get(..end).filter(|word| word.len() > 1);
    Some(
        match word {
            Some(word) => format!(
                "`#` behind a blank begins a comment, which goes to the end of the line; quote it: `'{}'`",
                shown(word)
            ),
            None => "`#` behind a blank begins a comment, which goes to the end of the line".to_owned(),
        }
        .into(),
    )
}

/// Text behind the quote that ends a quoted one.
fn trailing(text: &str, span: Span) -> Option<Diagnostic> {
    let seen = scan::scan(text, span.lo as usize);
    let place = seen.quoted?;
    if !seen.open.is_empty() && place.hi < span.lo && !text.get(place.range())?.contains('\n') {
        return Some(error(span, "a `,` is missing in front of this").label(place, "this entry ends here"));
    }
    let written = text.get(place.range())?;
    let (quote, doubled) = if written.starts_with('"') { ("\"", "\\\"") } else { ("'", "''") };
    let found = error(span, "text goes on behind the quote that ends here").label(place, "this is what is quoted");
    Some(found.help(if written.contains('\n') {
        format!("a `{quote}` is missing where the text that begins there was meant to end")
    } else {
        format!("inside of quotes a `{quote}` is written `{doubled}`")
    }))
}

/// A line that stands between two blocks.
fn indentation(text: &str, span: Span) -> Option<Diagnostic> {
    let here = scan::line(text, span.lo as usize);
    if here.span.lo != span.lo {
        return None;
    }
    let open = scan::enclosing(text, here);
    let deeper = open.iter().rev().find(|line| line.indentation > here.indentation)?;
    let flatter = open.iter().find(|line| line.indentation <= here.indentation)?;
    if flatter.indentation == here.indentation {
        return None;
    }
    let message = format!("no block is indented by {}", blanks(here.indentation));
    let help = format!(
        "entries of one mapping stand below one another: indent it by {}, as `{}`, or by {}, as `{}`",
        deeper.indentation,
        key(text, *deeper),
        flatter.indentation,
        key(text, *flatter)
    );
    Some(error(here.span, message).label(deeper.span, format!("indented by {}", blanks(deeper.indentation))).help(help))
}

/// A mapping that begins below a line which has its value already, or which is no entry.
fn deeper(text: &str, span: Span) -> Option<Diagnostic> {
    let here = scan::line(text, span.lo as usize);
    let before = text.get(here.span.lo as usize..span.lo as usize)?;
    let line = scan::above(text, here)?;
    let written = text.get(line.span.range())?;
    // In one line there is a second colon, which is another matter.
    if before.contains([':', '{', '[']) || written.contains(['{', '[', '|', '>', '"', '\'']) {
        return None;
    }
    let place = Span::new(here.span.lo as usize, span.lo as usize);
    match written.split_once(": ") {
        Some((name, _)) if line.indentation < here.indentation => {
            let message = format!("this is indented deeper than `{}`, which has a value already", shown(name));
            let help = "let it begin where the line above it begins; text that holds `: ` is quoted";
            Some(error(place, message).label(line.span, format!("indented by {}", blanks(line.indentation))).help(help))
        }
        None if line.indentation == here.indentation && !written.ends_with(':') => {
            let message = format!("`{}` is no entry of a mapping", shown(written));
            let help = match written.split_once(':') {
                Some((key, value)) => format!("a blank stands behind the colon: `{}: {}`", shown(key), shown(value)),
                None => "an entry is `key: value`, with a blank behind the colon".to_owned(),
            };
            Some(error(line.span, message).help(help))
        }
        _ => None,
    }
}

fn blanks(number: usize) -> String {
    match number {
        0 => "no blank".to_owned(),
        1 => "1 blank".to_owned(),
        more => format!("{more} blanks"),
    }
}

/// The key of a line.
fn key(text: &str, line: Line) -> String {
    let written = text.get(line.span.range()).unwrap_or_default();
    shown(written.split_once(':').map_or(written, |(key, _)| key))
}
