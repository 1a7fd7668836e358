//! Writes the machines that are measured, as specs and as the code that a careful programmer would write by hand.
//!
//! Both come from one table, so that they cannot differ; the hierarchy is written out, in `hierarchy.yaml` and
//! `hierarchy.rs.txt`, and so are the ones with history and with a loop. Hand-written code stands in two shapes (`match state { match event }` and
//! `match (state, event)`), and everything in an asynchronous and a synchronous form.

mod grid;
mod hand;
mod wide;

use std::path::Path;
use std::{env, fs};

use grid::Grid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let grids = [("flat3", Grid::flat3()), ("dense", Grid::dense(50)), ("sparse", Grid::sparse(50))];
    let mut specs = Vec::new();
    for (name, grid) in &grids {
        for mode in ["async", "sync"] {
            let path = out.join(format!("{name}_{mode}.yaml"));
            fs::write(&path, grid.spec(&format!("{name}_{mode}"), mode))?;
            specs.push(path);
            fs::write(out.join(format!("{name}_{mode}_hand.rs")), hand::grid(grid, mode))?;
        }
    }
    let read = |name: &str| {
        let spec = fs::read_to_string(format!("build/{name}.yaml"))?;
        Ok::<_, std::io::Error>((name.to_owned(), spec, fs::read_to_string(format!("build/{name}.rs.txt"))?))
    };
    let mut machines = vec![read("hierarchy")?, read("history")?, read("loop")?];
    machines.extend(
        [2, 4].map(|count| (format!("parallel{count}"), wide::parallel_spec(count), wide::parallel_by_hand(count))),
    );
    for (name, spec, by_hand) in machines {
        for mode in ["async", "sync"] {
            let path = out.join(format!("{name}_{mode}.yaml"));
            fs::write(&path, format!("machine: {name}_{mode}\nmode: {mode}\n{spec}"))?;
            specs.push(path);
            fs::write(out.join(format!("{name}_{mode}_hand.rs")), hand::in_mode(&by_hand, mode))?;
        }
    }
    println!("cargo::rerun-if-changed=build");
    // The grids are made for speed, not for sense: not every state of the sparse one is reached.
    fsm_codegen::configure().lint("unreachable_state", fsm_codegen::Level::Allow).emit_rerun(false).compile(&specs)?;
    Ok(())
}
