//! The files that the tests of the command run it on: good specs, bad ones, documents of SCXML, records of runs.

use std::fs;
use std::path::PathBuf;

use super::empty_folder;

/// No problems.
pub const GOOD: &str = "\
machine: Lamp
initial: Off
states:
  Off: { on: { Press: On } }
  On: { on: { Press: Off } }
";

/// Two errors, on the lines 4 and 5.
pub const BAD: &str = "\
machine: Lamp
initial: Off
states:
  Off: { on: { Press: Onn } }
  On: { on: { Press: Of } }
";

/// One warning: nothing leads to `Attic`.
const ODD: &str = "\
machine: Lamp
initial: Off
states:
  Off: { on: { Press: On } }
  On: { on: { Press: Off } }
  Attic: { on: { Press: Off } }
";

const SCXML: &str = "\
<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0'>
  <state id='a'><transition event='t' target='b'/></state>
  <state id='b'/>
</scxml>
";

/// A record of a run.
const OTHER: &str =
    "{\"fsm_coverage\":1,\"machine\":\"Door\",\"version\":\"\",\"hash\":\"00\",\"transitions\":[],\"states\":[]}\n";

/// A Rust file with two machines.
const TWO: &str = "use fsm_runtime::fsm;
fsm! { pub machine A { initial S; state S; } }
fsm! { machine B { initial S; state S { on E => S; } } }
";

/// A folder with the three specs, three documents of SCXML, and more.
pub fn folder(test: &str) -> PathBuf {
    let folder = empty_folder(test);
    let bad = SCXML.replace("'b'/><", "'c'/><").replace("id='b'", "idd='b'");
    let odd = SCXML.replace("id='b'/>", "id='b'><onentry><log expr='x'/></onentry></state>");
    let old = format!("\n{}", OTHER.replace("Door", "Lamp"));
    let specs = [
        ("good.yaml", GOOD),
        ("bad.yaml", BAD),
        ("odd.yaml", ODD),
        ("good.events", "Press\n"),
        ("two.rs", TWO),
        ("none.rs", "fn main() {}\n"),
        ("named.rs", "mod a { fsm!(\"specs/a.yaml\"); }\n"),
        ("empty.coverage", "\n"),
        ("other.coverage", OTHER),
        ("old.coverage", &old),
    ];
    let wrong = TWO.replace("E => S", "E => X");
    for (name, text) in specs.into_iter().chain([
        ("wrong.rs", wrong.as_str()),
        ("good.scxml", SCXML),
        ("bad.scxml", &bad),
        ("odd.scxml", &odd),
    ]) {
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
    folder
}
