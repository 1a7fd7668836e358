//! What can be asked: the arguments of all subcommands.

mod lints;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use fsm_codegen::diag::{Code, explain};
use fsm_codegen::import::scxml::is_event_name;
use fsm_codegen::testgen::is_module;
pub(crate) use lints::LintArgs;

/// Checks, compiles, converts, imports and draws state machines.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 fine, 1 errors in a spec or something that no longer fits, 2 wrong usage or an unreadable file."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with specs
    Check(CheckArgs),
    /// Turn a spec into a Rust module
    Compile(CompileArgs),
    /// Write a spec in another notation
    Convert(ConvertArgs),
    /// Say which states and transitions have run, and draw how often
    Coverage(CoverageArgs),
    /// Say what changed between two versions of a machine, and whether what was stored still fits
    Diff(DiffArgs),
    /// Say what a diagnostic means, and how to mend what it complains about
    Explain(ExplainArgs),
    /// Mend what has one right answer: misspelt names, missing signs
    Fix(FixArgs),
    /// Turn a machine in SCXML into a spec
    Import(ImportArgs),
    /// Draw a spec
    Render(RenderArgs),
    /// Print the JSON Schema of specs, by which editors complete and check them
    Schema(SchemaArgs),
    /// Play a machine: events in, what it does out
    Simulate(SimulateArgs),
    /// Write a Rust test that takes every transition of a machine, by the shortest ways
    Testgen(TestgenArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The files to check: specs, and Rust files with `fsm! { … }`; `-` is standard input
    #[arg(required = true, value_name = "SPEC")]
    pub(crate) specs: Vec<PathBuf>,
    /// How to say it: to people on standard error, or to programs on standard output
    #[arg(long, default_value = "human")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) lints: LintArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text with the source underlined
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FixArgs {
    /// The files to mend: specs, and Rust files with `fsm! { … }`; `-` is standard input, mended on standard output
    #[arg(required = true, value_name = "SPEC")]
    pub(crate) specs: Vec<PathBuf>,
    /// Write nothing, but say what would be mended, and fail if there is something
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) lints: LintArgs,
}

/// Which machine.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecArgs {
    /// A spec, or a Rust file with `fsm! { … }`; `-` is standard input
    pub(crate) spec: PathBuf,
    /// Which machine of a Rust file that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) machine: Option<String>,
    #[command(flatten)]
    pub(crate) lints: LintArgs,
}

#[allow(clippy::struct_excessive_bools, reason = "switches, each of its own")]
#[derive(Debug, clap::Args)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing, but fail if FILE is not what would be written
    #[arg(long, requires = "output")]
    pub(crate) check: bool,
    /// Derive serde's traits for the generated types
    #[arg(long)]
    pub(crate) serde: bool,
    /// Add a module `testing` with handlers that follow a script
    #[arg(long)]
    pub(crate) testing: bool,
    /// Implement proptest's `Arbitrary` for events
    #[arg(long)]
    pub(crate) proptest: bool,
    /// Add a module `spans` with handlers that run in spans of `tracing`
    #[arg(long)]
    pub(crate) spans: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// The notation to write
    #[arg(long)]
    pub(crate) to: Notation,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    /// Rust: `fsm! { … }`
    Rust,
    /// YAML, in the short forms of the language
    Yaml,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// What was written down while the machine ran, by `fsm_runtime::coverage::Recorder`; all records are added up
    #[arg(required = true, value_name = "RECORD")]
    pub(crate) records: Vec<PathBuf>,
    /// How to say it
    #[arg(long, default_value = "text")]
    pub(crate) format: CoverageFormat,
    /// Fail if less than so many percent of the states or of the transitions have run
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) min: Option<f64>,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// How much has run, and what never has, with its place in the spec
    Text,
    /// One JSON object with all counts
    Json,
    /// A Mermaid state diagram with counts and colours
    Mermaid,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The machine as it was: a spec, or a Rust file with `fsm! { … }`; `-` is standard input
    pub(crate) old: PathBuf,
    /// The machine as it is
    pub(crate) new: PathBuf,
    /// How to say it: to people, or to programs
    #[arg(long, default_value = "human")]
    pub(crate) format: DiffFormat,
    /// Also write the beginning of a migration in Rust, to a new file; on standard output (`-`) it takes the place of the changes
    #[arg(long, value_name = "FILE")]
    pub(crate) stub: Option<PathBuf>,
    /// Which machine of a Rust file that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) machine: Option<String>,
    #[command(flatten)]
    pub(crate) lints: LintArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// A line for each change, with its reason
    Human,
    /// One JSON object
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// Its number or its name: `FSM0012`, `12` or `wrong_type`; all are listed without it
    #[arg(value_name = "CODE", value_parser = explained)]
    pub(crate) code: Option<Code>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The file to import; `-` is standard input
    #[arg(value_name = "FILE.scxml")]
    pub(crate) file: PathBuf,
    /// Where to write the spec; standard output without it
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) output: Option<PathBuf>,
    /// An event that no transition names in full; can be given several times
    #[arg(long, value_name = "NAME", value_parser = event)]
    pub(crate) event: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// What to draw
    #[arg(long, default_value = "mermaid")]
    pub(crate) format: RenderFormat,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// A Mermaid state diagram, as GitHub shows it in Markdown
    Mermaid,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SimulateArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// What comes to the machine, line by line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) events: PathBuf,
    /// How to say what it does: to people, or to programs
    #[arg(long, default_value = "text")]
    pub(crate) format: SimulateFormat,
    /// The truth of guards that the input does not give
    #[arg(long, value_name = "TRUTH", action = clap::ArgAction::Set)]
    pub(crate) guards: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimulateFormat {
    /// A paragraph for each input
    Text,
    /// A JSON object on a line for each input
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TestgenArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Where the test finds the generated module; `crate::` and the machine's module without it
    #[arg(long, value_name = "PATH", value_parser = module)]
    pub(crate) module: Option<String>,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn module(path: &str) -> Result<String, String> {
    if is_module(path) { Ok(path.to_owned()) } else { Err("a path like `crate::door`".to_owned()) }
}

fn explained(code: &str) -> Result<Code, String> {
    explain::find(code).map_err(|near| near.unwrap_or_else(|| "no such code; `fsmc explain` lists them all".to_owned()))
}

fn percent(text: &str) -> Result<f64, String> {
    let percent: Option<f64> = text.trim_end_matches('%').trim_end().parse().ok();
    percent.filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(|| "a number from 0 to 100".to_owned())
}

fn event(name: &str) -> Result<String, String> {
    if is_event_name(name) { Ok(name.to_owned()) } else { Err("an event has no such name".to_owned()) }
}
