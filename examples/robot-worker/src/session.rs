//! A session that the program plays against itself, over a real socket: a client with good and bad messages, each answer
//! compared with the one expected.
//!
//! What the arm does takes time, so the session holds it by its light curtain wherever an answer depends on how far it is.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::arm::Arm;
use crate::lines::MAX_LINE;
use crate::robot::State;
use crate::{ROBOT, Robots, finish, say, server, start};

/// The picture that the build script has drawn.
const PICTURE: &str = include_str!(concat!(env!("OUT_DIR"), "/robot.mmd"));
/// How long an answer, or the end of a job, may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Messages that are sent at one go.
struct Scene {
    title: &'static str,
    /// Whether the arm can move from now on.
    clear: bool,
    /// Lines, and the answers to them in the form of [`summary`].
    lines: Vec<(Vec<u8>, &'static str)>,
    /// Whether to wait then until the arm is home again.
    until_idle: bool,
}

impl Scene {
    fn new(title: &'static str, clear: bool, lines: &[(&str, &'static str)]) -> Self {
        let lines = lines.iter().map(|&(line, answer)| (line.as_bytes().to_vec(), answer)).collect();
        Self { title, clear, lines, until_idle: false }
    }
}

/// Plays the session.
pub(crate) async fn play() -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| format!("no port: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("no port: {error}"))?;
    say(format_args!("picture {}", draw()?.display()));
    say(format_args!("address {address}"));
    let journal = Folder::new()?;
    let (robots, arm) = start(&journal.0)?;
    let (stop, stopped) = oneshot::channel::<()>();
    // Ready when the sender is dropped.
    let server = tokio::spawn(server::serve(listener, robots.clone(), async move { drop(stopped.await) }));
    let stream = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    let played = Client { stream: BufReader::new(stream), arm: &arm, robots: &robots }.play().await;
    drop(stop);
    server.await.map_err(|error| format!("the server failed: {error}"))?;
    finish(&robots, &arm).await;
    match played? {
        0 => {
            say(format_args!("session every answer was the one expected"));
            Ok(())
        }
        wrong => Err(format!("{wrong} answers were not the ones expected")),
    }
}

/// A folder for the journal of one session, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("robot-worker-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes the picture beside the program, in the `target` folder, and says where.
fn draw() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("where this program lies is unknown: {error}"))?;
    let path = program.with_file_name("robot.mmd");
    std::fs::write(&path, PICTURE).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(path)
}

fn scenes() -> Vec<Scene> {
    let mut malformed = Scene::new(
        "malformed messages, and a good one behind them",
        true,
        &[
            ("hello", "not_json"),
            (r#"["Stop"]"#, "not_an_object"),
            (r#"{"job":"A7"}"#, "no_type"),
            (r#"{"type":"Dance"}"#, "unknown_type"),
            (r#"{"type":"Start","job":"A7"}"#, "bad_fields"),
            (r#"{"type":"Start","job":"A7","speed":"fast"}"#, "bad_fields"),
        ],
    );
    malformed.lines.push((vec![b'x'; 2 * MAX_LINE], "line_too_long"));
    malformed.lines.push((b"{\"type\":\"St\xff\xffop\"}".to_vec(), "not_utf8"));
    malformed
        .lines
        .push((br#"{"type":"Battery","percent":90}"#.to_vec(), "handled in Idle: battery 90, jobs 0, parts 0"));
    let end = Scene {
        until_idle: true,
        ..Scene::new(
            "the way is clear: the job goes on to its end",
            true,
            &[(r#"{"type":"Resume"}"#, "transitioned in Working.Moving: battery 90, jobs 1, parts 0")],
        )
    };
    vec![
        Scene::new(
            "nothing to pause yet",
            true,
            &[(r#"{"type":"Pause"}"#, "unhandled in Idle: battery 100, jobs 0, parts 0")],
        ),
        malformed,
        Scene::new(
            "a job, sent ahead with a pause; somebody reaches through the light curtain",
            false,
            &[
                (
                    r#"{"type":"Start","job":"A7","speed":0.5}"#,
                    "transitioned in Working.Moving: battery 90, jobs 1, parts 0",
                ),
                (
                    r#"{"type":"Start","job":"A8","speed":0.5}"#,
                    "unhandled in Working.Moving: battery 90, jobs 1, parts 0",
                ),
                (r#"{"type":"Pause"}"#, "transitioned in Working.Paused: battery 90, jobs 1, parts 0"),
                (r#"{"type":"Resume"}"#, "rejected in Working.Paused: battery 90, jobs 1, parts 0"),
            ],
        ),
        end,
        Scene::new(
            "a job that is stopped, and one for which the battery does not suffice",
            false,
            &[
                (
                    r#"{"type":"Start","job":"B1","speed":1}"#,
                    "transitioned in Working.Moving: battery 90, jobs 2, parts 3",
                ),
                (r#"{"type":"Stop"}"#, "transitioned in Idle: battery 90, jobs 2, parts 3"),
                (r#"{"type":"Battery","percent":20}"#, "handled in Idle: battery 20, jobs 2, parts 3"),
                (r#"{"type":"Start","job":"B2","speed":1}"#, "action_failed in Idle: battery 20, jobs 2, parts 3"),
                (r#"{"type":"Battery","percent":100}"#, "handled in Idle: battery 100, jobs 2, parts 3"),
            ],
        ),
        Scene::new(
            "an action that fails",
            false,
            &[
                (
                    r#"{"type":"Start","job":"C1","speed":7}"#,
                    "action_failed in Working.Moving: battery 100, jobs 2, parts 3",
                ),
                (r#"{"type":"Stop"}"#, "transitioned in Idle: battery 100, jobs 2, parts 3"),
            ],
        ),
        Scene::new(
            "a fault that can be cleared, and one that cannot",
            false,
            &[
                (
                    r#"{"type":"Start","job":"D1","speed":1}"#,
                    "transitioned in Working.Moving: battery 100, jobs 3, parts 3",
                ),
                (r#"{"type":"Fault","code":42}"#, "transitioned in Working.Paused: battery 100, jobs 3, parts 3"),
                (r#"{"type":"Fault","code":500}"#, "finished in Failed: battery 100, jobs 3, parts 3"),
                (r#"{"type":"Stop"}"#, "finished"),
            ],
        ),
    ]
}

struct Client<'a> {
    stream: BufReader<TcpStream>,
    arm: &'a Arm,
    robots: &'a Robots,
}

impl Client<'_> {
    /// Plays all scenes; gives the number of answers that were not as expected.
    async fn play(mut self) -> Result<usize, String> {
        let mut wrong = 0;
        for scene in scenes() {
            say(format_args!("\nsession {}", scene.title));
            self.arm.set_clear(scene.clear);
            wrong += self.exchange(&scene.lines).await?;
            if scene.until_idle {
                until_idle(self.robots).await?;
            }
        }
        say(format_args!(""));
        Ok(wrong)
    }

    /// Sends all lines at once, then reads as many answers.
    async fn exchange(&mut self, lines: &[(Vec<u8>, &'static str)]) -> Result<usize, String> {
        let mut bytes = Vec::new();
        for (line, _) in lines {
            say(format_args!("client  > {}", shortened(line)));
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        self.stream.write_all(&bytes).await.map_err(|error| format!("the messages cannot be sent: {error}"))?;
        let mut wrong = 0;
        for (_, expected) in lines {
            let answer = self.answer().await?;
            say(format_args!("client  < {answer}"));
            let found = summary(&answer);
            if found != *expected {
                say(format_args!("session WRONG: expected `{expected}`, found `{found}`"));
                wrong += 1;
            }
        }
        Ok(wrong)
    }

    async fn answer(&mut self) -> Result<String, String> {
        let mut answer = String::new();
        match timeout(PATIENCE, self.stream.read_line(&mut answer)).await {
            Ok(Ok(0)) => Err("the server closed the connection".to_owned()),
            Ok(Ok(_)) => Ok(answer.trim_end().to_owned()),
            Ok(Err(error)) => Err(format!("no answer: {error}")),
            Err(_) => Err(format!("no answer within {PATIENCE:?}")),
        }
    }
}

async fn until_idle(robots: &Robots) -> Result<(), String> {
    let idle = async {
        loop {
            match robots.state(ROBOT).await {
                Ok(Some(State::Idle)) => return Ok(()),
                Ok(_) => sleep(Duration::from_millis(5)).await,
                Err(error) => return Err(format!("the robot cannot be seen: {error}")),
            }
        }
    };
    timeout(PATIENCE, idle).await.unwrap_or_else(|_| Err(format!("the job did not end within {PATIENCE:?}")))
}

/// What an answer says, in short: `transitioned in Idle: battery 100, jobs 0, parts 0`.
fn summary(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let what = if answer["ok"] == true { &answer["outcome"] } else { &answer["error"]["code"] };
    let mut summary = what.as_str().unwrap_or("no answer of the protocol").to_owned();
    if let Some(paths) = answer["configuration"].as_array() {
        let paths: Vec<_> = paths.iter().filter_map(Value::as_str).collect();
        // Writing to a string does not fail.
        let _ = write!(summary, " in {}", paths.join(", "));
    }
    let fields = answer["context"].as_object().into_iter().flatten();
    for (place, (name, value)) in fields.enumerate() {
        let _ = write!(summary, "{} {name} {value}", if place == 0 { ":" } else { "," });
    }
    summary
}

/// A line as people want to see it.
fn shortened(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], line.len()),
        None => text.into_owned(),
    }
}
