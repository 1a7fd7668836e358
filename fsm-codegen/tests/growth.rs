//! Generated code grows with the states and transitions written, never with a product of the two.
//!
//! Each family of machines has one size, which is at once the number of states, of transitions and of events. Its code
//! is measured in tokens at three sizes, each twice the one before: what the second doubling adds is twice what the
//! first one added where growth is linear, and four times where it is quadratic.

use std::fmt::Write as _;

use fsm_codegen::source::Source;
use fsm_codegen::{Config, backend, check};
use proc_macro2::{TokenStream, TokenTree};

/// What the second doubling may add, measured in what the first one added.
const LINEAR: f64 = 2.2;

/// Likewise for states inside one another: a value of nested enums names every level, so that a transition is as long
/// as its states are deep.
const AS_DEEP: f64 = 4.0;

/// The table of selection has up to sixteen entries for each transition; from here on it gives way to a match.
const BEYOND_TABLES: usize = 60;

/// How many tokens the code has.
fn tokens(code: TokenStream) -> usize {
    code.into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => 2 + tokens(group.stream()),
            _ => 1,
        })
        .sum()
}

/// How many tokens the code of a spec has.
fn size(text: String) -> usize {
    let (source, config) = (Source::new("machine.yaml", text), Config::default());
    let checked = check(&source, &config);
    let Some(machine) = checked.machine else { panic!("{:?}\n{}", checked.diagnostics, source.text()) };
    tokens(backend::rust::emit(&machine, &source, &config))
}

/// Measures a family of machines at three sizes.
fn grows_linearly(smallest: usize, spec: impl Fn(usize) -> String) {
    grows(LINEAR, smallest, spec);
}

fn grows(most: f64, smallest: usize, spec: impl Fn(usize) -> String) {
    let sizes = [smallest, 2 * smallest, 4 * smallest].map(|count| size(spec(count)));
    let added = [sizes[1] - sizes[0], sizes[2] - sizes[1]].map(|tokens| {
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let tokens = tokens as f64;
        tokens
    });
    let growth = added[1] / added[0];
    println!("{sizes:?} tokens, {growth:.2}");
    assert!(growth < most, "{sizes:?} tokens: the second doubling added {growth:.2} times what the first one did");
}

/// A line for each number below `count`.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "{}", line(number)).expect("text grows");
        text
    })
}

/// Transitions of a state that all its leaves inherit, `indent` deep: to each of the leaves, with an action of its own.
fn inherited(count: usize, indent: usize, target: impl Fn(usize) -> String) -> String {
    let indent = " ".repeat(indent);
    lines(count, |at| format!("{indent}E{at}: {{ target: {}, actions: act{at} }}", target(at)))
}

#[test]
fn fifty_leaves_that_inherit_fifty_transitions_have_fifty_arms() {
    grows_linearly(10, |count| {
        let (on, leaves) =
            (inherited(count, 6, |at| format!(".L{at}")), lines(count, |at| format!("      L{at}: {{}}")));
        format!("machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    on:\n{on}    states:\n{leaves}")
    });
}

#[test]
fn leaves_with_handlers_of_their_own() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!(".L{at}"));
        let leaves = lines(count, |at| format!("      L{at}: {{ entry: in{at}, exit: out{at} }}"));
        format!("machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    on:\n{on}    states:\n{leaves}")
    });
}

#[test]
fn transitions_out_of_a_compound_state() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!("Q{at}"));
        let leaves = lines(count, |at| format!("      L{at}: {{ exit: out{at} }}"));
        let others = lines(count, |at| format!("  Q{at}: {{ on: {{ Back: P }} }}"));
        format!("machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    on:\n{on}    states:\n{leaves}{others}")
    });
}

#[test]
fn leaves_in_two_regions() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!("Q{at}"));
        let region = |name: &str| {
            let on = inherited(count, 10, |at| format!(".{name}{at}"));
            let leaves = lines(count, |at| format!("          {name}{at}: {{ entry: in{at}, exit: out{at} }}"));
            format!("      R{name}:\n        initial: {name}0\n        on:\n{on}        states:\n{leaves}")
        };
        let (left, right) = (region("A"), region("B"));
        let others = lines(count, |at| format!("  Q{at}: {{ on: {{ Back: P }} }}"));
        format!(
            "machine: M\ninitial: P\nstates:\n  P:\n    type: parallel\n    on:\n{on}    states:\n{left}{right}{others}"
        )
    });
}

#[test]
fn many_regions() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!("Q{at}"));
        let regions = lines(count, |at| {
            format!(
                "      R{at}: {{ initial: A, states: {{ A: {{ exit: out, on: {{ E{at}: B }} }}, B: {{ entry: enter }} }} }}"
            )
        });
        let others = lines(count, |at| format!("  Q{at}: {{ on: {{ Back: {{ target: P, actions: back{at} }} }} }}"));
        format!(
            "machine: M\ninitial: P\nstates:\n  P:\n    type: parallel\n    on:\n{on}    states:\n{regions}{others}"
        )
    });
}

/// Leaves of a state with a history, and as many states from which transitions lead to it.
fn with_history(count: usize, kind: &str, data: &str) -> String {
    let on = inherited(count, 6, |at| format!("Q{at}"));
    let leaves = lines(count, |at| format!("      L{at}: {{ entry: in{at}, exit: out{at}, on: {{ N{at}: L0 }} }}"));
    let others =
        lines(count, |at| format!("  Q{at}: {{ {data} on: {{ Back: {{ target: P.H, actions: back{at} }} }} }}"));
    format!(
        "machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    on:\n{on}    states:\n      H: {{ history: {kind} }}\n{leaves}{others}"
    )
}

#[test]
fn shallow_history() {
    grows_linearly(10, |count| with_history(count, "shallow", ""));
}

#[test]
fn deep_history() {
    grows_linearly(10, |count| with_history(count, "deep", ""));
}

#[test]
fn history_beside_data() {
    grows_linearly(10, |count| with_history(count, "shallow", "data: { tries: u8 = 0 },"));
}

#[test]
fn history_from_inside() {
    grows_linearly(10, |count| {
        let leaves = lines(count, |at| {
            format!(
                "      L{at}: {{ entry: in{at}, exit: out{at}, on: {{ E{at}: {{ target: H, actions: act{at} }} }} }}"
            )
        });
        format!(
            "machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    states:\n      H: {{ history: shallow }}\n{leaves}"
        )
    });
}

#[test]
fn history_of_many_regions() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!("Q{at}"));
        let regions = lines(count, |at| {
            format!(
                "      R{at}: {{ initial: A, states: {{ H: {{ history: true }}, A: {{ on: {{ E{at}: B }} }}, B: {{ entry: enter }} }} }}"
            )
        });
        let others = lines(count, |at| format!("  Q{at}: {{ on: {{ Back: {{ target: P.G, actions: back{at} }} }} }}"));
        format!(
            "machine: M\ninitial: P\nstates:\n  P:\n    type: parallel\n    on:\n{on}    states:\n      G: {{ history: deep }}\n{regions}{others}"
        )
    });
}

/// States that each have a pattern over many events.
fn with_patterns(count: usize, transition: &str) -> String {
    let events = lines(count, |at| format!("  a.e{at}: {{}}"));
    let leaves = lines(count, |at| {
        format!("  L{at}: {{ on: {{ 'a.*': {}, b: L0 }} }}", transition.replace('@', &at.to_string()))
    });
    format!("machine: M\ninitial: L0\nevents:\n{events}  b: {{}}\nstates:\n{leaves}")
}

#[test]
fn patterns_over_many_events() {
    grows_linearly(BEYOND_TABLES, |count| with_patterns(count, "{ target: L0, actions: act@ }"));
}

#[test]
fn guarded_patterns_over_many_events() {
    grows_linearly(BEYOND_TABLES, |count| {
        with_patterns(count, "[{ target: L0, guard: may@ }, { actions: act@, guard: can@ }]")
    });
}

#[test]
fn patterns_over_all_events() {
    grows_linearly(BEYOND_TABLES, |count| with_patterns(count, "{ target: L0, guard: may@ }, '*': { actions: act@ }"));
}

#[test]
fn deferral_of_many_events() {
    grows_linearly(10, |count| {
        let events = lines(count, |at| format!("  a.e{at}: {{}}"));
        let leaves = lines(count, |at| format!("  L{at}: {{ defer: ['a.*'], on: {{ b: L{} }} }}", (at + 1) % count));
        format!(
            "machine: M\ninitial: L0\nevents:\n{events}  b: {{}}\nstates:\n{leaves}  Z: {{ on: {{ 'a.*': L0 }} }}\n"
        )
    });
}

#[test]
fn timers_of_leaves() {
    grows_linearly(10, |count| {
        let on = inherited(count, 6, |at| format!("Q{at}"));
        let leaves = lines(count, |at| {
            format!("      L{at}: {{ entry: in{at}, after: {{ {}ms: {{ target: L0, actions: late{at} }} }} }}", at + 1)
        });
        let others = lines(count, |at| format!("  Q{at}: {{ on: {{ Back: P }} }}"));
        format!("machine: M\ninitial: P\nstates:\n  P:\n    initial: L0\n    on:\n{on}    states:\n{leaves}{others}")
    });
}

#[test]
fn eventless_transitions_invokes_and_completions_of_leaves() {
    grows_linearly(10, |count| {
        let leaves = lines(count, |at| {
            format!(
                "  L{at}: {{ initial: A, always: {{ guard: may{at}, target: L{} }}, onDone: L0, states: {{ A: {{ invoke: {{ src: run{at}, onDone: B }} }}, B: {{ type: final }} }} }}",
                (at + 1) % count
            )
        });
        format!("machine: M\ninitial: L0\nstates:\n{leaves}")
    });
}

#[test]
fn guards_that_ask_for_states() {
    grows_linearly(10, |count| {
        let leaves = lines(count, |at| {
            format!("      L{at}: {{ on: {{ E{at}: {{ guard: {{ in: '#R' }}, target: L{} }} }} }}", (at + 1) % count)
        });
        format!(
            "machine: M\ntype: parallel\nstates:\n  P:\n    initial: L0\n    states:\n{leaves}  Q:\n    initial: S\n    states: {{ S: {{ on: {{ Go: R }} }}, R: {{}} }}\n"
        )
    });
}

/// States inside one another, each with a transition, and handlers where they are wanted.
fn nested(depth: usize, handlers: bool, top: &str) -> String {
    let mut text = format!("machine: M\n{top}");
    for level in 0..depth {
        let indent = " ".repeat(4 * level);
        let handlers = if handlers {
            format!("{indent}    entry: in{level}\n{indent}    exit: out{level}\n")
        } else {
            String::new()
        };
        write!(
            text,
            "{indent}initial: A{level}\n{indent}states:\n{indent}  B{level}: {{ on: {{ Back: A{level} }} }}\n{indent}  A{level}:\n{handlers}{indent}    on: {{ E{level}: B{level} }}\n"
        )
        .expect("text grows");
    }
    text
}

#[test]
fn deep_nesting() {
    grows(AS_DEEP, 15, |depth| nested(depth, false, ""));
}

#[test]
fn deep_nesting_with_handlers() {
    grows(AS_DEEP, 15, |depth| nested(depth, true, ""));
}

/// Whether one of the names stands anywhere in the code.
fn names_any(code: TokenStream, wanted: &[&str]) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Group(group) => names_any(group.stream(), wanted),
        TokenTree::Ident(ident) => wanted.iter().any(|name| ident == name),
        _ => false,
    })
}

/// The core of the runtime is `no_std` without `alloc`, so that what could allocate would have to be named here.
#[test]
fn parallel_dispatch_names_nothing_that_allocates() {
    let text = "machine: M\ntype: parallel\nstates:\n  P: { initial: A, states: { H: { history: deep }, A: { after: { 1s: B }, on: { E: B } }, B: { defer: [E], on: { F: { target: A, actions: { raise: G } } } } } }\n  Q: { initial: C, states: { C: { on: { '*': D } }, D: { always: { guard: may, target: C } } } }\n";
    let (source, config) = (Source::new("machine.yaml", text.to_owned()), Config::default());
    let machine = check(&source, &config).machine.expect("a machine");
    let code = backend::rust::emit(&machine, &source, &config);
    assert!(names_any(code.clone(), &["Found"]), "it has regions");
    assert!(!names_any(code, &["alloc", "std", "Box", "Vec", "String", "Rc", "Arc", "dyn", "vec", "format"]));
}
