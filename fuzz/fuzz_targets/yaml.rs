//! Any bytes as a spec in YAML.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::yaml(bytes));
