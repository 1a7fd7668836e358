//! Input that is read a line at a time: events to play, records of runs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use super::{Failure, is_stdin};

/// The longest line that is read, in bytes.
const LONGEST: u64 = 1 << 24;

/// The lines of a file; `-` is standard input.
pub(super) struct Lines {
    name: String,
    reader: Box<dyn BufRead>,
    number: usize,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if is_stdin(path) {
            return Ok(Self { name: "<stdin>".to_owned(), reader: Box::new(io::stdin().lock()), number: 0 });
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure(format!("cannot read {name}: {error}")))?;
        Ok(Self { name, reader: Box::new(BufReader::new(file)), number: 0 })
    }

    /// Where the line stands that was read last: `door.events:3`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.name, self.number)
    }

    /// The next line that is not blank, or what is wrong with it.
    pub(super) fn next(&mut self) -> Result<Option<Result<String, String>>, Failure> {
        loop {
            let mut bytes = Vec::new();
            let read = self.reader.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| Failure(format!("cannot read {}: {error}", self.name)))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() as u64 > LONGEST {
                return Ok(Some(Err(format!("the line is longer than {} MiB", LONGEST >> 20))));
            }
            let Ok(text) = String::from_utf8(bytes) else {
                return Ok(Some(Err("the line is not UTF-8".to_owned())));
            };
            if !text.trim().is_empty() {
                return Ok(Some(Ok(text)));
            }
        }
    }
}
