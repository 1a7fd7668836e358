//! Compiles the spec: `$OUT_DIR/robot.rs` is what `include_fsm!` includes, `$OUT_DIR/robot.mmd` is its picture.

fn main() -> Result<(), fsm_codegen::BuildError> {
    fsm_codegen::configure().serde(true).mermaid(true).compile(&["../../specs/robot.yaml"])
}
