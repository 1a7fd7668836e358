//! A pick-and-place robot behind a TCP socket: the example to copy for a service that lives on messages.
//!
//! ```text
//! specs/robot.yaml ──► build.rs ──► mod robot                      the machine: typed states, events, dispatch
//!
//! client ──► server ──► lines ──► protocol ──► mailbox ──► machine ──► actions ──► arm
//!    ▲ a JSON line        a line    an event    Handle      robot       Worker      │ Picked, Done
//!    └──── answer ◄────── protocol ◄──────────────┘  ▲                              │
//!                                                    └────── the mailbox again ◄────┘
//! ```
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
use std::process::ExitCode;

use clap::Parser;
use fsm_runtime::{Handle, Transition};
use tokio::net::TcpListener;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::actions::Worker;
use crate::arm::Arm;

/// How many messages wait for the robot before senders do.
const MAILBOX: usize = 64;

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = trace() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    let done = match args.listen {
        Some(address) => listen(address).await,
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

async fn listen(address: SocketAddr) -> Result<(), String> {
    let cannot = |error| format!("{address} cannot be served: {error}");
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    say(format_args!("listening on {}, until Ctrl-C", listener.local_addr().map_err(cannot)?));
    let arm = Arm::new();
    let robot = start(&arm);
    let clients = server::serve(listener, robot.clone(), interrupted()).await;
    say(format_args!("stopped after {clients} clients"));
    finish(&robot, &arm).await;
    Ok(())
}

/// Sets a robot with this arm going; each of its transitions is printed.
fn start(arm: &Arm) -> Handle<robot::Machine> {
    fsm_runtime::options()
        .capacity(MAILBOX)
        .on_transition(show)
        .spawn_with(|own| robot::Robot::new(Worker::new(arm.clone(), own.clone())))
}

/// Ends a robot: what waits in its mailbox is handled, then an arm that works is brought home.
async fn finish(robot: &Handle<robot::Machine>, arm: &Arm) {
    if let Ok(robot::State::Working(_)) = robot.state().await
        && let Err(error) = robot.ask(robot::event::Stop).await
    {
        tracing::error!(%error, "the robot did not stop");
    }
    let report = robot.shutdown().await;
    say(format_args!("robot   {report}, last in {}", report.configuration.join(", ")));
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
