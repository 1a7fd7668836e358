//! The suite, imported and compiled: the whole configuration after the start and after each event, in both modes.
//!
//! All machines go into one crate, whose program plays every test on a virtual clock and prints which leaves are active.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use conformance::cases::{Case, cases};
use conformance::suite;
use fsm_codegen::ir::{Id, Machine, Mode, StateId};
use fsm_codegen::names;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, backend};

/// What plays a machine, whatever it is: a clock, and a loop that fires what is due.
const PLAYER: &str = r#"
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fsm_runtime::core::{Driver, Machine, Service};

pub struct Clock<T> {
    now: Duration,
    started: u64,
    running: Vec<(Duration, u64, T, u32)>,
}

impl<M: Machine> Driver<M> for Clock<M::Timer> {
    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        self.started += 1;
        self.running.push((self.now + delay, self.started, timer, generation));
    }

    fn cancel_timer(&mut self, _: M::Timer, generation: u32) {
        self.running.retain(|running| running.3 != generation);
    }
}

fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing waits here"),
    }
}

fn show<S: Service>(test: usize, mode: &str, step: usize, service: &S) {
    let leaves: Vec<String> = service.machine().active().map(|leaf| leaf.to_string()).collect();
    println!("{test} {mode} {step} {}", leaves.join(","));
}

pub fn play<S>(test: usize, mode: &str, mut service: S, steps: Vec<(u64, Option<<S::Machine as Machine>::Event>)>)
where
    S: Service,
    S::Machine: Machine<Error: std::fmt::Debug, Timer: Send>,
{
    let mut clock = Clock { now: Duration::ZERO, started: 0, running: Vec::new() };
    let _ = run(service.start(&mut clock)).expect("it does not fail");
    show(test, mode, 0, &service);
    for (at, (after, event)) in steps.into_iter().enumerate() {
        let moment = clock.now + Duration::from_millis(after);
        loop {
            let due = clock.running.iter().enumerate().filter(|(_, running)| running.0 <= moment);
            let Some((next, _)) = due.min_by_key(|(_, running)| (running.0, running.1)) else { break };
            let (deadline, _, timer, generation) = clock.running.remove(next);
            clock.now = deadline;
            let _ = run(service.fire(&mut clock, timer, generation)).expect("it does not fail");
        }
        clock.now = moment;
        if let Some(event) = event {
            let _ = run(service.handle(&mut clock, &event)).expect("it does not fail");
        }
        show(test, mode, at + 1, &service);
    }
}
"#;

#[test]
fn every_test_ends_in_the_expected_configurations() {
    let cases = cases().unwrap_or_else(|failed| panic!("{failed}"));
    let printed = printed(&cases);
    let mut failed = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for mode in ["async", "sync"] {
            if let Err(difference) = compare(case, number, mode, &printed) {
                failed.push(difference);
            }
        }
    }
    assert!(failed.is_empty(), "{} of {} fail\n{}", failed.len(), 2 * cases.len(), failed.join("\n"));
    assert_eq!(cases.len(), 120);
}

/// One mode of one test against what the program printed.
fn compare(case: &Case, number: usize, mode: &str, printed: &str) -> Result<(), String> {
    let Case { test, machine, .. } = case;
    let expected = std::iter::once(&test.initial).chain(test.steps.iter().map(|step| &step.expected));
    for (step, expected) in expected.enumerate() {
        let start = format!("{number} {mode} {step} ");
        let line = printed.lines().find_map(|line| line.strip_prefix(&start));
        let line = line.ok_or_else(|| format!("{} ({mode}): step {step} was not played", test.name))?;
        let leaves = line.split(',').filter(|leaf| !leaf.is_empty());
        let found: BTreeSet<String> =
            leaves.map(|leaf| suite::id(machine, StateId::new(leaf.parse().expect("an index"))).to_owned()).collect();
        if found != *expected {
            return Err(format!(
                "{} ({mode}): after step {step} the configuration is {found:?}, not {expected:?}\n{}",
                test.name, case.spec
            ));
        }
    }
    Ok(())
}

/// What the program with all machines prints.
fn printed(cases: &[Case]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    let mut program = String::from("#![allow(warnings)]\nmod player;\n");
    let mut main = String::from("fn main() {\n");
    for (number, Case { machine, spec, test }) in cases.iter().enumerate() {
        let source = Source::new(format!("{}.yaml", test.name), spec.clone());
        for (mode, name) in [(Mode::Async, "async"), (Mode::Sync, "sync")] {
            let machine = Machine { mode, ..machine.clone() };
            let module = format!("t{number}_{name}");
            let code = backend::rust::emit(&machine, &source, &Config::default());
            std::fs::write(folder.join(format!("src/{module}.rs")), code.to_string()).expect("a module");
            writeln!(program, "mod {module};").expect("text");
            main.push_str(&play(number, name, &module, &machine, test));
        }
    }
    main.push_str("}\n");
    std::fs::write(folder.join("src/main.rs"), program + &main).expect("a program");
    std::fs::write(folder.join("src/player.rs"), PLAYER).expect("a module");
    std::fs::write(folder.join("Cargo.toml"), manifest(&root.join("../../fsm-runtime"))).expect("a manifest");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .expect("cargo run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The call that plays one test.
fn play(number: usize, mode: &str, module: &str, machine: &Machine, test: &suite::Test) -> String {
    let (own, pair) = (names::snake_ident(&machine.name.value), service_name(machine));
    let path = format!("{module}::{own}");
    let steps: Vec<String> = test
        .steps
        .iter()
        .map(|step| {
            // What the machine does not know it does not react to.
            let known = machine.events.iter().find(|event| event.name.value == step.event);
            let event = known.map_or("None".to_owned(), |event| {
                assert!(event.fields.is_empty(), "the events of the suite carry nothing");
                format!("Some({path}::Event::{})", names::pascal_ident(&event.name.value))
            });
            format!("({}, {event})", step.after.as_millis())
        })
        .collect();
    format!(
        "    {{\n        #[derive(Clone)]\n        struct Nobody;\n        impl {path}::Actions for Nobody {{}}\n        \
         player::play({number}, {mode:?}, {path}::{pair}::new(Nobody), vec![{}]);\n    }}\n",
        steps.join(", ")
    )
}

/// The type of the pair of machine and handlers.
fn service_name(machine: &Machine) -> String {
    names::pascal(&machine.name.value)
}

fn manifest(runtime: &Path) -> String {
    format!(
        "[package]\nname = \"suite\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [profile.dev]\ndebug = false\n\n[dependencies]\nfsm-runtime = {{ path = {:?}, default-features = false }}\n",
        runtime.display().to_string()
    )
}
