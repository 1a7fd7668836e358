//! The shell's own decisions; what the compiler says is tested beside the compiler.

use std::fs;

use super::*;

/// A folder of its own for one test, empty.
fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("fsm-codegen-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

#[test]
fn all_problems_are_named_at_once() {
    let folder = folder("problems");
    let spec = folder.join("bad.yaml");
    fs::write(&spec, "[").expect("a spec");
    let specs = [folder.join("missing.yaml"), spec, folder.join("other").join("bad.fsm.yaml")];
    let error = configure().out_dir(&folder).emit_rerun(false).lint("unreachable_stat", Level::Deny).compile(&specs);
    let text = format!("{:?}", error.expect_err("nothing of this can be compiled"));
    assert!(text.starts_with("state machines not compiled\nunknown lint `unreachable_stat`; did you mean"), "{text}");
    assert!(text.contains("missing.yaml cannot be read: "), "{text}");
    assert!(text.contains("would both become bad.rs: rename one of them"), "{text}");
    fs::remove_dir_all(folder).expect("the folder is ours");
}

#[test]
fn a_picture_is_drawn_beside_the_code_if_wanted() {
    let folder = folder("picture");
    let spec = folder.join("lamp.yaml");
    fs::write(
        &spec,
        "machine: Lamp\ninitial: Off\nstates:\n  Off: { on: { Press: On } }\n  On: { on: { Press: Off } }\n",
    )
    .expect("a spec");
    let build = configure().out_dir(&folder).emit_rerun(false);
    build.clone().compile(&[&spec]).expect("a lamp");
    assert!(folder.join("lamp.rs").exists() && !folder.join("lamp.mmd").exists());
    build.mermaid(true).compile(&[&spec]).expect("a lamp");
    let picture = fs::read_to_string(folder.join("lamp.mmd")).expect("just drawn");
    assert!(picture.contains("stateDiagram-v2"), "{picture}");
    fs::remove_dir_all(folder).expect("the folder is ours");
}

#[test]
fn a_file_is_written_only_on_change_and_as_a_whole() {
    let folder = folder("write");
    let file = folder.join("x.rs");
    let written = |text| files::write_if_changed(&file, text).expect("the folder can be written");
    assert!(written("a\nb\n"));
    assert!(!written("a\nb\n"));
    fs::write(&file, "a\r\nb\r\n").expect("the folder can be written");
    assert!(!written("a\nb\n"), "ends of lines do not count");
    assert!(written("a\nb\nc\n"));
    assert!(written("a\n"));
    assert_eq!(fs::read_to_string(&file).expect("just written"), "a\n");
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1, "nothing else is left behind");
    assert!(files::write_if_changed(&folder, "a").is_err(), "a folder is no file");
    fs::remove_dir_all(folder).expect("the folder is ours");
}

#[test]
fn no_more_of_a_file_is_read_than_needed() {
    let endless = files::read_from(std::io::repeat(b'x')).expect("a stream");
    assert_eq!(endless.len(), crate::source::MAX_BYTES + 1);
}

#[test]
fn older_versions_that_lead_nowhere_are_named() {
    let folder = folder("older");
    let write = |name: &str, machine: &str, version: u8, states: &str| {
        let text = format!("machine: {machine}\nversion: {version}\ninitial: A\nstates: {{ {states} }}\n");
        let path = folder.join(name);
        fs::write(&path, text).expect("a spec");
        path
    };
    let spec = write("lamp.yaml", "Lamp", 2, "A: {}");
    let old = write("lamp_v1.yaml", "Lamp", 1, "A: { on: { Go: B } }, B: {}");
    let other = write("door_v1.yaml", "Door", 1, "A: {}");
    let build = configure().out_dir(&folder).emit_rerun(false);
    let said = |build: Builder| format!("{:?}", build.compile(&[&spec]).expect_err("it leads nowhere"));

    build.clone().serde(true).migrates_from(&[&old]).compile(&[&spec]).expect("a way");
    let code = fs::read_to_string(folder.join("lamp.rs")).expect("just written");
    assert!(code.contains("pub mod v1 {") && code.contains("fn migrate_v1(&self, old: v1::Parts)"), "{code}");

    let text = said(build.clone().migrates_from(&[&old]));
    assert!(text.contains("`migrates_from` needs `serde(true)`"), "{text}");
    let build = build.serde(true);
    let text = said(build.clone().migrates_from(&[&other, &folder.join("missing.yaml")]));
    assert!(text.contains("door_v1.yaml is an older version of `Door`, and no spec is called so"), "{text}");
    assert!(text.contains("missing.yaml cannot be read: "), "{text}");
    let text = said(build.clone().migrates_from(&[&old, &old]));
    assert!(text.contains("lamp.yaml: two specs have version `1` and the same snapshots"), "{text}");
    let text = said(build.migrates_from(&[write("bad.yaml", "Lamp", 0, "A: { on: { Go: C } }")]));
    assert!(text.contains("bad.yaml"), "{text}");
    fs::remove_dir_all(folder).expect("the folder is ours");
}
