//! `fsmc simulate`: plays a machine, line by line.
//!
//! Another program may hold both ends of the pipe: a line is answered before the next one is read, and every answer is
//! flushed.

use std::io::{self, Write as _};

use fsm_codegen::interp::session::{Input, Line, Refusal, Session};
use fsm_codegen::source::Source;

use super::lines::Lines;
use super::{Failure, Outcome, is_stdin, machine};
use crate::args::{SimulateArgs, SimulateFormat};
use crate::output;

/// Why playing stopped.
enum Stop {
    /// There is nothing more to read, or nobody reads on.
    Done,
    /// A line is wrong, or the simulation cannot go on.
    Wrong,
}

/// Plays until the input ends.
pub(crate) fn run(args: &SimulateArgs) -> Result<Outcome, Failure> {
    if is_stdin(&args.spec.spec) && is_stdin(&args.events) {
        return Err(Failure("the spec and the events cannot both come from standard input".to_owned()));
    }
    let config = args.spec.lints.config();
    let (spec, Some(machine)) = machine(&args.spec, &config)? else { return Ok(Outcome::Errors) };
    let source = spec.source();
    let mut session = Session::new(&machine, source).with_guards(args.guards);
    let mut play = Play { source, lines: Lines::open(&args.events)?, format: args.format };
    Ok(match play.play(&mut session)? {
        Stop::Done => Outcome::Fine,
        Stop::Wrong => Outcome::Errors,
    })
}

/// A run.
struct Play<'s> {
    source: &'s Source,
    lines: Lines,
    format: SimulateFormat,
}

impl Play<'_> {
    /// Plays lines. Where the first one is no start, the machine starts by itself.
    fn play(&mut self, session: &mut Session<'_>) -> Result<Stop, Failure> {
        let mut started = false;
        loop {
            let line = match self.lines.next()?.map(|line| line.and_then(|text| Line::parse(&text))) {
                Some(Ok(line)) => Some(line),
                Some(Err(problem)) => return Ok(self.complain(&problem)),
                None => None,
            };
            let starts = line.as_ref().is_some_and(|line| line.input == Input::Start);
            if !std::mem::replace(&mut started, true)
                && !starts
                && let Some(stop) = self.answer(session, &Input::Start.into())
            {
                return Ok(stop);
            }
            let Some(line) = line else { return Ok(Stop::Done) };
            if let Some(stop) = self.answer(session, &line) {
                return Ok(stop);
            }
        }
    }

    /// Plays one input and prints what it did.
    fn answer(&self, session: &mut Session<'_>, line: &Line) -> Option<Stop> {
        let done = match session.play(line) {
            Ok(done) => done,
            Err(Refusal::Input(problem)) => return Some(self.complain(&problem)),
            Err(Refusal::Stuck(stuck)) => {
                let place = stuck.span.map_or_else(String::new, |span| {
                    let at = self.source.position(span.lo);
                    format!(" ({}:{}:{})", self.source.name(), at.line, at.column)
                });
                return Some(self.complain(&format!("{stuck}{place}")));
            }
        };
        let text = match self.format {
            SimulateFormat::Json => done.json() + "\n",
            SimulateFormat::Text => done.text(),
        };
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => None,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Some(Stop::Done),
            Err(error) => {
                output::complain(&format!("cannot write to standard output: {error}"));
                Some(Stop::Wrong)
            }
        }
    }

    fn complain(&self, problem: &str) -> Stop {
        output::complain(&format!("{}: {problem}", self.lines.place()));
        Stop::Wrong
    }
}
