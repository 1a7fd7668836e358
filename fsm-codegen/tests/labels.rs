//! Texts of every form of guard and action.

use fsm_codegen::ir::{Id, Machine, TransitionId};
use fsm_codegen::labels::{Label, one_line, transition};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

fn machine(transition: &str) -> Machine {
    let text = format!(
        "machine: M\ncontext: {{ n: u32, m: u32, name: String }}\nevents: {{ E: {{ code: u16 }} }}\ninitial: A\nstates:\n  A:\n    on:\n      E: {transition}\n  B:\n    initial: C\n    states: {{ C: {{}} }}\n"
    );
    let checked = check(&Source::new("m.yaml", text), &Config::default());
    checked.machine.unwrap_or_else(|| panic!("{transition}: {:#?}", checked.diagnostics))
}

fn label(text: &str) -> String {
    let machine = machine(text);
    transition(&machine, &machine.transitions[TransitionId::new(0)]).to_string()
}

#[test]
fn a_label_is_written_as_in_uml() {
    assert_eq!(label("B"), "E");
    assert_eq!(label("{ target: B, guard: ready }"), "E [ready]");
    assert_eq!(label("{ actions: [stop, go] }"), "E / stop, go");
    assert_eq!(label("{ guard: ready, actions: go, target: B }"), "E [ready] / go");
}

#[test]
fn an_initial_label_has_no_space_before_its_first_part() {
    let label = Label { actions: vec!["prepare".to_owned()], ..Label::default() };
    assert_eq!(label.to_string(), "/ prepare");
    let label = Label { guard: Some("a".to_owned()), ..label };
    assert_eq!(label.to_string(), "[a] / prepare");
    assert!(Label::default().is_empty() && !label.is_empty());
}

#[test]
fn calls_are_written_as_in_the_spec() {
    let text = "{ actions: ['f(event.code, &context.name, -1.5, \"a b\")', 'g(&mut context)'] }";
    assert_eq!(label(text), "E / f(event.code, &context.name, -1.5, \"a b\"), g(&mut context)");
}

#[test]
fn each_assignment_is_an_action() {
    let text = "{ actions: [{ assign: { n: context.m + 1, m: '{ let x = 2;\n 3 * x }' } }, log] }";
    assert_eq!(label(text), "E / n = context.m + 1, m = { let x = 2; 3 * x }, log");
}

#[test]
fn guards_are_written_with_rust_s_operators() {
    assert_eq!(label("{ guard: { and: [a, { or: [b, { not: c }] }] } }"), "E [a && (b || !c)]");
    assert_eq!(label("{ guard: { not: { and: [a, b] } } }"), "E [!(a && b)]");
    assert_eq!(label("{ guard: { or: [context.n > 1, 'f(context.n)'] } }"), "E [(context.n > 1) || f(context.n)]");
    assert_eq!(label("{ guard: { not: context.name.is_empty() } }"), "E [!context.name.is_empty()]");
    assert_eq!(label("{ guard: true }"), "E [true]");
}

#[test]
fn an_active_state_is_written_with_its_path() {
    assert_eq!(label("{ guard: { in: B.C } }"), "E [in B.C]");
    assert_eq!(label("{ guard: { and: [{ in: B }, { not: { in: B.C } }] } }"), "E [in B && !(in B.C)]");
}

#[test]
fn white_space_and_control_characters_become_visible_on_one_line() {
    assert_eq!(one_line("  a\n\tb\u{a0}c \u{1b}[0m\u{7f}\u{85}d "), "a b c ␛[0m␡ d");
}
