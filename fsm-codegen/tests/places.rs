//! The user's tokens in generated code: what rustc and editors find from a name in `fsm! { … }`, and from its item.

use std::collections::HashMap;

use fsm_codegen::{Checked, Config, backend};
use proc_macro2::{Ident, TokenStream, TokenTree};

const ROBOT: &str = "\
pub machine Robot {
    context { battery: u8, name: String }
    event Start { job: String }
    event Stop, Reset;
    message Done;
    initial Idle;
    state Idle {
        entry / emit Done;
        on Start if ready() => Working / begin(&event.job);
        on Stop / begin(&context.name);
    }
    state Working {
        on Stop => Idle;
    }
    state Tidy as tidy {
        on Start => Idle;
        on Stop => #tidy / raise Reset;
    }
}";

/// The identifiers of a stream by the line and the column where each stands in the spec.
fn idents(tokens: TokenStream, found: &mut HashMap<(usize, usize), Vec<Ident>>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Ident(ident) => {
                let start = ident.span().start();
                found.entry((start.line, start.column)).or_default().push(ident);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// What is generated from a spec.
fn generated(spec: &str) -> TokenStream {
    let config = Config::default();
    let tokens: TokenStream = spec.parse().expect("tokens");
    let (source, Checked { machine, diagnostics }) = fsm_codegen::check_tokens("robot.rs", tokens, &config);
    let machine = machine.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    backend::rust::emit(&machine, &source, &config)
}

/// The place of the `nth` time that `word` stands in a text, as a span tells it: lines from 1, columns from 0.
fn place(text: &str, word: &str, nth: usize) -> (usize, usize) {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let alone = |at: usize| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    };
    let mut places = text.match_indices(word).map(|(at, _)| at).filter(|at| alone(*at));
    let at = places.nth(nth).unwrap_or_else(|| panic!("`{word}` stands in the text {nth} times and once more"));
    let line = text[..at].matches('\n').count();
    (line + 1, at - text[..at].rfind('\n').map_or(0, |newline| newline + 1))
}

#[test]
fn every_name_of_the_spec_is_found_in_what_is_generated() {
    let mut found = HashMap::new();
    idents(generated(ROBOT), &mut found);
    // A word, which of its places in the spec, and what it is called in Rust.
    let names = [
        ("Robot", 0, "robot"),
        ("Robot", 0, "Robot"),
        ("battery", 0, "battery"),
        ("name", 0, "name"),
        ("Start", 0, "Start"),
        ("job", 0, "job"),
        ("Reset", 0, "Reset"),
        ("Done", 0, "Done"),
        ("Idle", 0, "Idle"),
        ("Idle", 1, "Idle"),
        ("Done", 1, "Done"),
        ("Start", 1, "Start"),
        ("ready", 0, "ready"),
        ("Working", 0, "Working"),
        ("begin", 0, "begin"),
        ("begin", 1, "begin"),
        ("Working", 1, "Working"),
        ("Stop", 2, "Stop"),
        ("Idle", 2, "Idle"),
        ("Tidy", 0, "Tidy"),
        ("tidy", 1, "Tidy"),
        ("Reset", 1, "Reset"),
    ];
    for (word, nth, name) in names {
        let place = place(ROBOT, word, nth);
        let here = found.get(&place).map(Vec::as_slice).unwrap_or_default();
        assert!(here.iter().any(|ident| ident == name), "`{word}` at {place:?} is {here:?} and not `{name}`");
    }
}

#[test]
#[cfg(feature = "yaml")]
fn a_spec_in_a_file_has_no_tokens_to_point_at() {
    let source =
        fsm_codegen::source::Source::new("a.yaml", "machine: A\ninitial: S\nstates: { S: { on: { E: S } } }\n");
    let config = Config::default();
    let machine = fsm_codegen::check(&source, &config).machine.expect("it is fine");
    let code = backend::rust::emit(&machine, &source, &config).to_string();
    assert!(!code.contains("for editors"), "{code}");
}

#[cfg(feature = "build")]
const FILE: &str = "\
machine: A
context: { n: u8, name: String }
events: { Go: { by: u8 }, Stop: {}, Halt: {} }
initial: S
states:
  S:
    on:
      Go: { guard: event.by > 3, target: T, actions: [{ assign: { n: event.by } }, done] }
      Stop: { actions: { assign: { n: context.n + 1 } } }
      Halt: { actions: { assign: { n: context.n + 1 } } }
  T:
    entry: { log: 'at {context.n}' }
    on: { Go: S, Stop: [{ guard: not_yet }, { guard: context.n > 1, target: S }] }
";

/// What is generated from [`FILE`], as text.
#[cfg(feature = "build")]
fn text(places: fsm_codegen::config::Places) -> String {
    let source = fsm_codegen::source::Source::new("specs/a.yaml", FILE);
    let config = Config { places, ..Config::default() };
    let machine = fsm_codegen::check(&source, &config).machine.expect("it is fine");
    backend::format::format(&backend::rust::emit(&machine, &source, &config), &source)
}

#[test]
#[cfg(feature = "build")]
fn a_comment_tells_where_each_expression_of_a_file_stands() {
    let text = text(fsm_codegen::config::Places::Comments);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let expected = [
        ("specs/a.yaml:8:20", "Event::Go(event) if event.by > 3 => {"),
        ("specs/a.yaml:8:70", "self.context.n = event.by;"),
        ("specs/a.yaml:9:39", "{"),
        ("specs/a.yaml:12:24", "{"),
        ("specs/a.yaml:13:54", "Event::Stop if context.n > 1 => {"),
    ];
    for (place, code) in expected {
        let at = lines.iter().position(|line| *line == format!("// {place}"));
        let at = at.unwrap_or_else(|| panic!("no comment with {place} in\n{text}"));
        assert_eq!(lines[at + 1], code, "{place}");
    }
    // What calls a method alone needs none; and equal code is the same code, wherever it stands.
    assert_eq!(lines.iter().filter(|line| line.starts_with("// specs")).count(), expected.len(), "{text}");
    assert!(!text.contains("@@"), "{text}");
}

#[test]
#[cfg(feature = "build")]
fn places_are_no_difference_between_two_pieces_of_code() {
    use fsm_codegen::config::Places;
    let variants = |places| {
        let text = text(places);
        let (_, rest) = text.split_once("enum Transition").expect("the transitions");
        let (body, _) = rest.split_once("\n    }").expect("its end");
        body.lines().map(str::trim).filter(|line| !line.starts_with("//")).map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = variants(Places::Unknown);
    assert!(plain.iter().any(|line| line.starts_with("Shared")), "{plain:?}");
    assert_eq!(variants(Places::Comments), plain);
    assert_eq!(variants(Places::Macros), plain);
}

#[test]
#[cfg(feature = "build")]
fn a_macro_that_reads_a_file_names_the_place_of_each_expression() {
    let text = text(fsm_codegen::config::Places::Macros);
    for place in ["line_8_column_20", "line_8_column_70", "line_9_column_39", "line_12_column_24", "line_13_column_54"]
    {
        assert!(text.contains(&format!("in_specs_a_yaml_{place}!()")), "{place} in\n{text}");
    }
}
