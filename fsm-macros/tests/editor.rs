//! What an editor makes of `fsm! { … }`: rust-analyzer is asked as an editor would ask it, and has to land on the user's
//! tokens. `WITH_EDITOR=1 tests/run` installs it and runs this.

#[path = "editor/client.rs"]
mod client;

use std::fs;
use std::path::Path;

use client::Editor;

const SOURCE: &str = include_str!("editor/lamp.rs");

/// A package with the machine, in which nothing has to be downloaded.
fn editor() -> Editor {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the macro is a member");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    fs::create_dir_all(root.join("src")).expect("the folder of targets can be written");
    let manifest = format!(
        "[package]\nname = \"lamp\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         fsm-runtime = {{ path = '{}', default-features = false, features = ['macros'] }}\n",
        project.join("fsm-runtime").display()
    );
    fs::write(root.join("Cargo.toml"), manifest).expect("the folder can be written");
    fs::copy(project.join("Cargo.lock"), root.join("Cargo.lock")).expect("the workspace is locked");
    fs::write(root.join("src/lib.rs"), SOURCE).expect("the folder can be written");
    Editor::open(&root, "src/lib.rs")
}

#[test]
#[ignore = "needs rust-analyzer and half a minute: WITH_EDITOR=1 tests/run"]
fn names_are_followed_told_about_and_renamed() {
    let mut editor = editor();

    for (mark, declared) in [
        ("=> Bright", "state [Bright] {"),
        ("=> Dark", "state [Dark] {"),
        ("initial Dark", "state [Dark] {"),
        ("lamp::State::Dark", "state [Dark] {"),
        ("on Press", "event [Press] { by: u8 }"),
        ("on Off", "event [Off];"),
        ("lamp::Event::Press", "event [Press] { by: u8 }"),
        ("shine(event.by", "event Press { [by]: u8 }"),
        ("if context.presses", "context { level: Level, [presses]: u32 = 0 }"),
        ("    context.presses", "context { level: Level, [presses]: u32 = 0 }"),
        ("&context.level", "context { [level]: Level, presses: u32 = 0 }"),
        ("{ level: Level", "pub struct [Level] {"),
    ] {
        assert_eq!(editor.definition(mark), [declared], "{mark}");
    }

    for (mark, words) in [
        ("=> Bright", "lamp::State"),
        ("initial Dark", "Nobody sees anything."),
        ("on Press", "Press(event::Press)"),
        ("shine(event.by", "pub by: u8"),
        ("if context.presses", "pub presses: u32"),
        ("{ level: Level", "How bright."),
        ("/ shine", "fn shine(&mut self, by: u8, level: &Level)"),
    ] {
        let told = editor.hover(mark);
        assert!(told.contains(words), "{mark}: {told}");
    }

    assert_eq!(
        editor.rename("state Dark"),
        [
            "initial [Dark];",
            "state [Dark] {",
            "on Off => [Dark] / assign presses = context.presses + 1;",
            "(lamp::State::[Dark], lamp::Event::Press(lamp::event::Press { by: 1 }))",
        ]
    );
    for mark in ["if context.presses", "Level, presses"] {
        assert_eq!(
            editor.rename(mark),
            [
                "context { level: Level, [presses]: u32 = 0 }",
                "on Press if context.[presses] < 3 => Bright / shine(event.by, &context.level);",
                "on Off => Dark / assign presses = context.[presses] + 1;",
                "context.[presses] += 1;",
            ],
            "{mark}"
        );
    }
    assert_eq!(
        editor.rename("/ shine"),
        [
            "on Press if context.presses < 3 => Bright / [shine](event.by, &context.level);",
            "async fn [shine](&mut self, by: u8, level: &Level) {",
        ]
    );
}
