//! Compiles the spec; `include_fsm!("door")` includes what it makes of `specs/door.yaml`.

fn main() -> Result<(), fsm_codegen::BuildError> {
    fsm_codegen::configure().compile(&["specs/door.yaml"])
}
