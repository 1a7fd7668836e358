//! Any text where a spec has Rust: a guard, an action, a default, a type, a value, an invoke.
#![no_main]

use fsm_codegen::{Checked, Config, backend, source::Source};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let quoted = serde_json::to_string(text).expect("text is JSON");
    let spec = format!(
        "machine: M\ncontext: {{ n: u32, s: String = {quoted} }}\nevents: {{ E: {{ job: String, code: u8 }} }}\ninitial: A\n\
         states:\n  A:\n    invoke: {{ src: {quoted}, onError: A }}\n    on:\n      E:\n        - {{ guard: {quoted}, target: A }}\n\
         \x20       - {{ actions: [{quoted}, {{ assign: {{ n: {quoted} }} }}] }}\n"
    );
    for text in [spec.clone(), spec.replace(&format!(" = {quoted}"), "").replace(&format!("src: {quoted}"), "src: go")] {
        let (source, config) = (Source::new("fuzz.yaml", text), Config::default());
        let Checked { machine, diagnostics } = fsm_codegen::check(&source, &config);
        fuzz::shown(&source, &diagnostics);
        if let Some(machine) = machine {
            let code = backend::rust::emit(&machine, &source, &config);
            let _ = backend::format::format(&code, &source);
        }
    }
});
