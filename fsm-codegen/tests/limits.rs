//! Input of any size or malice gets an answer: a code and a place, in bounded time and memory, on a thread's stack.
//!
//! The inputs are generated, because they are large. Each test runs on the 2 MiB of a test thread, unoptimised.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use fsm_codegen::diag::{Code, Diagnostics};
use fsm_codegen::frontend::yaml;
use fsm_codegen::source::{MAX_BYTES, Position, Source};

/// Far more than any of these takes, far less than anything quadratic would.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most memory that the process may have used at its peak, all tests of this file together.
const MEMORY: usize = 1_500 << 20;

/// The first diagnostic of a text, with its place.
fn first(text: &str) -> (Code, Position) {
    let started = Instant::now();
    let source = match Source::from_bytes("generated.yaml", text.as_bytes()) {
        Ok(source) => source,
        Err(unreadable) => return (unreadable.diagnostic.code, unreadable.source.position(0)),
    };
    let mut diagnostics = Diagnostics::default();
    drop(yaml::parse(&source, &mut diagnostics));
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert!(peak() < MEMORY, "{} MiB", peak() >> 20);
    diagnostics.sort();
    let first = diagnostics.iter().next().expect("something is wrong with this text");
    (first.code, source.position(first.span.lo))
}

/// The peak of the resident memory, where the system tells it.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    number.unwrap_or_default() << 10
}

const fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

/// A machine whose states stand inside one another.
fn nested(depth: usize, leaf: &str) -> String {
    let mut text = "machine: M\n".to_owned();
    for level in 0..depth {
        let indent = " ".repeat(2 * level);
        write!(text, "{indent}initial: A\n{indent}states:\n{indent} A:\n").expect("text grows");
    }
    writeln!(text, "{}{leaf}", " ".repeat(2 * depth)).expect("text grows");
    text
}

#[test]
fn ten_thousand_levels_of_flow_are_refused() {
    assert_eq!(first(&"[".repeat(10_000)), (Code::TooLarge, at(1, 257)));
    assert_eq!(first(&format!("{}x{}", "{a: ".repeat(10_000), "}".repeat(10_000))).0, Code::TooLarge);
}

#[test]
fn ten_thousand_levels_of_blocks_are_refused() {
    assert_eq!(first(&"- ".repeat(10_000)).0, Code::TooLarge);
    assert_eq!(first(&"? ".repeat(10_000)).0, Code::TooLarge);
    let block: String = (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(first(&block).0, Code::TooLarge);
}

#[test]
fn the_deepest_machine_allowed_is_read_on_a_small_stack() {
    let heavy = format!("always: {{ guard: '{}x{}' }}", "(".repeat(64), ")".repeat(64));
    for leaf in ["entry: x", &heavy, "always: { guard: { not: { not: { not: x } } } }"] {
        let source = Source::new("generated.yaml", nested(125, leaf));
        let mut diagnostics = Diagnostics::default();
        assert!(yaml::parse(&source, &mut diagnostics).is_some());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
    assert_eq!(first(&nested(200, "entry: x")).0, Code::TooLarge);
}

#[test]
fn deep_actions_guards_and_data_are_read_on_a_small_stack() {
    for (open, close) in [("{ not: ", " }"), ("{ and: [", "] }"), ("{ or: [", "] }")] {
        let text = format!("states: {{ A: {{ always: {{ guard: {}x{} }} }} }}", open.repeat(120), close.repeat(120));
        let mut diagnostics = Diagnostics::default();
        drop(yaml::parse(&Source::new("generated.yaml", text), &mut diagnostics));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
    for (open, close) in [("{ if: x, then: ", " }"), ("{ if: x, else: [", "] }")] {
        let text = format!("states: {{ A: {{ entry: {}x{} }} }}", open.repeat(120), close.repeat(120));
        let mut diagnostics = Diagnostics::default();
        drop(yaml::parse(&Source::new("generated.yaml", text), &mut diagnostics));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
    let text = format!("meta: {}x{}", "[".repeat(250), "]".repeat(250));
    let mut diagnostics = Diagnostics::default();
    assert!(yaml::parse(&Source::new("generated.yaml", text), &mut diagnostics).is_some());
}

#[test]
fn a_file_of_fifty_megabytes_is_not_read() {
    assert_eq!(first(&"# x\n".repeat(50 << 18)), (Code::TooLarge, at(1, 1)));
}

#[test]
fn the_largest_files_are_answered() {
    let size = MAX_BYTES - 100;
    assert_eq!(first(&format!("meta: [{}]", "a,".repeat(size / 2))).0, Code::TooLarge);
    assert_eq!(first(&format!("machine: '{}", "a".repeat(size))).0, Code::YamlSyntax);
    assert_eq!(first(&format!("entry: 'f({})'", "a,".repeat(size / 2))).0, Code::ExpressionTooLarge);
    assert_eq!(first(&"#\n".repeat(size / 2)).0, Code::EmptyFile);
}

#[test]
fn an_alias_bomb_ends() {
    let mut text = "machine: M\nmeta:\n  a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, of) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let aliases = vec![format!("*{of}"); 9].join(", ");
        writeln!(text, "  {name}: &{name} [{aliases}]").expect("text grows");
    }
    assert_eq!(first(&text).0, Code::TooLarge);
}

#[test]
fn ten_thousand_brackets_in_an_expression_are_refused() {
    let text = |expression: &str| format!("machine: M\nstates:\n  A:\n    always: {{ guard: '{expression}' }}\n");
    let brackets = format!("{}{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(first(&text(&brackets)), (Code::ExpressionTooLarge, at(4, 87)));
    assert_eq!(first(&text(&"(".repeat(10_000))).0, Code::ExpressionTooLarge);
    assert_eq!(first(&text(&format!("{}x", "!".repeat(4_000)))).0, Code::ExpressionTooLarge);
    assert_eq!(first(&text(&format!("[{}]", "1,".repeat(10_000)))).0, Code::ExpressionTooLarge);
    assert_eq!(first(&text(&format!("{}x", "/*".repeat(10_000)))).0, Code::ExpressionSyntax);
}

#[test]
fn many_mistakes_are_counted_and_not_kept() {
    let keys: String = (0..100_000).map(|key| format!("key{key}: 1\n")).collect();
    let mut diagnostics = Diagnostics::default();
    drop(yaml::parse(&Source::new("generated.yaml", keys), &mut diagnostics));
    assert_eq!(diagnostics.iter().len() + diagnostics.dropped(), 100_000);
}

#[test]
fn many_names_are_compared_in_linear_time() {
    let mut text = "machine: M\ninitial: S0\nstates:\n".to_owned();
    for state in 0..20_000 {
        writeln!(text, "  S{state}: {{ on: {{ E{state}: S0 }} }}").expect("text grows");
    }
    text.push_str("  S0: {}\n");
    assert_eq!(first(&text), (Code::DuplicateKey, at(20_004, 3)));
}
