//! A machine printed as YAML and read again is the machine.
//!
//! Every good spec of the repository takes the way there and back, and so do machines whose names are made to be
//! misread. A printed machine prints as itself.

use std::path::{Path, PathBuf};

use fsm_codegen::diag::Diagnostics;
use fsm_codegen::ir::Machine;
use fsm_codegen::source::Source;
use fsm_codegen::{backend, frontend, resolve};
use proc_macro2::{TokenStream, TokenTree};

/// The machine of a spec without errors.
fn resolved(name: &str, text: &str) -> Machine {
    let source = Source::new(name, text.to_owned());
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(&source, &mut diagnostics);
    let machine = spec.and_then(|spec| resolve::resolve(&spec, &source, &mut diagnostics));
    let complaints = diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
    machine.unwrap_or_else(|| panic!("{name}:\n{}\n{text}", complaints.collect::<String>()))
}

/// The machine of an `fsm! { … }` without errors.
fn in_tokens(name: &str, text: &str) -> Machine {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    let Some(TokenTree::Group(body)) = tokens.into_iter().last() else { panic!("{name}:\n{text}") };
    let (source, layout) = frontend::tokens::layout::Layout::new("printed.rs", &body.stream());
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::tokens::parse(body.stream(), body.span_close(), &source, &layout, &mut diagnostics);
    let machine = spec.and_then(|spec| resolve::resolve(&spec, &source, &mut diagnostics));
    let complaints = diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
    machine.unwrap_or_else(|| panic!("{name}:\n{}\n{text}", complaints.collect::<String>()))
}

/// Prints, reads and compares, in either notation; gives what was printed as YAML.
fn round_trip(name: &str, text: &str) -> String {
    let machine = resolved(name, text);
    let printed = backend::yaml::emit(&machine);
    let again = resolved("printed.yaml", &printed);
    assert!(machine == again, "{name} became another machine:\n{printed}\n{}", difference(&machine, &again));
    assert_eq!(backend::yaml::emit(&again), printed, "{name}");
    let tokens = backend::fsm::emit(&machine);
    let again = in_tokens(name, &tokens);
    assert!(machine == again, "{name} became another machine:\n{tokens}\n{}", difference(&machine, &again));
    assert_eq!(backend::fsm::emit(&again), tokens, "{name}");
    printed
}

/// The first place at which two machines differ, as Rust prints them; spans do not count.
fn difference(before: &Machine, after: &Machine) -> String {
    let lines = |machine: &Machine| {
        let text = format!("{machine:#?}");
        let kept = text
            .lines()
            .filter(|line| !["lo:", "hi:", "text:", "span: bytes"].iter().any(|key| line.trim().starts_with(key)));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    let (before, after) = (lines(before), lines(after));
    let at = before.iter().zip(&after).position(|(one, other)| one != other).unwrap_or_default();
    let around = |lines: &[String]| lines[at.saturating_sub(12)..lines.len().min(at + 3)].join("\n");
    format!("before:\n{}\nafter:\n{}", around(&before), around(&after))
}

#[test]
fn every_good_spec_comes_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["../specs", "../tests/driver/semantics", "tests/resolved", "tests/generated"] {
        let specs = specs(&root.join(folder));
        assert!(specs.len() > 3, "specs are missing in {folder}");
        for spec in specs {
            round_trip(&spec.to_string_lossy(), &std::fs::read_to_string(&spec).expect("a spec is text"));
        }
    }
}

/// The specs of a folder, scenarios left out.
fn specs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut specs: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.to_string_lossy().ends_with(".scenario.yaml"))
        .collect();
    specs.sort();
    specs
}

#[test]
fn the_short_forms_are_used() {
    let spec = "\
machine: Lamp
description: |
  Shines.
  Or not.
version: 2
error: crate::Broken
events:
  Press:
    force: u8 = 1
  Break: {}
actions:
  - light_up
  - dim
initial: Dark
states:
  Dark:
    on:
      Press:
        - guard: event.force > 3
          target: Lit
          actions:
            - light_up
            - dim
        - Lit
      Break: {}
  Lit:
    entry: light_up
    on:
      Press: Dark
";
    assert_eq!(round_trip("lamp.yaml", spec), spec);
}

#[test]
fn names_that_yaml_would_misread_are_quoted() {
    // Words of YAML, signs of the language, numbers, and what would be a comment, a key, an anchor or a tag.
    let names = [
        "on",
        "null",
        "No",
        "~x",
        "a.b",
        "a",
        "b",
        "*x",
        "#x",
        "!x",
        "&x",
        "@x",
        "%x",
        "x: y",
        "x #y",
        "x:",
        "- x",
        "?x",
        "[x",
        "{x",
        "x,y",
        "'x",
        "\"x",
        "`x",
        "|x",
        ">x",
        "x\ty",
        "x\ny",
        " x",
        "x ",
        "x !y",
        "x &y",
        "=x",
        "<<x",
        ".x",
        "..x",
        "x\\y",
        "ü",
        "状态",
        "true",
        "x'y",
        "type: history",
    ];
    let mut refused = Vec::new();
    for name in names {
        let quoted = format!("{name:?}");
        let spec = format!(
            "machine: M\ninitial: {quoted}\nstates:\n  {quoted}:\n    description: {quoted}\n    meta: {{ {quoted}: [{quoted}] }}\n    on: {{ {quoted}: Other, Go: {{ target: Other, guard: {{ in: {quoted} }} }} }}\n  \
             Other: {{ entry: {{ type: {quoted} }}, on: {{ Back: {quoted} }} }}\n"
        );
        // What no spec can say is not asked of the printer; that is little.
        if resolves(&spec) {
            round_trip("nasty.yaml", &spec);
        } else {
            refused.push(name);
        }
        let anchored = spec.replace("Back: \"", "Back: \"#").replace("in: \"", "in: \"#");
        if resolves(&anchored) {
            round_trip("nasty.yaml", &anchored);
        }
    }
    assert_eq!(refused, ["*x", "#x", ".x", "..x"]);
}

fn resolves(text: &str) -> bool {
    let source = Source::new("nasty.yaml", text.to_owned());
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(&source, &mut diagnostics);
    spec.and_then(|spec| resolve::resolve(&spec, &source, &mut diagnostics)).is_some()
}

#[test]
fn visibility_and_attributes_come_back() {
    let spec = "\
machine: M
visibility: pub(crate)
attributes:
  State: '#[derive(PartialOrd)]'
  Context: '#[derive(PartialOrd)]'
  event.Start:
    - '#[doc = \" Begins.\"]'
    - '#[derive(PartialOrd)]'
context:
  load: f32
events:
  Start:
    job: String
initial: A
states:
  A:
    on:
      Start: A
";
    assert_eq!(round_trip("attributes.yaml", spec), spec);
    let private = spec.replace("pub(crate)", "private");
    assert_eq!(round_trip("attributes.yaml", &private), private);
}

#[test]
fn guards_come_back_with_the_parts_that_they_have() {
    let guards = [
        "context.a && context.b",
        "(context.a && context.b)",
        "context.n / 2 > 1",
        "DEBUG && context.a",
        "!DEBUG || context.a",
        "matches!(context.n, 1 | 2)",
        "if context.a { true } else { context.b }",
        "{ and: [ready, context.a && context.b] }",
        "{ and: [context.a, context.b] }",
        "{ and: [ready, { or: [context.a, context.b] }] }",
        "{ or: [{ and: [ready, context.a] }, { not: { or: [ready, context.b] } }] }",
        "{ not: { not: ready } }",
        "{ not: { not: context.a } }",
        "{ not: context.a }",
        "'!context.a'",
        "{ and: [ready] }",
        "{ or: [{ in: B }, true] }",
        "{ type: all, params: { n: 1 } }",
        "{ type: rust }",
    ];
    for guard in guards {
        let quoted = if guard.starts_with(['{', '\'']) { guard.to_owned() } else { format!("'{guard}'") };
        let spec = format!(
            "machine: M\ncontext: {{ a: bool, b: bool, n: u8 }}\nuse: 'crate::DEBUG'\ninitial: A\nstates:\n  A: {{ on: {{ Go: {{ guard: {quoted}, target: B }} }} }}\n  B: {{}}\n"
        );
        round_trip(guard, &spec);
    }
}

/// One text means one guard, wherever it is written.
#[test]
fn guards_mean_the_same_in_both_notations() {
    for guard in [
        "context.items > 0 && card_ok(context.items)",
        "ready",
        "!ready",
        "!(ready || context.open)",
        "context.open && !context.shut || context.items == 2",
        "context.open && (context.shut || ready)",
        "(context.open)",
        "((context.open)) && ready",
        "all(context.open, context.shut)",
        "any(ready, not(context.open), in(.B))",
        "rust(LIMIT) && rust(ok(context.items))",
        "crate::util::ok(context.items) && context.name.is_empty()",
        "\"go up\" && user.admin(3)",
        "\"not\"(context.items)",
        "true && context.open",
        "matches!(context.items, 1 | 2) && ready",
        "context.open == !&&ready.open",
        "if ready { context.open } else { ready && context.shut }",
        "in(\"#b\") && in(#b)",
    ] {
        let yaml = format!(
            "machine: M\ncontext: {{ items: u32, open: bool, shut: bool, name: String }}\ninitial: A\nstates:\n  A: {{}}\n  \
             B: {{ id: b }}\nalways: {{ guard: '{guard}', target: B }}\n"
        );
        let tokens = format!(
            "fsm! {{ pub machine M {{ context {{ items: u32, open: bool, shut: bool, name: String }} initial A; state A; \
             state B as b; always if {guard} => B; }} }}"
        );
        let (machine, in_macro) = (resolved(guard, &yaml), in_tokens(guard, &tokens));
        assert!(machine == in_macro, "{guard} differs in the macro:\n{}", difference(&machine, &in_macro));
        round_trip(guard, &yaml);
    }
}

#[test]
fn every_spec_stands_in_both_notations() {
    let specs = specs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"));
    for spec in specs {
        let read =
            |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (name, other) = (spec.to_string_lossy().into_owned(), spec.with_extension("rs"));
        let (machine, in_macro) = (resolved(&name, &read(&spec)), in_tokens(&other.to_string_lossy(), &read(&other)));
        assert!(machine == in_macro, "{name} differs in the macro:\n{}", difference(&machine, &in_macro));
    }
}

#[test]
fn a_where_clause_is_bounds() {
    let text = |head: &str| format!("fsm! {{ pub machine M<{head} {{ context {{ m: T }} initial A; state A; }} }}");
    let apart = in_tokens("apart", &text("T: Clone> where T: Copy + Send"));
    let together = in_tokens("together", &text("T: Clone + Copy + Send>"));
    assert!(apart == together);
}

#[test]
fn fields_may_be_called_like_keywords() {
    let spec = "machine: M\nevents: { Go: { move: u8, type: u8 } }\ninitial: A\nstates:\n  A: { entry: [{ raise: 'Go { move: 1, type: 2 }' }], on: { Go: { actions: 'take(event.move)' } } }\n";
    round_trip("keywords", spec);
}

#[test]
fn a_version_stays_what_it_is() {
    for (written, expected) in [
        ("2", "2"),
        ("'2'", "2"),
        ("'1.10'", "'1.10'"),
        ("1.10", "'1.10'"),
        ("1.10.3", "'1.10.3'"),
        ("'012'", "'012'"),
        ("2.1-beta", "'2.1-beta'"),
    ] {
        let printed = round_trip(written, &format!("machine: M\nversion: {written}\ninitial: A\nstates:\n  A: {{}}\n"));
        assert!(printed.contains(&format!("version: {expected}\n")), "{printed}");
    }
}

/// A comment up to the end of the line would swallow what the macro has behind an expression.
#[test]
fn comments_in_expressions_swallow_nothing() {
    let printed = round_trip(
        "comments.yaml",
        "machine: M
initial: A
context: { n: u8 = 1 // one, k: u8 = 2 }
events: { E: {} }
states:
  A:
    on:
      E:
        - { guard: context.n > 2 // for now, target: B, actions: [{ assign: { n: 3 // three, k: 4 } }] }
        - { guard: { and: [context.k > 2 // too, ready] }, target: B }
  B: {}
",
    );
    assert!(printed.contains("// for now"), "{printed}");
}

#[test]
fn json_values_are_in_the_usual_spacing() {
    let output = r#"{"a": 1, "b": [true, "x"]}"#;
    let spec = format!(
        "machine: M\noutput: serde_json::Value\ninitial: A\nstates: {{ A: {{ type: final, output: {output} }} }}\n"
    );
    let printed = round_trip("json.yaml", &spec);
    assert!(printed.contains("::serde_json::json!("), "{printed}");
}
