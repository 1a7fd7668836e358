//! Wrapping, and what is escaped where. That Mermaid agrees is tested with Mermaid itself.

use super::*;

/// Escaped texts as Mermaid's reader gives them back.
fn decoded(text: &str) -> String {
    let mut decoded = text.replace("#quot;", "\"").replace("#lt;", "<").replace("#gt;", ">").replace("#amp;", "&");
    while let Some((head, rest)) = decoded.split_once('#') {
        let (number, tail) = rest.split_once(';').expect("an entity ends");
        let c = number.parse().ok().and_then(char::from_u32).expect("a character's number");
        assert_ne!(c, '#', "this helper cannot decode a decoded mark");
        decoded = format!("{head}{c}{tail}");
    }
    decoded
}

fn label(text: &str, guard: Option<&str>, actions: &[&str]) -> Vec<String> {
    let actions = actions.iter().map(|action| (*action).to_owned()).collect();
    label_lines(&Label { trigger: text.to_owned(), guard: guard.map(str::to_owned), actions })
}

#[test]
fn ordinary_texts_stay_readable() {
    for text in ["Start [x == 3] / begin(event.job_id, -1), n = a + b", "a || b", "été 日本語 🚦", "it's", "1.5"]
    {
        assert_eq!(escape(text), text);
    }
}

#[test]
fn syntax_is_escaped() {
    for text in ["a: b", "a;b", "x --> y", "<b>", "\"q\"", "%%", "{}", "*a*", "`a`", "a@b", "$$x$$", "a\\n", "&lt;"] {
        let escaped = escape(text);
        assert_eq!(decoded(&escaped), text);
        let bare = escaped.replace("#quot;", "").replace("#lt;", "").replace("#gt;", "").replace("#amp;", "");
        assert!(!bare.contains([':', '"', '<', '>', '&', '%', '{', '}', '*', '`', '@', '$', '\\']), "{escaped}");
    }
    assert_eq!(escape("#35;"), "#35;35#59;");
}

#[test]
fn what_means_something_only_in_its_place_is_escaped_there() {
    assert_eq!(escape("_a_b_"), "#95;a_b#95;");
    assert_eq!(escape("v[0](1) [[x]]"), "v[0#93;(1) [#91;x]]");
    assert_eq!(escape("- a - b"), "#45; a - b");
    assert_eq!(escape("1. a 2. b"), "1#46; a 2. b");
    assert_eq!(escape("a direction LR"), "a #100;irection LR");
    assert_eq!(escape("Send note"), "S#101;nd note");
    assert_eq!(escape("www.example.org"), "#119;ww.example.org");
    assert_eq!(escape("ﬂ°°35¶ß"), "ﬂ#8204;°°35¶#8204;ß");
    assert_eq!(escape("a\u{202e}b"), "a#8238;b");
}

#[test]
fn titles_are_quoted_yaml_without_html() {
    assert_eq!(title("\"a\\b\" <i> & %%{x}"), "\\\"a\\\\b\\\" ‹i› ＆ \\x25\\x25{x}");
}

#[test]
fn a_short_label_stays_on_one_line() {
    assert_eq!(label("Start", Some("ready"), &["go", "log"]), ["Start [ready] / go, log"]);
    assert!(label("", None, &[]).is_empty());
}

#[test]
fn a_long_label_breaks_between_its_parts() {
    let lines = label("Start", Some("context.battery > 20"), &["begin(&event.job, event.speed)", "n = 1", "m = 2"]);
    assert_eq!(lines, ["Start [context.battery > 20]", "/ begin(&event.job, event.speed),", "n = 1, m = 2"]);
}

#[test]
fn words_that_fill_more_than_a_line_are_cut_behind_punctuation() {
    assert_eq!(wrap("aa bb cc", 5, 5), ["aa bb", "cc"]);
    assert_eq!(wrap("x abcdefghij", 5, 5), ["x", "abcde", "fghij"]);
    assert_eq!(wrap("abc_defghi", 6, 6), ["abc_", "defghi"]);
    // The accent stays on its letter, the family together.
    assert_eq!(wrap("aaaae\u{301}b", 5, 5), ["aaaa", "e\u{301}b"]);
    assert_eq!(wrap("aa👩\u{200d}👧b", 4, 4), ["aa", "👩\u{200d}👧b"]);
}

#[test]
fn lines_in_a_box_are_indented_where_they_go_on() {
    let text = "a ".repeat(30);
    assert_eq!(boxed(&text).matches("<br/>#160;#160;#160;").count(), 1);
}
