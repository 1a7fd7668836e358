//! Which tests of the suite are imported, and why the others are not.

use conformance::cases::{Case, cases};
use conformance::others::OTHERS;
use conformance::suite;

#[test]
fn every_test_but_the_others_becomes_a_machine() {
    let cases = cases().unwrap_or_else(|failed| panic!("{failed}"));
    let other = |case: &&Case| OTHERS.iter().any(|other| other.name == case.test.name);
    assert_eq!((cases.iter().filter(other).count(), OTHERS.len(), cases.len()), (10, 17, 110 + 10));
}

#[test]
fn the_others_are_refused_for_their_reasons() {
    let tests = suite::tests();
    let mut wrong = Vec::new();
    for other in OTHERS {
        let test = tests.iter().find(|test| test.name == other.name).expect("a test of the suite");
        let (message, line) = other.refused;
        match test.import() {
            Ok(_) => wrong.push(format!("{} can be imported now: {}", other.name, other.reason)),
            Err(said) => {
                let place = format!("{}.scxml:{line}:", other.name);
                // Message and place stand in two lines, one below the other.
                let found = said.split("\n\n").any(|one| one.contains(message) && one.contains(&place));
                if !found {
                    wrong.push(format!("{}: not said: {message} at {place}\n{said}", other.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
