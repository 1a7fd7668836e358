//! What resolve makes of good specs, as text: `resolved/*.yaml` against the `.txt` beside each.
//!
//! `UPDATE_GOLDEN=1` writes the texts anew; read the difference before committing it.

mod dump;

use std::path::Path;
use std::{env, fs};

use fsm_codegen::diag::Diagnostics;
use fsm_codegen::ir::{History, Id, Machine, StateKind};
use fsm_codegen::source::Source;
use fsm_codegen::{frontend, resolve};

/// The dump of the machine, which must be free of errors.
fn resolved(name: &str, text: String) -> String {
    let source = Source::new(name, text);
    let mut diagnostics = Diagnostics::default();
    let spec = frontend::yaml::parse(&source, &mut diagnostics);
    let machine = spec.and_then(|spec| resolve::resolve(&spec, &source, &mut diagnostics));
    let complaints = diagnostics.iter().map(|it| format!("{}: {}\n", source.position(it.span.lo).line, it.message));
    assert!(diagnostics.is_empty(), "{name}: {}", complaints.collect::<String>());
    let machine = machine.expect("a machine without errors is resolved");
    check_invariants(name, &machine);
    dump::machine(&machine)
}

/// What the IR promises and no type says.
fn check_invariants(name: &str, machine: &Machine) {
    let listed = |ids: &mut dyn Iterator<Item = usize>, count: usize, what: &str| {
        let mut ids: Vec<usize> = ids.collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..count).collect::<Vec<_>>(), "{name}: {what} stand in the list of one state each");
    };
    let states = || machine.states.iter();
    listed(&mut states().flat_map(|it| &it.transitions).map(|id| id.index()), machine.transitions.len(), "transitions");
    listed(&mut states().flat_map(|it| &it.timers).map(|id| id.index()), machine.timers.len(), "timers");
    listed(&mut states().flat_map(|it| &it.invokes).map(|id| id.index()), machine.invokes.len(), "invokes");
    for (id, state) in machine.states.enumerated() {
        for transition in &state.transitions {
            assert_eq!(machine.transitions[*transition].source, id, "{name}: a transition belongs to its source");
        }
        let children = state.children.iter().chain(&state.histories);
        let below: usize = children.map(|child| machine.subtree(*child).count()).sum();
        assert_eq!(machine.subtree(id).count(), below + 1, "{name}: `end` is behind the last descendant");
        let initial = match &state.kind {
            StateKind::Compound(initial) => Some((id, initial)),
            StateKind::History(History { default: Some(default), .. }) => state.parent.map(|it| (it, default)),
            _ => None,
        };
        if let Some((parent, initial)) = initial {
            let inside = initial.targets.iter().all(|target| machine.is_descendant(*target, parent));
            assert!(inside && !initial.targets.is_empty(), "{name}: initial states are descendants");
        }
    }
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
