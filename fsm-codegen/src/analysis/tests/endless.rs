//! Machines just beside those that surely never come to rest: nothing may be said of them.

use crate::analysis::eventless;
use crate::analysis::facts::Facts;
use crate::diag::Diagnostics;
use crate::source::Source;
use crate::{frontend, resolve};

/// In how many states the machine surely never rests.
fn endless(text: &str) -> usize {
    let source = Source::new("m.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(&source, &mut diagnostics).expect("a spec");
    let machine = resolve::resolve(&spec, &source, &mut diagnostics);
    let complaints: Vec<_> = diagnostics.iter().map(|it| it.message.clone()).collect();
    let machine = machine.unwrap_or_else(|| panic!("{complaints:?} in {text}"));
    eventless::endless(&Facts::of(&machine)).len()
}

/// The keys of the machine, then its states.
fn machine(head: &str, states: &str) -> String {
    format!("machine: M\ncontext: {{ n: u8 }}\ninitial: I\n{head}\nstates:\n  I: {{ on: {{ Go: A }} }}\n  {states}\n")
}

#[test]
fn two_states_that_raise_go_round() {
    for (head, states) in [
        ("", "A: { entry: { raise: R }, on: { R: B } }\n  B: { entry: { raise: R }, on: { R: A } }"),
        ("", "A: { entry: { raise: R }, on: { '*': B } }\n  B: { entry: { raise: S }, on: { S: A } }"),
        (
            "on: { S: {} }",
            "A: { entry: { raise: R }, on: { R: B } }\n  B: { entry: { raise: R }, exit: x, on: { R: A, T: { actions: { raise: S } } } }",
        ),
        (
            "error: E",
            "A: { entry: [{ raise: R }, x], on: { R: B } }\n  B: { entry: { raise: R }, on: { R: { target: A, actions: x } } }",
        ),
        (
            "on: { R: I }",
            "A: { entry: { raise: R }, on: { R: B } }\n  B: { entry: { raise: R }, on: { R: A }, after: { 1s: I } }",
        ),
    ] {
        assert_eq!(endless(&machine(head, states)), 2, "{head} {states}");
    }
}

#[test]
fn what_can_end_a_round_keeps_the_lint_silent() {
    let b = "\n  B: { entry: { raise: R }, on: { R: A } }";
    for (head, states) in [
        // A guard, a choice, an event that nobody raises.
        ("", format!("A: {{ entry: {{ raise: R }}, on: {{ R: {{ target: B, guard: ok }} }} }}{b}")),
        ("", format!("A: {{ entry: {{ if: ok, then: {{ raise: R }} }}, on: {{ R: B }} }}{b}")),
        ("", format!("A: {{ entry: x, on: {{ R: B }} }}{b}")),
        // What comes before can fail.
        ("error: E", format!("A: {{ entry: [x, {{ raise: R }}], on: {{ R: B }} }}{b}")),
        ("", format!("A: {{ entry: [{{ assign: {{ n: context.n + 1 }} }}, {{ raise: R }}], on: {{ R: B }} }}{b}")),
        ("error: E\non: { error: I }", format!("A: {{ entry: {{ raise: R }}, on: {{ R: {{ target: B, actions: x }} }} }}{b}")),
        // Another event may wait before it.
        ("on: { Q: I }", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B, T: {{ actions: {{ raise: Q }} }} }} }}{b}")),
        ("on: { Q: I }", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B }}, exit: fill(queue) }}{b}")),
        ("", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B }}, always: {{ guard: ok, target: I }} }}{b}")),
        ("", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B }}, after: {{ 0: I }} }}{b}")),
        ("", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B }}, after: {{ soon: I }} }}{b}")),
        ("", format!("A: {{ entry: {{ raise: R }}, on: {{ R: B }}, defer: S }}{b}")),
        // One of them raises two, so the queue fills up; an atomic state that is its own target is not entered.
        ("", format!("A: {{ entry: [{{ raise: R }}, {{ raise: R }}], on: {{ R: B }} }}{b}")),
        ("", "A: { entry: { raise: R }, on: { R: A } }".to_owned()),
        ("", "A: { entry: { raise: R }, on: { R: { actions: x } } }".to_owned()),
        // Beside it lies a region.
        ("", "A: { type: parallel, states: { X: { entry: { raise: R }, on: { R: { target: X, reenter: true } } }, Y: { on: { R: I } } } }".to_owned()),
        // It ends.
        ("", "A: { entry: { raise: R }, on: { R: B } }\n  B: { entry: { raise: R }, on: { R: C } }\n  C: { type: final }".to_owned()),
    ] {
        assert_eq!(endless(&machine(head, &states)), 0, "{head} {states}");
    }
}
