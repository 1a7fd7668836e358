//! `fsmc fix`: follows the advice of `fsmc check` where there is one right answer.
//!
//! A name that is mended can show the next mistake, so a file is checked again until nothing changes. What stands
//! outside of the mended places stays as it is, byte for byte, also a byte order mark and the ends of lines.

use std::path::Path;

use fsm_codegen::build_script::files;
use fsm_codegen::diag::fix::{self, Fixed};
use fsm_codegen::diag::{Diagnostics, Edit, terminal};
use fsm_codegen::source::Source;
use fsm_codegen::{Checked, Config};

use super::spec::Spec;
use super::{Failure, Outcome, is_stdin, read};
use crate::args::FixArgs;
use crate::output;

/// A bound on the rounds of one file. Each round mends a name for good, but two pieces of advice might contradict.
const MOST_ROUNDS: usize = 16;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file after all rounds.
struct Mended {
    source: Source,
    /// What is still to be said.
    diagnostics: Diagnostics,
    /// How many places were mended.
    count: usize,
}

/// Mends every file, also after one that cannot be read; that one decides how the run ends.
pub(crate) fn run(args: &FixArgs) -> Result<Outcome, Failure> {
    let config = args.lints.config();
    let mut end = Ok(Outcome::Fine);
    for path in &args.specs {
        match mend_file(path, args.check, &config) {
            Ok(Outcome::Fine) => {}
            Ok(Outcome::Errors) => end = end.map(|_| Outcome::Errors),
            Err(failure) => {
                if let Err(Failure(earlier)) = std::mem::replace(&mut end, Err(failure)) {
                    output::complain(&earlier);
                }
            }
        }
    }
    end
}

fn mend_file(path: &Path, check: bool, config: &Config) -> Result<Outcome, Failure> {
    let (name, bytes) = read(path)?;
    let Mended { source, diagnostics, count } = mend(path, &name, &bytes, config);
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { "\u{feff}" } else { "" };
    if is_stdin(path) && !check {
        output::stdout(&format!("{mark}{}", source.text()))?;
    } else if count > 0 && !check {
        let text = format!("{mark}{}", source.text());
        files::write_if_changed(path, &text).map_err(|error| Failure(format!("cannot write {name}: {error}")))?;
    }
    output::stderr(&terminal::render(&source, &diagnostics, output::look()));
    if count == 0 && diagnostics.is_empty() {
        output::stderr(&format!("{name}: no problems\n"));
    }
    let failed = diagnostics.has_errors() || (check && count > 0);
    Ok(if failed { Outcome::Errors } else { Outcome::Fine })
}

/// Where a place of the text after some rounds stood in the text as it was.
#[derive(Default)]
struct Origin {
    /// The edits of each round, in the order of its text.
    rounds: Vec<Vec<Edit>>,
}

impl Origin {
    fn of(&self, at: u32) -> u32 {
        self.rounds.iter().rev().fold(at, |at, edits| before(edits, at))
    }
}

/// Where a place stood before the edits; inside of what one wrote it stood where that begins.
fn before(edits: &[Edit], at: u32) -> u32 {
    let (mut written, mut replaced) = (0, 0);
    for edit in edits {
        let length = u32::try_from(edit.text.len()).unwrap_or(u32::MAX);
        let begins = edit.span.lo - replaced + written;
        if at < begins {
            break;
        }
        if at < begins + length {
            return edit.span.lo;
        }
        (written, replaced) = (written + length, replaced + (edit.span.hi - edit.span.lo));
    }
    at - written + replaced
}

/// Checks and mends until nothing more can be mended; says each change.
fn mend(path: &Path, name: &str, bytes: &[u8], config: &Config) -> Mended {
    let (mut source, mut diagnostics) = look(path, name, bytes, config);
    let mut origin = Origin::default();
    let original = source.clone();
    let mut changes: Vec<(u32, String)> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let Fixed { text, made } = fix::apply(&source, &diagnostics);
        if made.is_empty() {
            break;
        }
        for (diagnostic, edit) in &made {
            let change = change(source.slice(edit.span), &edit.text);
            changes.push((origin.of(edit.span.lo), format!("{change} [{}]", diagnostic.code.id())));
        }
        origin.rounds.push(made.into_iter().map(|(_, edit)| edit).collect());
        (source, diagnostics) = look(path, name, text.as_bytes(), config);
    }
    changes.sort_by_key(|(at, _)| *at);
    for (at, change) in &changes {
        let at = original.position(*at);
        output::stderr(&format!("{name}:{}:{}: {change}\n", at.line, at.column));
    }
    Mended { source, diagnostics, count: changes.len() }
}

/// What all machines of a file have to say.
fn look(path: &Path, name: &str, bytes: &[u8], config: &Config) -> (Source, Diagnostics) {
    let (source, specs) = Spec::read(path, name, bytes);
    let mut all = Diagnostics::default();
    for spec in specs {
        let Checked { diagnostics, .. } = spec.check(config);
        diagnostics.iter().for_each(|diagnostic| all.push(diagnostic.clone()));
    }
    (source, all)
}

/// `Idel` becomes `Idle`.
fn change(old: &str, new: &str) -> String {
    if old.is_empty() { format!("`{new}` is put in") } else { format!("`{old}` becomes `{new}`") }
}
