//! Delays as text: `250ms`, `1.5s`, `5min`, `2h`, `1d`, a number of milliseconds, or a name.

use std::time::Duration;

use crate::ast::{Delay, Name};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, shown};
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
    let meant = meant(&text.value);
    match parsed(text) {
        Ok(delay) => Some(delay),
        Err((span, message)) => {
            let help = meant.unwrap_or_else(|| format!("{LENGTHS}; or {}", words.delay_name()).into());
            invalid(span, message, help, diagnostics);
            None
        }
    }
}

/// A delay that is written out.
pub(super) fn fixed(text: Name, diagnostics: &mut Diagnostics) -> Option<Spanned<Duration>> {
    let meant = meant(&text.value);
    match parsed(text) {
        Ok(Delay::Duration(duration)) => return Some(duration),
        Ok(Delay::Name(name)) => {
            invalid(name.span, &format!("`{}` is not a delay", shown(&name.value)), LENGTHS.into(), diagnostics);
        }
        Err((span, message)) => invalid(span, message, meant.unwrap_or_else(|| LENGTHS.into()), diagnostics),
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

/// The length that a text with other units means: `5mins`, `30 seconds`, `1h30m`.
fn meant(text: &str) -> Option<Help> {
    let (mut rest, mut parts) = (text.trim(), Vec::new());
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, behind) = rest.split_at(end);
        number.parse::<f64>().ok()?;
        let behind = behind.trim_start();
        let end = behind.find(|char: char| !char.is_alphabetic()).unwrap_or(behind.len());
        let (word, behind) = behind.split_at(end);
        let unit = OTHER_UNITS.iter().find(|(_, words)| words.contains(&word))?.0;
        parts.push((number, unit));
        rest = behind.trim_start();
    }
    let length = match parts.as_slice() {
        [(number, unit)] => format!("{number}{unit}"),
        [_, _, ..] => {
            let all = parts.iter().map(|(number, unit)| {
                let factor = UNITS.iter().find(|(name, _)| name == unit)?.1;
                Some(number.parse::<f64>().ok()? * factor)
            });
            let seconds = all.sum::<Option<f64>>()?;
            let whole = |unit: f64| seconds % unit < f64::EPSILON;
            let (unit, factor) = if whole(3_600.0) {
                ("h", 3_600.0)
            } else if whole(60.0) {
                ("min", 60.0)
            } else {
                ("s", 1.0)
            };
            format!("{}{unit}", seconds / factor)
        }
        [] => return None,
    };
    let is_read = matches!(read(&length), Read::Duration(_));
    is_read.then(|| Help::from(format!("write `{length}`")).replacing(text, length))
}

/// The unit that is written as one of the words for which `is_word` holds.
pub(super) fn unit(is_word: impl Fn(&str) -> bool) -> Option<&'static str> {
    OTHER_UNITS.iter().find(|(_, words)| words.iter().any(|word| is_word(word))).map(|(unit, _)| *unit)
}

/// What people call the units.
const OTHER_UNITS: &[(&str, &[&str])] = &[
    ("ms", &["ms", "msec", "msecs", "millis", "milliseconds"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("min", &["min", "m", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("d", &["d", "day", "days"]),
];

fn invalid(span: Span, message: &str, help: Help, diagnostics: &mut Diagnostics) {
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
