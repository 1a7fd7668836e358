//! Ids are distinct, whatever the names are.

use super::*;
use crate::source::Source;
use crate::{Config, check};

/// The ids of a spec's states below the machine.
fn ids(states: &str) -> Vec<String> {
    let checked = check(&Source::new("m.yaml", format!("machine: M\n{states}")), &Config::default());
    let machine = checked.machine.unwrap_or_else(|| panic!("{states}: {:#?}", checked.diagnostics));
    assign(&machine).iter().skip(1).cloned().collect()
}

#[test]
fn an_id_is_the_path() {
    let states = "initial: go-up\nstates: { go-up: { initial: note, states: { note: {}, 'a  b': {} } }, end: {} }";
    assert_eq!(ids(states), ["s_go_up", "s_go_up_note", "s_go_up_a_b", "s_end"]);
}

#[test]
fn equal_paths_are_numbered() {
    let states = "initial: a\nstates: { a: { initial: b, states: { b: {} } }, a_b: {}, x: { initial: é, states: { é: {}, ü: {} } } }";
    assert_eq!(ids(states), ["s_a", "s_a_b", "s_a_b__2", "s_x", "s_x_x", "s_x_x__2"]);
}

#[test]
fn no_state_has_the_id_of_a_marker() {
    let states = "initial: a\nstates: { a: { initial: start, states: { start: {}, end: {} } }, b_end: {}, b: {} }";
    assert_eq!(ids(states), ["s_a", "s_a_start__2", "s_a_end__2", "s_b_end", "s_b__2"]);
}

#[test]
fn long_paths_lose_their_beginning() {
    let long = "Word".repeat(40);
    let found =
        ids(&format!("initial: a\nstates: {{ a: {{ initial: {long}, states: {{ {long}: {{}} }} }}, {long}x: {{}} }}"));
    assert!(found.iter().all(|id| id.len() <= "s_".len() + LONGEST), "{found:?}");
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
}
