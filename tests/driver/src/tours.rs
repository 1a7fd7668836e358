//! Transition tours of the machines of `specs/`, as `fsmc testgen` writes them, through generated code.
//!
//! Each holds its own test that it takes all transitions but those that it lists; here it is asked that those are few.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod arbitrary;
mod documented;

include!(concat!(env!("OUT_DIR"), "/tours.rs"));

#[test]
fn hardly_any_transition_is_left_out() {
    let (taken, left_out) = LEFT_OUT.iter().fold((0, 0), |sum, (_, taken, left_out)| (sum.0 + taken, sum.1 + left_out));
    assert!(LEFT_OUT.len() >= 13 && left_out * 50 <= taken, "{LEFT_OUT:?}");
}

#[test]
fn the_page_shows_a_test_that_runs() {
    let page = include_str!("../../../docs/testing.md");
    for test in [include_str!("tours/documented.rs"), include_str!("tours/arbitrary.rs")] {
        let shown = test.split_once("\n\n").map_or("", |(_, shown)| shown);
        assert!(!shown.is_empty() && page.contains(shown), "docs/testing.md shows another test");
    }
}
