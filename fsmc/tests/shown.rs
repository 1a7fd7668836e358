//! What is written down of the command: its help, pinned in `help.txt`, and the examples of `docs/cli.md`.
//!
//! `UPDATE_GOLDEN=1` writes both anew.

mod running;

use std::fs;
use std::path::Path;

use running::{empty_folder, run};

#[test]
fn help_is_pinned() {
    let folder = empty_folder("help");
    let mut text = String::new();
    for line in [
        "--help",
        "check --help",
        "compile --help",
        "convert --help",
        "coverage --help",
        "diff --help",
        "explain --help",
        "fix --help",
        "import --help",
        "render --help",
        "schema --help",
        "simulate --help",
        "testgen --help",
    ] {
        let ran = run(&folder, line);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
        text.extend(["$ fsmc ", line, "\n", &ran.stdout, "\n"]);
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&golden).expect("the golden file").replace("\r\n", "\n");
    assert_eq!(text, expected, "set UPDATE_GOLDEN=1 to accept it");
}

/// Every `console` block of the book's page is run in a folder with the page's `yaml` and `xml` blocks, each named
/// by its first line. Of an output that ends with `…` the lines before that count.
#[test]
fn the_book_shows_what_is_printed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let text = fs::read_to_string(&page).expect("the page").replace("\r\n", "\n");
    let folder = empty_folder("book");
    let mut shown = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    let mut commands = 0;
    while let Some(line) = lines.next() {
        shown.push_str(line);
        if !["```yaml\n", "```xml\n", "```text\n", "```console\n"].contains(&line) {
            continue;
        }
        let body: String = std::iter::from_fn(|| lines.next_if(|line| *line != "```\n")).collect();
        let first = body.lines().next().unwrap_or_default();
        let is_text = line == "```text\n";
        let comment = first.strip_prefix("<!-- ").and_then(|name| name.strip_suffix(" -->"));
        if let Some(name) = first.strip_prefix("# ").or(comment) {
            // Text has no comments: the name does not belong to it.
            let written = if is_text { body.split_once('\n').map_or("", |(_, rest)| rest) } else { &body };
            fs::write(folder.join(name), written).expect("the folder can be written");
            shown.push_str(&body);
            continue;
        }
        for example in body.split("$ fsmc ").skip(1) {
            let (line, printed) = example.split_once('\n').expect("a line");
            commands += 1;
            shown.extend(["$ fsmc ", line, "\n", &example_output(&folder, line, printed)]);
        }
    }
    assert!(commands >= 6, "the page has examples");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return fs::write(&page, &shown).expect("the page can be written");
    }
    assert_eq!(text, shown, "set UPDATE_GOLDEN=1 to accept it");
}

/// What `fsmc line` prints, as far as the page shows it.
fn example_output(folder: &Path, line: &str, printed: &str) -> String {
    let ran = run(folder, line);
    let all = format!("{}{}", ran.stderr, ran.stdout);
    let Some(cut) = printed.strip_suffix("…\n") else { return all };
    let lines = cut.lines().count();
    all.split_inclusive('\n').take(lines).chain(["…\n"]).collect()
}
