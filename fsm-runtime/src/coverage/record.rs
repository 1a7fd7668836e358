//! A record as a line of JSON, by hand: two lists of numbers and a name need no library.
//!
//! `{"fsm_coverage":1,"machine":"Door","version":"","hash":"0123456789abcdef","transitions":[0,2],"states":[1,1,2]}`;
//! `fsmc coverage` reads it. The hash is text, since JSON's numbers do not hold 64 bits everywhere.

use core::fmt::{self, Write as _};

use crate::core::Definition;

/// What was counted, by the indices of the definition.
pub(super) struct Record<'c> {
    pub(super) definition: &'static Definition,
    pub(super) transitions: &'c [usize],
    pub(super) states: &'c [usize],
}

impl fmt::Display for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Definition { name, version, hash, .. } = self.definition;
        write!(f, "{{\"fsm_coverage\":1,\"machine\":{},\"version\":{}", Text(name), Text(version))?;
        write!(f, ",\"hash\":\"{hash:016x}\",\"transitions\":{}", List(self.transitions))?;
        write!(f, ",\"states\":{}}}", List(self.states))
    }
}

struct List<'c>(&'c [usize]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (at, count) in self.0.iter().enumerate() {
            write!(f, "{}{count}", if at == 0 { "" } else { "," })?;
        }
        f.write_char(']')
    }
}

struct Text(&'static str);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for char in self.0.chars() {
            match char {
                '"' | '\\' => write!(f, "\\{char}")?,
                char if u32::from(char) < 0x20 => write!(f, "\\u{:04x}", u32::from(char))?,
                char => f.write_char(char)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_json_whatever_the_names() {
        static ODD: Definition = Definition {
            name: "a \"b\"\\\n",
            version: "1",
            hash: 10,
            states: &[],
            events: &[],
            transitions: &[],
            timers: &[],
            invokes: &[],
        };
        let record = Record { definition: &ODD, transitions: &[3, 0], states: &[] };
        let expected = r#"{"fsm_coverage":1,"machine":"a \"b\"\\\u000a","version":"1","hash":"000000000000000a","transitions":[3,0],"states":[]}"#;
        assert_eq!(std::string::ToString::to_string(&record), expected);
    }
}
