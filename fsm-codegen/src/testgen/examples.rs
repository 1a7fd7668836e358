//! Machines, and what their tests take and leave out.

use super::*;
use crate::{Config, check};

fn written(text: &str) -> Tests {
    let source = Source::new("m.yaml", text);
    let checked = check(&source, &Config::default());
    let machine = checked.machine.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    tests(&machine, &source, "crate::m")
}

/// The calls of the testbed, without what is expected of them.
fn calls(tests: &Tests) -> Vec<&str> {
    let lines = tests.text.lines().map(str::trim);
    let calls = lines.filter(|line| line.starts_with("let result = machine.") || line.starts_with("scripted."));
    calls.map(|line| line.trim_start_matches("let result = machine.").trim_end_matches(';')).collect()
}

#[test]
fn guards_are_scripted_and_payloads_chosen() {
    let tests = written(
        "\
machine: M
context: { n: u8 }
events: { Go: {}, Set: { n: u8, name: String }, Back: {} }
initial: A
states:
  A:
    on:
      Go: { guard: ready, target: B }
      Set: { guard: event.n > 200 && event.name == \"x\", target: B, actions: { assign: { n: event.n } } }
  B:
    on:
      Back: [{ guard: context.n == 201, target: A }, { target: C }]
  C: {}
",
    );
    assert_eq!((tests.taken, tests.missing.len()), (4, 0), "{}", tests.text);
    let calls = calls(&tests);
    assert!(calls.contains(&"scripted.script.guards([\"ready\"])"), "{calls:?}");
    assert!(calls.contains(&"handle(event::Set { n: 201, name: String::from(\"x\") })"), "{calls:?}");
}

#[test]
fn time_passes_invokes_end_and_actions_fail() {
    let tests = written(
        "\
machine: M
error: crate::Broken
initial: A
states:
  A:
    invoke: { src: 'fetch -> bool', onDone: [{ guard: event.output, target: B }, C], onError: C }
    after: { 30s: B }
  B: { on: { Go: { actions: act }, error: C } }
  C: { after: { patience: A } }
",
    );
    assert_eq!((tests.taken, tests.missing.len()), (7, 0), "{}", tests.text);
    let calls = calls(&tests);
    for call in [
        "scripted.tasks.fetch.give(Ok(true))",
        "scripted.tasks.fetch.give(Err(failure()))",
        "advance(Duration::new(30, 0))",
        "advance(Duration::new(60, 0))",
        "scripted.script.fail(\"act\", failure())",
    ] {
        assert!(calls.contains(&call), "{call}: {calls:?}");
    }
}

#[test]
fn a_counter_is_counted_up_to_where_its_guard_holds() {
    let tests = written(
        "\
machine: M
context: { n: u32 }
initial: A
states:
  A:
    on:
      Hit:
        - { guard: context.n >= 5, target: B }
        - { actions: { assign: { n: context.n + 1 } } }
  B: {}
",
    );
    assert_eq!((tests.taken, tests.missing.len(), tests.tours), (2, 0, 1), "{}", tests.text);
    assert_eq!(calls(&tests).iter().filter(|call| **call == "handle(Event::Hit)").count(), 6);
}

#[test]
fn what_is_not_taken_is_listed_with_a_reason() {
    let tests = written(
        "\
machine: M
context: { n: u8 }
initial: A
lints: { unreachable_state: allow, dead_transition: allow }
states:
  A:
    on:
      Never: { guard: context.n > 3, target: B }
      Odd: { guard: 'crate::odd(context.n)', target: B }
      Worse: { actions: { assign: { n: 'crate::next()' } } }
      Fine: {}
  B: { on: { Back: A } }
",
    );
    assert_eq!(
        tests.missing,
        [
            "m.yaml:8:14: A --Never [context.n > 3]--> B: its guard never holds",
            "m.yaml:9:12: A --Odd [crate::odd(context.n)]--> B: its guard is not decided: `crate::odd(context.n)` cannot be simulated: the simulation does not know the function `crate::odd`",
            "m.yaml:10:14: A --Worse--> (internal): `crate::next()` cannot be simulated: the simulation does not know the function `crate::next`",
            "m.yaml:12:20: B --Back--> A: nothing leads to `B`",
        ]
    );
    assert!(tests.text.starts_with("// Transition tours of M, written by `fsmc testgen m.yaml`"), "{}", tests.text);
    assert!(
        tests.text.contains("// 1 of 5 transitions are taken. Not taken:\n//\n// - m.yaml:8:14: "),
        "{}",
        tests.text
    );
    assert!(tests.text.contains("    let expected: [usize; 4] = [0, 1, 2, 4];\n"), "{}", tests.text);
}

/// Numbers without end, guards without number, long chains: what is found is written, the rest is listed, and neither takes
/// long.
#[test]
fn monsters_get_an_answer() {
    use std::fmt::Write as _;
    let mut chain = "machine: Chain\ninitial: S0\nstates:\n".to_owned();
    for state in 0..3_000 {
        let _ = writeln!(chain, "  S{state}: {{ on: {{ Go: S{} }} }}", (state + 1) % 3_000);
    }
    let tests = written(&chain);
    assert_eq!((tests.taken, tests.missing.len()), (3_000, 0));

    let mut counters =
        "machine: Counters\ncontext: { a: u64, b: u64, c: u64 }\ninitial: S\nstates:\n  S:\n    on:\n".to_owned();
    for field in ["a", "b", "c"] {
        let _ = writeln!(counters, "      {field}: {{ actions: {{ assign: {{ {field}: context.{field} + 1 }} }} }}");
    }
    counters += "      all: { guard: context.a > 10000 && context.b > 10000, target: T }\n  T: {}\n";
    let tests = written(&counters);
    assert_eq!((tests.taken, tests.missing.len()), (3, 1));
    assert!(tests.missing[0].ends_with("its guard never holds, as far as was searched"), "{:?}", tests.missing);

    let mut guards = "machine: Guards\ninitial: S\nstates:\n  S:\n    on:\n      Go:\n".to_owned();
    for guard in 0..200 {
        let _ = writeln!(guards, "        - {{ guard: g{guard}, actions: a{guard} }}");
    }
    let tests = written(&guards);
    assert_eq!((tests.taken, tests.missing.len()), (200, 0));

    let mut wide = "machine: Wide\ntype: parallel\nstates:\n".to_owned();
    for region in 0..100 {
        let _ = writeln!(
            wide,
            "  R{region}: {{ initial: A, states: {{ A: {{ on: {{ E{region}: B }} }}, B: {{ on: {{ E{region}: A }} }} }} }}"
        );
    }
    let tests = written(&wide);
    assert_eq!((tests.taken, tests.missing.len()), (200, 0));
}

#[test]
fn what_cannot_be_tested_is_said() {
    let source =
        Source::new("m.yaml", "machine: M\ngenerics: 'T: Clone'\ncontext: { t: T }\ninitial: A\nstates: { A: {} }\n");
    let machine = check(&source, &Config::default()).machine.expect("a good spec");
    assert!(obstacle(&machine).is_some_and(|obstacle| obstacle.contains("generic")));
}
