//! The edits that diagnostics offer, over the whole corpus of bad specs: each takes its own mistake away.

#![cfg(feature = "yaml")]

use std::fs;
use std::path::{Path, PathBuf};

use fsm_codegen::diag::{Diagnostic, Diagnostics, fix};
use fsm_codegen::source::Source;
use fsm_codegen::{Config, check};

fn specs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            specs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// How often something is said of a text.
fn said(diagnostics: &Diagnostics, like: &Diagnostic) -> usize {
    diagnostics.iter().filter(|other| other.code == like.code && other.message == like.message).count()
}

#[test]
fn each_edit_takes_its_own_mistake_away() {
    let mut paths = Vec::new();
    specs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors"), &mut paths);
    let mut mended = 0;
    for path in paths {
        let Ok(source) = Source::from_bytes("bad.yaml", &fs::read(&path).expect("it can be read")) else { continue };
        let before = check(&source, &Config::default()).diagnostics;
        for diagnostic in before.iter().filter(|diagnostic| diagnostic.fix(&source).is_some()) {
            let mut alone = Diagnostics::default();
            alone.push(diagnostic.clone());
            let text = fix::apply(&source, &alone).text;
            let after = check(&Source::new("mended.yaml", text), &Config::default()).diagnostics;
            let (was, is) = (said(&before, diagnostic), said(&after, diagnostic));
            assert!(is < was, "{}: `{}` is still said: {:?}", path.display(), diagnostic.message, diagnostic.help);
            mended += 1;
        }
    }
    assert!(mended > 40, "only {mended} edits are offered");
}
