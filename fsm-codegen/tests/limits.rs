//! Input of any size or malice gets an answer: a code and a place, in bounded time and memory, on a thread's stack.
//!
//! The inputs are generated, because they are large. Each test runs on the 2 MiB of a test thread, unoptimised.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fsm_codegen::diag::{Code, Diagnostics};
use fsm_codegen::frontend::tokens::file;
use fsm_codegen::frontend::yaml;
use fsm_codegen::source::{MAX_BYTES, Position, Source};
use fsm_codegen::{Checked, Config, backend, check, check_written};

/// Far more than any of these takes, far less than anything quadratic would.
const PATIENCE: Duration = Duration::from_mins(1);

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
    let block: Vec<_> = (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(first(&block.concat()).0, Code::TooLarge);
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
    // Unoptimised, the whole size and the four million nodes that are allowed take half a minute.
    let size = if cfg!(debug_assertions) { MAX_BYTES / 16 } else { MAX_BYTES - 100 };
    if cfg!(not(debug_assertions)) {
        assert_eq!(first(&format!("meta: [{}]", "a,".repeat(size / 2))).0, Code::TooLarge);
    }
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
    // At the alias with which it becomes too much.
    let (code, place) = first(&text);
    assert_eq!((code, place.line), (Code::TooLarge, 7));
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
    let keys: Vec<_> = (0..20_000).map(|key| format!("key{key}: 1\n")).collect();
    let mut diagnostics = Diagnostics::default();
    drop(yaml::parse(&Source::new("generated.yaml", keys.concat()), &mut diagnostics));
    assert_eq!(diagnostics.iter().len() + diagnostics.dropped(), 20_000);
}

#[test]
fn repeated_mistakes_on_one_line_take_linear_time() {
    let events: Vec<_> = (0..50_000).map(|event| format!("E{event}: ,")).collect();
    assert_eq!(first(&format!("on: {{ {} }}", events.concat())).0, Code::EmptyValue);
    assert_eq!(first(&format!("entry: [ {} ]", "f(a,".repeat(50_000))).0, Code::UnbalancedBrackets);
    assert_eq!(first(&format!("entry: [ {} ]", "f(a,b),".repeat(50_000))).0, Code::UnbalancedBrackets);
    assert_eq!(first(&format!("entry: [ {} ]", "!a b,".repeat(50_000))).0, Code::WrongType);
}

/// Files that hold every form, right and wrong.
fn corpus() -> Vec<Vec<u8>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let folders = std::fs::read_dir(root).expect("the corpus of bad specs").filter_map(Result::ok);
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

#[test]
fn mangled_specs_never_panic() {
    const SPICE: &[u8] = b"{}[]()<>:,#&*!|>'\"%@`\\\n\t -=.a1\xc3\xa4?~";
    let corpus = corpus();
    let mut random = dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..3_000 {
        let mut bytes = corpus[random(corpus.len())].clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len() + 1);
            match random(4) {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.splice(at..at, corpus[random(corpus.len())].iter().copied().take(40)).for_each(drop),
                _ => bytes.insert(at, SPICE[random(SPICE.len())]),
            }
        }
        if let Ok(source) = Source::from_bytes("mangled.yaml", &bytes) {
            check_places(&source);
        }
    }
}

/// Whatever is said about a text, it is said at places in it.
fn check_places(source: &Source) {
    for diagnostic in &check(source, &Config::default()).diagnostics {
        let labels = diagnostic.labels.iter().map(|label| label.span);
        for place in labels.chain([diagnostic.span]) {
            assert!(source.text().get(place.range()).is_some(), "{diagnostic:?} in {:?}", source.text());
        }
    }
}

/// Specs that mean something else than they did: words of good ones changed for others of the same spec, lines left out,
/// lines written twice. Most of them can still be read, so that it is the later stages that have to cope.
#[test]
fn confused_specs_never_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolved");
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    paths.sort();
    let mut random = dice(0x9e37_79b9_7f4a_7c15);
    for path in paths {
        let text = fs::read_to_string(path).expect("a spec is text");
        for _ in 0..400 {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for _ in 0..=random(3) {
                let (at, other) = (random(lines.len()), random(lines.len()));
                match random(6) {
                    0 => drop(lines.remove(at)),
                    1 => lines.insert(at, lines[other].clone()),
                    _ => {
                        let word = word(&lines[other], random(1_000)).to_owned();
                        let old = self::word(&lines[at], random(1_000)).to_owned();
                        lines[at] = lines[at].replacen(&old, &word, 1);
                    }
                }
            }
            check_places(&Source::new("confused.yaml", lines.join("\n")));
        }
    }
}

/// One of the words of a line.
fn word(line: &str, index: usize) -> &str {
    let words: Vec<&str> = line.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
    words.get(index % words.len().max(1)).copied().unwrap_or_default()
}

/// Numbers below what is asked for, the same in every run.
fn dice(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below.max(1)).unwrap_or(1)).unwrap_or_default()
    }
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

/// The machines of a Rust file, with everything that is said about them.
fn written(text: &str) -> Vec<Checked> {
    let source = Source::new("generated.rs", text);
    assert!(file::paths(&source).is_empty());
    let machines = file::machines(&source).expect("tokens");
    machines.iter().map(|written| check_written(written, &source, &Config::default())).collect()
}

/// States in one another, and in the innermost one an action.
fn in_states(depth: usize, action: &str) -> String {
    let open: Vec<_> = (0..depth).map(|level| format!("initial S{level}; state S{level} {{ ")).collect();
    format!("fsm! {{ machine M {{ {} on X / {action}; {} }} }}", open.concat(), "}".repeat(depth))
}

#[test]
fn conditional_actions_nested_without_end_are_refused() {
    let chain = |length: usize| format!("{} if h {{ y }}", "if g { x } else ".repeat(length));
    let nest = |depth: usize| format!("{} y {}", "if g { x, ".repeat(depth), "}".repeat(depth));
    for text in [chain(350), chain(2_500), chain(50_000), nest(2_500), nest(50_000)] {
        let checked = written(&in_states(1, &text)).remove(0);
        assert!(checked.machine.is_none());
        assert_eq!(checked.diagnostics.iter().next().map(|first| first.code), Some(Code::TooLarge));
    }
}

#[test]
fn brackets_in_a_macro_nested_without_end_are_refused() {
    let brackets = format!("{}{}", "(".repeat(100_000), ")".repeat(100_000));
    let pieces = ["f(B)", "assign n = B", "if B { x }", "raise X { x: B }", "log B", "B"];
    let actions = pieces.map(|piece| in_states(1, &piece.replace('B', &brackets)));
    let others = ["fsm!(B)", "fsm! { machine M B }", "fsm! { #[meta(B)] machine M { context n: u8 = B; initial B; } }"];
    for text in others.map(|text| text.replace('B', &brackets)).into_iter().chain(actions) {
        let checked = written(&text).remove(0);
        assert!(checked.machine.is_none() && checked.diagnostics.has_errors());
    }
}

/// What the macro takes can be printed as YAML, which is read again.
#[test]
fn the_deepest_machine_of_a_macro_goes_through_all_stages() {
    let inner = "assign { a = 1, b = 2 }, if all(g, any(h, !i)) { raise R { r: 1 }, x } else { y }";
    for (states, conditions) in [(119, 0), (1, 118), (60, 59)] {
        let chain = format!("{}{{ {inner} }}", "if g { x } else ".repeat(conditions));
        let nest = format!("{}{inner}{}", "if g { x, ".repeat(conditions), "}".repeat(conditions));
        for action in [if conditions == 0 { inner.to_owned() } else { chain }, nest] {
            let text = in_states(states, &action);
            let text = text.replacen("initial", "event X {} event R { r: u8 } context { a: u8, b: u8 } initial", 1);
            let checked = written(&text).remove(0);
            let machine = checked.machine.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
            let source = Source::new("generated.rs", text);
            assert!(!backend::rust::emit(&machine, &source, &Config::default()).is_empty());
            let printed = Source::new("printed.yaml", backend::yaml::emit(&machine));
            let checked = check(&printed, &Config::default());
            assert!(checked.machine.is_some_and(|again| again == machine), "{:?}", checked.diagnostics);
        }
    }
}
