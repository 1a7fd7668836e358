//! `fsm_codegen::configure()` for build scripts.
//!
//! A shell around [`crate::check_bytes`] and [`crate::backend`]: it reads specs, prints cargo's directives and writes
//! `$OUT_DIR/<stem>.rs`. The only module of this crate that does any of this.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), fsm_codegen::BuildError> {
//!     fsm_codegen::configure().compile(&["specs/robot.yaml"])
//! }
//! ```

pub mod files;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::backend::rust::Older;
use crate::config::Places;
use crate::diag::{self, Code, Level};
use crate::ir::Machine;
use crate::source::Source;
use crate::{Checked, Config, backend};

/// Starts a compilation of specs in a build script.
pub fn configure() -> Builder {
    let config = Config { places: Places::Comments, ..Config::default() };
    Builder { config, out_dir: None, mermaid: false, emit_rerun: true, older: Vec::new(), problems: Vec::new() }
}

/// What a build script can choose.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `compile`"]
pub struct Builder {
    config: Config,
    out_dir: Option<PathBuf>,
    mermaid: bool,
    emit_rerun: bool,
    /// Specs of older versions, the oldest of a machine first.
    older: Vec<PathBuf>,
    /// Mistakes in the options; reported together with those of the specs.
    problems: Vec<String>,
}

impl Builder {
    /// Writes to this folder instead of `$OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Derives serde's traits for the generated types.
    pub fn serde(mut self, derive: bool) -> Self {
        self.config.serde = derive;
        self
    }

    /// Adds a module `testing` to each machine, with handlers that follow a script: `Scripted`. fsm-runtime needs its feature
    /// `testing` then. A machine with generic parameters has none.
    pub fn testing(mut self, add: bool) -> Self {
        self.config.testing = add;
        self
    }

    /// Implements proptest's `Arbitrary` for the events of each machine and their payloads. fsm-runtime needs its feature
    /// `proptest` then, and the types of fields `Arbitrary` too. A machine with generic parameters has no such impls.
    pub fn proptest(mut self, add: bool) -> Self {
        self.config.proptest = add;
        self
    }

    /// Adds a module `spans` to each machine, with `Spans` around other handlers: each of them runs in a span of `tracing` that
    /// is named after it. fsm-runtime needs its feature `tokio` then, which is on by default. A machine with generic parameters
    /// has none.
    pub fn spans(mut self, add: bool) -> Self {
        self.config.spans = add;
        self
    }

    /// Also draws each machine, as a Mermaid state diagram in `$OUT_DIR/<stem>.mmd`.
    pub fn mermaid(mut self, draw: bool) -> Self {
        self.mermaid = draw;
        self
    }

    /// Sets the level of a lint, by its name or number, whatever the specs say.
    pub fn lint(mut self, name: &str, level: Level) -> Self {
        match Code::lint(name) {
            Some(code) => self.config.lints.push((code, level)),
            None => self.problems.push(unknown_lint(name)),
        }
        self
    }

    /// Older versions of the machines, each found by its name, the oldest of a machine first: their snapshots can be
    /// restored too. The generated module gets the types of each version (`v1`), and a trait `Migrate` to implement; so
    /// [`Builder::serde`] is needed. docs/versions.md tells more.
    pub fn migrates_from(mut self, specs: &[impl AsRef<Path>]) -> Self {
        self.older.extend(specs.iter().map(|spec| spec.as_ref().to_owned()));
        self
    }

    /// Makes every warning an error.
    pub fn deny_warnings(mut self) -> Self {
        self.config.warnings = Level::Deny;
        self
    }

    /// Whether to print `cargo::rerun-if-changed` for each spec; true unless said otherwise.
    pub fn emit_rerun(mut self, emit: bool) -> Self {
        self.emit_rerun = emit;
        self
    }

    /// Compiles the specs, each into `<stem>.rs`, which is written only if its content changes.
    ///
    /// Paths are relative to the package, as cargo runs build scripts there.
    ///
    /// # Errors
    ///
    /// When a spec has errors or a file cannot be read or written. All specs are compiled before; the error shows
    /// what is wrong with each.
    pub fn compile(self, specs: &[impl AsRef<Path>]) -> Result<(), BuildError> {
        let mut report = Report { problems: self.problems.clone(), ..Report::default() };
        let out_dir = self.out_dir.clone().or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        if out_dir.is_none() {
            report.problems.push("OUT_DIR is not set: call this from a build script, or choose an `out_dir`".into());
        }
        let mut older = self.read_older(&mut report);
        let mut stems = BTreeMap::new();
        for spec in specs {
            let (spec, stem) = (spec.as_ref(), Source::new(spec.as_ref().to_string_lossy(), "").stem().to_owned());
            if self.emit_rerun {
                let _ = writeln!(report.directives, "cargo::rerun-if-changed={}", spec.display());
            }
            if let Some(other) = stems.insert(stem.clone(), spec.display()) {
                let both = format!("{other} and {}", spec.display());
                report.problems.push(format!("{both} would both become {stem}.rs: rename one of them"));
                continue;
            }
            let out = out_dir.as_deref().map(|dir| dir.join(stem + ".rs"));
            self.compile_one(spec, out.as_deref(), &mut older, &mut report);
        }
        let has_errors = !report.shown.is_empty();
        for OlderSpec { machine, source, .. } in older.iter().filter(|older| !older.used && !has_errors) {
            let name = &machine.name.value;
            let problem = format!("{} is an older version of `{name}`, and no spec is called so", source.name());
            report.problems.push(problem);
        }
        report.finish()
    }

    /// The machines of older versions; nobody mends what a lint has to say about them.
    fn read_older(&self, report: &mut Report) -> Vec<OlderSpec> {
        if !self.older.is_empty() && !self.config.serde {
            report
                .problems
                .push("`migrates_from` needs `serde(true)`: a snapshot comes from where it was written".into());
        }
        let mut older = Vec::new();
        for spec in &self.older {
            if self.emit_rerun {
                let _ = writeln!(report.directives, "cargo::rerun-if-changed={}", spec.display());
            }
            let Some((source, Checked { machine, diagnostics })) = self.read(spec, report) else { continue };
            if diagnostics.has_errors() {
                report.add(&source, &diagnostics);
            }
            older.extend(machine.map(|machine| OlderSpec { machine, source, used: false }));
        }
        older
    }

    fn read(&self, spec: &Path, report: &mut Report) -> Option<(Source, Checked)> {
        match files::read(spec) {
            Ok(bytes) => Some(crate::check_bytes(&spec.to_string_lossy(), &bytes, &self.config)),
            Err(error) => {
                report.problems.push(format!("{} cannot be read: {error}", spec.display()));
                None
            }
        }
    }

    fn compile_one(&self, spec: &Path, out: Option<&Path>, older: &mut [OlderSpec], report: &mut Report) {
        let Some((source, Checked { machine, diagnostics })) = self.read(spec, report) else { return };
        report.add(&source, &diagnostics);
        let (Some(machine), Some(out)) = (machine, out) else { return };
        let mut versions = Vec::new();
        for older in older.iter_mut().filter(|older| older.machine.name == machine.name) {
            older.used = true;
            versions.push(Older { machine: &older.machine, source: &older.source });
        }
        if let Some(problem) = backend::rust::cannot_migrate(&machine, &versions) {
            return report.problems.push(format!("{}: {problem}", spec.display()));
        }
        let tokens = backend::rust::emit_migrating(&machine, &source, &self.config, &versions);
        report.write(out, &backend::format::format(&tokens, &source));
        if self.mermaid {
            report.write(&out.with_extension("mmd"), &backend::mermaid::emit(&machine));
        }
    }
}

/// A spec of an older version.
struct OlderSpec {
    machine: Machine,
    source: Source,
    /// Whether a spec has its name.
    used: bool,
}

fn unknown_lint(name: &str) -> String {
    let near = diag::did_you_mean(name, Code::lints().map(Code::name)).map(|help| format!("; {help}"));
    format!("unknown lint `{}`{}", diag::shown(name), near.unwrap_or_default())
}

/// What happened, collected over all specs: the directives first, the error last.
#[derive(Default)]
struct Report {
    /// For cargo, on standard output.
    directives: String,
    /// What is wrong beside the specs' content.
    problems: Vec<String>,
    /// The diagnostics of each spec that has errors, underlined.
    shown: String,
}

impl Report {
    fn add(&mut self, source: &Source, diagnostics: &diag::Diagnostics) {
        self.directives.push_str(&diag::cargo::render(source, diagnostics, cfg!(feature = "report")));
        if diagnostics.has_errors() {
            self.shown.push('\n');
            self.shown.push_str(&shown(source, diagnostics));
        }
    }

    fn write(&mut self, file: &Path, text: &str) {
        if let Err(error) = files::write_if_changed(file, text) {
            self.problems.push(format!("{} cannot be written: {error}", file.display()));
        }
    }

    /// Tells cargo what there is to tell, and the caller whether to go on.
    fn finish(mut self) -> Result<(), BuildError> {
        for problem in &self.problems {
            self.directives.push_str(&diag::cargo::directive("error", problem));
        }
        // Where nobody listens there is nobody to tell.
        let _ = io::stdout().write_all(self.directives.as_bytes());
        if self.problems.is_empty() && self.shown.is_empty() {
            return Ok(());
        }
        let head = std::iter::once("state machines not compiled").chain(self.problems.iter().map(String::as_str));
        Err(BuildError { text: format!("{}\n{}", head.collect::<Vec<_>>().join("\n"), self.shown) })
    }
}

#[cfg(feature = "report")]
fn shown(source: &Source, diagnostics: &diag::Diagnostics) -> String {
    diag::terminal::render(source, diagnostics, diag::terminal::Look::Plain)
}

/// Without the feature `report` the directives say it all.
#[cfg(not(feature = "report"))]
fn shown(source: &Source, _: &diag::Diagnostics) -> String {
    format!("errors in {}\n", source.name())
}

/// Why a build script has to stop. Its `Debug` is its text too, as `main` prints that.
pub struct BuildError {
    text: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {}

#[cfg(test)]
mod tests;
