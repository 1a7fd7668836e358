//! Any text as a Rust file with `fsm! { … }`, and as the inside of the macro.
#![no_main]

use fsm_codegen::frontend::tokens::file;
use fsm_codegen::source::Source;
use fsm_codegen::{Checked, Config};
use proc_macro2::TokenStream;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let config = Config::default();
    for text in [text.to_owned(), format!("fsm! {{ {text} }}")] {
        let source = Source::new("fuzz.rs", text);
        for written in file::machines(&source).unwrap_or_default() {
            let Checked { machine, diagnostics } = fsm_codegen::check_written(&written, &source, &config);
            fuzz::shown(&source, &diagnostics);
            if let Some(machine) = machine {
                fuzz::generated(&machine, &source, &config);
            }
        }
    }
    // As rustc hands it over: tokens alone, of which some may come from elsewhere.
    if let Ok(tokens) = text.parse::<TokenStream>() {
        let (source, Checked { diagnostics, .. }) = fsm_codegen::check_tokens("fuzz.rs", tokens, &config);
        fuzz::shown(&source, &diagnostics);
    }
});
