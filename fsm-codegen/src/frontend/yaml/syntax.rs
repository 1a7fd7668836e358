//! What the YAML reader says, in words that people understand and with a place.

use std::collections::HashMap;

use serde_saphyr::Error;

use super::read::{MAX_DEPTH, MAX_NODES, MAX_REPLAYED};
use super::{cause, scan};
use crate::diag::{Code, Diagnostic};
use crate::source::{Source, Span};

/// An error of the reader.
pub(super) fn diagnostic(source: &Source, error: &Error) -> Diagnostic {
    let error = error.without_snippet();
    let span = place(source, error);
    match error {
        Error::Eof { .. } => empty(source),
        Error::MultipleDocuments { .. } => several(source, span),
        Error::Budget { breach, .. } => limit(span, &format!("{breach:?}")),
        Error::AliasReplayLimitExceeded { .. } => bomb(source, span),
        Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => limit(span, "Alias"),
        Error::AliasError { error, .. } => diagnostic(source, error),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            syntax(span, "an alias stands inside of its own anchor".to_owned())
        }
        Error::UnknownAnchor { .. } => {
            quoted(source, span, "`*` begins an alias, and there is no such anchor".to_owned())
        }
        _ => scanner(source, span, &bare_message(error)),
    }
}

/// A file that cannot be read for a reason outside of its text.
pub(super) fn unreadable(_source: &Source, message: &str) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, Span::default(), message)
}

/// A file without any content.
pub(super) fn empty(source: &Source) -> Diagnostic {
    let message = format!("`{}` holds no machine", source.name());
    let help = "a machine begins with `machine: Name`, `initial: State` and `states:`";
    Diagnostic::error(Code::EmptyFile, Span::default(), message).help(help)
}

fn several(source: &Source, span: Span) -> Diagnostic {
    // The reader points behind the separator.
    let before = source.text().get(..span.lo as usize).unwrap_or_default();
    let span = before.rfind("---").map_or(span, |at| Span::new(at, at + 3));
    Diagnostic::error(Code::SeveralDocuments, span, "a second document begins here").help("write one machine a file")
}

fn limit(span: Span, breach: &str) -> Diagnostic {
    let (message, help) = if breach.starts_with("Depth") {
        (format!("collections are nested more than {MAX_DEPTH} deep"), "split the machine")
    } else if breach.contains("Alias") || breach.contains("Anchor") {
        (format!("aliases stand for more than {MAX_REPLAYED} nodes"), "write out what the aliases stand for")
    } else if breach.starts_with("Nodes") || breach.starts_with("Events") {
        (format!("the file has more than {MAX_NODES} values"), "split the machine")
    } else {
        (format!("the file exceeds a limit of the YAML reader ({breach})"), "split the machine")
    };
    Diagnostic::error(Code::TooLarge, span, message).help(help)
}

/// Aliases that stand for too much: shown at the one with which it becomes too much. The reader points to what it stands for.
fn bomb(source: &Source, span: Span) -> Diagnostic {
    match too_much(source.text()) {
        Some((alias, anchor)) => limit(alias, "Alias").label(anchor, "stands for this"),
        None => limit(span, "Alias"),
    }
}

/// The first alias up to which all aliases together stand for more than is allowed, and its anchor. What an anchor holds is
/// taken to end at the next one, and its values are counted by their commas and colons.
fn too_much(text: &str) -> Option<(Span, Span)> {
    let references = scan::scan(text, text.len()).references;
    let mut anchors: HashMap<&str, (Span, usize)> = HashMap::new();
    let mut all = 0_usize;
    for (index, anchor) in references.iter().enumerate().filter(|(_, span)| text[span.range()].starts_with('&')) {
        let next = references[index + 1..].iter().position(|span| text[span.range()].starts_with('&'));
        let aliases = &references[index + 1..next.map_or(references.len(), |next| index + 1 + next)];
        let end = next.map_or(text.len(), |next| references[index + 1 + next].lo as usize);
        let values = text[anchor.hi as usize..end].bytes().filter(|byte| b",:".contains(byte)).count();
        let mut size = values.max(1);
        for alias in aliases {
            let Some((anchor, stands_for)) = anchors.get(&text[alias.range()][1..]) else { continue };
            (all, size) = (all.saturating_add(*stands_for), size.saturating_add(*stands_for));
            if all > MAX_REPLAYED {
                return Some((*alias, *anchor));
            }
        }
        anchors.insert(&text[anchor.range()][1..], (*anchor, size));
    }
    None
}

fn syntax(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, span, message)
}

/// An error of the scanner: the frequent ones in our words.
fn scanner(source: &Source, span: Span, said: &str) -> Diagnostic {
    let at = span.lo as usize;
    let text = source.text();
    let rest = text.get(at..).unwrap_or_default();
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let indentation = text.get(line_start..).unwrap_or_default();
    let indentation = &indentation[..indentation.len() - indentation.trim_start_matches([' ', '\t']).len()];
    if said.contains("recursion limit") {
        return limit(span, "Depth");
    }
    if said.contains("tab")
        || rest.starts_with('\t')
        || (at <= line_start + indentation.len() && indentation.contains('\t'))
    {
        let tab = indentation.find('\t').map_or(span, |tab| Span::new(line_start + tab, line_start + tab + 1));
        return syntax(tab, "YAML does not allow tabs for indentation".to_owned()).help("indent with spaces");
    }
    if let Some(found) = cause::of(source, span, said) {
        return found;
    }
    if said.contains("mapping values are not allowed") {
        return syntax(span, "a mapping cannot begin here".to_owned())
            .help("check the indentation; text that holds `: ` is quoted in YAML");
    }
    if said.contains("expected ','") && rest.starts_with(['[', '{']) {
        return syntax(span, "a bracket cannot stand here".to_owned()).help("quote the whole expression");
    }
    quoted(source, span, format!("this is not YAML: {said}"))
}

/// With the advice to quote, where a character stands that means something to YAML.
fn quoted(source: &Source, span: Span, message: String) -> Diagnostic {
    let rest = source.text().get(span.lo as usize..).unwrap_or_default();
    let token = rest.trim_start_matches(' ');
    let special = token.chars().next().filter(|char| matches!(char, '*' | '&' | '!' | '@' | '`' | '%' | '|' | '>'));
    let diagnostic = syntax(span, message);
    match special {
        Some(char) => diagnostic.help(format!("text that begins with `{char}` is quoted in YAML: `'{char}…'`")),
        None => diagnostic,
    }
}

/// The reader's sentence without the place, which is shown anyway.
fn bare_message(error: &Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").or_else(|| message.find('\n')).unwrap_or(message.len());
    message[..end].lines().next().unwrap_or_default().to_owned()
}

/// The place of an error; the scanner's have no offset in bytes, so lines and columns are counted in the source.
fn place(source: &Source, error: &Error) -> Span {
    let Some(location) = error.location() else { return Span::default() };
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let lo = match location.span().byte_offset() {
        Some(offset) => number(offset),
        None => source.offset(number(location.line()), number(location.column())),
    };
    let rest = source.text().get(lo..).unwrap_or_default();
    let length = rest.chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
    Span::new(lo, lo + length)
}
