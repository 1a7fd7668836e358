//! What resolve makes of good specs, as text: `resolved/*.yaml` against the `.txt` beside each.
//!
//! `UPDATE_GOLDEN=1` writes the texts anew; read the difference before committing it.

mod dump;

use std::path::Path;
use std::{env, fs};

use fsm_codegen::diag::Diagnostics;
use fsm_codegen::source::Source;
use fsm_codegen::{frontend, resolve};

/// The dump of the machine, which must be free of errors.
fn resolved(name: &str, text: String) -> String {
    let source = Source::new(name, text);
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(&source, &mut diagnostics);
    let machine = spec.and_then(|spec| resolve::resolve(&spec, &source, &[], &mut diagnostics));
    let complaints = diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
    assert!(diagnostics.is_empty(), "{name}: {}", complaints.collect::<String>());
    dump::machine(&machine.expect("a machine without errors is resolved"))
}

#[test]
fn good_specs_resolve_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolved");
    let mut specs: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    specs.sort();
    assert!(specs.len() >= 4, "specs are missing");
    let mut stale = Vec::new();
    for spec in specs {
        let name = spec.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = resolved(&name, fs::read_to_string(&spec).expect("a spec is text"));
        let golden = spec.with_extension("txt");
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &found).expect("the golden text can be written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != found {
            stale.push(format!("{name}:\n{found}"));
        }
    }
    assert!(stale.is_empty(), "differs from its golden text: {}", stale.join("\n"));
}
