//! The command line of the compiler.
//!
//! A shell around fsm-codegen: [`args`] says what can be asked, [`cmd`] holds one file for each subcommand, [`output`]
//! writes. Exit status: 0 fine, 1 the specs have errors (or a file is not up to date, or what was
//! stored no longer fits), 2 wrong usage or a file that
//! cannot be read or written. A reader that closes its pipe early is no error.

mod args;
mod cmd;
mod output;
mod panics;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::cmd::{Failure, Outcome};

fn main() -> ExitCode {
    panics::install();
    let outcome = match Args::parse().command {
        Command::Check(args) => cmd::check::run(&args),
        Command::Compile(args) => cmd::compile::run(&args),
        Command::Convert(args) => cmd::convert::run(&args),
        Command::Coverage(args) => cmd::coverage::run(&args),
        Command::Diff(args) => cmd::diff::run(&args),
        Command::Explain(args) => cmd::explain::run(&args),
        Command::Fix(args) => cmd::fix::run(&args),
        Command::Import(args) => cmd::import::run(&args),
        Command::Render(args) => cmd::render::run(&args),
        Command::Schema(args) => cmd::schema::run(&args),
        Command::Simulate(args) => cmd::simulate::run(&args),
        Command::Testgen(args) => cmd::testgen::run(&args),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Errors) => ExitCode::from(1),
        Err(Failure(message)) => {
            output::complain(&message);
            ExitCode::from(2)
        }
    }
}
