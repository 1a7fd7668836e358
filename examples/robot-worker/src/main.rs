//! A pick-and-place robot behind a TCP socket: the example to copy for a service that lives on messages.
//!
//! ```text
//! specs/robot.yaml ──► build.rs ──► mod robot                      the machine: typed states, events, dispatch
//!
//! client ──► server ──► lines ──► protocol ──► mailbox ──► machine ──► actions ──► arm
//!    ▲ a JSON line        a line    an event     Fleet      robot       Worker      │ Picked, Done
//!    └──── answer ◄────── protocol ◄── journal ◄──┴─ ▲                              │
//!                                                    └────── the mailbox again ◄────┘
//! ```
//!
//! Each step is in the journal before anybody is told of it: whatever happens to the program, a robot that is started
//! again goes on where it was.
//!
//! Without arguments it plays a session against itself (`session`); with `--listen` it serves until Ctrl-C.

mod actions;
mod arm;
mod lines;
mod protocol;
mod server;
mod session;

fsm_runtime::include_fsm!("robot");

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use fsm_runtime::Transition;
use fsm_runtime::fleet::Fleet;
use fsm_runtime::journal::Journal;
use tokio::net::TcpListener;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::actions::{OwnFleet, Worker};
use crate::arm::Arm;

/// How many messages wait for the robot before senders do.
const MAILBOX: usize = 64;

/// The robots of this program, by their numbers.
type Robots = Fleet<u32, robot::Machine>;

/// The number of the only one.
const ROBOT: u32 = 1;

/// Drives a simulated pick-and-place robot by JSON lines over TCP.
///
/// Without arguments it plays a session against itself and says whether all went as expected.
#[derive(Debug, Parser)]
#[command(
    max_term_width = 100,
    after_help = "RUST_LOG=fsm=debug,robot_worker=info shows what happens inside.\n\
    Exit status: 0 fine, 1 the session went otherwise or the address cannot be served, 2 wrong usage."
)]
struct Args {
    /// Serve clients at this address, as 127.0.0.1:7878, until Ctrl-C
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Keep the robot in this folder
    #[arg(long, value_name = "FOLDER", default_value = "robot-journal", requires = "listen")]
    journal: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = trace() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    let done = match args.listen {
        Some(address) => listen(address, &args.journal).await,
        None => session::play().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Shows traces on standard error, as `RUST_LOG` says.
fn trace() -> Result<(), String> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    let targets: Targets = wanted.parse().map_err(|error| format!("RUST_LOG={wanted}: {error}"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry().with(targets).with(lines).init();
    Ok(())
}

async fn listen(address: SocketAddr, journal: &Path) -> Result<(), String> {
    let cannot = |error| format!("{address} cannot be served: {error}");
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let (robots, arm) = start(journal)?;
    say(format_args!("listening on {}, until Ctrl-C", listener.local_addr().map_err(cannot)?));
    go_on(&robots).await?;
    let clients = server::serve(listener, robots.clone(), interrupted()).await;
    say(format_args!("stopped after {clients} clients"));
    finish(&robots, &arm).await;
    match robots.journal_error() {
        Some(error) => Err(error.to_string()),
        None => Ok(()),
    }
}

/// Sets the robot of this journal going, with the arm beside it; each of its transitions is printed.
fn start(folder: &Path) -> Result<(Robots, Arm), String> {
    let journal = Journal::open(folder).map_err(|error| error.to_string())?;
    let memory = folder.join("arm.json");
    let arm = Arm::remembered(memory.clone()).map_err(|error| format!("{}: {error}", memory.display()))?;
    if let Some(torn) = journal.torn() {
        say(format_args!("journal the last run ended while it wrote: {torn:?}"));
    }
    let own = OwnFleet::default();
    let (workers_arm, workers_fleet) = (arm.clone(), Arc::clone(&own));
    let factory = move |number: &u32| {
        (*number == ROBOT).then(|| robot::Robot::new(Worker::new(workers_arm.clone(), Arc::clone(&workers_fleet))))
    };
    let robots = Fleet::builder(factory).shards(1).capacity(MAILBOX).on_transition(show).journal(journal).spawn();
    // Set once, here.
    let _ = own.set(robots.clone());
    Ok((robots, arm))
}

/// A robot that was at work when the program ended goes on: what moved its arm ended with the program.
async fn go_on(robots: &Robots) -> Result<(), String> {
    let state = robots.state(ROBOT).await.map_err(|error| error.to_string())?;
    if let Some(state @ robot::State::Working(robot::state::Working::Moving)) = state {
        say(format_args!("robot   goes on in {state}"));
        for event in [robot::Event::from(robot::event::Pause), robot::event::Resume.into()] {
            let outcome = robots.ask(ROBOT, event).await.map_err(|error| error.to_string())?;
            tracing::info!(outcome = outcome.name(), "brought back to work");
        }
    }
    Ok(())
}

/// Ends the robot: what waits in its mailbox is handled, then an arm that works is brought home.
async fn finish(robots: &Robots, arm: &Arm) {
    if let Ok(Some(robot::State::Working(_))) = robots.state(ROBOT).await
        && let Err(error) = robots.ask(ROBOT, robot::event::Stop).await
    {
        tracing::error!(%error, "the robot did not stop");
    }
    let last =
        robots.state(ROBOT).await.ok().flatten().map_or_else(|| "no state".to_owned(), |state| state.to_string());
    let report = robots.shutdown().await;
    say(format_args!("robot   {report}, last in {last}"));
    say(format_args!("arm     {}", arm.look()));
}

/// `Idle --Start--> Working.Moving  transitioned`.
fn show(transition: &Transition<'_>) {
    let &Transition { from, to, outcome, .. } = transition;
    let outcome = outcome.map_or("failed", |outcome| outcome.name());
    match transition.event {
        Some(event) => say(format_args!("robot   {from} --{event}--> {to}  {outcome}")),
        None => say(format_args!("robot   --> {to}  started")),
    }
}

/// A line for people. Whether anybody reads it must not matter to the robot, so this is not `println!`, which panics.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Ready when somebody wants the program to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                () = ctrl_c() => {}
            }
            return;
        }
    }
    ctrl_c().await;
}

async fn ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C is not heard");
        std::future::pending::<()>().await;
    }
}
