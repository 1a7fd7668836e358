//! Every scenario of the repository, played through the interpreter: the corpus in `specs/` and the machines of
//! SEMANTICS.md. The same files are played through generated code by `tests/driver`.

use std::fs;
use std::path::{Path, PathBuf};

use fsm_codegen::Config;
use fsm_codegen::interp::session::{Line, Session, scenario};
use fsm_codegen::source::Source;

/// The specs of a folder of the repository that have a scenario beside them.
fn specs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let files = fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut specs: Vec<PathBuf> = files
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".yaml") && !name.ends_with(".scenario.yaml")
        })
        .collect();
    specs.sort();
    specs
}

/// Plays them all and says what went wrong; `SCENARIO=name` picks one.
fn play(folder: &str) {
    let wanted = std::env::var("SCENARIO").ok();
    let (mut wrong, mut played) = (Vec::new(), 0);
    for spec in specs(folder) {
        let name = spec.file_stem().expect("a name").to_string_lossy().into_owned();
        if wanted.as_ref().is_some_and(|wanted| *wanted != name) {
            continue;
        }
        let text = fs::read_to_string(&spec).expect("the spec");
        let source = Source::new(format!("{name}.yaml"), text);
        let checked = fsm_codegen::check(&source, &Config::default());
        let Some(machine) = checked.machine else {
            let problems: Vec<&str> = checked.diagnostics.iter().map(|it| it.message.as_str()).collect();
            wrong.push(format!("{name}: {problems:#?}"));
            continue;
        };
        let text = fs::read_to_string(spec.with_extension("scenario.yaml")).expect("its scenario");
        let report = scenario::play(&machine, &source, &format!("{folder}/{name}.scenario.yaml"), &text);
        wrong.extend(report.problems.iter().chain(&report.missing).map(|problem| format!("{name}: {problem}")));
        played += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(wanted.is_some() || played > 4, "only {played} scenarios were found");
}

/// What each line comes to, as JSON.
fn simulate(spec: &str, lines: &[&str]) -> Vec<String> {
    let source = Source::new("m.yaml", spec);
    let checked = fsm_codegen::check(&source, &Config::default());
    let machine = checked.machine.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let mut session = Session::new(&machine, &source);
    let play = |line: &&str| match session.play(&Line::parse(line).expect("a line")) {
        Ok(output) => output.json(),
        Err(refusal) => format!("{refusal:?}"),
    };
    std::iter::once(&"{\"event\":null}").chain(lines).map(play).collect()
}

/// Of one answer, what stands between the outcome and the context.
fn outcome(answer: &str) -> &str {
    let from = answer.find("\"outcome\":").map_or(0, |at| at + 10);
    let to = answer.find(",\"context\"").unwrap_or(answer.len());
    &answer[from..to]
}

#[test]
fn what_sets_nothing_off_cannot_go_on_for_ever() {
    let spec = "\
initial: A
context: { n: u8 = 250 }
states:
  A:
    on:
      Go: { guard: context.n + 10 > 3 }
      error: { guard: context.n + 20 > 3 }
      Calm: { actions: [calm, { assign: { n: '1' } }] }
";
    let answers = simulate(spec, &["Go", "Calm", "Go"]);
    assert_eq!(outcome(&answers[1]), "\"overflow\",\"configuration\":[\"A\"],\"actions\":[]");
    assert_eq!(outcome(&answers[2]), "\"handled\",\"configuration\":[\"A\"],\"actions\":[\"calm\"]");
    assert_eq!(outcome(&answers[3]), "\"handled\",\"configuration\":[\"A\"],\"actions\":[]");
}

#[test]
fn values_of_a_parameter_are_opaque() {
    let spec = "\
generics: 'M: Motor, const MOST: u32'
context: { motor: M, spare: Option<M>, turns: u32 }
initial: A
events: { Go: {}, Keep: {}, Ask: {} }
states:
  A:
    on:
      Go: { target: B, actions: [spin(&context.motor), { assign: { turns: context.turns + 1 } }] }
      Keep: { actions: [{ assign: { spare: Some(context.motor.clone()) } }] }
      Ask: { guard: context.turns < MOST, target: B }
  B: {}
";
    let answers = simulate(spec, &["Go"]);
    assert_eq!(outcome(&answers[1]), "\"transitioned\",\"configuration\":[\"B\"],\"actions\":[\"spin\"]");
    // No panic, whatever an expression wants of it.
    assert!(!simulate(spec, &["Keep"])[1].is_empty());
    assert!(simulate(spec, &["Ask"])[1].contains("MOST"));
}

#[test]
fn an_atomic_state_that_is_its_own_history_runs_the_actions_of_the_transition_only() {
    let spec = "\
initial: P
states:
  P:
    initial: B
    states:
      h: { history: true, target: A, actions: default }
      A: { entry: a, exit: a_out, on: { Again: { target: h, actions: again } } }
      B: { on: { Go: h } }
";
    let answers = simulate(spec, &["Go", "Again"]);
    assert_eq!(outcome(&answers[1]), "\"transitioned\",\"configuration\":[\"P.A\"],\"actions\":[\"default\",\"a\"]");
    assert_eq!(outcome(&answers[2]), "\"handled\",\"configuration\":[\"P.A\"],\"actions\":[\"again\"]");
}

#[test]
fn a_shallow_history_of_a_parallel_state_enters_its_regions_by_default() {
    let spec = "\
initial: Out
states:
  Out: { on: { Shallow: P.s, Deep: P.d } }
  P:
    type: parallel
    on: { Leave: Out }
    states:
      s: { history: shallow, target: X.X2 }
      d: { history: deep }
      X: { initial: X1, states: { X1: {}, X2: {} } }
      Y: { initial: Y1, states: { Y1: {}, Y2: {} } }
";
    let answers = simulate(spec, &["Shallow", "Leave", "Shallow", "Leave", "Deep"]);
    let at = |answer: &str| answer.split('[').nth(1).and_then(|rest| rest.split(']').next()).unwrap_or("").to_owned();
    assert_eq!(at(&answers[1]), "\"P.X.X2\",\"P.Y.Y1\"");
    assert_eq!(at(&answers[3]), "\"P.X.X1\",\"P.Y.Y1\"");
    assert_eq!(at(&answers[5]), "\"P.X.X1\",\"P.Y.Y1\"");
}

#[test]
fn the_first_error_is_the_one_that_happened_first() {
    let spec = "\
initial: A
error: crate::Failure
queue: 2
states:
  A: { on: { Go: { target: B, actions: fails }, error: {} } }
  B: { entry: [{ raise: Y }, { raise: Y }], on: { Y: {} } }
";
    let answers = simulate(spec, &["{\"event\":\"Go\",\"fail\":[\"fails\"]}"]);
    assert!(outcome(&answers[1]).starts_with("\"action\","), "the queue was full later: {}", answers[1]);
}

#[test]
fn values_do_not_grow_without_end() {
    let spec = "\
initial: A
context: { text: 'String = \"0123456789abcdef\"', tree: crate::Tree }
states:
  A:
    on:
      Double: { actions: { assign: { text: context.text.clone() + &context.text } } }
      Wrap: { actions: { assign: { tree: 'crate::Tree { left: context.tree.clone(), right: context.tree.clone() }' } } }
";
    for (event, said) in [("Double", "the text becomes too long"), ("Wrap", "the value becomes too large")] {
        let answers = simulate(spec, &[event; 40]);
        assert!(answers.last().is_some_and(|answer| answer.contains("Poisoned") || answer.contains("poisoned")));
        assert!(answers.iter().any(|answer| answer.contains(said)), "{event}");
    }
}

#[test]
fn time_that_is_too_long_is_refused() {
    let spec = "initial: A\nstates:\n  A: { every: { 1ms: { actions: tick } } }\n";
    let answers = simulate(spec, &["{\"advance\":\"3ms\"}", "{\"advance\":\"1d\"}"]);
    assert!(answers[1].contains("\"actions\":[\"tick\",\"tick\",\"tick\"]"), "{}", answers[1]);
    assert!(answers[2].contains("more than 100000 timers are due in this time"), "{}", answers[2]);
}

#[test]
fn the_interpreter_plays_the_corpus() {
    play("specs");
}

#[test]
fn the_interpreter_keeps_the_rules() {
    play("tests/driver/semantics");
}

#[test]
fn a_config_of_xstate_is_played() {
    let spec = include_str!("resolved/xstate_fetch.yaml");
    let failed = r#"{ "error": "getData", "delays": { "retry-delay": "2s" } }"#;
    let retry = r#"{ "advance": "2s", "guards": { "can't give up!": true } }"#;
    let answers = simulate(spec, &["\"FETCH\"", failed, retry, r#"{ "done": "getData" }"#]);
    let entered = r#"["start spinner!","context-menu"]"#;
    assert_eq!(
        answers.iter().map(|answer| outcome(answer)).collect::<Vec<_>>(),
        [
            r#""transitioned","configuration":["idle"],"actions":[]"#.to_owned(),
            format!(r#""transitioned","configuration":["loading"],"actions":{entered}"#),
            r#""transitioned","configuration":["failure"],"actions":["stop spinner!","report: error","don't panic"]"#
                .to_owned(),
            format!(r#""transitioned","configuration":["loading"],"actions":{entered}"#),
            r#""finished","configuration":["success"],"actions":["stop spinner!","store/data"]"#.to_owned(),
        ]
    );
    assert!(answers[4].ends_with(r#""context":{"retries":0,"data":null},"output":{"ok":true}}"#), "{}", answers[4]);
}
