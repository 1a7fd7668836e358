//! The program under test, started with `--listen` on a port of its own, and clients of it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

/// How long anything may take, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; killed if a test fails before it has ended.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    /// With a journal of its own.
    pub(crate) fn start() -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        Self::start_in(folder)
    }

    /// With the journal that is in this folder.
    pub(crate) fn start_in(folder: PathBuf) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_robot-worker"))
            .args(["--listen", "127.0.0.1:0", "--journal"])
            .arg(&folder)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        // Made before anything can fail, so that the process never outlives the test.
        let mut server = Self { process, folder, output, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        server.output.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split(',').next());
        server.address = address.unwrap_or_else(|| panic!("no address in {line:?}")).parse().unwrap();
        server
    }

    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { answers: BufReader::new(stream.try_clone().unwrap()), stream }
    }

    /// Where its journal is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills it, as `kill -9` does, and gives the folder of its journal.
    pub(crate) fn kill(mut self) -> PathBuf {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::mem::take(&mut self.folder)
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    /// What it printed, once it has ended with success.
    pub(crate) fn end(mut self) -> String {
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).unwrap();
        assert!(self.process.wait().unwrap().success(), "{printed}");
        printed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
        // One that was killed to be started again has none any more.
        if !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

pub(crate) struct Client {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends what the server may not want to read; says whether all of it went.
    pub(crate) fn try_send(&mut self, bytes: &[u8], within: Duration) -> bool {
        self.stream.set_write_timeout(Some(within)).unwrap();
        self.stream.write_all(bytes).is_ok()
    }

    /// The next answer; `None` at the end of the connection.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap())
    }

    pub(crate) fn ask(&mut self, line: &str) -> Value {
        self.send(format!("{line}\n"));
        self.next().unwrap()
    }

    /// The codes of the next answers, or their outcomes where there is no error.
    pub(crate) fn next_in_short(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| in_short(&self.next().unwrap())).collect()
    }

    /// Sends no more.
    pub(crate) fn close(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Asks until the robot is idle.
    pub(crate) fn until_idle(&mut self) -> Value {
        let began = std::time::Instant::now();
        loop {
            // Handled in every state, and changes nothing.
            let answer = self.ask(r#"{"type":"Picked","parts":0}"#);
            if answer["configuration"][0] == "Idle" {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "{answer}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The code of an answer's error, or its outcome.
pub(crate) fn in_short(answer: &Value) -> String {
    let short = if answer["ok"] == true { &answer["outcome"] } else { &answer["error"]["code"] };
    short.as_str().unwrap_or_else(|| panic!("{answer} is no answer")).to_owned()
}
