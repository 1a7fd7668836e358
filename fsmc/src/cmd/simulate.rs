//! `fsmc simulate`: plays a machine, line by line.
//!
//! Another program may hold both ends of the pipe: a line is answered before the next one is read, and every answer is
//! flushed.

use std::io::{self, Write as _};

use fsm_codegen::interp::session::{Input, Line, Refusal, Session};
use fsm_codegen::ir::Machine;
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
    /// The spec's events are inferred, and a pattern matches this one, which is new.
    NewEvent(Line, String),
}

/// Plays until the input ends.
pub(crate) fn run(args: &SimulateArgs) -> Result<Outcome, Failure> {
    if is_stdin(&args.spec.spec) && is_stdin(&args.events) {
        return Err(Failure("the spec and the events cannot both come from standard input".to_owned()));
    }
    let mut config = args.spec.lints.config();
    let (spec, Some(mut machine)) = machine(&args.spec, &config)? else { return Ok(Outcome::Errors) };
    let source = spec.source();
    let mut play = Play { source, lines: Lines::open(&args.events)?, format: args.format, started: false };
    // Where a session waits while its machine is resolved anew.
    let parked = Machine::new(machine.name.clone());
    let (mut resting, mut pending): (Option<Session<'_>>, Option<Line>) = (None, None);
    loop {
        let mut session = match resting.take() {
            Some(session) => session.with_machine(&machine, source),
            None => Session::new(&machine, source).with_guards(args.guards),
        };
        match play.play(&mut session, pending.take())? {
            Stop::Done => return Ok(Outcome::Fine),
            Stop::Wrong => return Ok(Outcome::Errors),
            Stop::NewEvent(line, event) => {
                resting = Some(session.with_machine(&parked, source));
                pending = Some(line);
                config.events.push(event);
                match spec.check(&config).machine {
                    Some(more) => machine = more,
                    // A name that cannot be an event's: it stays unhandled.
                    None => drop(config.events.pop()),
                }
            }
        }
    }
}

/// A run.
struct Play<'s> {
    source: &'s Source,
    lines: Lines,
    format: SimulateFormat,
    started: bool,
}

impl Play<'_> {
    /// Plays lines; `again` is one that was read before, and is played with what there is.
    fn play(&mut self, session: &mut Session<'_>, mut again: Option<Line>) -> Result<Stop, Failure> {
        loop {
            let repeated = again.is_some();
            let line = match again.take() {
                Some(line) => line,
                None => match self.lines.next()?.map(|line| line.and_then(|text| Line::parse(&text))) {
                    Some(Ok(line)) => line,
                    Some(Err(problem)) => return Ok(self.complain(&problem)),
                    None => break,
                },
            };
            if !std::mem::replace(&mut self.started, true)
                && line.input != Input::Start
                && let Some(stop) = self.answer(session, &Input::Start.into())
            {
                return Ok(stop);
            }
            if let Input::Event(event, _) = &line.input
                && !repeated
                && session.could_infer(event)
            {
                let event = event.clone();
                return Ok(Stop::NewEvent(line, event));
            }
            if let Some(stop) = self.answer(session, &line) {
                return Ok(stop);
            }
        }
        if !std::mem::replace(&mut self.started, true)
            && let Some(stop) = self.answer(session, &Input::Start.into())
        {
            return Ok(stop);
        }
        Ok(Stop::Done)
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
