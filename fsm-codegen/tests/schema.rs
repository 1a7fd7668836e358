//! The JSON Schema beside the compiler: every spec of the repository is held against both.
//!
//! An outside validator (ajv, on what the reader `yaml` makes of the text) says at which lines the schema objects. What
//! the compiler accepts the schema must accept. What it refuses for a reason that a schema can see, the schema must
//! refuse, at that line. `tests/schema/setup.sh` installs the validator.

#[path = "schema/corpus.rs"]
mod corpus;
#[path = "schema/reach.rs"]
mod reach;
#[path = "schema/validator.rs"]
mod validator;

use std::collections::BTreeSet;

use fsm_codegen::diag::{Code, Diagnostic};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

use corpus::Spec;
use validator::Answer;

/// A spec with its errors; lints say nothing about its form.
fn checked(spec: Spec) -> (Spec, Source, Vec<Diagnostic>) {
    let source = Source::new(&spec.name, &spec.text);
    let found = check(&source, &Config::default()).diagnostics;
    let errors = found.iter().filter(|diagnostic| diagnostic.code.default_level().is_none()).cloned().collect();
    (spec, source, errors)
}

/// Each spec with what the compiler and the validator say.
fn judged(specs: Vec<Spec>) -> Vec<(Spec, Source, Vec<Diagnostic>, Answer)> {
    let answers = validator::validate(&specs);
    let judge = |(spec, answer)| {
        let (spec, source, errors) = checked(spec);
        (spec, source, errors, answer)
    };
    specs.into_iter().zip(answers).map(judge).collect()
}

#[test]
fn what_the_compiler_accepts_the_schema_accepts() {
    let mut accepted = 0;
    let mut refused = Vec::new();
    for (spec, _, errors, answer) in judged(corpus::specs()) {
        if errors.is_empty() {
            accepted += 1;
            if answer != Answer::Valid {
                refused.push(format!("{}: {answer:?}", spec.name));
            }
        }
    }
    assert!(refused.is_empty(), "the schema refuses good specs:\n{}", refused.join("\n"));
    assert!(accepted > 150, "the corpus is not where it was: {accepted} good specs");
}

#[test]
fn what_a_schema_can_see_is_seen() {
    let (mut missed, mut caught, mut used) = (Vec::new(), 0, BTreeSet::new());
    for (spec, source, errors, answer) in judged(corpus::specs()) {
        for error in &errors {
            let line = source.position(error.span.lo).line;
            if let Some(exception) = reach::exception(&spec.name, error) {
                used.insert(exception);
            } else if answer.objects_at(line) {
                caught += usize::from(reach::is_within(error.code));
            } else if reach::is_within(error.code) {
                missed.push(format!("{}:{line}: {} {}", spec.name, error.code.id(), error.message));
            }
        }
    }
    assert!(missed.is_empty(), "the schema lets pass what it could see:\n{}", missed.join("\n"));
    assert!(caught > 100, "the corpus is not where it was: {caught} mistakes");
    let unused: Vec<_> = (0..reach::EXCEPTIONS.len()).filter(|index| !used.contains(index)).collect();
    assert!(unused.is_empty(), "these exceptions are none: {unused:?}");
}

#[test]
fn of_every_error_it_is_said_whether_a_schema_can_see_it() {
    for code in Code::ALL.iter().filter(|code| code.default_level().is_none()) {
        let said = usize::from(reach::is_within(*code)) + usize::from(reach::why_beyond(*code).is_some());
        assert_eq!(said, 1, "{}: say in reach.rs whether a schema can see it", code.id());
    }
}

#[test]
fn every_form_of_the_language_is_valid() {
    let mut refused = Vec::new();
    for (spec, _, errors, answer) in judged(corpus::forms()) {
        let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        if !errors.is_empty() || answer != Answer::Valid {
            refused.push(format!("{}compiler: {messages:?}, schema: {answer:?}", spec.text));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

#[test]
fn one_change_of_a_good_spec_is_judged_alike() {
    let specs = corpus::changed();
    assert!(specs.len() > 1_000, "too few changes: {}", specs.len());
    let answers = validator::validate(&specs);
    let mut differ = Vec::new();
    for (spec, answer) in specs.into_iter().zip(answers) {
        let (spec, _, errors) = checked(spec);
        let visible = errors.iter().filter(|error| reach::is_within(error.code));
        let mut visible = visible.filter(|error| reach::exception(&spec.name, error).is_none());
        match (&answer, visible.next()) {
            (Answer::Valid, Some(error)) => {
                differ.push(format!("{}: refused by the compiler alone: {}", spec.name, error.message));
            }
            (Answer::Valid, None) => {}
            _ if errors.is_empty() => differ.push(format!("{}: refused by the schema alone", spec.name)),
            _ => {}
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
