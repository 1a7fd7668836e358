//! Delays as text: `250ms`, `1.5s`, `5min`, `2h`, `1d`, a number of milliseconds, or a name.

use std::time::Duration;

use crate::ast::{Delay, Name};
use crate::diag::{Code, Diagnostic, Diagnostics, shown};
use crate::source::{Notation, Span, Spanned};

/// How a length of time is written, for messages.
const LENGTHS: &str = "write `250ms`, `1.5s`, `5min`, `2h`, `1d`, or a number of milliseconds";

/// The longest delay, a thousand years: clocks overflow somewhere beyond.
pub(crate) const LONGEST: f64 = 1_000.0 * 365.25 * 86_400.0;

/// The units of a delay, in seconds.
pub(crate) const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// Text that is meant as a delay.
enum Read {
    /// A length.
    Duration(Duration),
    /// A name, or nothing.
    Name,
    /// Neither, and why.
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

/// A delay where it is used.
pub(super) fn delay(text: Name, words: Notation, diagnostics: &mut Diagnostics) -> Option<Delay> {
    match parsed(text) {
        Ok(delay) => Some(delay),
        Err((span, message)) => {
            invalid(span, message, &format!("{LENGTHS}; or {}", words.delay_name()), diagnostics);
            None
        }
    }
}

/// A delay that is written out.
pub(super) fn fixed(text: Name, diagnostics: &mut Diagnostics) -> Option<Spanned<Duration>> {
    match parsed(text) {
        Ok(Delay::Duration(duration)) => return Some(duration),
        Ok(Delay::Name(name)) => {
            invalid(name.span, &format!("`{}` is not a delay", shown(&name.value)), LENGTHS, diagnostics);
        }
        Err((span, message)) => invalid(span, message, LENGTHS, diagnostics),
    }
    None
}

/// The delay, or why it is none.
fn parsed(text: Name) -> Result<Delay, (Span, &'static str)> {
    match read(&text.value) {
        Read::Duration(duration) => Ok(Delay::Duration(Spanned::new(duration, text.span))),
        Read::Name if !text.value.trim().is_empty() => Ok(Delay::Name(text)),
        Read::Name => Err((text.span, "this delay is empty")),
        Read::Wrong(message) => Err((text.span, message)),
    }
}

fn invalid(span: Span, message: &str, help: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::error(Code::InvalidDelay, span, message).help(help));
}

/// Text as a duration, where it is one.
#[cfg(all(feature = "interp", feature = "json"))]
pub(crate) fn duration(text: &str) -> Option<Duration> {
    match read(text) {
        Read::Duration(duration) => Some(duration),
        Read::Name | Read::Wrong(_) => None,
    }
}
