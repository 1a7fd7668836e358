//! SCXML in, a spec out: what each form becomes, and what is said about what cannot be translated.
//!
//! tests/scxml/ holds documents with the spec that comes out beside each (`NAME.yaml`), or, where there are errors or
//! warnings, with what is said (`NAME.txt`). `UPDATE_GOLDEN=1 cargo test -p fsm-codegen --test scxml --features scxml`
//! writes both anew; read the difference. Every spec that comes out is read by the YAML front-end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fsm_codegen::diag::{Code, Diagnostics, terminal};
use fsm_codegen::frontend::yaml;
use fsm_codegen::import::Imported;
use fsm_codegen::import::scxml::{Options, import, import_bytes};
use fsm_codegen::source::{Position, Source};

fn documents() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scxml");
    let entries = fs::read_dir(&folder).expect("the folder of documents");
    let mut found: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "scxml"));
    found.sort();
    found
}

/// Reads what came out, and gives the complaints of the YAML front-end.
fn read_again(text: &str) -> Vec<String> {
    let source = Source::new("imported.yaml", text);
    let mut diagnostics = Diagnostics::default();
    assert!(yaml::parse(&source, &mut diagnostics).is_some(), "it is no mapping:\n{text}");
    diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect()
}

/// The content of a golden file; written first where that is asked for.
fn golden(path: &Path, actual: Option<&str>) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        match actual {
            Some(text) => fs::write(path, text).expect("the golden file can be written"),
            None => drop(fs::remove_file(path)),
        }
    }
    fs::read_to_string(path).ok().map(|text| text.replace("\r\n", "\n"))
}

#[test]
fn documents_become_the_specs_beside_them() {
    let documents = documents();
    assert!(documents.len() >= 10, "the corpus is not where it was: {documents:?}");
    for path in documents {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let bytes = fs::read(&path).expect("a document");
        let (source, Imported { text, diagnostics }) = import_bytes(name, &bytes, &Options::default());
        let said = (!diagnostics.is_empty()).then(|| terminal::render(&source, &diagnostics, terminal::Look::Plain));
        assert_eq!(text.is_some(), !diagnostics.has_errors(), "{name}");
        assert_eq!(golden(&path.with_extension("yaml"), text.as_deref()), text, "{name}: UPDATE_GOLDEN=1 accepts it");
        assert_eq!(golden(&path.with_extension("txt"), said.as_deref()), said, "{name}: UPDATE_GOLDEN=1 accepts it");
        let complaints = text.map(|text| read_again(&text)).unwrap_or_default();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
    }
}

/// The first diagnostic of a document, with its place, in bounded time.
fn first(text: &str) -> (Code, Position) {
    let started = Instant::now();
    let (source, imported) = import_bytes("generated.scxml", text.as_bytes(), &Options::default());
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert!(imported.text.is_none() && imported.diagnostics.has_errors());
    let first = imported.diagnostics.iter().next().expect("something is wrong with this document");
    (first.code, source.position(first.span.lo))
}

const fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn broken_xml_is_shown_at_its_place() {
    let table = [
        ("", Code::EmptyFile, at(1, 1)),
        ("machine: M\n", Code::XmlSyntax, at(1, 1)),
        ("<scxml>\n  <state id='a'>\n</scxml>", Code::XmlSyntax, at(3, 1)),
        ("<scxml>\n  <state id=a/>\n</scxml>", Code::XmlSyntax, at(2, 13)),
        ("<scxml>\n  <state id='a'/>\n", Code::XmlSyntax, at(2, 18)),
        ("<scxml><state id='a' id='b'/></scxml>", Code::XmlSyntax, at(1, 22)),
        ("<scxml>\n&bad;<state id='a'/></scxml>", Code::XmlSyntax, at(2, 1)),
        ("<scxml>\n<x:state id='a'/></scxml>", Code::XmlSyntax, at(2, 2)),
        ("<html/>", Code::ScxmlForm, at(1, 2)),
        ("<scxml/>", Code::InvalidStructure, at(1, 2)),
    ];
    for (text, code, place) in table {
        assert_eq!(first(text), (code, place), "{text}");
    }
}

#[test]
fn entities_cannot_grow() {
    let bomb = "<!DOCTYPE scxml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\n<scxml><state id='&b;'/></scxml>";
    assert_eq!(first(bomb), (Code::XmlSyntax, at(1, 1)));
}

#[test]
fn ten_thousand_levels_are_refused() {
    let states = format!("<scxml>{}{}</scxml>", "<state>".repeat(10_000), "</state>".repeat(10_000));
    assert_eq!(first(&states).0, Code::TooLarge);
    assert_eq!(first(&"<state>".repeat(1_000_000)).0, Code::TooLarge);
    let ifs = format!("{}{}", "<if cond='true'>".repeat(100), "</if>".repeat(100));
    let ifs = format!("<scxml><state id='a'><onentry>{ifs}</onentry></state></scxml>");
    assert_eq!(first(&ifs).0, Code::TooLarge);
    let elses = "<elseif cond='true'/>".repeat(10_000);
    let elses = format!("<scxml><state id='a'><onentry><if cond='true'>{elses}</if></onentry></state></scxml>");
    assert_eq!(first(&elses).0, Code::TooLarge);
}

#[test]
fn expressions_are_bounded() {
    for cond in ["(".repeat(10_000), "!".repeat(10_000), "1+".repeat(100_000), "true||".repeat(500) + "true"] {
        let text = format!("<scxml><state id='a'><transition event='e' cond='{cond}' target='a'/></state></scxml>");
        assert_eq!(first(&text).0, Code::NotTranslatable, "{}", &cond[..20]);
    }
}

/// So many pieces, one behind the other.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

#[test]
fn sizes_are_bounded() {
    assert_eq!(first(&format!("<scxml>{}</scxml>", " ".repeat(50 << 20))).0, Code::TooLarge);
    let attributes = many(1_000_000, |number| format!(" a{number}=''"));
    assert_eq!(first(&format!("<scxml{attributes}/>")).0, Code::TooLarge);
    let namespaces = many(50_000, |number| format!(" xmlns:a{number}='b'"));
    assert_eq!(first(&format!("<scxml{namespaces}/>")).0, Code::TooLarge);
    assert_eq!(first(&format!("<scxml>{}</scxml>", "<a/>".repeat(2_000_000))).0, Code::TooLarge);
    let id = "x".repeat(10_000);
    assert_eq!(first(&format!("<scxml><state id='{id}'/></scxml>")).0, Code::InvalidName);
}

#[test]
fn many_mistakes_take_no_time() {
    let states =
        many(50_000, |number| format!("<state id='state{number}'><transition target='stat{number}'/></state>"));
    assert_eq!(first(&format!("<scxml>{states}</scxml>")).0, Code::UnknownTarget);
    let unnamed = format!("<scxml>{}</scxml>", "<state/>".repeat(100_000));
    let started = Instant::now();
    let imported = import(&Source::new("a.scxml", unnamed), &Options::default());
    assert!(imported.text.is_some_and(|text| text.contains("state_100000")));
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

/// The deepest document that is taken gives a spec that the YAML reader takes.
#[test]
fn the_deepest_document_is_a_spec() {
    let deepest = "!(In('a') || true &amp;&amp; ".repeat(2) + "In('a')" + &")".repeat(2);
    let raise = "<raise event='e'/><raise event='e'/>";
    let innermost = format!("<if cond=\"{deepest}\">{raise}</if>{raise}");
    let ifs = format!("{}{innermost}{}", "<if cond='true'>".repeat(16), format!("{raise}</if>").repeat(16));
    let transition = format!("<transition event='e'>{ifs}</transition><transition event='e'/>");
    let (open, close) = ("<state>".repeat(95), "</state>".repeat(95));
    let text = format!("<scxml>{open}<state id='a'>{transition}</state>{close}</scxml>");
    let imported = import(&Source::new("deep.scxml", text.as_str()), &Options::default());
    let said: Vec<_> = imported.diagnostics.iter().map(|diagnostic| &diagnostic.message).collect();
    let spec = imported.text.unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(read_again(&spec), Vec::<String>::new());
}

#[test]
fn events_of_the_caller_are_declared() {
    let text = "<scxml><state id='a'><transition event='*' target='a'/></state></scxml>";
    let mut options = Options::default();
    options.events = vec!["t".to_owned(), "u.v".to_owned()];
    let imported = import(&Source::new("a.scxml", text), &options).text.expect("a spec");
    assert!(imported.contains("events: { t: {}, u.v: {} }\n"), "{imported}");
    options.events = vec!["not one".to_owned()];
    assert!(import(&Source::new("a.scxml", text), &options).text.is_none());
}

/// Pieces of the documents, cut out, doubled and put elsewhere: whatever comes of it, there is an answer, and a spec that
/// comes out is one.
#[test]
fn mangled_documents_get_an_answer() {
    const PIECES: &[&str] =
        &["'", "\"", "<", "/>", "&amp;", "&#0;", "\u{feff}", "*", " ", "\n", ".", "{", "ä", "#", "</state>"];
    let documents: Vec<String> = documents().iter().map(|path| fs::read_to_string(path).expect("a document")).collect();
    // Numbers that look like chance and are the same each time (Knuth's generator).
    let mut seed = 42_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below.max(1)
    };
    let mut specs = 0;
    for _ in 0..2_000 {
        let mut letters: Vec<char> = documents[random(documents.len())].chars().collect();
        for _ in 0..=random(3) {
            let (from, length, to) = (random(letters.len()), random(20), random(letters.len()));
            let piece: Vec<char> = letters[from..(from + length).min(letters.len())].to_vec();
            match random(3) {
                0 => drop(letters.splice(to..to, piece)),
                1 => drop(letters.drain(from..from + piece.len())),
                _ => drop(letters.splice(to..to, PIECES[random(PIECES.len())].chars())),
            }
        }
        let text: String = letters.into_iter().collect();
        let imported = import(&Source::new("mangled.scxml", text.as_str()), &Options::default());
        assert_eq!(imported.text.is_none(), imported.diagnostics.has_errors(), "{text}");
        if let Some(spec) = imported.text {
            specs += 1;
            assert_eq!(read_again(&spec), Vec::<String>::new(), "{text}\n{spec}");
        }
    }
    assert!(specs > 100, "only {specs} of them are documents still");
}
