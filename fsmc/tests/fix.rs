//! `fsmc fix`: what it mends, what it leaves alone, and what it says.

mod running;

use std::fs;

use running::{empty_folder, run, run_with};

/// Six mistakes with one right answer, some visible only when others are mended, and one without.
const BAD: &str = "\u{feff}# tabs\tand spaces   stay\r
machine: Robot\r
context: { jobs: u32 }\r
events: { Start: { job: String } }\r
initial: \"Idel\"   # quoted\r
states:\r
  Idle:\r
    onEntry: lamp\r
    on:\r
      Strat: { target: Wrking, actions: [ 'begin(event.job)', { assign: { jobs: context.job + 1 } } ] }\r
  Working: { on: { Start: Nowhere } }\r
";

const MENDED: &str = "\u{feff}# tabs\tand spaces   stay\r
machine: Robot\r
context: { jobs: u32 }\r
events: { Start: { job: String } }\r
initial: \"Idle\"   # quoted\r
states:\r
  Idle:\r
    entry: lamp\r
    on:\r
      Start: { target: Working, actions: [ 'begin(&event.job)', { assign: { jobs: context.jobs + 1 } } ] }\r
  Working: { on: { Start: Nowhere } }\r
";

#[test]
fn what_has_one_right_answer_is_mended_and_every_other_byte_stays() {
    let folder = empty_folder("fix_mends");
    let file = folder.join("robot.yaml");
    fs::write(&file, BAD).expect("the folder can be written");

    let asked = run(&folder, "fix --check robot.yaml");
    assert_eq!((asked.status, fs::read_to_string(&file).expect("it is there").as_str()), (Some(1), BAD));

    let ran = run(&folder, "fix robot.yaml");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), MENDED, "{}", ran.stderr);
    let said = "\
robot.yaml:5:11: `Idel` becomes `Idle` [FSM0043]
robot.yaml:8:5: `onEntry` becomes `entry` [FSM0017]
robot.yaml:10:7: `Strat` becomes `Start` [FSM0047]
robot.yaml:10:24: `Wrking` becomes `Working` [FSM0044]
";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    // What has no right answer is said as `check` says it.
    assert!(ran.stderr.contains("no state `Nowhere` can be seen from `Working`"), "{}", ran.stderr);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));

    let again = run(&folder, "fix robot.yaml");
    assert!(!again.stderr.contains("becomes"), "{}", again.stderr);
}

#[test]
fn a_rust_file_is_mended_inside_of_its_machines_alone() {
    let folder = empty_folder("fix_rust");
    let file = folder.join("lamp.rs");
    let text = "use x::Onn;\nfsm! { machine A { initial On; state On { on Flip => Onn } } }\nfsm! { machine B { \
                initail S; state S; } }\n";
    fs::write(&file, text).expect("the folder can be written");
    let ran = run(&folder, "fix lamp.rs");
    let mended = text.replace("=> Onn }", "=> On; }").replace("initail", "initial");
    assert_eq!((ran.status, fs::read_to_string(&file).expect("it is there")), (Some(0), mended), "{}", ran.stderr);
}

#[test]
fn standard_input_is_mended_on_standard_output() {
    let folder = empty_folder("fix_stdin");
    let ran = run_with(&folder, "fix -", BAD.as_bytes());
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), MENDED));
}

#[test]
fn standard_input_may_be_rust() {
    let folder = empty_folder("fix_stdin_rust");
    let text = "use x::Onn;\nfsm_runtime::fsm! { machine A { initial On; state On { on Flip => Onn; } } }\n";
    let ran = run_with(&folder, "fix -", text.as_bytes());
    assert_eq!((ran.status, ran.stdout), (Some(0), text.replace("=> Onn", "=> On")), "{}", ran.stderr);
}

/// What a second round finds is said where it stood before the first one.
#[test]
fn places_are_those_of_the_file_as_it_was_and_in_its_order() {
    let folder = empty_folder("fix_places");
    let text = "machine: A\ncontext: { jobs: u32 }\ninitial: S\nstates: { S: { on_entry: x, onn: { E: { guard: context.job > 1, target: T } } }, T: {} }\n";
    let ran = run_with(&folder, "fix -", text.as_bytes());
    let places: Vec<(usize, &str)> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("<stdin>:4:")?.split_once(": "))
        .map(|(column, what)| (column.parse().expect("a column"), what))
        .collect();
    assert!(places.len() > 1 && places.is_sorted(), "{}", ran.stderr);
    for (column, what) in places {
        let old = what.split('`').nth(1).expect("what becomes another");
        let line = text.lines().nth(3).expect("the fourth line");
        assert!(line[column - 1..].starts_with(old), "{}", ran.stderr);
    }
}

#[test]
fn what_is_fine_or_cannot_be_read_is_left_alone() {
    let folder = empty_folder("fix_fine");
    fs::write(folder.join("fine.yaml"), "machine: A\ninitial: S\nstates: { S: {} }\n").expect("it can be written");
    let fine = run(&folder, "fix fine.yaml");
    assert_eq!((fine.status, fine.stderr.as_str()), (Some(0), "fine.yaml: no problems\n"));
    let missing = run(&folder, "fix fine.yaml missing.yaml");
    assert_eq!(missing.status, Some(2), "{}", missing.stderr);
}
