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
