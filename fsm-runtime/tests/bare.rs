//! The core builds without the standard library and without an allocator.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::path::Path;
use std::process::Command;

/// A target without a standard library, where one is installed.
const BARE: &[&str] =
    &["thumbv7em-none-eabihf", "thumbv6m-none-eabi", "riscv32imc-unknown-none-elf", "x86_64-unknown-none"];

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_core_needs_neither_std_nor_alloc() {
    let check = ["check", "--offline", "--quiet", "--no-default-features", "--target-dir", env!("CARGO_TARGET_TMPDIR")];
    // Nothing but this crate: nobody else brings an allocator in.
    let tree = ["tree", "--offline", "--no-default-features", "--edges", "normal", "--prefix", "none"];
    assert_eq!(run(env!("CARGO"), &tree).lines().count(), 1);
    run(env!("CARGO"), &check);
    let root = run("rustc", &["--print", "sysroot"]);
    let installed = |target: &&&str| Path::new(root.trim()).join("lib/rustlib").join(target).join("lib").is_dir();
    if let Some(target) = BARE.iter().find(installed) {
        run(env!("CARGO"), &[&check[..], &["--target", target]].concat());
    }
}
