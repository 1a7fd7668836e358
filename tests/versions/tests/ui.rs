//! What rustc says to a migration with a gap.
//!
//! `TRYBUILD=overwrite cargo test -p versions --test ui` writes the expected messages anew; read the difference.

#[test]
fn a_gap_in_a_migration_is_an_error_of_rustc() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
