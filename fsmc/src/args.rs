//! What can be asked: the arguments of all subcommands.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use fsm_codegen::Level;
use fsm_codegen::diag::{Code, did_you_mean, explain};
use fsm_codegen::import::scxml::is_event_name;

/// Checks, compiles, converts, imports and draws state machines.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 fine, 1 errors in a spec, 2 wrong usage or an unreadable file.")]
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
    /// Say what a diagnostic means, and how to mend what it complains about
    Explain(ExplainArgs),
    /// Turn a machine in SCXML into a spec
    Import(ImportArgs),
    /// Draw a spec
    Render(RenderArgs),
    /// Print the JSON Schema of specs, by which editors complete and check them
    Schema(SchemaArgs),
    /// Play a machine: events in, what it does out
    Simulate(SimulateArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The files to check: specs, and Rust files with `fsm! { … }`; `-` is standard input
    #[arg(required = true, value_name = "SPEC")]
    pub(crate) specs: Vec<PathBuf>,
    /// How to say it: to people on standard error, or to programs on standard output
    #[arg(long, default_value = "human")]
    pub(crate) format: CheckFormat,
    /// Make a lint an error, by its name or number; `warnings` is every lint that warns
    #[arg(long, value_name = "LINT", value_parser = denied)]
    pub(crate) deny: Vec<Denied>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text with the source underlined
    Human,
    /// One JSON object
    Json,
}

/// What `--deny` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    Warnings,
    Lint(Code),
}

/// Which machine.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecArgs {
    /// A spec, or a Rust file with `fsm! { … }`; `-` is standard input
    pub(crate) spec: PathBuf,
    /// Which machine of a Rust file that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) machine: Option<String>,
}

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
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// The notation to write, on standard output
    #[arg(long)]
    pub(crate) to: Notation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    /// Rust: `fsm! { … }`
    Rust,
    /// YAML, in the short forms of the language
    Yaml,
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
    #[arg(long)]
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

impl CheckArgs {
    /// The lints to deny, one by one.
    pub(crate) fn lints(&self) -> Vec<(Code, Level)> {
        let lints = self.deny.iter().filter_map(|denied| match denied {
            Denied::Lint(code) => Some((*code, Level::Deny)),
            Denied::Warnings => None,
        });
        lints.collect()
    }
}

fn denied(name: &str) -> Result<Denied, String> {
    if name == "warnings" {
        return Ok(Denied::Warnings);
    }
    Code::lint(name).map(Denied::Lint).ok_or_else(|| {
        let names = Code::lints().map(Code::name).chain(["warnings"]);
        did_you_mean(name, names).unwrap_or_else(|| "no such lint".to_owned())
    })
}

fn explained(code: &str) -> Result<Code, String> {
    explain::find(code).map_err(|near| near.unwrap_or_else(|| "no such code; `fsmc explain` lists them all".to_owned()))
}

fn event(name: &str) -> Result<String, String> {
    if is_event_name(name) { Ok(name.to_owned()) } else { Err("an event has no such name".to_owned()) }
}
