//! Running the real command in a folder of a test's own.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

pub mod specs;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A new folder below the target folder.
pub fn empty_folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// What a run gave: exit status, standard output, standard error.
pub struct Ran {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The command with the words of `line` as its arguments, to be run in `folder`.
pub fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fsmc"));
    // Help is as wide as the terminal; the tests have none.
    command.current_dir(folder).args(line.split_whitespace()).env_remove("COLUMNS");
    command
}

/// Runs it without input.
pub fn run(folder: &Path, line: &str) -> Ran {
    ran(command(folder, line).stdin(Stdio::null()).output().expect("fsmc starts"))
}

/// Runs it with something on standard input.
pub fn run_with(folder: &Path, line: &str, input: &[u8]) -> Ran {
    let mut command = command(folder, line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("fsmc starts");
    // A child that stops reading early closes the pipe; what it says then is what the test looks at.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    ran(child.wait_with_output().expect("fsmc ends"))
}

/// What a command that ended gave.
pub fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    Ran { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// All files below a folder, in the order of their names.
pub fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() { files(&entry, found) } else { found.push(entry) }
    }
}
