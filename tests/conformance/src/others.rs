//! The tests of the suite that the importer refuses, each with the reason and the place where it is refused.
//!
//! 110 of the 127 tests need no data model, or one of numbers and booleans, and are imported. These 17 use what only an
//! interpreter of ECMAScript has. What 10 of them test can be said in a spec all the same: it was written by hand, in the
//! folder `said/`, and is played like the others.

/// A test that is not imported.
#[derive(Debug)]
pub struct Other {
    /// Its name.
    pub name: &'static str,
    /// Why.
    pub reason: &'static str,
    /// What the importer says, among other things, and in which line.
    pub refused: (&'static str, usize),
    /// The spec below `said/` that says the same, where there can be one.
    pub said: Option<&'static str>,
}

const fn other(name: &'static str, reason: &'static str, message: &'static str, line: usize) -> Other {
    Other { name, reason, refused: (message, line), said: None }
}

impl Other {
    const fn said(mut self, spec: &'static str) -> Self {
        self.said = Some(spec);
        self
    }
}

const SCRIPT: &str = "a script is a program in ECMAScript";
const FILE: &str = "a script in a file of its own is a program in ECMAScript";
const OBJECT: &str = "data is an object of ECMAScript, which has no type";
const INVALID: &str = "an expression that is no ECMAScript fails when the machine runs; here it is refused before";
const PAYLOAD: &str = "an event carries data, whose types the document does not declare";

/// All of them.
pub const OTHERS: &[Other] = &[
    other("assign-current-small-step/test0", SCRIPT, "`script` is not translated", 42)
        .said("assign-current-small-step/test0"),
    other("assign/assign_invalid", INVALID, "`{` is not translated", 19),
    other("assign/assign_obj_literal", OBJECT, "`{` is not translated", 18),
    other("data/data_invalid", INVALID, "`{` is not translated", 6),
    other("data/data_obj_literal", OBJECT, "`{` is not translated", 6),
    other("error/error", "scripts define functions, and errors carry their place", "`script` is not translated", 5),
    other("foreach/test1", "a loop over an array", "`foreach` is not translated", 36),
    other("script-src/test0", FILE, "`script` is not translated", 28).said("script/test0"),
    other("script-src/test1", FILE, "`script` is not translated", 29).said("script/test1"),
    other("script-src/test2", FILE, "`script` is not translated", 28).said("script/test2"),
    other("script-src/test3", FILE, "`script` is not translated", 22).said("script/test0"),
    other("script/test0", SCRIPT, "`script` is not translated", 28).said("script/test0"),
    other("script/test1", SCRIPT, "`script` is not translated", 28).said("script/test1"),
    other("script/test2", SCRIPT, "`script` is not translated", 28).said("script/test2"),
    other("send-data/send1", PAYLOAD, "an event that carries data is not translated", 30).said("send-data/send1"),
    other(
        "send-idlocation/test0",
        "the platform makes an id for a `send` and stores it",
        "an id that the platform makes is not translated",
        16,
    ),
    other("send-internal/test0", PAYLOAD, "an event that carries data is not translated", 30)
        .said("send-internal/test0"),
];
