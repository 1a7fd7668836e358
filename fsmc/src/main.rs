//! The command line of the compiler.
fn main() {}
