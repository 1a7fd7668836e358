//! What the reader leaves open about a tree: where collections end, tags, and expressions torn apart by a flow
//! collection (`[begin(a, b)]` is two items to YAML).

use super::node::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, shown};
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
    // Behind a colon stands the value of a key in which there is a sign.
    let foreign = word.starts_with('!') && !word.starts_with("!!") && !word.ends_with(':');
    foreign.then(|| (word, Span::new(start, before.len())))
}

/// Text that YAML might have cut: not quoted.
fn plain<'n>(node: &'n Node<'_>, source: &Source) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) if !source.slice(node.span).starts_with(['"', '\'']) => Some(text),
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => Some("1"),
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
    let whole = source.slice(span);
    let quoted = format!("'{}'", whole.replace('\'', "''"));
    let help = Help::from(format!("quote the whole expression: `{}`", shown(&quoted)));
    // Over several lines its indentation would become part of the text.
    let help = if whole.contains('\n') { help } else { help.replacing(whole, quoted) };
    Diagnostic::error(Code::UnbalancedBrackets, span, message).help(help)
}

/// The most pieces that are put together again: a bound on the work for text that never closes.
const MAX_PIECES: usize = 64;

/// The first and last index of each torn expression among `count` entries. `opens` tells what an entry leaves open,
/// `closes` what a later piece closes; `None` where the entry cannot be a piece.
fn torn_ranges(
    count: usize,
    opens: impl Fn(usize) -> isize,
    closes: impl Fn(usize) -> Option<isize>,
) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < count {
        let (mut open, mut end) = (opens(at), at);
        while open > 0 && end + 1 < count.min(at + MAX_PIECES) {
            let Some(change) = closes(end + 1) else { break };
            (open, end) = (open + change, end + 1);
        }
        if open == 0 && end > at {
            ranges.push((at, end));
            at = end;
        }
        at += 1;
    }
    ranges
}

/// Removes the later pieces of each range.
fn remove_pieces<T>(entries: &mut Vec<T>, ranges: &[(usize, usize)]) {
    let (mut index, mut ranges) = (0, ranges.iter().peekable());
    entries.retain(|_| {
        let at = index;
        index += 1;
        while ranges.next_if(|(_, end)| *end < at).is_some() {}
        !ranges.peek().is_some_and(|(start, end)| *start < at && at <= *end)
    });
}

/// Puts the pieces of a torn expression together as one broken item.
fn mend_list(items: &mut Vec<Node<'_>>, source: &Source, diagnostics: &mut Diagnostics) {
    let piece = |at: usize| plain(&items[at], source);
    let ranges = torn_ranges(items.len(), |at| piece(at).map_or(0, opens), |at| piece(at).map(closes));
    for (at, end) in &ranges {
        let last = items[*end].span;
        break_off(&mut items[*at], last, source, diagnostics);
    }
    remove_pieces(items, &ranges);
}

/// The same for a value of a mapping, whose further pieces look like keys without values.
fn mend_mapping(entries: &mut Vec<(Node<'_>, Node<'_>)>, source: &Source, diagnostics: &mut Diagnostics) {
    let piece = |at: usize| plain(&entries[at].0, source).filter(|_| matches!(entries[at].1.kind, Kind::Null));
    let value = |at: usize| plain(&entries[at].1, source);
    let ranges = torn_ranges(entries.len(), |at| value(at).map_or(0, opens), |at| piece(at).map(closes));
    for (at, end) in &ranges {
        let last = entries[*end].0.span;
        break_off(&mut entries[*at].1, last, source, diagnostics);
    }
    remove_pieces(entries, &ranges);
}

/// Reports an expression that goes on to `last`, and gives it up.
fn break_off(node: &mut Node<'_>, last: Span, source: &Source, diagnostics: &mut Diagnostics) {
    diagnostics.push(torn(node.span, last, source));
    node.span = node.span.to(last);
    node.kind = Kind::Broken;
}

/// The balance of a later piece.
fn closes(text: &str) -> isize {
    let angles = text.matches('<').count().cast_signed() - text.matches('>').count().cast_signed();
    match bracket_balance(text) {
        0 => angles,
        brackets => brackets,
    }
}
