//! What the lints say, word for word, with the places that they show.

use super::builder::{machine, method, name};
use crate::analysis::{LINTS, check};
use crate::config::Config;
use crate::diag::{Code, Diagnostics, Level};
use crate::ir::{Delay, Machine};
use crate::source::Source;

/// Everything that is said: severity, lint and place; the message; a line for each label. Places are the text there.
fn shown(machine: &Machine, source: &Source, config: &Config) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    check(machine, source.notation(), config, &mut diagnostics);
    diagnostics.sort();
    let mut lines = Vec::new();
    for found in &diagnostics {
        let head = format!("{} {} at {}", found.severity.name(), found.code.name(), source.slice(found.span));
        lines.extend([head.trim().to_owned(), found.message.clone()]);
        assert!(found.help.is_some(), "{} gives advice", found.code.id());
        lines.extend(found.labels.iter().map(|label| format!("{}: {}", source.slice(label.span), label.text)));
    }
    lines
}

/// Asserts what is said with the levels of the spec; indentation and empty lines of `expected` do not count.
#[track_caller]
fn assert_shown(machine: &Machine, source: &Source, expected: &str) {
    let expected: Vec<_> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown(machine, source, &Config::default()), expected);
}

#[track_caller]
fn assert_says(text: &str, expected: &str) {
    let (machine, source) = machine(text);
    assert_shown(&machine, &source, expected);
}

#[test]
fn a_machine_without_fault_is_passed_in_silence() {
    let fine = "
        state Idle
            on Start [ready] -> Working
            on Start -> Failed
        state Working
            on Stop -> Idle
            state Moving
                on Pause -> Working.Paused
            state Paused
                on Resume -> Working.Moving
                on Stop [busy]
        final Failed
    ";
    assert_says(fine, "");
}

#[test]
fn an_unreachable_state_is_reported_with_its_ways_in() {
    let text = "
        state A
            on E -> B
            on E -> C
        state B
        state C
            on E -> D
            state C1
            state C2
        state D
            on E -> C
            on F -> D
        state Orphan
    ";
    assert_says(
        text,
        "
        warning dead_transition at on E -> C
            this transition of `A` on `E` is never taken: an earlier one is always taken
                on E -> B: always taken first
        warning unreachable_state at C
            the state `C` and the 2 states in it are unreachable: none of the transitions that lead to it is ever taken
                on E -> C: never taken: an earlier one is always taken
                on E -> C: starts in `D`, which is unreachable itself
        warning unreachable_state at D
            the state `D` is unreachable: the only transition that leads to it is never taken
                on E -> D: starts in `C`, which is unreachable itself
        warning unreachable_state at Orphan
            the state `Orphan` is unreachable: no transition leads to it
    ",
    );
}

#[test]
fn an_initial_state_that_is_never_entered_by_default_is_unreachable() {
    let text = "
        state A
            on E -> B.Two
        state B
            initial B.One
            state One
            state Two
    ";
    assert_says(
        text,
        "
        warning unreachable_state at One
            the state `B.One` is unreachable: no transition leads to it
                initial B.One: leads here only where `B` itself is a target, which never happens
    ",
    );
}

#[test]
fn a_dead_transition_shows_what_is_taken_instead() {
    let text = "
        state A
            on E [g] -> B
            on E [g] -> A
            on F [not g] -> B
            on F [g] -> A
            on F [h] -> A
            on G [false] -> B
            on H [context.a && !context.a] -> B
        state B
            on E -> A
            on E [in A] -> A
    ";
    assert_says(
        text,
        "
        warning dead_transition at on E [g] -> A
            this transition of `A` on `E` is never taken: an earlier one is taken whenever its guard holds
                on E [g] -> B: taken first whenever this guard holds
        warning dead_transition at on F [h] -> A
            this transition of `A` on `F` is never taken: the ones before it leave no case over
                on F [not g] -> B: taken before it
                on F [g] -> A: taken before it
        warning dead_transition at on G [false] -> B
            this transition of `A` on `G` is never taken: its guard never holds
        warning dead_transition at on H [context.a && !context.a] -> B
            this transition of `A` on `H` is never taken: its guard never holds
        warning dead_transition at on E [in A] -> A
            this transition of `B` on `E` is never taken: its guard never holds
    ",
    );
}

#[test]
fn a_transition_behind_inner_ones_is_dead_if_every_reachable_inner_state_takes_the_event() {
    let text = "
        state P
            on E -> Q
            on F -> P
            state A
                on E -> P.B
                on F [g] -> P.B
            state B
                on E
                on F
                state B1
                    on F -> P.A
                state B2
                    on E -> Q
            state Unreached
        state Q
            on E -> P
    ";
    assert_says(
        text,
        "
        warning dead_transition at on E -> Q
            this transition of `P` on `E` is never taken: the states inside its source always take the event first
                on E -> P.B: always taken first
                on E: always taken first
        warning dead_transition at on F
            this transition of `P.B` on `F` is never taken: the states inside its source always take the event first
                on F -> P.A: always taken first
        warning unreachable_state at B2
            the state `P.B.B2` is unreachable: no transition leads to it
        warning unreachable_state at Unreached
            the state `P.Unreached` is unreachable: no transition leads to it
        warning unreachable_state at Q
            the state `Q` is unreachable: none of the transitions that lead to it is ever taken
                on E -> Q: never taken: the states inside its source always take the event first
                on E -> Q: starts in `P.B.B2`, which is unreachable itself
    ",
    );
}

#[test]
fn a_trap_is_reported_once_at_its_entrance() {
    let text = "
        on Ping
        state Idle
            on Go -> Work
            on Break -> Broken
            on Lose -> Lost
        state Work
            on Done -> End
            state W1
                on Jam -> Work.Jammed
            state Jammed
                on Done [false]
        state Loop
            on Go -> Broken
        state Broken
            on Go -> Loop
        state Lost
        final End
    ";
    assert_says(
        text,
        "
        warning dead_transition at on Done [false]
            this transition of `Work.Jammed` on `Done` is never taken: its guard never holds
        warning trap at Broken
            no way leads from `Broken` and one state after it to a final state
                on Break -> Broken: from here on the machine cannot end
                End: a final state, out of reach from there
        warning trap at Lost
            no way leads from `Lost` to a final state
                on Lose -> Lost: from here on the machine cannot end
                End: a final state, out of reach from there
    ",
    );
}

#[test]
fn a_machine_without_a_final_state_in_reach_has_no_trap() {
    assert_says(
        "
        state A
            on E -> B
        state B
    ",
        "",
    );
}

#[test]
fn an_inner_final_state_rests_and_a_top_final_one_ends() {
    let text = "
        on E -> A
        state A
            on F -> A.Done
            on G -> End
            state A1
            final Done
        final End
        state Late
            on E -> Late
    ";
    assert_says(
        text,
        "
        warning ignored_completion at A
            nothing happens when `A` is complete
                Done: completes it
        warning unreachable_state at Late
            the state `Late` is unreachable: no transition leads to it
    ",
    );
    let (mut machine, source) = machine(
        "
        on E
        final End
    ",
    );
    machine.events.ids().for_each(|event| machine.events[event].declared = true);
    assert_shown(
        &machine,
        &source,
        "
        warning dead_transition at on E
            this transition of `M` on `E` is never taken: whenever its source is active, the machine has ended
    ",
    );
}

#[test]
fn what_is_declared_and_not_used_is_reported_at_its_declaration() {
    let (mut machine, source) = machine(
        "
        event Unheard
        state A
            on E [not used] -> A
    ",
    );
    machine.guards.push(method(name("idle")));
    machine.actions.push(method(name("inferred")));
    machine.actions.push(method(name("shout")));
    machine.actions[crate::ir::Id::new(0)].declared = false;
    machine.delays.push(Delay { name: name("later"), duration: None, declared: true });
    assert_shown(
        &machine,
        &source,
        "
        warning unused_delay at
            nothing uses the delay `later`
        warning unused_action at
            nothing uses the action `shout`
        warning unused_guard at
            nothing uses the guard `idle`
        warning unused_event at Unheard
            no state handles the event `Unheard`
    ",
    );
}

#[test]
fn unhandled_events_are_listed_for_each_state_that_can_wait() {
    let (mut machine, source) = machine(
        "
        event Unheard
        on Stop -> End
        state A
            on E -> B
            on F [g] -> B
        state B
            on G -> A
            state B1
                on F -> B.B2
            state B2
                on E
        state Never
        final End
    ",
    );
    machine.lints = vec![(Code::UnhandledEvent, Level::Deny)];
    for code in [Code::UnreachableState, Code::UnusedEvent] {
        machine.lints.push((code, Level::Allow));
    }
    assert_shown(
        &machine,
        &source,
        "
        error unhandled_event at A
            the state `A` does not handle `G`
        error unhandled_event at B1
            the state `B.B1` does not handle `E`
        error unhandled_event at B2
            the state `B.B2` does not handle `F`
    ",
    );
}

#[test]
fn the_last_level_counts_and_the_users_goes_before_the_specs() {
    let (mut machine, source) = machine(
        "
        state A
        state B
    ",
    );
    let severities = |machine: &Machine, config: &Config| -> Vec<String> {
        let heads = shown(machine, &source, config).into_iter().step_by(2);
        heads.map(|head| head.split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    let mut config = Config::default();
    assert_eq!(severities(&machine, &config), ["warning"]);
    machine.lints = vec![(Code::UnreachableState, Level::Allow), (Code::UnreachableState, Level::Deny)];
    assert_eq!(severities(&machine, &config), ["error"]);
    config.lints = vec![(Code::UnreachableState, Level::Warn), (Code::UnreachableState, Level::Allow)];
    assert_eq!(severities(&machine, &config), [""; 0]);
}

#[test]
fn what_is_written_once_for_several_events_is_dead_only_as_a_whole() {
    let (mut machine, source) = machine(
        "
        state A
            on E -> A
            on E
            on F
    ",
    );
    let places: Vec<_> = machine.transitions.iter().map(|transition| transition.span).collect();
    machine.transitions[crate::ir::Id::new(2)].span = places[1];
    assert_shown(&machine, &source, "");
}

#[test]
fn every_lint_of_the_catalogue_is_run_in_its_order() {
    let run: Vec<_> = LINTS.iter().map(|(code, _)| *code).collect();
    assert_eq!(run, Code::lints().collect::<Vec<_>>());
}
