//! `delay="1.5s"`: CSS's form of times, as SCXML has it, becomes the spec's.

/// The delay as a spec writes it; `None` for what is no delay.
pub(super) fn read(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || number.len() - digits > 1 || number.ends_with('.') {
        return None;
    }
    let number = if number.starts_with('.') { format!("0{number}") } else { number.to_owned() };
    match unit.to_ascii_lowercase().as_str() {
        "ms" => Some(format!("{number}ms")),
        "s" => Some(format!("{number}s")),
        // Nothing has no unit, as in CSS.
        "" if number.bytes().all(|byte| matches!(byte, b'0' | b'.')) => Some("0ms".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_of_css() {
        for (text, delay) in [("10ms", "10ms"), ("1.5s", "1.5s"), (".5S", "0.5s"), (" 0 ", "0ms")] {
            assert_eq!(read(text).as_deref(), Some(delay), "{text}");
        }
        for text in ["", "s", "5", "-1s", "1.s", "1..5s", "1h", "1e3ms", "'1s'"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
