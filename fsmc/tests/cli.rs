//! The command as a user meets it: exit status, output streams, files.
//!
//! Each test has a folder of its own below the target folder and runs the real binary in it.

mod running;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use running::specs::{BAD, GOOD, folder};
use running::{command, ran, run, run_with};

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn exit_status_and_what_is_said() {
    // Arguments, exit status, what standard output and standard error contain.
    let table = [
        ("check good.yaml", 0, "", "good.yaml: no problems\n"),
        ("check bad.yaml", 1, "", "error: 2 errors in bad.yaml\n"),
        ("check odd.yaml", 0, "", "warning: 1 warning in odd.yaml\n"),
        ("check good.yaml bad.yaml odd.yaml", 1, "", "good.yaml: no problems\nerror[FSM0044]: "),
        ("check odd.yaml --deny warnings", 1, "", "error: 1 error in odd.yaml\n"),
        ("check odd.yaml --deny unreachable_state", 1, "", "error: 1 error in odd.yaml\n"),
        ("check odd.yaml --deny FSM0101", 1, "", "error: 1 error in odd.yaml\n"),
        ("check odd.yaml --deny 101", 1, "", "error: 1 error in odd.yaml\n"),
        ("check odd.yaml --deny fsm101", 1, "", "error: 1 error in odd.yaml\n"),
        ("check odd.yaml --deny 44", 2, "", "no such lint"),
        ("check odd.yaml --allow unreachable_state", 0, "", "odd.yaml: no problems\n"),
        ("check odd.yaml --allow warnings", 0, "", "odd.yaml: no problems\n"),
        ("check odd.yaml --deny FSM0101 --allow FSM0101 --warn FSM0101", 0, "", "warning: 1 warning in odd.yaml\n"),
        ("check odd.yaml --warn FSM0101 --deny FSM0101", 1, "", "error: 1 error in odd.yaml\n"),
        ("render odd.yaml --format mermaid --deny warnings", 1, "", "error: 1 error in odd.yaml\n"),
        ("compile odd.yaml --allow warnings", 0, "pub mod lamp", ""),
        ("check bad.yaml", 1, "", "help: `fsmc fix` mends one of them\nhelp: `fsmc explain FSM0044` tells more\n"),
        ("check odd.yaml --deny unreachable_stat", 2, "", "did you mean `unreachable_state`?"),
        ("check missing.yaml bad.yaml", 2, "", "explain FSM0044` tells more\nerror: cannot read missing.yaml: "),
        ("check .", 2, "", "error: cannot read .: "),
        ("check", 2, "", "<SPEC>"),
        ("compile good.yaml", 0, "pub mod lamp", ""),
        ("compile odd.yaml", 0, "pub mod lamp", "warning[FSM0101]: "),
        ("compile bad.yaml", 1, "", "error[FSM0044]: "),
        ("compile missing.yaml", 2, "", "error: cannot read missing.yaml: "),
        ("compile good.yaml -o missing/x.rs", 2, "", "error: cannot write missing/x.rs: "),
        ("compile good.yaml --check", 2, "", "--output"),
        ("compile good.yaml bad.yaml", 2, "", "unexpected argument"),
        ("convert good.yaml --to yaml", 0, "machine: Lamp\ninitial: 'Off'\n", ""),
        ("convert odd.yaml --to yaml", 0, "  Attic:\n", "warning[FSM0101]: "),
        ("convert bad.yaml --to yaml", 1, "", "error[FSM0044]: "),
        ("convert missing.yaml --to yaml", 2, "", "error: cannot read missing.yaml: "),
        ("convert good.yaml", 2, "", "--to"),
        ("convert good.yaml --to yaml -o missing/x.yaml", 2, "", "error: cannot write missing/x.yaml: "),
        ("convert good.yaml --to rust", 0, "    pub machine Lamp {\n", ""),
        ("convert two.rs --to yaml --machine B", 0, "machine: B\n", ""),
        ("convert two.rs --to yaml", 2, "", "two.rs has several machines, say which by --machine: `A`, `B`"),
        ("convert two.rs --to yaml --machine C", 2, "", "two.rs has no machine `C`, only `A`, `B`"),
        ("convert none.rs --to yaml", 2, "", "none.rs has no `fsm! { … }`"),
        ("check two.rs", 0, "", "two.rs: no problems\n"),
        ("check wrong.rs", 1, "", "error[FSM0044]: no state `X` can be seen from `S`\n --> wrong.rs:3:49\n"),
        ("check none.rs", 0, "", "none.rs: no `fsm! { … }` in it\n"),
        (
            "check named.rs",
            0,
            "",
            "named.rs: `fsm!(\"specs/a.yaml\")` names a file of its own, which is checked by its name\n",
        ),
        ("convert good.yaml --to toml", 2, "", "possible values: rust, yaml"),
        ("explain FSM0013", 0, "FSM0013: a key without a value\n", ""),
        ("explain unreachable-state", 0, "FSM0101: ", ""),
        ("explain 44", 0, "\n\nWrong:\n\n    machine: ", ""),
        ("explain", 0, "FSM0115 unhandled_failure ", ""),
        ("explain trop", 2, "", "did you mean `trap`?"),
        ("explain FSM9999", 2, "", "no such code; `fsmc explain` lists them all"),
        ("explain 12 13", 2, "", "unexpected argument"),
        ("import good.scxml", 0, "machine: good\n", ""),
        ("import good.scxml --event u.v", 0, "on:\n      t: '#b'\n", ""),
        ("import odd.scxml", 0, "machine: odd\n", "warning[FSM0083]: "),
        ("import bad.scxml", 1, "", "error: 2 errors in bad.scxml\n"),
        ("import good.yaml", 1, "", "error[FSM0080]: "),
        ("import missing.scxml", 2, "", "error: cannot read missing.scxml: "),
        ("import good.scxml -o missing/x.yaml", 2, "", "error: cannot write missing/x.yaml: "),
        ("import good.scxml --event two words", 2, "", "unexpected argument"),
        ("import good.scxml --event a*b", 2, "", "an event has no such name"),
        ("import", 2, "", "<FILE.scxml>"),
        ("render good.yaml --format mermaid", 0, "stateDiagram-v2\n", ""),
        ("render odd.yaml --format mermaid", 0, "stateDiagram-v2\n", "warning[FSM0101]: "),
        ("render bad.yaml --format mermaid", 1, "", "error[FSM0044]: "),
        ("render good.yaml", 0, "stateDiagram-v2\n", ""),
        ("render good.yaml --format png", 2, "", "possible values: mermaid"),
        ("schema", 0, "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"", ""),
        ("schema -o missing/x.json", 2, "", "error: cannot write missing/x.json: "),
        ("schema good.yaml", 2, "", "unexpected argument"),
        ("simulate good.yaml --events good.events", 0, "Press: transitioned\n  Off -> On\n", ""),
        ("simulate good.yaml --events good.events --format json", 0, "\"outcome\":\"transitioned\"", ""),
        ("simulate odd.yaml --events good.events", 0, "(start): transitioned\n", "warning[FSM0101]: "),
        ("simulate bad.yaml --events good.events", 1, "", "error[FSM0044]: "),
        ("simulate missing.yaml --events good.events", 2, "", "error: cannot read missing.yaml: "),
        ("simulate good.yaml --events missing.events", 2, "", "error: cannot read missing.events: "),
        ("simulate - --events -", 2, "", "cannot both come from standard input"),
        ("simulate good.yaml", 2, "", "--events"),
        ("simulate good.yaml --events good.events --guards maybe", 2, "", "possible values: true, false"),
        ("testgen good.yaml", 0, "// 2 of 2 transitions are taken.\n", ""),
        (
            "testgen odd.yaml",
            0,
            "// 2 of 3 ",
            "not taken: odd.yaml:6:25: Attic --Press--> Off: nothing leads to `Attic`\n",
        ),
        ("testgen bad.yaml", 1, "", "error[FSM0044]: "),
        ("testgen good.yaml --module a-b", 2, "", "a path like `crate::door`"),
        ("", 2, "", "Usage: fsmc <COMMAND>"),
        ("chekc good.yaml", 2, "", "check"),
    ];
    check(&folder("table"), &table);
}

#[test]
fn two_versions_are_compared() {
    let table = [
        ("diff good.yaml good.yaml", 0, "no difference\n\nOld snapshots fit: they are restored as they are.\n", ""),
        ("diff good.yaml odd.yaml", 0, "  + Attic\n", "warning[FSM0101]: "),
        ("diff odd.yaml good.yaml", 1, "Old snapshots no longer fit: one reason.\n", ""),
        ("diff odd.yaml good.yaml --format json", 1, "\"snapshots\":{\"verdict\":\"broken\",\"reasons\":[{", ""),
        ("diff bad.yaml good.yaml", 1, "", "error: 2 errors in bad.yaml\n"),
        ("diff good.yaml bad.yaml", 1, "", "error: 2 errors in bad.yaml\n"),
        ("diff odd.yaml good.yaml --deny warnings", 1, "", "error: 1 error in odd.yaml\n"),
        ("diff good.yaml missing.yaml", 2, "", "error: cannot read missing.yaml: "),
        ("diff good.yaml odd.yaml --stub -", 0, "impl lamp::Migrate for Migration {\n", "warning[FSM0101]: "),
        ("diff odd.yaml good.yaml --stub -", 1, " => decide_state_attic(),\n", ""),
        ("diff good.yaml good.yaml --stub -", 2, "", "there is no stub to write: two specs have version `none`"),
        ("diff good.yaml odd.yaml --stub missing/x.rs", 2, "", "error: cannot write missing/x.rs: "),
        (
            "diff good.yaml odd.yaml --stub good.yaml",
            2,
            "",
            "good.yaml is there already; write the stub to another file",
        ),
        ("diff - -", 2, "", "cannot both come from standard input"),
        ("diff good.yaml", 2, "", "<NEW>"),
        ("diff good.yaml two.rs", 2, "", "two.rs has several machines, say which by --machine: `A`, `B`"),
        ("diff good.yaml two.rs --machine B", 1, "Lamp -> B\n", ""),
        ("diff two.rs two.rs --machine B", 0, "B\n\nno difference\n", ""),
    ];
    check(&folder("versions"), &table);
}

/// Each line with its exit status and what is said.
fn check(folder: &Path, table: &[(&str, i32, &str, &str)]) {
    for (line, status, stdout, stderr) in table {
        let ran = run(folder, line);
        let all = format!("fsmc {line}\n{:?}\n{}\n{}", ran.status, ran.stdout, ran.stderr);
        assert_eq!(ran.status, Some(*status), "{all}");
        assert!(ran.stdout.contains(*stdout) && ran.stderr.contains(*stderr), "{all}");
        // Where nothing is expected there is nothing.
        assert!(!stdout.is_empty() || ran.stdout.is_empty(), "{all}");
        assert!(!stderr.is_empty() || ran.stderr.is_empty(), "{all}");
        assert!(!ran.stderr.contains('\u{1b}'), "no colours into a pipe: {all}");
    }
}

#[test]
fn standard_input_is_a_spec() {
    let folder = folder("stdin");
    let good = run_with(&folder, "compile -", GOOD.as_bytes());
    assert_eq!((good.status, good.stderr.as_str()), (Some(0), ""));
    assert!(good.stdout.starts_with("// Generated by fsm-codegen ") && good.stdout.contains("pub mod lamp"));
    let bad = run_with(&folder, "check -", BAD.as_bytes());
    assert_eq!(bad.status, Some(1));
    assert!(bad.stderr.contains(" --> <stdin>:4:23\n"), "{}", bad.stderr);
}

#[test]
fn bytes_that_are_no_text_are_errors_with_a_place() {
    let folder = folder("bytes");
    let ran = run_with(&folder, "check -", b"machine: \xff\n");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error[FSM0002]: "), "{}", ran.stderr);
    assert!(ran.stderr.contains(" --> <stdin>:1:10\n"), "{}", ran.stderr);
    let ran = run_with(&folder, "check -", &vec![b' '; (32 << 20) + 10]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.starts_with("error[FSM0003]: "), "{}", ran.stderr);
}

#[test]
fn json_holds_every_spec_in_the_promised_shape() {
    let folder = folder("json");
    let ran = run(&folder, "check good.yaml bad.yaml odd.yaml --format json");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let list = json["diagnostics"].as_array().expect("a list");
    let places: Vec<String> = list
        .iter()
        .map(|d| {
            let text = |key: &str| d[key].as_str().expect("text").to_owned();
            let place = ["line", "column", "end_line", "end_column"].map(|key| d[key].to_string()).join(" ");
            format!("{} {} {} {place}", text("file"), text("severity"), text("code"))
        })
        .collect();
    let expected =
        ["bad.yaml error FSM0044 4 23 4 26", "bad.yaml error FSM0044 5 22 5 24", "odd.yaml warning FSM0101 6 3 6 8"];
    assert_eq!(places, expected);
    let mut keys: Vec<&String> = list[0].as_object().expect("an object").keys().collect();
    keys.sort();
    let expected =
        ["code", "column", "edits", "end_column", "end_line", "file", "help", "labels", "line", "message", "severity"];
    assert_eq!(keys, expected);
    assert_eq!(run(&folder, "check good.yaml --format json").stdout, "{\"diagnostics\":[]}\n");
}

#[test]
fn a_file_is_written_once_and_checked_later() {
    let folder = folder("output");
    let file = folder.join("lamp.rs");
    let stale = run(&folder, "compile good.yaml -o lamp.rs --check");
    assert_eq!((stale.status, file.exists()), (Some(1), false));
    let said = "error: lamp.rs is not up to date with good.yaml\nhelp: run `fsmc compile good.yaml -o lamp.rs`\n";
    assert_eq!(stale.stderr, said);

    let written = run(&folder, "compile good.yaml -o lamp.rs");
    assert_eq!((written.status, written.stdout.as_str(), written.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(run(&folder, "compile good.yaml -o lamp.rs --check").status, Some(0));
    let before = fs::metadata(&file).and_then(|data| data.modified()).expect("a file");
    assert_eq!(run(&folder, "compile good.yaml -o lamp.rs").status, Some(0));
    let after = fs::metadata(&file).and_then(|data| data.modified()).expect("a file");
    assert_eq!(before, after, "an equal file is left alone");

    fs::write(folder.join("good.yaml"), GOOD.replace("Press", "Touch")).expect("the folder can be written");
    assert_eq!(run(&folder, "compile good.yaml -o lamp.rs --check").status, Some(1));
    let kept = fs::read_to_string(&file).expect("a file");
    assert_eq!(run(&folder, "compile bad.yaml -o lamp.rs").status, Some(1));
    assert_eq!(fs::read_to_string(&file).expect("a file"), kept, "a spec with errors destroys nothing");
    assert_eq!(run(&folder, "compile good.yaml -o lamp.rs").status, Some(0));
    assert_ne!(fs::read_to_string(&file).expect("a file"), kept);
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 15, "no temporary file is left behind");
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_target_is_written() {
    let folder = folder("link");
    fs::write(folder.join("real.rs"), "").expect("the folder can be written");
    std::os::unix::fs::symlink("real.rs", folder.join("link.rs")).expect("a link");
    assert_eq!(run(&folder, "compile good.yaml -o link.rs").status, Some(0));
    assert!(folder.join("link.rs").is_symlink());
    assert!(fs::read_to_string(folder.join("real.rs")).expect("a file").contains("pub mod lamp"));
    // A device is written to, not replaced.
    assert_eq!(run(&folder, "render good.yaml --format mermaid -o /dev/null").status, Some(0));
    assert!(!fs::metadata("/dev/null").expect("a device").is_file());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = folder("pipe");
    for line in [
        "compile good.yaml",
        "check good.yaml --format json",
        "render good.yaml --format mermaid",
        "explain",
        "explain 12",
        "--help",
    ] {
        let mut command = command(&folder, line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("fsmc starts");
        drop(child.stdout.take());
        let ran = ran(child.wait_with_output().expect("fsmc ends"));
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "fsmc {line}");
    }
}
