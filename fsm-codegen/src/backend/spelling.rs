//! How parts of a machine are spelt in a spec, whichever the notation.
//!
//! Beside the printers of both notations ([`super::yaml`], [`super::fsm`]), each of which is the inverse of its
//! front-end.

pub(super) mod patterns;
pub(super) mod rust;
pub(super) mod targets;

use std::fmt::Write as _;
use std::time::Duration;

use crate::ir::LogPart;

/// `text {context.jobs}`, with braces in the text doubled.
pub(super) fn log(parts: &[LogPart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            LogPart::Text(plain) => text.push_str(&plain.replace('{', "{{").replace('}', "}}")),
            LogPart::Value(value, format) => {
                let colon = if format.is_empty() { "" } else { ":" };
                // Writing to a string cannot fail.
                let _ = write!(text, "{{{}{colon}{format}}}", rust::expression(value));
            }
        }
    }
    text
}

/// A duration in the largest unit that gives a whole number, else in seconds with a fraction.
///
/// Delays are read as floating-point seconds, of which milliseconds are exact up to 2^53 nanoseconds.
pub(super) fn duration(length: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (seconds, nanos) = (length.as_secs(), length.subsec_nanos());
    if nanos == 0 && seconds > 0 {
        for (size, unit) in UNITS {
            if seconds.is_multiple_of(size) {
                return format!("{}{unit}", seconds / size);
            }
        }
    }
    if nanos.is_multiple_of(1_000_000) && length.as_nanos() < 1 << 53 {
        return format!("{}ms", length.as_millis());
    }
    format!("{seconds}.{}s", format!("{nanos:09}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_largest_unit_that_is_exact() {
        let table = [
            (Duration::ZERO, "0ms"),
            (Duration::from_millis(250), "250ms"),
            (Duration::from_millis(1_500), "1500ms"),
            (Duration::from_secs(90), "90s"),
            (Duration::from_mins(2), "2min"),
            (Duration::from_hours(2), "2h"),
            (Duration::from_hours(48), "2d"),
            (Duration::from_nanos(1), "0.000000001s"),
            (Duration::from_micros(1_000_500), "1.0005s"),
        ];
        for (length, text) in table {
            assert_eq!(duration(length), text);
        }
    }
}
