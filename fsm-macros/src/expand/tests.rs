//! What it expands to, without rustc.

use proc_macro2::{Delimiter, Group, TokenTree};
use quote::quote;

use super::*;

/// What it expands to, as text.
fn expanded(input: TokenStream) -> String {
    fsm(input, Path::new("/nowhere")).to_string()
}

#[test]
fn a_machine_becomes_its_module() {
    let text = expanded(quote!(pub machine Robot { initial Idle; state Idle; }));
    assert!(text.contains("pub mod robot") && !text.contains("compile_error"), "{text}");
}

#[test]
fn what_is_neither_a_machine_nor_a_path_is_refused_with_advice() {
    for input in [
        quote!(),
        quote!("a.yaml", 1),
        quote!(
            mod robot {}
        ),
    ] {
        let text = expanded(input);
        assert!(text.contains("compile_error") && text.contains("write `machine Name { … }`, or the path"), "{text}");
    }
}

#[test]
fn a_path_can_come_out_of_another_macro() {
    let path = TokenTree::Group(Group::new(Delimiter::None, quote!("specs/robot.yaml")));
    let text = expanded(path.into());
    assert!(text.contains("specs/robot.yaml") || text.contains("feature `yaml`"), "{text}");
}

#[test]
fn brackets_nested_as_deep_as_one_likes_are_refused() {
    let brackets = format!("{}{}", "(".repeat(50_000), ")".repeat(50_000));
    for text in [
        brackets.clone(),
        format!("\"a.yaml\" {brackets}"),
        format!("machine M {{ initial A; state A {{ entry / f({brackets}); }} }}"),
    ] {
        assert!(expanded(text.parse().expect("tokens")).contains("compile_error"));
    }
}

#[cfg(feature = "yaml")]
#[test]
fn a_missing_file_is_named_in_full() {
    let text = expanded(quote!("specs/robot.yaml"));
    assert!(text.contains("cannot read /nowhere/specs/robot.yaml: "), "{text}");
}
