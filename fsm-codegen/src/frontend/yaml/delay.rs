//! Delays: `250ms`, `1.5s`, `5min`, `2h`, `1d`, a number of milliseconds, or a name.

use std::time::Duration;

use super::lower::Lower;
use super::node::{Kind, Node};
use super::text;
use crate::ast::{Delay, Name};
use crate::diag::{Code, shown};
use crate::source::{Span, Spanned};

/// The longest delay, a thousand years: clocks overflow somewhere beyond.
const LONGEST: f64 = 1_000.0 * 365.25 * 86_400.0;

const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// Text that is meant as a delay.
enum Read {
    Duration(Duration),
    Name,
    Wrong(&'static str),
}

/// A duration where the text begins like a number, else a name.
fn read(text: &str) -> Read {
    let text = text.trim();
    let negative = text.starts_with('-') && text[1..].starts_with(|char: char| char.is_ascii_digit() || char == '.');
    if negative {
        return Read::Wrong("a delay is not negative");
    }
    if !text.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return Read::Name;
    }
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let factor =
        if unit.is_empty() { Some(0.001) } else { UNITS.iter().find(|(name, _)| *name == unit).map(|unit| unit.1) };
    let (Ok(number), Some(factor)) = (number.parse::<f64>(), factor) else {
        return Read::Wrong("this is not a delay");
    };
    let seconds = number * factor;
    if seconds > LONGEST {
        return Read::Wrong("this delay is longer than a thousand years");
    }
    // Rounding to nanoseconds undoes the error of `0.001`.
    Duration::try_from_secs_f64(seconds).map_or(Read::Wrong("this is not a delay"), Read::Duration)
}

/// Text as a duration, where it is one.
#[cfg(all(feature = "interp", feature = "json"))]
pub(crate) fn duration(text: &str) -> Option<Duration> {
    match read(text) {
        Read::Duration(duration) => Some(duration),
        Read::Name | Read::Wrong(_) => None,
    }
}

impl Lower<'_, '_> {
    /// A duration under `delays:`.
    pub(super) fn duration(&mut self, node: &Node<'_>, key: Span) -> Option<Spanned<Duration>> {
        match self.delay(node, key)? {
            Delay::Duration(duration) => Some(duration),
            Delay::Name(name) => {
                self.invalid_delay(name.span, &format!("`{}` is not a delay", shown(&name.value)));
                None
            }
        }
    }

    /// A delay where it is used.
    pub(super) fn delay(&mut self, node: &Node<'_>, key: Span) -> Option<Delay> {
        if self.is_empty(node, key) {
            return None;
        }
        if matches!(node.kind, Kind::Bool(_)) {
            self.wrong_type(node, "a delay");
            return None;
        }
        let Some(text) = text::value(self.source, node) else {
            self.wrong_type(node, "a delay");
            return None;
        };
        self.delay_key(Spanned::new(text.into_owned(), node.span))
    }

    /// The delay that is a key of `after` or `every`.
    pub(super) fn delay_key(&mut self, text: Name) -> Option<Delay> {
        match read(&text.value) {
            Read::Duration(duration) => Some(Delay::Duration(Spanned::new(duration, text.span))),
            Read::Name if text.value.trim().is_empty() => {
                self.invalid_delay(text.span, "this delay is empty");
                None
            }
            Read::Name => Some(Delay::Name(text)),
            Read::Wrong(message) => {
                self.invalid_delay(text.span, message);
                None
            }
        }
    }

    fn invalid_delay(&mut self, span: Span, message: &str) {
        let help = "write `250ms`, `1.5s`, `5min`, `2h`, `1d`, a number of milliseconds, or a name of `delays`";
        self.error_help(Code::InvalidDelay, span, message, help);
    }
}
