//! An editor without a screen: the little of the Language Server Protocol that the questions of this test need.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A server, and the one file that is open in it.
pub(crate) struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    uri: String,
    text: String,
    asked: u64,
}

impl Editor {
    /// Opens `file` of the package at `root`, and waits until all of it is loaded.
    pub(crate) fn open(root: &Path, file: &str) -> Self {
        let mut server = Command::new("rust-analyzer")
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer runs: `rustup component add rust-analyzer`");
        let to = server.stdin.take().expect("it is piped");
        let from = BufReader::new(server.stdout.take().expect("it is piped"));
        let text = std::fs::read_to_string(root.join(file)).expect("the file is there");
        let uri = format!("file://{}", root.join(file).display());
        let mut editor = Self { server, to, from, uri, text, asked: 0 };
        editor.initialize(root);
        editor
    }

    fn initialize(&mut self, root: &Path) {
        let root = format!("file://{}", root.display());
        let capabilities = json!({
            "experimental": { "serverStatusNotification": true },
            "textDocument": { "hover": { "contentFormat": ["markdown"] } },
        });
        let folders = json!([{ "uri": root, "name": "package" }]);
        // The errors of rustc are not asked for, so nothing but the macro has to be built.
        let options = json!({ "checkOnSave": false });
        let params = json!({
            "processId": std::process::id(), "rootUri": root, "workspaceFolders": folders, "capabilities": capabilities,
            "initializationOptions": options,
        });
        self.ask("initialize", &params);
        self.tell("initialized", &json!({}));
        let document = json!({ "uri": self.uri, "languageId": "rust", "version": 1, "text": self.text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        loop {
            let message = self.receive();
            let is_status = message["method"] == "experimental/serverStatus";
            if is_status && message["params"]["quiescent"] == true {
                break;
            }
        }
    }

    /// Where the name that ends `mark` is declared: lines of the file, each with the words that are meant in brackets.
    pub(crate) fn definition(&mut self, mark: &str) -> Vec<String> {
        let params = self.at(mark);
        let found = self.ask("textDocument/definition", &params);
        self.places(&found)
    }

    /// What is told about the name that ends `mark`.
    pub(crate) fn hover(&mut self, mark: &str) -> String {
        let params = self.at(mark);
        self.ask("textDocument/hover", &params)["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What changes when the name that ends `mark` gets another one.
    pub(crate) fn rename(&mut self, mark: &str) -> Vec<String> {
        let mut params = self.at(mark);
        params["newName"] = json!("another");
        let found = self.ask("textDocument/rename", &params);
        let edits = found["documentChanges"][0]["edits"].as_array().or(found["changes"][&self.uri].as_array());
        self.places(&json!(edits))
    }

    /// The last letter of `mark`, which stands in the file once.
    fn at(&self, mark: &str) -> Value {
        assert_eq!(self.text.matches(mark).count(), 1, "{mark}");
        let end = self.text.find(mark).expect("it was counted") + mark.len() - 1;
        let line = self.text[..end].matches('\n').count();
        let character = self.text[..end].chars().rev().take_while(|c| *c != '\n').count();
        json!({ "textDocument": { "uri": self.uri }, "position": { "line": line, "character": character } })
    }

    /// Ranges of an answer as text, in the order of the file.
    fn places(&self, found: &Value) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let number = |place: &Value| usize::try_from(place.as_u64().expect("a number")).expect("it is small");
        let mut places: Vec<_> = found.as_array().into_iter().flatten().collect();
        places.sort_by_key(|place| {
            let start = &place["range"]["start"];
            (number(&start["line"]), number(&start["character"]))
        });
        let show = |place: &&Value| {
            let range = &place["range"];
            let line = lines[number(&range["start"]["line"])];
            let (from, until) = (number(&range["start"]["character"]), number(&range["end"]["character"]));
            format!("{}[{}]{}", line[..from].trim_start(), &line[from..until], &line[until..])
        };
        places.iter().map(show).collect()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
        }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        self.to.flush().expect("the server reads");
    }

    /// The next message; what the server asks is answered at once.
    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.from.read_line(&mut line).expect("the server writes");
            assert!(read > 0, "rust-analyzer has ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).expect("the server writes");
        let message: Value = serde_json::from_slice(&text).expect("JSON");
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            let items = message["params"]["items"].as_array().map(|items| vec![Value::Null; items.len()]);
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": items }));
        }
        message
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
