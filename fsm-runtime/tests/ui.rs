//! `fsm! { … }` as rustc sees it: what compiles, and how mistakes are shown. Few and pinned; the diagnostics themselves
//! are tested in fsm-codegen.
//!
//! `TRYBUILD=overwrite cargo test -p fsm-runtime --test ui` writes the expected messages anew; read the difference.

#[test]
fn what_compiles_and_what_does_not() {
    let tests = trybuild::TestCases::new();
    tests.pass("tests/ui/pass/*.rs");
    tests.compile_fail("tests/ui/fail/*.rs");
}
