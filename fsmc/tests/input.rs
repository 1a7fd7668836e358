//! `fsmc simulate` and `fsmc coverage`: events and records that come in line by line, and what is said to those that do
//! not fit.
//!
//! Each test has a folder of its own below the target folder and runs the real binary in it.

mod running;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use running::specs::folder;
use running::{command, run, run_with};

/// The first line answers for the start and for itself, and so on: nothing waits for what is not there yet.
#[test]
fn a_simulation_answers_line_by_line() {
    let folder = folder("pipe_events");
    let mut command = command(&folder, "simulate good.yaml --events - --format json");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("fsmc");
    let (mut stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut answers = BufReader::new(stdout).lines();
    let mut next = || answers.next().expect("an answer").expect("UTF-8");
    writeln!(stdin, "Press").expect("it listens");
    assert!(next().contains("\"event\":null,\"outcome\":\"transitioned\",\"configuration\":[\"Off\"]"));
    assert!(next().contains("\"event\":\"Press\",\"outcome\":\"transitioned\",\"configuration\":[\"On\"]"));
    writeln!(stdin, "\n{{\"event\":\"Pres\"}}").expect("it listens");
    assert!(next().contains("\"event\":\"Pres\",\"outcome\":\"unhandled\""));
    writeln!(stdin, "{{\"event\":null}}").expect("it listens");
    assert!(next().contains("\"configuration\":[\"Off\"]"));
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_simulation_says_why_it_cannot_go_on() {
    let folder = folder("stuck");
    let spec = "machine: M\ncontext: { n: u32 }\ninitial: A\nevents: { Go: { n: u8, k: u8, o: Option<u8> }, Ask: {}, Odd: {} }\nstates:\n  A:\n    on:\n      Go: {}\n\
                \x20     Ask: { guard: 'ready(3)', actions: act }\n      Odd: { actions: { assign: { n: 'crate::odd()' } } }\n";
    fs::write(folder.join("m.yaml"), spec).expect("the folder can be written");
    for (input, said) in [
        ("Ask\n", "<stdin>:1: the guard `ready` was asked and not given (m.yaml:9:22)"),
        (
            "\n\nOdd\n",
            "<stdin>:3: `crate::odd()` cannot be simulated: the simulation does not know the function `crate::odd` (m.yaml:10:39)",
        ),
        ("Go\n", "<stdin>:1: `data` lacks the fields `n`, `k` of `Go`"),
        (
            "{\"event\":\"Go\",\"data\":{\"n\":256,\"k\":1}}",
            "<stdin>:1: the field `n` of `data` is out of the range of `u8`",
        ),
        ("{\"event\":\"Go\",\"data\":{\"m\":1}}", "<stdin>:1: the event `Go` has no field `m`"),
        (
            "{\"event\":\"Ask\",\"guards\":{\"redy\":true}}",
            "<stdin>:1: the spec has no guard `redy`: did you mean `ready`?",
        ),
        ("{\"event\":\"Ask\",\"fail\":[\"axt\"]}", "<stdin>:1: the spec has no action `axt`: did you mean `act`?"),
        ("{\"done\":\"job\"}", "<stdin>:1: the spec has no invoke `job`"),
        ("{\"event\"", "<stdin>:1: this is not JSON: "),
        ("\u{0}\n{}", "<stdin>:2: an object has one of `event`, `advance`, `done` and `error`"),
    ] {
        let ran = run_with(&folder, "simulate m.yaml --events -", input.as_bytes());
        assert_eq!(ran.status, Some(1), "{input}: {}", ran.stderr);
        let error = ran.stderr.lines().last().expect("an error");
        assert!(error.starts_with(&format!("error: {said}")), "{input}: {error}");
    }
    let given = "{\"event\":\"Ask\",\"guards\":{\"ready(3)\":true}}\n";
    let ran = run_with(&folder, "simulate m.yaml --events - --guards false", given.as_bytes());
    assert!(ran.stdout.contains("Ask: handled\n"), "{}", ran.stdout);
    let ran = run_with(&folder, "simulate m.yaml --events - --guards false", b"Ask\n");
    assert!(ran.stdout.contains("Ask: rejected\n"), "{}", ran.stdout);
    let ran = run_with(&folder, "simulate m.yaml --events - --format json", b"");
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(0), 1), "the start");
}

/// A pattern stands for the events that the spec has, inferred ones too.
#[test]
fn an_event_that_the_spec_lacks_is_unhandled() {
    let folder = folder("lacking");
    let spec = "machine: M\ninitial: A\nstates:\n  A: { on: { Go: A, '*': B, 'a.*': B } }\n  B: {}\n";
    fs::write(folder.join("m.yaml"), spec).expect("the folder can be written");
    let ran = run_with(&folder, "simulate m.yaml --events - --format json", b"zzz\na.b\nGo\n");
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let outcomes =
        ran.stdout.lines().map(|line| line.split("\"outcome\":\"").nth(1).and_then(|rest| rest.split('"').next()));
    assert_eq!(outcomes.flatten().collect::<Vec<_>>(), ["transitioned", "unhandled", "unhandled", "handled"]);
}

#[test]
fn a_record_that_does_not_fit_is_refused() {
    let folder = folder("coverage");
    for (line, status, stderr) in [
        ("coverage good.yaml", 2, "<RECORD>"),
        ("coverage good.yaml missing.coverage", 2, "error: cannot read missing.coverage: "),
        ("coverage good.yaml good.events", 2, "error: good.events:1: this is no record of a run: "),
        ("coverage good.yaml empty.coverage", 2, "error: empty.coverage holds no record of a run\n"),
        (
            "coverage good.yaml other.coverage",
            2,
            "error: other.coverage:1: this is a record of the machine `Door`, not of",
        ),
        (
            "coverage good.yaml old.coverage",
            2,
            "old.coverage:2: this is a record of `Lamp` with another spec: delete it",
        ),
        ("coverage good.yaml - -", 2, "only one file can come from standard input"),
        ("coverage bad.yaml good.events", 1, "error[FSM0044]: "),
        ("coverage good.yaml good.events --min 101", 2, "a number from 0 to 100"),
    ] {
        let ran = run(&folder, line);
        assert_eq!(ran.status, Some(status), "fsmc {line}: {}", ran.stderr);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(stderr), "fsmc {line}: {}", ran.stderr);
    }
}
