//! Compiles the machine of the sustained run, with serde's traits for the journal.

fn main() -> Result<(), fsm_codegen::BuildError> {
    fsm_codegen::configure().serde(true).compile(&["robot.yaml"])
}
