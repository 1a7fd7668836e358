//! Writes YAML: a small tree, quoted wherever YAML would read something else, laid out for people.
//!
//! The last step of every importer. A collection stands on one line where it fits and may, else one entry a line.
//! Invariant: a reader gives every text back as it was put in, whatever characters it holds.

use crate::backend::yaml::quoting;

/// The widest line that a collection is put on.
const WIDTH: usize = 110;

/// A node of the tree.
#[derive(Debug, Clone)]
pub(super) enum Yaml {
    /// A word of the language, or a boolean: written as it is.
    Word(&'static str),
    /// Any text; quoted where needed.
    Text(String),
    /// Rust, or a delay: like text, but a number stands bare.
    Code(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in the order in which it is written.
    Map(Map),
}

/// A mapping.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    entries: Vec<(Yaml, Yaml)>,
    block: bool,
}

impl Map {
    /// An empty mapping that may stand on one line.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// An empty mapping whose entries stand on lines of their own.
    pub(super) fn block() -> Self {
        Self { entries: Vec::new(), block: true }
    }

    /// Adds an entry whose key is a word of the language.
    pub(super) fn word(&mut self, key: &'static str, value: Yaml) {
        self.entries.push((Yaml::Word(key), value));
    }

    /// Adds an entry whose key is a name.
    pub(super) fn name(&mut self, key: impl Into<String>, value: Yaml) {
        self.entries.push((Yaml::Text(key.into()), value));
    }

    /// Adds the entries of another mapping.
    pub(super) fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
    }

    /// Whether there is no entry.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl Yaml {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A mapping of one entry.
    pub(super) fn pair(key: &'static str, value: Self) -> Self {
        Self::Map(Map { entries: vec![(Self::Word(key), value)], block: false })
    }

    /// The one item, or all of them as a list.
    pub(super) fn one_or_many(mut items: Vec<Self>) -> Self {
        match items.len() {
            1 => items.remove(0),
            _ => Self::List(items),
        }
    }

    fn is_block(&self) -> bool {
        match self {
            Self::Word(_) | Self::Text(_) | Self::Code(_) => false,
            Self::List(items) => items.iter().any(Self::is_block),
            Self::Map(map) => {
                let entries = map.entries.iter();
                (map.block && !map.is_empty()) || entries.into_iter().any(|(_, value)| value.is_block())
            }
        }
    }
}

/// The text of a document.
pub(super) fn write(document: &Map) -> String {
    let mut text = String::new();
    for (key, value) in &document.entries {
        entry(key, value, 0, &mut text);
    }
    text
}

/// `key: value` and what follows it, behind an indentation that stands already.
fn entry(key: &Yaml, value: &Yaml, indent: usize, text: &mut String) {
    flow(key, text);
    text.push(':');
    if on_one_line(value, text) {
        return;
    }
    text.push('\n');
    match value {
        Yaml::Map(map) => {
            for (key, value) in &map.entries {
                margin(indent + 2, text);
                entry(key, value, indent + 2, text);
            }
        }
        Yaml::List(items) => list(items, indent + 2, text),
        // A scalar stands on one line however long it is.
        Yaml::Word(_) | Yaml::Text(_) | Yaml::Code(_) => {}
    }
}

fn list(items: &[Yaml], indent: usize, text: &mut String) {
    for item in items {
        margin(indent, text);
        text.push('-');
        if on_one_line(item, text) {
            continue;
        }
        match item {
            Yaml::Map(map) => {
                for (at, (key, value)) in map.entries.iter().enumerate() {
                    if at == 0 {
                        text.push(' ');
                    } else {
                        margin(indent + 2, text);
                    }
                    entry(key, value, indent + 2, text);
                }
            }
            Yaml::List(items) => {
                text.push('\n');
                list(items, indent + 2, text);
            }
            Yaml::Word(_) | Yaml::Text(_) | Yaml::Code(_) => {}
        }
    }
}

fn margin(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Puts the value behind what stands on the line, where it may and fits; says whether it did.
fn on_one_line(value: &Yaml, text: &mut String) -> bool {
    if value.is_block() {
        return false;
    }
    let scalar = matches!(value, Yaml::Word(_) | Yaml::Text(_) | Yaml::Code(_));
    let start = text.rfind('\n').map_or(0, |end| end + 1);
    let before = text.len();
    text.push(' ');
    flow(value, text);
    if scalar || text[start..].chars().count() <= WIDTH {
        text.push('\n');
        return true;
    }
    // What is empty has no other form than this one.
    let empty = matches!(value, Yaml::List(items) if items.is_empty());
    let empty = empty || matches!(value, Yaml::Map(map) if map.is_empty());
    if empty {
        text.push('\n');
        return true;
    }
    text.truncate(before);
    false
}

/// The value on one line.
fn flow(value: &Yaml, text: &mut String) {
    match value {
        Yaml::Word(word) => text.push_str(word),
        Yaml::Code(value) if is_number(value) => text.push_str(value),
        Yaml::Text(value) | Yaml::Code(value) => text.push_str(&quoting::flow(value)),
        Yaml::List(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                flow(item, text);
            }
            text.push(']');
        }
        Yaml::Map(map) if map.is_empty() => text.push_str("{}"),
        Yaml::Map(map) => {
            text.push_str("{ ");
            for (at, (key, value)) in map.entries.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                flow(key, text);
                text.push_str(": ");
                flow(value, text);
            }
            text.push_str(" }");
        }
    }
}

/// Whether the text begins with a digit and is no more than a number with a unit.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let first = digits.starts_with(|first: char| first.is_ascii_digit());
    first && digits.chars().all(|char| char.is_ascii_alphanumeric() || char == '.' || char == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_stands_on_one_line_where_it_fits() {
        let short = Yaml::pair("target", Yaml::text("#a"));
        let long = Yaml::pair("target", Yaml::text("x".repeat(WIDTH)));
        let mut inner = Map::block();
        inner.name("A", short.clone());
        inner.name("B", Yaml::List(vec![short, long]));
        inner.name("C", Map::block().into());
        let mut document = Map::block();
        document.word("states", inner.into());
        let expected = format!(
            "states:\n  A: {{ target: '#a' }}\n  B:\n    - {{ target: '#a' }}\n    - target: {}\n  C: {{}}\n",
            "x".repeat(WIDTH)
        );
        assert_eq!(write(&document), expected);
    }
}
