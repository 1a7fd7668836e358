//! The lines that a diagnostic needs, cut to what a terminal can show.
//!
//! Part of [`super`]. The renderer walks all of the text that it is given, so it is given little: at most
//! [`MOST_MARKS`] marks, lines of at most [`LONGEST_LINE`] bytes, and no two marks more than [`FARTHEST`] lines apart
//! in one excerpt. A mark never goes beyond its line: of a span over several lines the first one is underlined.

use crate::gather::Gather as _;
use std::ops::Range;

use super::Diagnostic;
use crate::source::{Source, Span};

/// Lines longer than this are cut around the mark.
const LONGEST_LINE: usize = 240;
/// How much of a cut line stands before the mark.
const LEAD: usize = 100;
/// Marks with more lines than this between them are shown in excerpts of their own.
const FARTHEST: usize = 20;
/// Labels beyond this number are only counted.
const MOST_MARKS: usize = 8;

/// A piece of the source with the places to underline.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    /// The number of its first line.
    pub(super) first_line: usize,
    /// Its lines.
    pub(super) text: String,
    /// What to underline, as bytes of `text`.
    pub(super) marks: Vec<Mark<'a>>,
    /// Whether a line was cut, so that columns in `text` are not those of the source.
    pub(super) cut: bool,
}

/// A place to underline.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    pub(super) range: Range<usize>,
    pub(super) text: Option<&'a str>,
    pub(super) primary: bool,
}

/// A mark before it has found its excerpt.
struct Spot<'a> {
    line: usize,
    /// Bytes of the source, all in one line.
    range: Range<usize>,
    text: Option<&'a str>,
    primary: bool,
}

/// The excerpts of a diagnostic, the one with its main place first, and notes on what they cannot show.
pub(super) fn excerpts<'a>(source: &Source, diagnostic: &'a Diagnostic) -> (Vec<Excerpt<'a>>, Vec<String>) {
    let main = Spot::new(source, diagnostic.span, None, true);
    let labels = diagnostic.labels.iter().take(MOST_MARKS);
    let labels = labels.map(|label| Spot::new(source, label.span, Some(label.text.as_str()), false));
    let mut spots: Vec<Spot<'_>> = std::iter::once(main).chain(labels).gather();
    spots.sort_by_key(|spot| (spot.line, !spot.primary, spot.range.start));

    let mut notes = Vec::new();
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for near in spots.chunk_by(|one, next| next.line - one.line <= FARTHEST) {
        excerpts.push(Excerpt::new(source, near, &mut notes));
    }
    excerpts.sort_by_key(|excerpt| !excerpt.marks.iter().any(|mark| mark.primary));
    if let more @ 1.. = diagnostic.labels.len().saturating_sub(MOST_MARKS) {
        notes.push(format!("and {more} more such {}", if more == 1 { "place" } else { "places" }));
    }
    (excerpts, notes)
}

impl<'a> Spot<'a> {
    fn new(source: &Source, span: Span, text: Option<&'a str>, primary: bool) -> Self {
        let all = source.text();
        let lo = all.floor_char_boundary(span.lo as usize);
        let hi = all.ceil_char_boundary(span.hi as usize).max(lo);
        let end = lo + all[lo..hi].find('\n').unwrap_or(hi - lo);
        let range = lo..lo + all[lo..end].trim_end().len();
        Self { line: source.position(span.lo).line, range, text, primary }
    }
}

impl<'a> Excerpt<'a> {
    /// One excerpt for marks that are near each other; they come in the order of their lines.
    fn new(source: &Source, spots: &[Spot<'a>], notes: &mut Vec<String>) -> Self {
        let first_line = spots.first().map_or(1, |spot| spot.line);
        let mut excerpt = Self { first_line, text: String::new(), marks: Vec::new(), cut: false };
        let mut rest = spots;
        let mut at = spots.first().map_or(0, |spot| line_around(source.text(), spot.range.start).start);
        for line in first_line.. {
            let (here, later) = rest.split_at(rest.partition_point(|spot| spot.line == line));
            let range = line_around(source.text(), at);
            at = range.end + 1;
            excerpt.push_line(source, range, here, notes);
            if later.is_empty() {
                break;
            }
            excerpt.text.push('\n');
            rest = later;
        }
        excerpt
    }

    /// The number of its last line.
    pub(super) fn last_line(&self) -> usize {
        self.first_line + self.text.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// Adds the line at `range` of the source, or the piece of it around its first mark.
    fn push_line(&mut self, source: &Source, range: Range<usize>, spots: &[Spot<'a>], notes: &mut Vec<String>) {
        let window = window(source.text(), range.clone(), spots.first().map_or(range.start, |spot| spot.range.start));
        self.cut |= window != range;
        if window.start > range.start {
            self.text.push('…');
        }
        let offset = self.text.len();
        self.text.push_str(source.text()[window.clone()].trim_end_matches('\r'));
        let shown = self.text.len();
        if window.end < range.end {
            self.text.push('…');
        } else if window.is_empty() {
            // The renderer knows no empty last line.
            self.text.push(' ');
        }
        for spot in spots {
            if spot.range.start < window.start || window.end < spot.range.start {
                let at = source.position(Span::new(spot.range.start, spot.range.start).lo);
                notes.extend(spot.text.map(|text| format!("{text}: line {}, column {}", at.line, at.column)));
                continue;
            }
            // Carriage returns at the end of a line are not shown; a mark on them stands behind the line.
            let place = |at: usize| (at.min(window.end) - window.start + offset).min(shown);
            let range = place(spot.range.start)..place(spot.range.end);
            self.marks.push(Mark { range, text: spot.text, primary: spot.primary });
        }
    }
}

/// The line that holds the byte at `offset`, without its end.
fn line_around(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    start..end
}

/// The part of a line to show: all of it, or what stands around `focus`.
fn window(text: &str, line: Range<usize>, focus: usize) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return line;
    }
    let start = text.ceil_char_boundary(focus.saturating_sub(LEAD).max(line.start));
    let end = text.floor_char_boundary((start + LONGEST_LINE).min(line.end));
    start..end.max(start)
}
