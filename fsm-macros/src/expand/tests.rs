//! What it expands to, without rustc.

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

#[cfg(feature = "yaml")]
#[test]
fn a_missing_file_is_named_in_full() {
    let text = expanded(quote!("specs/robot.yaml"));
    assert!(text.contains("cannot read /nowhere/specs/robot.yaml: "), "{text}");
}
