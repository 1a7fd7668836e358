//! Records in, counts and their faces out.

use super::*;
use crate::source::Source;
use crate::{Config, backend};

const DOOR: &str = "\
machine: Door
version: '2'
initial: Closed
states:
  Closed:
    on:
      Open: { guard: unlocked, target: Opened }
      Knock: { actions: bark }
  Opened:
    initial: Ajar
    states:
      Ajar: { on: { Push: Wide } }
      Wide: {}
    on: { Close: Closed }
    after: { 30s: Closed }
";

fn machine(text: &str) -> (Source, Machine) {
    let source = Source::new("door.yaml", text);
    let machine = crate::check(&source, &Config::default()).machine.expect("a good spec");
    (source, machine)
}

fn record(machine: &Machine, transitions: &str, states: &str) -> String {
    let hash = format!("{:016x}", backend::rust::hash(machine));
    let name = &machine.name.value;
    format!(
        "{{\"fsm_coverage\":1,\"machine\":\"{name}\",\"version\":\"2\",\"hash\":\"{hash}\",\"transitions\":[{transitions}],\"states\":[{states}]}}"
    )
}

#[test]
fn records_add_up_and_entries_follow_from_the_spec() {
    let (source, machine) = machine(DOOR);
    let mut counts = Counts::new(&machine);
    counts.add(&machine, &record(&machine, "2,0,1,0,0", "0,0,0,0,0")).expect("it fits");
    counts.add(&machine, &record(&machine, "1,0,0,0,1", "1,1,1,1,0")).expect("it fits");
    let counts = counts.completed(&machine);
    let states: Vec<u64> = counts.states.iter().copied().collect();
    // Door, Closed (at the start and by `Close`), Opened, Ajar (by default), Wide.
    assert_eq!(states, [1, 2, 3, 3, 1]);
    let expected = "\
Door: 4 of 4 states (100 %), 3 of 5 transitions (60 %)

never taken
  door.yaml:8:14: Closed --Knock--> (internal)
  door.yaml:15:19: Opened --after 30s--> Closed
";
    assert_eq!(counts.text(&machine, &source), expected);
    assert!(counts.transitions().reaches(60.0) && !counts.transitions().reaches(60.1));
    let json: serde_json::Value = serde_json::from_str(&counts.json(&machine, &source)).expect("JSON");
    assert_eq!(json["transitions"]["percent"], 60.0);
    assert_eq!(json["transitions"]["entries"][0]["guard"], "unlocked");
    assert_eq!(json["states"]["entries"][3]["path"], "Opened.Wide");
}

#[test]
fn nothing_has_run_without_a_record() {
    let (source, machine) = machine(DOOR);
    let counts = Counts::new(&machine).completed(&machine);
    assert!(counts.text(&machine, &source).starts_with("Door: 0 of 4 states (0 %), 0 of 5 transitions (0 %)\n"));
    let diagram = backend::mermaid::heat_map(&machine, &counts);
    assert!(diagram.contains("  class s_Closed never\n") && diagram.contains("(never)"), "{diagram}");
}

#[test]
fn regions_beside_a_target_and_children_of_a_self_target_are_entered() {
    let text = "\
machine: M
initial: A
states:
  A: { on: { Go: P.L.L2 } }
  P:
    type: parallel
    states:
      L: { initial: L1, states: { L1: {}, L2: {} } }
      R: { initial: R1, states: { R1: {}, R2: {} } }
    on: { Again: P }
";
    let (_, machine) = machine(text);
    let states = |transitions: &str| {
        let mut counts = Counts::new(&machine);
        counts.add(&machine, &record(&machine, transitions, "0,0,0,0,0,0,0,0,0")).expect("it fits");
        counts.completed(&machine).states.iter().copied().collect::<Vec<_>>()
    };
    // M, A, P, L, L1, L2, R, R1, R2.
    assert_eq!(states("3,0"), [1, 1, 3, 3, 0, 3, 3, 3, 0]);
    assert_eq!(states("0,1"), [1, 1, 0, 1, 1, 0, 1, 1, 0]);
}

#[test]
fn what_is_no_record_of_this_spec_is_refused() {
    let (_, machine) = machine(DOOR);
    let good = record(&machine, "0,0,0,0,0", "0,0,0,0,0");
    let hash = format!("{:016x}", backend::rust::hash(&machine));
    for (line, said) in [
        ("{", "this is no record of a run: EOF"),
        ("[]", "this is no record of a run: "),
        ("{\"machine\":\"Door\"}", "this is no record of a run: missing field `fsm_coverage`"),
        ("{\"fsm_coverage\":2}", "this record has the form 2: "),
        (&good.replace("[0,", "[-1,"), "this is no record of a run: invalid value"),
        (&good.replace("Door", "Lamp"), "this is a record of the machine `Lamp`, not of `Door`"),
        (&good.replace(&hash, "0000000000000000"), "this is a record of `Door` with another spec: delete it"),
        (&good.replace("[0,", "["), "this is a record of `Door` with another spec: delete it"),
        (
            &good.replace(&hash, "").replace("\"2\"", "\"1\""),
            "this is a record of `Door` with another spec (its version was `1` and is `2`)",
        ),
    ] {
        let mut counts = Counts::new(&machine);
        let misfit = counts.add(&machine, line).expect_err(line).to_string();
        assert!(misfit.starts_with(said), "{line}: {misfit}");
        assert!(counts.transitions.iter().all(|count| *count == 0));
    }
}

#[test]
fn a_share_is_all_only_if_nothing_is_missing() {
    for (covered, total, percent) in [(0, 0, "100"), (1999, 2000, "99.9"), (1, 3, "33.3"), (7, 7, "100")] {
        assert_eq!(Share { covered, total }.percent(), percent);
    }
    assert!(Share { covered: 0, total: 0 }.reaches(100.0));
}

#[test]
fn states_are_coloured_by_how_often_they_were_entered() {
    let (_, machine) = machine(DOOR);
    let mut counts = Counts::new(&machine);
    counts.add(&machine, &record(&machine, "40,0,1,39,1", "1,1,0,0,0")).expect("it fits");
    let diagram = backend::mermaid::heat_map(&machine, &counts.completed(&machine));
    for line in
        ["class s_Closed often", "class s_Opened oftenIn", "class s_Opened_Wide seldom", "title: \"Door: 100 \\x25"]
    {
        assert!(diagram.contains(line), "{line}\n{diagram}");
    }
    assert!(diagram.contains("s_Closed --> s_Opened : Open [unlocked]<br/>(40×)\n"), "{diagram}");
}
