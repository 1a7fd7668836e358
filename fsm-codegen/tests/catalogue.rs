//! The catalogue of diagnostics: its examples do what it says, and docs/errors/ is what comes of it.
//!
//! Of each code the bad example has that diagnostic and no other, the good one has none at all. An example in Rust or XML
//! is read by the macro's front-end or the import; of an import the good one has to be read without a complaint too.
//!
//! `UPDATE_PAGES=1 cargo test -p fsm-codegen --test catalogue --all-features` writes the pages anew; read the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fsm_codegen::diag::explain::{self, Example, Explanation};
use fsm_codegen::diag::{Code, Diagnostics, terminal};
use fsm_codegen::frontend::tokens::file;
use fsm_codegen::import::scxml;
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check_bytes, check_written};

fn explanation(code: Code) -> Explanation {
    explain::explanation(code).unwrap_or_else(|| panic!("{}: text, a bad example, a good one, nothing else", code.id()))
}

/// What is said of an example, read as if it were a file.
fn check(example: Example) -> (Source, Diagnostics) {
    let bytes = match example.remark {
        "" => example.text.as_bytes().to_vec(),
        "latin-1" => example.text.chars().map(|char| u8::try_from(char).expect("a character of Latin-1")).collect(),
        other => panic!("no such remark: {other}"),
    };
    match example.language {
        "yaml" => {
            let (source, checked) = check_bytes("spec.yaml", &bytes, &Config::default());
            (source, checked.diagnostics)
        }
        "rust" => {
            let source = Source::new("machine.rs", example.text);
            let machines = file::machines(&source).expect("an example is made of Rust's tokens");
            let [machine] = &*machines else { panic!("{} machines in an example", machines.len()) };
            let checked = check_written(machine, &source, &Config::default());
            (source, checked.diagnostics)
        }
        "xml" => {
            let (source, imported) = scxml::import_bytes("machine.scxml", &bytes, &scxml::Options::default());
            (source, imported.diagnostics)
        }
        other => panic!("no examples are written in {other}"),
    }
}

#[test]
fn examples_have_what_they_shall_have() {
    let mut wrong = String::new();
    for code in Code::ALL {
        let Explanation { bad, good, .. } = explanation(*code);
        for (example, expected) in [(bad, BTreeSet::from([*code])), (good, BTreeSet::new())] {
            let (source, diagnostics) = check(example);
            let found: BTreeSet<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
            if found != expected {
                let said = terminal::render(&source, &diagnostics, terminal::Look::Plain);
                let _ = writeln!(wrong, "{} expects {expected:?}, found {found:?}:\n{said}", code.id());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What `fsmc explain` prints fits into a terminal.
#[test]
fn texts_are_narrow_and_examples_short() {
    for code in Code::ALL {
        let Explanation { text, bad, good } = explanation(*code);
        assert!(!text.is_empty() && text.ends_with(['.', ':', '`']), "{}: sentences: {text}", code.id());
        for line in explain::plain(*code).lines() {
            let width = if line.starts_with("    ") { 96 } else { 80 };
            // The titles are one line also in the list of all codes.
            assert!(line.chars().count() <= width || line.starts_with("FSM"), "{}: too wide: {line}", code.id());
        }
        for example in [bad, good] {
            assert!(example.text.lines().count() <= 24, "{}: an example that nobody reads", code.id());
        }
        assert_ne!(bad, good, "{}", code.id());
    }
}

/// The files in the folder of texts are those of the codes.
#[test]
fn no_text_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fsm-model/src/diag/catalogue");
    let codes: BTreeSet<_> = Code::ALL.iter().map(|code| format!("{}.md", code.id())).collect();
    assert_eq!(files(&folder).into_keys().collect::<BTreeSet<_>>(), codes);
}

#[test]
fn the_pages_are_those_of_the_catalogue() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
    let expected = pages();
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::create_dir_all(&folder).expect("the folder of pages can be written");
        for (name, path) in files(&folder) {
            if !expected.contains_key(&name) {
                fs::remove_file(path).expect("a page too many can be removed");
            }
        }
        for (name, page) in &expected {
            fs::write(folder.join(name), page).expect("a page can be written");
        }
    }
    let found = files(&folder);
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(names(found.keys().collect()), names(expected.keys().collect()), "UPDATE_PAGES=1 writes the pages");
    for (name, page) in expected {
        let there = fs::read_to_string(&found[&name]).expect("a page").replace("\r\n", "\n");
        assert_eq!(there, page, "docs/errors/{name}: UPDATE_PAGES=1 writes it anew");
    }
}

/// The files of a folder by their names; none if there is no folder.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("the folder can be read"));
    entries.map(|entry| (entry.file_name().into_string().expect("names are text"), entry.path())).collect()
}

fn pages() -> BTreeMap<String, String> {
    let pages = Code::ALL.iter().map(|code| (format!("{}.md", code.id()), page(*code)));
    pages.chain([("README.md".to_owned(), index())]).collect()
}

/// The page of one code: what `fsmc explain` prints, and besides what the compiler says of the bad example.
fn page(code: Code) -> String {
    let Explanation { text, bad, good } = explanation(code);
    let (source, diagnostics) = check(bad);
    let said: Vec<_> =
        diagnostics.iter().map(|one| terminal::render_one(&source, one, terminal::Look::Plain)).collect();
    let fence = |example: Example| format!("```{}\n{}```\n", example.language, example.text);
    format!(
        "# {id}: {title}\n\n{kind}\n\n{text}\n\n## Wrong\n\n{bad}\n```text\n{said}\n```\n\n## Right\n\n{good}",
        id = code.id(),
        title = code.title(),
        kind = explain::kind(code),
        text = linked(text),
        bad = fence(bad),
        said = said.join("\n\n"),
        good = fence(good),
    )
}

/// The names of other pages and codes as links.
fn linked(text: &str) -> String {
    let pages = ["lints", "macro", "yaml"].map(|page| (format!("docs/{page}.md"), format!("../{page}.md")));
    let codes = Code::ALL.iter().map(|code| (code.id().to_owned(), format!("{}.md", code.id())));
    let linked = pages
        .into_iter()
        .chain(codes)
        .fold(text.to_owned(), |text, (name, address)| text.replace(&name, &format!("[{name}]({address})")));
    let (mentioned, links) = (linked.matches("docs/").count(), linked.matches("[docs/").count());
    assert_eq!(mentioned, links, "a page that is not known here: {text}");
    linked
}

/// Where groups of codes begin, and what they are about.
const GROUPS: [(Code, &str, &str); 6] = [
    (Code::YamlSyntax, "The file", "It cannot be read as a whole."),
    (Code::UnknownKey, "Keys and values", "It is well-formed, but not a spec."),
    (Code::ExpressionSyntax, "Rust in a spec", "Expressions, arguments, types and delays."),
    (Code::InvalidName, "Names and structure", "Each part can be read, but they do not fit together."),
    (Code::XmlSyntax, "Import of SCXML", "What `fsmc import` says of a document."),
    (
        Code::UnreachableState,
        "Lints",
        "The machine can be compiled and probably should not be. [Lints](../lints.md) have levels.",
    ),
];

fn index() -> String {
    let mut page =
        "# Diagnostics\n\nEverything that the compiler can say, each with an explanation, a bad example and a \
        good one.\n`fsmc explain FSM0012` prints the same in a terminal.\n"
            .to_owned();
    for (nth, (first, title, about)) in GROUPS.iter().enumerate() {
        let end = GROUPS.get(nth + 1).map(|(next, ..)| *next);
        let codes = Code::ALL.iter().copied().filter(|code| code >= first && end.is_none_or(|end| *code < end));
        let _ = write!(page, "\n## {title}\n\n{about}\n\n{}", table(codes, ""));
    }
    page
}

/// A table of codes; `folder` is where their pages stand.
fn table(codes: impl Iterator<Item = Code>, folder: &str) -> String {
    let mut codes = codes.peekable();
    let lints = codes.peek().is_some_and(|code| code.default_level().is_some());
    let mut table = if lints { LINTS_HEAD } else { "| Code | Name | What |\n|---|---|---|\n" }.to_owned();
    for code in codes {
        let level = code.default_level().map(|level| format!(" `{}` |", level.name())).unwrap_or_default();
        let (id, name, title) = (code.id(), code.name(), code.title());
        let _ = writeln!(table, "| [{id}]({folder}{id}.md) | `{name}` | {title} |{level}");
    }
    table
}

const LINTS_HEAD: &str = "| Code | Name | What | Level |\n|---|---|---|---|\n";

#[test]
fn the_page_on_lints_lists_all_of_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lints.md");
    let there = fs::read_to_string(&path).expect("the page").replace("\r\n", "\n");
    let (text, _) = there.split_once(LINTS_HEAD).expect("the head of its table");
    let page = format!("{text}{}", table(Code::lints(), "errors/"));
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(path, page).expect("the page can be written");
    } else {
        assert_eq!(there, page, "docs/lints.md: UPDATE_PAGES=1 writes its table anew");
    }
}
