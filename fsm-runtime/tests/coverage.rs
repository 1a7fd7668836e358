//! The recorder of what has run, at a running machine and at a plain one.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::path::PathBuf;

use fsm_runtime::coverage::Recorder;
use fsm_runtime::{Service, fsm, options};

fsm!("tests/lamp.yaml");

struct Bulb;

impl lamp::Actions for Bulb {
    async fn shine(&mut self) {}
}

/// A file that is not there yet.
fn file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&file);
    file
}

fn off_and_on() -> [lamp::Event; 3] {
    [lamp::Event::Switch, lamp::Event::Switch, lamp::Event::Switch]
}

#[tokio::test]
async fn a_running_machine_is_recorded_by_its_observer() {
    let recorder = Recorder::new(&lamp::DEFINITION);
    let lamp = options().on_transition(recorder.observer()).spawn(lamp::Lamp::new(Bulb));
    for event in off_and_on() {
        let _ = lamp.ask(event).await.unwrap();
    }
    lamp.shutdown().await;
    // Off on Switch; On on Switch, Flash, Break.
    assert_eq!(recorder.transitions(), [2, 1, 0, 0]);
    // The lamp itself, Off (where it starts, and once more), On, Broken.
    assert_eq!(recorder.states(), [1, 2, 2, 0]);
}

#[tokio::test]
async fn a_plain_machine_is_recorded_by_its_driver() {
    let recorder = Recorder::new(&lamp::DEFINITION);
    let mut lamp = lamp::Lamp::new(Bulb);
    let _ = Service::start(&mut lamp, &mut recorder.driver(())).await.unwrap();
    recorder.rests(lamp.machine());
    for event in off_and_on() {
        let _ = Service::handle(&mut lamp, &mut recorder.driver(()), &event).await.unwrap();
    }
    assert_eq!((recorder.transitions(), recorder.states()), (vec![2, 1, 0, 0], vec![1, 2, 2, 0]));
}

#[tokio::test]
async fn each_writing_adds_what_was_counted_since_the_last() {
    let (recorder, file) = (Recorder::new(&lamp::DEFINITION), file("lamp.coverage"));
    let mut lamp = lamp::Lamp::new(Bulb);
    let _ = Service::start(&mut lamp, &mut recorder.driver(())).await.unwrap();
    for event in off_and_on() {
        let _ = lamp.handle(&event).await.unwrap();
        recorder.clone().rests(lamp.machine());
        recorder.append_to(&file).unwrap();
    }
    let text = fs::read_to_string(&file).unwrap();
    let head = format!(
        "{{\"fsm_coverage\":1,\"machine\":\"Lamp\",\"version\":\"\",\"hash\":\"{:016x}\",\"transitions\":[0,0,0,0],\"states\":",
        lamp::DEFINITION.hash
    );
    let states: Vec<&str> = text.lines().map(|line| line.strip_prefix(head.as_str()).unwrap()).collect();
    assert_eq!(states, ["[1,0,1,0]}", "[1,1,0,0]}", "[1,0,1,0]}"]);
    // What cannot be written is not lost.
    recorder.taken(0);
    recorder.append_to(file.join("no folder")).unwrap_err();
    assert_eq!(recorder.transitions(), [1, 0, 0, 0]);
}

#[test]
fn what_the_definition_lacks_is_not_counted() {
    let recorder = Recorder::new(&lamp::DEFINITION);
    recorder.taken(99);
    assert!(recorder.transitions().iter().chain(&recorder.states()).all(|count| *count == 0));
}

/// Entering a state in a region enters its parallel state, once.
#[test]
fn what_is_around_a_target_is_entered_with_it() {
    use fsm_runtime::core::{Definition, EventInfo, StateInfo, StateKind, TransitionInfo, Trigger};
    const fn state(path: &'static str, parent: u32, kind: StateKind) -> StateInfo {
        StateInfo { path, parent, kind, tags: &[] }
    }
    static REGIONS: Definition = Definition {
        name: "M",
        version: "",
        hash: 0,
        states: &[
            state("M", 0, StateKind::Compound),
            state("A", 0, StateKind::Atomic),
            state("P", 0, StateKind::Parallel),
            state("P.L", 2, StateKind::Compound),
            state("P.L.X", 3, StateKind::Atomic),
            state("P.R", 2, StateKind::Compound),
            state("P.R.Y", 5, StateKind::Atomic),
            state("P.R.H", 5, StateKind::History),
        ],
        events: &[EventInfo { name: "go" }],
        timers: &[],
        invokes: &[],
        transitions: &[
            TransitionInfo { source: 1, trigger: Trigger::Event(0), targets: &[4, 6] },
            TransitionInfo { source: 1, trigger: Trigger::Event(0), targets: &[7] },
            TransitionInfo { source: 4, trigger: Trigger::Event(0), targets: &[4] },
        ],
    };
    for (transition, states) in [(0, [0, 0, 1, 1, 1, 1, 1, 0]), (1, [0, 0, 1, 0, 0, 1, 0, 0]), (2, [0; 8])] {
        let recorder = Recorder::new(&REGIONS);
        recorder.taken(transition);
        assert_eq!(recorder.states(), states);
    }
}
