//! What people see, pinned as text.

use std::time::{Duration, Instant};

use super::*;
use crate::diag::Code;
use crate::source::Span;

/// An error on the first occurrence of `what` in `text`.
fn on(text: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::UnknownTarget, find(text, what), format!("unknown state `{what}`"))
}

fn find(text: &str, what: &str) -> Span {
    let at = text.find(what).expect("the text holds the word");
    Span::new(at, at + what.len())
}

fn plain(text: &str, diagnostic: &Diagnostic) -> String {
    render_one(&Source::new("specs/x.yaml", text), diagnostic, Look::Plain)
}

#[track_caller]
fn check(text: &str, diagnostic: &Diagnostic, expected: &str) {
    assert_eq!(format!("\n{}\n", plain(text, diagnostic)), expected);
}

#[test]
fn the_place_is_underlined_with_labels_and_help() {
    let text = "states:\n  Idle: {}\n  Work:\n    on: { Go: Idel }\n";
    let diagnostic = on(text, "Idel").label(find(text, "Idle"), "this one?").help("did you mean `Idle`?");
    check(
        text,
        &diagnostic,
        "
error[FSM0044]: unknown state `Idel`
 --> specs/x.yaml:4:15
  |
2 |   Idle: {}
  |   ---- this one?
3 |   Work:
4 |     on: { Go: Idel }
  |               ^^^^
  |
  = help: did you mean `Idle`?
",
    );
}

#[test]
fn tabs_and_wide_characters_stay_aligned() {
    let text = "a: 1\r\nb: \tx # 名\r\n";
    check(
        text,
        &on(text, "x"),
        "
error[FSM0044]: unknown state `x`
 --> specs/x.yaml:2:5
  |
2 | b:     x # 名
  |        ^
",
    );
    let text = "名前: 日本語 x # 🦀\n";
    check(
        text,
        &on(text, "x").label(find(text, "日本語"), "wide"),
        "
error[FSM0044]: unknown state `x`
 --> specs/x.yaml:1:9
  |
1 | 名前: 日本語 x # 🦀
  |       ------ ^
  |       |
  |       wide
",
    );
}

#[test]
fn of_a_span_over_several_lines_the_first_is_underlined() {
    let text = "a:\n  b:\n    c: 1\nd: 2\n";
    let diagnostic =
        Diagnostic::error(Code::Trap, Span::new(5, 17), "two lines").label(Span::new(17, 99), "to\nthe end");
    check(
        text,
        &diagnostic,
        "
error[FSM0103]: two lines
 --> specs/x.yaml:2:3
  |
2 |   b:
  |   ^^
3 |     c: 1
4 | d: 2
  | ---- to the end
",
    );
}

#[test]
fn the_end_of_the_file_can_be_shown() {
    let text = "a: 1\n";
    check(
        text,
        &Diagnostic::error(Code::YamlSyntax, Span::new(99, 99), "too short").label(Span::new(0, 1), "since here"),
        "
error[FSM0001]: too short
 --> specs/x.yaml:2:1
  |
1 | a: 1
  | - since here
2 |
  | ^
",
    );
    check(
        "",
        &Diagnostic::error(Code::EmptyFile, Span::default(), "the file holds no machine"),
        "
error[FSM0004]: the file holds no machine
 --> specs/x.yaml:1:1
  |
1 |
  | ^
",
    );
}

#[test]
fn places_far_apart_are_shown_without_what_lies_between() {
    let text = format!("a: 1\n{}a: 2\n", "b: 1\n".repeat(1000));
    let diagnostic = Diagnostic::error(Code::DuplicateKey, Span::new(5005, 5006), "duplicate key `a`")
        .label(Span::new(0, 1), "first defined here")
        .help("rename one of them");
    check(
        &text,
        &diagnostic,
        "
error[FSM0011]: duplicate key `a`
    --> specs/x.yaml:1002:1
     |
1002 | a: 2
     | ^
     |
    ::: specs/x.yaml:1:1
     |
   1 | a: 1
     | - first defined here
     |
     = help: rename one of them
",
    );
}

#[test]
fn many_labels_are_counted_only() {
    let text = "a\n".repeat(30);
    let labels = (0..30).map(|line| Span::new(line * 2, line * 2 + 1));
    let main = Diagnostic::error(Code::Trap, Span::new(0, 1), "everywhere");
    let shown = plain(&text, &labels.fold(main, |diagnostic, span| diagnostic.label(span, "here")));
    assert!(shown.ends_with("= note: and 22 more such places"), "{shown}");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("{}x: 7{}", "é: [1, 2], ".repeat(100_000), ", y: 8".repeat(100_000));
    let diagnostic = on(&text, "x: 7").label(Span::new(0, 2), "first here").label(find(&text, "y: 8"), "near");
    check(
        &text,
        &diagnostic,
        "
error[FSM0044]: unknown state `x: 7`
 --> specs/x.yaml:1:1100001
  |
1 | ... [1, 2], é: [1, 2], é: [1, 2], é: [1, 2], x: 7, y: 8, y: 8, y: 8, y: 8, y: 8, y: 8, y: 8, y: 8, y: 8...
  |                                              ^^^^  ---- near
  |
  = note: first here: line 1, column 1
",
    );
}

#[test]
fn control_characters_of_the_source_do_not_reach_the_terminal() {
    let text = "a: \u{1b}[31m\u{202e}x\n";
    let shown = plain(text, &on(text, "x").help("\u{1b}[2J"));
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
}

#[test]
fn any_span_and_any_text_can_be_shown() {
    let texts =
        ["", "\n", "é", "a\r\n\r\nb", "\t\t名\n", "\u{feff}a: 1", " \n \n", "…\u{301}\u{200d}🦀", "a\r\r\r\r\nb\r\r\r"];
    for text in texts {
        let end = text.len() + 2;
        for (lo, hi) in (0..=end).flat_map(|lo| (lo..=end).map(move |hi| (lo, hi))) {
            let diagnostic = Diagnostic::error(Code::Trap, Span::new(lo, hi), "m");
            for other in 0..=end {
                let shown = plain(text, &diagnostic.clone().label(Span::new(other, end), "l"));
                assert!(shown.starts_with("error[FSM0103]: m\n --> specs/x.yaml:"), "{shown}");
            }
        }
    }
}

#[test]
fn colours_come_only_when_asked_for() {
    let source = Source::new("x.yaml", "a: 1\n");
    let diagnostic = Diagnostic::error(Code::Trap, Span::new(0, 1), "m");
    let plain = render_one(&source, &diagnostic, Look::Plain);
    let coloured = render_one(&source, &diagnostic, Look::Coloured);
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}["), "{plain}\n{coloured}");
}

#[test]
fn the_last_line_counts() {
    let source = Source::new("x.yaml", "a: 1\n");
    let counted = |errors: usize, warnings: usize| {
        let mut diagnostics = Diagnostics::default();
        let severities = [(Severity::Error, errors), (Severity::Warning, warnings)];
        for (severity, count) in severities {
            (0..count).for_each(|_| diagnostics.push(Diagnostic::new(Code::Trap, severity, Span::default(), "m")));
        }
        let text = render(&source, &diagnostics, Look::Plain);
        text.lines().last().map(str::to_owned)
    };
    assert_eq!(counted(0, 0), None);
    assert_eq!(counted(1, 0).as_deref(), Some("error: 1 error in x.yaml"));
    assert_eq!(counted(0, 2).as_deref(), Some("warning: 2 warnings in x.yaml"));
    assert_eq!(counted(3, 1).as_deref(), Some("error: 3 errors, 1 warning in x.yaml"));
    assert_eq!(counted(1004, 1).as_deref(), Some("error: 1000 errors in x.yaml, and 5 more not shown"));
}

#[test]
fn a_thousand_diagnostics_of_a_large_file_are_shown_at_once() {
    let text = "    Some: { target: Other, actions: [one, two] }\n".repeat(200_000);
    let source = Source::new("x.yaml", text.as_str());
    let mut diagnostics = Diagnostics::default();
    for nth in 0..1_000 {
        let place = |line: usize| Span::new(line * 49 + 4, line * 49 + 8);
        let diagnostic = Diagnostic::error(Code::DuplicateKey, place(nth * 200), "duplicate key `Some`");
        diagnostics.push(diagnostic.label(place(199_999 - nth), "first defined here"));
    }
    let start = Instant::now();
    let shown = render(&source, &diagnostics, Look::Plain);
    // About 0.2 s without optimisation; walking the whole file for each would take minutes.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(shown.len() < 1_000_000, "{}", shown.len());
}
