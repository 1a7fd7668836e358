//! The listener: TCP connections, a task each; lines in, one answer a line out.
//!
//! A connection handles one line at a time: read, ask the machine, write the answer. So answers come in the order of
//! the lines, lines that are sent ahead wait in the socket, and whoever does not read its answers is not read from
//! either: it stalls itself and nobody else, and is let go after [`WRITE_LIMIT`].
//!
//! The end is graceful: no new connections, the lines that have arrived already are still answered, each client is told
//! so in a last line, and what takes longer than [`GRACE`] is cut off.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use fsm_runtime::AskError;
use fsm_runtime::core::{Machine as _, Status};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Instrument;

use crate::lines::{Line, Lines};
use crate::protocol::{self, Reply};
use crate::robot::{DEFINITION, Event, Machine};
use crate::{ROBOT, Robots};

/// How many clients can be connected.
const MOST_CLIENTS: usize = 256;
/// How long a client may take to make room for an answer.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How long connections may take to end.
const GRACE: Duration = Duration::from_secs(1);
/// How long nothing has to come from a client until what it sent before the end is seen to have arrived.
const QUIET: Duration = Duration::from_millis(50);
/// How long to wait after an error of the listener, such as too many open files, which passes.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is ready, and then until the last connection has ended. Gives how many there were.
pub(crate) async fn serve(listener: TcpListener, robots: Robots, stop: impl Future<Output = ()>) -> u64 {
    let (stopping, seen) = watch::channel(None);
    let places = Arc::new(Semaphore::new(MOST_CLIENTS));
    let mut connections = JoinSet::new();
    let mut served = 0;
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            // Those that have ended are forgotten.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                served += 1;
                let (robots, seen, places) = (robots.clone(), seen.clone(), Arc::clone(&places));
                let connection = async move {
                    match places.try_acquire() {
                        Ok(_place) => serve_client(stream, &robots, seen).await,
                        Err(_) => turn_away(stream).await,
                    }
                };
                connections.spawn(connection.instrument(tracing::info_span!("client", %client)));
            }
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let deadline = Instant::now() + GRACE;
    stopping.send_replace(Some(deadline));
    let all = async { while connections.join_next().await.is_some() {} };
    // A little later than the connections themselves look at the clock.
    if timeout_at(deadline + PAUSE, all).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections cut off");
    }
    served
}

/// When the server stops, the time by which its connections have to end.
type Stop = watch::Receiver<Option<Instant>>;

async fn serve_client(stream: TcpStream, robots: &Robots, stop: Stop) {
    tracing::info!("connected");
    // Answers are small, and each is waited for.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be late");
    }
    let (reader, writer) = stream.into_split();
    let mut connection = Connection { lines: Lines::new(reader), writer, robots, answered: 0 };
    let end = connection.run(stop).await;
    let answered = connection.answered;
    match end {
        Ok(()) => tracing::info!(answered, "gone"),
        Err(error) => tracing::warn!(answered, %error, "lost"),
    }
}

async fn turn_away(mut stream: TcpStream) {
    tracing::warn!("turned away");
    let line = Reply::too_many(MOST_CLIENTS).line();
    let told = stream.write_all(line.as_bytes());
    // Whether this client hears it or not, it is gone now.
    let _ = timeout(PAUSE, told).await;
}

/// Waits for the stop, and gives the time by which to end.
async fn stopped(stop: &mut Stop) -> Instant {
    // A server that is gone without a word wants the same.
    stop.wait_for(Option::is_some).await.ok().and_then(|deadline| *deadline).unwrap_or_else(Instant::now)
}

struct Connection<'a> {
    lines: Lines<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    robots: &'a Robots,
    answered: u64,
}

impl Connection<'_> {
    async fn run(&mut self, mut stop: Stop) -> io::Result<()> {
        let deadline = loop {
            tokio::select! {
                line = self.lines.next() => match line? {
                    Some(line) => self.answer(&line).await?,
                    None => return self.writer.shutdown().await,
                },
                deadline = stopped(&mut stop) => break deadline,
            }
        };
        self.drain(deadline).await
    }

    /// Answers what has arrived, and says goodbye.
    async fn drain(&mut self, deadline: Instant) -> io::Result<()> {
        while Instant::now() < deadline {
            match timeout(QUIET, self.lines.next()).await {
                Ok(Ok(Some(line))) => self.answer(&line).await?,
                Ok(Ok(None)) => return self.writer.shutdown().await,
                Ok(Err(error)) => return Err(error),
                Err(_) => break,
            }
        }
        self.write(&Reply::stopping()).await?;
        self.writer.shutdown().await?;
        // Closing a socket with unread bytes would take the answers back that are under way: the client goes first.
        let unread = self.lines.discard();
        timeout_at(deadline, unread).await.unwrap_or(Ok(()))
    }

    async fn answer(&mut self, line: &Line) -> io::Result<()> {
        let Some(read) = protocol::read(line) else { return Ok(()) };
        let reply = match read {
            Ok(event) => ask(self.robots, event).await,
            Err(problem) => {
                tracing::debug!(?problem, "malformed");
                Reply::malformed(problem)
            }
        };
        self.answered += 1;
        self.write(&reply).await
    }

    async fn write(&mut self, reply: &Reply) -> io::Result<()> {
        let line = reply.line();
        timeout(WRITE_LIMIT, self.writer.write_all(line.as_bytes())).await?
    }
}

/// Puts an event into the machine's mailbox, waits until what came of it is durable, and says what that was.
async fn ask(robots: &Robots, event: Event) -> Reply {
    let name = DEFINITION.events[Machine::event_index(&event)].name;
    if let Ok(Some(Status::Finished)) = robots.inspect(ROBOT, Machine::status).await {
        return Reply::finished(name);
    }
    let result = match robots.ask(ROBOT, event).await {
        Ok(outcome) => Ok(outcome),
        Err(AskError::Machine(error)) => Err(error),
        Err(error) => return Reply::refused(name, &error),
    };
    let reply = robots.inspect(ROBOT, move |machine| Reply::to_step(name, machine, &result)).await;
    // One that was asked is there.
    reply.ok().flatten().unwrap_or_else(Reply::stopping)
}
