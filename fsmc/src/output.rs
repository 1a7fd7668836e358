//! Standard output and standard error, without panics on a closed pipe.

use std::io::{self, IsTerminal as _, Write as _};

use fsm_codegen::diag::terminal::Look;

use crate::cmd::Failure;

/// Whether standard error takes colours: a terminal, and nobody objects (<https://no-color.org>).
pub(crate) fn look() -> Look {
    let objected = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if io::stderr().is_terminal() && !objected && !dumb { Look::Coloured } else { Look::Plain }
}

/// Writes to standard output. A reader that has gone wants no more, and that is fine.
pub(crate) fn stdout(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error; when that fails there is nobody left to tell.
pub(crate) fn stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// `error: …` on standard error, for what concerns no place in a spec.
pub(crate) fn complain(message: &str) {
    let (start, end) = match look() {
        Look::Coloured => ("\u{1b}[1m\u{1b}[91m", "\u{1b}[0m"),
        Look::Plain => ("", ""),
    };
    stderr(&format!("{start}error{end}: {message}\n"));
}
