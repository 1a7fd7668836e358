//! The YAML front-end on good input: every form of the language arrives in the AST.

use fsm_codegen::ast::{
    ActionKind, Delay, FieldDefault, Guard, GuardKind, History, Kind, Machine, Mode, StateKey, Value,
};
use fsm_codegen::diag::{Diagnostics, Level};
use fsm_codegen::frontend::yaml;
use fsm_codegen::rust::{ArgKind, Borrow, Root};
use fsm_codegen::source::Source;
use quote::ToTokens as _;

/// Reads text that has no mistake.
fn read(text: &str) -> Machine {
    let mut diagnostics = Diagnostics::default();
    let machine = yaml::parse(&Source::new("specs/sample.fsm.yaml", text), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    machine.expect("a mapping gives a machine")
}

const ROBOT: &str = "
machine: Robot
version: 2
description: A pick-and-place arm
use: [crate::arm::ArmError]
context: { battery: u8 = 100, jobs: u32 }
error: ArmError
events:
  Start: { job: String, speed: f32 }
  Stop: {}
  Pause:
  Speed: { reply: f32 }
delays: { watchdog: 30s, lull: }
actions: { grind: { blocking: true } }
mode: sync
queue: 16
lints: { unreachable_state: deny }
generics: 'M: Motor'
initial: Idle
states:
  Idle:
    on:
      Start:
        - guard: context.battery > 20
          target: Working
          actions: [ 'begin(&event.job, event.speed)', { assign: { jobs: context.jobs + 1 } } ]
        - actions: refuse
      Stop: {}
      Pause: []
  Working:
    entry: lamp_on
    exit: [lamp_off, stop]
    initial: Moving
    invoke: { src: 'run_job(context.jobs) -> Report', onDone: Idle, onError: { target: Failed, actions: report } }
    on: { Stop: Idle, 'user.*': Failed }
    after: { watchdog: Failed, 1.5s: Idle }
    every: { 250: { actions: tick } }
    defer: [Start]
    data: { job: String, tries: u8 = 0 }
    states:
      Moving: { on: { Pause: Paused } }
      Paused: { on: { Resume: Moving }, tags: still }
      Back: { history: deep, target: Moving, actions: note }
  Failed: { type: final, output: context.jobs }
";

#[test]
fn the_robot_of_the_design_is_read() {
    let machine = read(ROBOT);
    assert_eq!(machine.name.as_ref().map(|name| name.value.as_str()), Some("Robot"));
    assert_eq!(machine.version.as_ref().map(|version| version.value.as_str()), Some("2"));
    assert_eq!(machine.mode.as_ref().map(|mode| mode.value), Some(Mode::Sync));
    assert_eq!((machine.uses.len(), machine.context.len(), machine.queue.map(|queue| queue.value)), (1, 2, Some(16)));
    assert_eq!((machine.lints[0].0.value.as_str(), machine.lints[0].1), ("unreachable_state", Level::Deny));
    let events = machine.events.as_deref().unwrap_or_default();
    assert_eq!(events.iter().map(|event| event.fields.len()).collect::<Vec<_>>(), [2, 0, 0, 0]);
    assert!(events[3].reply.is_some());
    let delays = machine.delays.as_deref().unwrap_or_default();
    assert_eq!(delays[0].duration.map(|delay| delay.value.as_secs()), Some(30));
    assert!(delays[1].duration.is_none());
    assert!(machine.actions.as_deref().unwrap_or_default()[0].blocking.is_some_and(|blocking| blocking.value));
    assert_eq!(machine.root.states.len(), 3);

    let idle = &machine.root.states[0];
    assert_eq!(idle.on.iter().map(|handler| handler.event.value.as_str()).collect::<Vec<_>>(), ["Start", "Stop"]);
    let start = &idle.on[0].transitions;
    assert!(matches!(start[0].guard.as_ref().map(|guard| &guard.kind), Some(GuardKind::Expr(_))));
    let ActionKind::Call(begin) = &start[0].actions[0].kind else { panic!("{:?}", start[0].actions) };
    assert_eq!((begin.name.value.as_str(), begin.args.len()), ("begin", 2));
    let ArgKind::Path { borrow, root, fields } = &begin.args[0].kind else { panic!("{begin:?}") };
    assert_eq!((*borrow, *root, fields[0].value.as_str()), (Borrow::Shared, Root::Event, "job"));
    assert!(start[1].targets.is_none());
    assert!(idle.on[1].transitions[0].targets.is_none() && idle.on[1].transitions[0].actions.is_empty());

    let working = &machine.root.states[1];
    assert_eq!((working.entry.len(), working.exit.len(), working.invoke.len()), (1, 2, 1));
    assert!(working.invoke[0].output.is_some());
    assert_eq!((working.invoke[0].on_done.len(), working.invoke[0].on_error.len()), (1, 1));
    assert!(matches!(&working.after[0].0, Delay::Name(name) if name.value == "watchdog"));
    assert!(matches!(&working.after[1].0, Delay::Duration(delay) if delay.value.as_millis() == 1_500));
    assert!(matches!(&working.every[0].0, Delay::Duration(delay) if delay.value.as_millis() == 250));
    assert_eq!((working.defer.len(), working.data.len()), (1, 2));
    let back = &working.states[2];
    assert_eq!(back.history.map(|history| history.value), Some(History::Deep));
    assert_eq!(back.default.as_ref().map(|default| default.actions.len()), Some(1));
    assert!(back.key(StateKey::Target).is_some());
    assert_eq!(machine.root.states[2].kind.map(|kind| kind.value), Some(Kind::Final));
}

#[test]
fn a_json_config_of_xstate_is_a_spec() {
    let machine = read(
        r##"{ "id": "light", "initial": "green", "version": "1.0.0",
        "context": { "count": 0, "on": true, "list": [1], "map": { "a": 1.5 } },
        "states": {
            "green": { "after": { "1000": "yellow" }, "tags": ["go"], "meta": { "a": [1, null, "x"] },
                       "entry": [{ "type": "log it", "params": { "a": 1, "b": "x", "c": -1.5, "d": true } }] },
            "yellow": { "on": { "TIMER": { "target": "#light.red", "reenter": true, "guard": { "type": "ok" } } } },
            "red": { "type": "parallel", "states": { "a": { "history": true, "type": "history" }, "b": { "output": { "a": [1, "x"] } } },
                     "invoke": [{ "src": "fetch-user", "id": "user", "onDone": ["green"] }],
                     "onDone": { "target": ["green", "yellow"], "actions": [] }, "always": [{ "guard": "ok" }] } } }"##,
    );
    assert_eq!(machine.name.map(|name| name.value).as_deref(), Some("light"));
    assert!(matches!(machine.context[0].default, Some(FieldDefault::Json(ref json)) if json.value == Value::Int(0)));
    let green = &machine.root.states[0];
    let ActionKind::Call(log) = &green.entry[0].kind else { panic!("{:?}", green.entry) };
    assert_eq!((log.name.value.as_str(), log.args.len()), ("log it", 4));
    let red = &machine.root.states[2];
    assert_eq!(red.states[0].history.map(|history| history.value), Some(History::Shallow));
    let output = red.states[1].output.as_ref().map(|output| output.text.as_str());
    assert_eq!(output, Some(r#"{ "a": [1, "x"] }"#));
    assert_eq!(red.invoke[0].src.name.value, "fetch-user");
    assert_eq!(red.on_done[0].targets.as_ref().map(Vec::len), Some(2));
}

#[test]
fn every_action_and_guard_has_its_form() {
    let machine = read(
        "
states:
  A:
    entry:
      - go-up
      - { raise: E }
      - { raise: 'Fault { code: 7, text: event.text.clone() }' }
      - { send: E, delay: 5min, id: x }
      - { cancel: x }
      - { emit: 'M { a: 1 }' }
      - { reply: context.speed * 2.0 }
      - { log: 'text {context.jobs}' }
      - if: { and: [ready, { not: { or: [a.b, 'at_least(3u8, \"x\")'] } }, { in: '#B' }] }
        then: [x, y]
        else: { assign: { a: 1, b: 'true' } }
    always: { guard: true }
    on:
      E: { guard: context.jobs.is_empty() || event.ok }
    initial: { target: [B, C.D], actions: x, data: { job: event.job } }
",
    );
    let kinds = &machine.root.states[0].entry;
    assert!(matches!(&kinds[0].kind, ActionKind::Call(call) if call.name.value == "go-up"));
    assert!(matches!(&kinds[1].kind, ActionKind::Raise(event) if event.fields.is_empty()));
    assert!(matches!(&kinds[2].kind, ActionKind::Raise(event) if event.fields.len() == 2));
    assert!(matches!(&kinds[3].kind, ActionKind::Send { delay: Some(_), id: Some(_), .. }));
    assert!(matches!(&kinds[4].kind, ActionKind::Cancel(_)));
    assert!(matches!(&kinds[5].kind, ActionKind::Emit(event) if event.event.value == "M"));
    assert!(matches!(&kinds[6].kind, ActionKind::Reply(expr) if expr.text == "context.speed * 2.0"));
    assert!(matches!(&kinds[7].kind, ActionKind::Log(_)));
    let ActionKind::If { guard, then, otherwise } = &kinds[8].kind else { panic!("{kinds:?}") };
    assert_eq!((then.len(), otherwise.len()), (2, 1));
    let GuardKind::And(guards) = &guard.kind else { panic!("{guard:?}") };
    assert!(matches!(&guards[1].kind, GuardKind::Not(_)));
    assert!(matches!(&guards[2].kind, GuardKind::In(target) if target.value == "#B"));
    let a = &machine.root.states[0];
    assert_eq!(a.initial.as_ref().map(|initial| (initial.targets.len(), initial.data.len())), Some((2, 1)));
}

#[test]
fn literals_have_the_types_of_their_suffixes() {
    let machine = read("entry: 'f(1, -2, 3u8, 1.5, 2f32, true, \"x\", ''c'', &mut context, queue, state.a.b)'");
    let ActionKind::Call(call) = &machine.root.entry[0].kind else { panic!("{:?}", machine.root.entry) };
    let types = call.args.iter().filter_map(|arg| match &arg.kind {
        ArgKind::Literal(literal) => Some(literal.ty.to_token_stream().to_string()),
        ArgKind::Path { .. } => None,
    });
    assert_eq!(types.collect::<Vec<_>>(), ["i64", "i64", "u8", "f64", "f32", "bool", "& str", "char"]);
    let paths = call.args.iter().filter_map(|arg| match &arg.kind {
        ArgKind::Path { borrow, root, fields } => Some((*borrow, *root, fields.len())),
        ArgKind::Literal(_) => None,
    });
    let expected =
        [(Borrow::Mutable, Root::Context, 0), (Borrow::Value, Root::Queue, 0), (Borrow::Value, Root::State, 2)];
    assert_eq!(paths.collect::<Vec<_>>(), expected);
}

#[test]
fn delays_are_exact() {
    let machine = read("after: { 250ms: A, 1.5s: A, 5min: A, 2h: A, 1d: A, 7: A, '8': A, 0.1s: A, lull: A }");
    let milliseconds = machine.root.after.iter().map(|(delay, _)| match delay {
        Delay::Duration(duration) => Some((duration.value.as_millis(), duration.value.subsec_nanos() % 1_000_000)),
        Delay::Name(_) => None,
    });
    let milliseconds: Vec<_> = milliseconds.collect();
    let exact = [250, 1_500, 300_000, 7_200_000, 86_400_000, 7, 8, 100].map(|milliseconds| Some((milliseconds, 0)));
    assert_eq!(milliseconds[..8], exact);
    assert_eq!(milliseconds[8], None);
}

#[test]
fn a_name_is_a_method_and_all_else_an_expression() {
    fn shown(guard: &GuardKind) -> String {
        let list = |parts: &[Guard]| parts.iter().map(|part| shown(&part.kind)).collect::<Vec<_>>().join(", ");
        match guard {
            GuardKind::Call(call) => format!("{}/{}", call.name.value, call.args.len()),
            GuardKind::Expr(expr) => format!("expr {}", expr.text),
            GuardKind::And(parts) => format!("and [{}]", list(parts)),
            GuardKind::Or(parts) => format!("or [{}]", list(parts)),
            GuardKind::Not(inner) => format!("not {}", shown(&inner.kind)),
            GuardKind::In(target) => format!("in {}", target.value),
            GuardKind::Bool(value) => value.to_string(),
        }
    }
    let guard = |text: &str| {
        let machine = read(&format!("always: {{ guard: {text}, target: A }}"));
        machine.root.always[0].guard.as_ref().map(|guard| shown(&guard.kind)).expect("there is a guard")
    };
    assert_eq!(guard("go-up"), "go-up/0");
    assert_eq!(guard("user.is_admin"), "user.is_admin/0");
    assert_eq!(guard("'at_least(context.a, 2)'"), "at_least/2");
    assert_eq!(guard("is it ready"), "is it ready/0");
    assert_eq!(guard("context.x as u8 == a"), "expr context.x as u8 == a");
    assert_eq!(guard("context.ready"), "expr context.ready");
    assert_eq!(guard("context.jobs.is_empty()"), "expr context.jobs.is_empty()");
    assert_eq!(guard("context.battery > 20 && ready"), "and [expr context.battery > 20, ready/0]");
    assert_eq!(guard("f(event.a) || g(event.b)"), "or [f/1, g/1]");
    assert_eq!(guard("context.a && !context.b || context.c"), "expr context.a && !context.b || context.c");
    assert_eq!(guard("'!redy && (context.a || go-up(3))'"), "and [not redy/0, or [expr context.a, go-up/1]]");
    assert_eq!(guard("'in(#x.go-up) && in(\"up there\") || in(.a)'"), "or [and [in #x.go-up, in up there], in .a]");
    assert_eq!(guard("'\"go up\" && true'"), "and [go up/0, true]");
    assert_eq!(
        guard("'all(context.a, any(context.b, f)) && not(context.c)'"),
        "and [and [expr context.a, or [expr context.b, f/0]], not expr context.c]"
    );
    assert_eq!(guard("rust(DEBUG) && rust(ok(context.a))"), "and [expr DEBUG, expr ok(context.a)]");
    assert_eq!(guard("crate::util::ok(context.n) && f"), "and [expr crate::util::ok(context.n), f/0]");
    assert_eq!(
        guard("'if f { context.a } else { g && context.b }'"),
        "expr if f { context.a } else { g && context.b }"
    );
    assert_eq!(guard("'context.a == &&f'"), "expr context.a == &&f");
    assert_eq!(guard("'a - b == 1'"), "expr a - b == 1");
    assert_eq!(guard("\"context.a == \\\"x\\\"\""), "expr context.a == \"x\"");
}

#[test]
fn places_are_exact_through_quotes_and_folds() {
    let text =
        "always:\n  guard: >-\n    context.a\n      && context.b\n  target: A\nentry: 'f(''a'', context.jobs)'\n";
    let source = Source::new("sample.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let machine = yaml::parse(&source, &mut diagnostics).expect("a mapping gives a machine");
    let ActionKind::Call(call) = &machine.root.entry[0].kind else { panic!("{:?}", machine.root.entry) };
    assert_eq!(source.slice(call.span), "f(''a'', context.jobs)");
    assert_eq!(source.slice(call.args[0].span), "''a''");
    assert_eq!(source.slice(call.args[1].span), "context.jobs");
    let Some(GuardKind::Expr(guard)) = machine.root.always[0].guard.as_ref().map(|guard| &guard.kind) else {
        panic!("{:?}", machine.root.always)
    };
    assert_eq!(source.slice(guard.span), "context.a\n      && context.b");
}

/// As in XState; what could be Rust stays Rust.
#[test]
fn names_in_json_are_any_words() {
    let text = r#"{
        "id": "m", "entry": ["do it", "step 2", "if ready", "don't do it", "go!", "don't", "notify-user", "a/b", "log:it"],
        "invoke": [{ "src": "fetch-user!" }, "a/b -> u8"], "after": { "my-delay": { "actions": "play / pause" } },
        "on": { "X": { "guard": "is 2nd" }, "Y": { "guard": "in progress" }, "Z": { "guard": "context.n > 2" },
                "V": { "guard": "retry?" }, "W": { "guard": "a/b" }, "U": { "guard": "limits::STRICT" } }
    }"#;
    let machine = read(text);
    let actions = machine.root.entry.iter().map(|action| match &action.kind {
        ActionKind::Call(call) => call.name.value.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        actions.collect::<Vec<_>>(),
        ["do it", "step 2", "if ready", "don't do it", "go!", "don't", "notify-user", "a/b", "log:it"]
    );
    let tasks: Vec<_> =
        machine.root.invoke.iter().map(|invoke| (&*invoke.src.name.value, invoke.output.is_some())).collect();
    assert_eq!(tasks, [("fetch-user!", false), ("a/b", true)]);
    let guards = machine.root.on.iter().flat_map(|handler| &handler.transitions).map(|transition| {
        match transition.guard.as_ref().map(|guard| &guard.kind) {
            Some(GuardKind::Call(call)) => call.name.value.as_str(),
            Some(GuardKind::Expr(expr)) => expr.text.as_str(),
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(
        guards.collect::<Vec<_>>(),
        ["is 2nd", "in progress", "context.n > 2", "retry?", "a/b", "limits::STRICT"]
    );
}
