//! Bad specs and what is said about them: each file of tests/errors/ holds its diagnostics as marks.
//!
//! ```yaml
//! on_entri: x
//! #^^^^^^^ error FSM0010: unknown key `on_entri`
//! #        help: did you mean `onEntry`?
//! states: { A: {}, A: {} }
//! #                ^ error FSM0011: `A` stands here a second time
//! #         - label FSM0011: first written here
//! ```
//!
//! A mark stands under its line, its carets under what is underlined; in column 1 the `#` is the first caret. In Rust
//! files, whose machines are written as `fsm! { … }`, marks begin with `//`.
//!
//! `^^^↓2:7` goes on for two lines, up to column 7. The driver takes the marks away, checks the rest, draws the marks
//! of what was found and compares. Where marks would change the meaning (inside of a block scalar, or where the file
//! is not even text), the marked text is a sibling, `NAME.expected`.
//!
//! `UPDATE_MARKS=1 cargo test -p fsm-codegen --test errors` writes the marks anew; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fsm_codegen::diag::{Diagnostic, Diagnostics};
use fsm_codegen::frontend::tokens::file;
use fsm_codegen::source::{Notation, Source, Span};
use fsm_codegen::{Config, check, check_written};

/// What a check of a file gives: the text that the places are in, and the complaints.
struct Found {
    source: Source,
    diagnostics: Diagnostics,
}

fn check_bytes(name: &str, bytes: &[u8]) -> Found {
    match Source::from_bytes(name, bytes) {
        Ok(source) => {
            let diagnostics = match source.notation() {
                Notation::Yaml => check(&source, &Config::default()).diagnostics,
                Notation::Rust => check_rust(&source),
            };
            Found { source, diagnostics }
        }
        Err(unreadable) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(unreadable.diagnostic);
            Found { source: unreadable.source, diagnostics }
        }
    }
}

/// What is said about all machines of a Rust file.
fn check_rust(source: &Source) -> Diagnostics {
    let mut all = Diagnostics::default();
    let (machines, torn) = match file::machines(source) {
        Ok(machines) => (machines, None),
        Err(diagnostic) => (file::machines_before(source, &diagnostic), Some(diagnostic)),
    };
    for machine in &machines {
        all.extend(check_written(machine, source, &Config::default()).diagnostics);
    }
    if let Some(diagnostic) = torn {
        all.push(*diagnostic);
    }
    all
}

/// How a comment begins.
const fn comment(notation: Notation) -> &'static str {
    match notation {
        Notation::Yaml => "#",
        Notation::Rust => "//",
    }
}

/// Whether a line is a mark.
fn is_mark(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('#').or(line.strip_prefix("//")) else { return false };
    let text = rest.trim_start_matches([' ', '^', '-']);
    let text = match text.strip_prefix('↓') {
        Some(end) => end.trim_start_matches(|char: char| char.is_ascii_digit() || char == ':').trim_start(),
        None => text,
    };
    ["error FSM", "warning FSM", "label FSM", "help: "].iter().any(|word| text.starts_with(word))
}

fn without_marks(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !is_mark(line)).collect()
}

/// The lines to write below a line of the source: its number, and the marks in order.
fn marks(found: &Found) -> Vec<(usize, String)> {
    let mut marks = Vec::new();
    for diagnostic in &found.diagnostics {
        marks.push(primary(&found.source, diagnostic));
        for label in &diagnostic.labels {
            let text = format!("label {}: {}", diagnostic.code.id(), label.text);
            marks.push(mark(&found.source, label.span, '-', &text));
        }
    }
    marks.sort_by_key(|(line, _)| *line);
    marks
}

fn primary(source: &Source, diagnostic: &Diagnostic) -> (usize, String) {
    let text = format!("{} {}: {}", diagnostic.severity.name(), diagnostic.code.id(), diagnostic.message);
    let (line, mut mark) = mark(source, diagnostic.span, '^', &text);
    if let Some(help) = &diagnostic.help {
        let column = source.position(diagnostic.span.lo).column;
        let comment = comment(source.notation());
        let blank = " ".repeat(column.saturating_sub(comment.len()).max(1));
        writeln!(mark, "{comment}{blank}help: {help}").expect("text grows");
    }
    (line, mark)
}

fn mark(source: &Source, span: Span, caret: char, text: &str) -> (usize, String) {
    let (start, end) = (source.position(span.lo), source.position(span.hi));
    let line = source.text().lines().nth(start.line - 1).unwrap_or_default();
    let width = line.chars().count();
    let (last, down) = if end.line > start.line {
        (width + 1, format!("↓{}:{}", end.line - start.line, end.column))
    } else {
        (end.column, String::new())
    };
    let carets = caret.to_string().repeat(last.saturating_sub(start.column).max(1));
    let comment = comment(source.notation());
    // The comment takes the place of carets in front.
    let hidden = (comment.len() + 1).saturating_sub(start.column).min(carets.len());
    let blank = " ".repeat((start.column - 1).saturating_sub(comment.len()));
    let drawn = format!("{comment}{blank}{}", &carets[hidden..]);
    (start.line, format!("{drawn}{down} {text}\n"))
}

/// The source with the marks below its lines.
fn marked(found: &Found) -> String {
    let mut text = String::new();
    let mut marks = marks(found).into_iter().peekable();
    for (number, line) in (1..).zip(found.source.text().split_inclusive('\n')) {
        text.push_str(line);
        if marks.peek().is_some_and(|(at, _)| *at == number) && !line.ends_with('\n') {
            text.push('\n');
        }
        while let Some((_, mark)) = marks.next_if(|(at, _)| *at == number) {
            text.push_str(&mark);
        }
    }
    // What stands behind the last line break.
    marks.for_each(|(_, mark)| text.push_str(&mark));
    text
}

/// Everything about the diagnostics that marks in the text may not change.
fn essence(found: &Found) -> Vec<String> {
    let place = |span: Span| {
        let (start, end) = (found.source.position(span.lo), found.source.position(span.hi));
        let line = found.source.text().lines().nth(start.line - 1).unwrap_or_default();
        format!("{line} {} {}", start.column, end.column)
    };
    let one = |diagnostic: &Diagnostic| {
        let labels: Vec<_> = diagnostic.labels.iter().map(|label| (place(label.span), &label.text)).collect();
        format!("{:?} {} {} {labels:?}", diagnostic.code, diagnostic.message, place(diagnostic.span))
    };
    found.diagnostics.iter().map(one).collect()
}

/// What is wrong with the marks of a file; writes them anew where `update` says so.
fn complaint(path: &Path, update: bool) -> Option<String> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let sibling = path.with_extension("expected");
    let text = std::str::from_utf8(&bytes).ok();
    let bare = text.map_or_else(|| bytes.clone(), |text| without_marks(text).into_bytes());
    let found = check_bytes(name, &bare);
    if found.diagnostics.is_empty() {
        return Some(format!("{}: nothing is wrong with this file", path.display()));
    }
    let expected = marked(&found);
    let beside = text.is_none() || essence(&check_bytes(name, expected.as_bytes())) != essence(&found);
    let (file, other) = if beside { (sibling.as_path(), Some(path)) } else { (path, None) };
    if update {
        fs::write(file, &expected).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        match other {
            Some(bad) => fs::write(bad, &bare).unwrap_or_else(|error| panic!("{}: {error}", bad.display())),
            None => drop(fs::remove_file(&sibling)),
        }
        return None;
    }
    let actual = fs::read_to_string(file).unwrap_or_default();
    if actual == expected && (beside || !sibling.exists()) {
        return None;
    }
    Some(format!("{}: the marks differ\n--- it says\n{actual}\n--- found\n{expected}", file.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_bad_spec_gets_the_diagnostics_that_its_marks_say() {
    let update = std::env::var_os("UPDATE_MARKS").is_some();
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors"));
    assert!(files.len() > 20, "the corpus is not where it was: {files:?}");
    let complaints: Vec<_> = files.iter().filter_map(|file| complaint(file, update)).collect();
    assert!(complaints.is_empty(), "{}\nUPDATE_MARKS=1 writes the marks anew", complaints.join("\n\n"));
}

#[test]
fn a_comment_is_no_mark() {
    for line in [
        "# an error in the text",
        "  # ^^^ error FSM0010: x",
        "#help",
        "a: 1 # help: x",
        "// a comment",
        "    // help: x",
    ] {
        assert!(!is_mark(line), "{line}");
    }
    for line in [
        "#^^ error FSM0010: x",
        "# error FSM0010: x",
        "#    ^^↓2:7 warning FSM0101: x",
        "#   help: x",
        "//  ^ error FSM0010: x",
    ] {
        assert!(is_mark(line), "{line}");
    }
}
