//! What the reader leaves open about a tree: where collections end, tags, and expressions torn apart by a flow
//! collection (`[begin(a, b)]` is two items to YAML).

use super::node::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::frontend::expr::bracket_balance;
use crate::source::{Source, Span};

/// Completes `node` and all below it.
pub(super) fn finish(node: &mut Node<'_>, source: &Source, diagnostics: &mut Diagnostics) {
    if let Some((tag, at)) = tag(source, node.span)
        && !matches!(node.kind, Kind::Null)
    {
        let message = format!("`{tag}` is a tag to YAML and does not belong to the value");
        diagnostics.push(Diagnostic::error(Code::WrongType, at, message).help("quote the whole value"));
        node.kind = Kind::Broken;
    }
    let flow = matches!(source.text().as_bytes().get(node.span.lo as usize), Some(b'[' | b'{'));
    let end = match &mut node.kind {
        Kind::Seq(items) => {
            for item in items.iter_mut() {
                finish(item, source, diagnostics);
            }
            if flow {
                mend_list(items, source, diagnostics);
            }
            items.last().map(|item| item.span.hi)
        }
        Kind::Map(entries) => {
            for (key, value) in entries.iter_mut() {
                finish(key, source, diagnostics);
                finish(value, source, diagnostics);
            }
            if flow {
                mend_mapping(entries, source, diagnostics);
            }
            entries.last().map(|(key, value)| value.span.hi.max(key.span.hi))
        }
        _ => return,
    };
    let start = node.span.lo + u32::from(flow);
    let end = end.unwrap_or(start).max(start);
    node.span.hi = if flow { closing(source, end) } else { end };
}

/// The end of a flow collection whose last entry ends at `end`.
fn closing(source: &Source, end: u32) -> u32 {
    let mut rest = source.text().get(end as usize..).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches(|char: char| char.is_whitespace() || matches!(char, ',' | ':'));
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.find('\n').map_or("", |line| &comment[line..]),
            None => break,
        }
    }
    let at = source.text().len() - rest.len();
    if rest.starts_with([']', '}']) { Span::new(at, at + 1).hi } else { end }
}

/// The tag before a node that means something to YAML only by an application.
pub(super) fn tag(source: &Source, node: Span) -> Option<(&str, Span)> {
    let before = source.text().get(..node.lo as usize)?;
    let before = before.trim_end_matches(' ');
    let start = before.rfind([' ', '\n', '\t', '[', '{', ',']).map_or(0, |at| at + 1);
    let word = &before[start..];
    let foreign = word.starts_with('!') && !word.starts_with("!!");
    foreign.then(|| (word, Span::new(start, before.len())))
}

/// Text that YAML might have cut: not quoted.
fn plain<'n>(node: &'n Node<'_>, source: &Source) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) if !source.slice(node.span).starts_with(['"', '\'']) => Some(text),
        _ => None,
    }
}

/// Brackets that are open after `text`, or generics that were cut at their comma.
fn opens(text: &str) -> isize {
    let angles = text.matches('<').count().cast_signed() - text.matches('>').count().cast_signed();
    let brackets = bracket_balance(text);
    let generic = text.find('<').is_some_and(|at| text[..at].ends_with(|char: char| char.is_alphanumeric()));
    if brackets == 0 && generic { angles } else { brackets }
}

fn torn(first: Span, last: Span, source: &Source) -> Diagnostic {
    let span = first.to(last);
    let message = "YAML takes the comma in this expression for the end of an entry";
    let whole = crate::diag::shown(source.slice(span));
    Diagnostic::error(Code::UnbalancedBrackets, span, message).help(format!("quote the whole expression: `'{whole}'`"))
}

/// Puts the pieces of a torn expression together as one broken item.
fn mend_list(items: &mut Vec<Node<'_>>, source: &Source, diagnostics: &mut Diagnostics) {
    let mut at = 0;
    while at < items.len() {
        let mut open = plain(&items[at], source).map_or(0, opens);
        let mut end = at;
        while open > 0 && end + 1 < items.len() {
            end += 1;
            open += plain(&items[end], source).map_or(0, closes);
        }
        if open == 0 && end > at {
            diagnostics.push(torn(items[at].span, items[end].span, source));
            items[at].span = items[at].span.to(items[end].span);
            items[at].kind = Kind::Broken;
            items.drain(at + 1..=end);
        }
        at += 1;
    }
}

/// The same for a value of a mapping, whose further pieces look like keys without values.
fn mend_mapping(entries: &mut Vec<(Node<'_>, Node<'_>)>, source: &Source, diagnostics: &mut Diagnostics) {
    let mut at = 0;
    while at < entries.len() {
        let mut open = plain(&entries[at].1, source).map_or(0, opens);
        let mut end = at;
        while open > 0 && end + 1 < entries.len() && matches!(entries[end + 1].1.kind, Kind::Null) {
            end += 1;
            open += plain(&entries[end].0, source).map_or(0, closes);
        }
        if open == 0 && end > at {
            let last = entries[end].0.span;
            let value = &mut entries[at].1;
            diagnostics.push(torn(value.span, last, source));
            value.span = value.span.to(last);
            value.kind = Kind::Broken;
            entries.drain(at + 1..=end);
        }
        at += 1;
    }
}

/// The balance of a later piece.
fn closes(text: &str) -> isize {
    let angles = text.matches('<').count().cast_signed() - text.matches('>').count().cast_signed();
    match bracket_balance(text) {
        0 => angles,
        brackets => brackets,
    }
}
