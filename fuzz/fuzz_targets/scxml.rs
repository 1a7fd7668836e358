//! Any bytes as a document of SCXML; what is imported is a spec.
#![no_main]

use fsm_codegen::import::Imported;
use fsm_codegen::import::scxml::{self, Options};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (source, Imported { text, diagnostics }) = scxml::import_bytes("fuzz.scxml", bytes, &Options::default());
    fuzz::shown(&source, &diagnostics);
    if let Some(text) = text {
        fuzz::yaml(text.as_bytes());
    }
});
