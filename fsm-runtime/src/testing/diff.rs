//! Two lists of lines side by side: what is missing, what is too much.

/// The longest lists that are compared line by line; of longer ones only what differs is shown as a whole.
const LONGEST: usize = 2_000;

/// Compares a trace with what is expected; see [`crate::assert_trace!`].
///
/// # Panics
/// Where they differ, with both as one list: `-` before what is missing, `+` before what is too much.
#[track_caller]
pub fn assert_same(actual: &[String], expected: &[&str]) {
    let same =
        actual.len() == expected.len() && actual.iter().zip(expected).all(|(actual, expected)| actual == expected);
    assert!(same, "the trace differs: - is expected, + is what happened\n{}", difference(expected, actual));
}

/// Both lists as one.
fn difference(expected: &[&str], actual: &[String]) -> String {
    let common = longest_common(expected, actual);
    let (mut left, mut right) = (0, 0);
    let mut text = String::new();
    let mut line = |sign: char, line: &str| {
        text.extend(["  ", &String::from(sign), " ", line, "\n"]);
    };
    for (at, also_at) in common.into_iter().chain([(expected.len(), actual.len())]) {
        expected[left..at].iter().for_each(|missing| line('-', missing));
        actual[right..also_at].iter().for_each(|extra| line('+', extra));
        if let Some(same) = expected.get(at) {
            line(' ', same);
        }
        (left, right) = (at + 1, also_at + 1);
    }
    text
}

/// The places of the lines of a longest common subsequence.
fn longest_common(left: &[&str], right: &[String]) -> Vec<(usize, usize)> {
    if left.len() > LONGEST || right.len() > LONGEST {
        return left
            .iter()
            .zip(right)
            .take_while(|(left, right)| left == right)
            .enumerate()
            .map(|(at, _)| (at, at))
            .collect();
    }
    let width = right.len() + 1;
    let mut lengths = vec![0_u16; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            lengths[i * width + j] = if left[i] == right[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut common) = (0, 0, Vec::new());
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            common.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expected: &[&str], actual: &[&str]) -> String {
        difference(expected, &actual.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_stands_in_its_place() {
        assert_eq!(shown(&["a", "b", "c"], &["a", "x", "c", "d"]), "    a\n  - b\n  + x\n    c\n  + d\n");
        assert_eq!(shown(&["a"], &[]), "  - a\n");
        assert_eq!(shown(&[], &["a"]), "  + a\n");
        assert_eq!(shown(&["a", "b"], &["a", "b"]), "    a\n    b\n");
    }

    #[test]
    fn long_traces_are_compared_up_to_where_they_part() {
        let long: Vec<String> = (0..=LONGEST).map(|number| number.to_string()).collect();
        let lines: Vec<&str> = long.iter().map(String::as_str).collect();
        let text = difference(&lines, &long[1..]);
        assert!(text.starts_with("  - 0\n  - 1\n") && text.ends_with(&format!("  + {LONGEST}\n")));
    }
}
