//! YAML as text: a tree of nodes in block style.
//!
//! Knows nothing of machines.

use super::quoting::{block, is_printable};
use crate::ast::Value;

/// A node of a document.
#[derive(Debug)]
pub(super) enum Node {
    /// Text, quoted where it must be.
    Text(String),
    /// A number, a boolean or a delay, which stands as it is.
    Plain(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the making; keys are text.
#[derive(Debug, Default)]
pub(super) struct Map(Vec<(Node, Node)>);

impl Map {
    /// Adds an entry whose key is one of the language.
    pub(super) fn set(&mut self, key: &'static str, value: Node) {
        self.set_plain(key.to_owned(), value);
    }

    /// Adds an entry whose key is a name.
    pub(super) fn name(&mut self, key: &str, value: Node) {
        self.0.push((Node::text(key), value));
    }

    /// Adds an entry of the language if there is a value.
    pub(super) fn maybe(&mut self, key: &'static str, value: Option<Node>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Adds an entry whose key stands as it is.
    pub(super) fn set_plain(&mut self, key: String, value: Node) {
        self.0.push((Node::Plain(key), value));
    }

    /// Whether there is no entry.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, where the only key is `key`.
    pub(super) fn only(mut self, key: &str) -> Result<Node, Self> {
        match &self.0[..] {
            [(Node::Plain(found), _)] if found == key => Ok(self.0.swap_remove(0).1),
            _ => Err(self),
        }
    }
}

impl Node {
    /// Text.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Plain data.
    pub(super) fn data(value: &Value) -> Self {
        match value {
            Value::Null => Self::Plain("null".to_owned()),
            Value::Bool(value) => Self::Plain(value.to_string()),
            Value::Int(value) => Self::Plain(value.to_string()),
            Value::Float(value) => Self::Plain(format!("{value:?}")),
            Value::String(text) => Self::text(text),
            Value::List(items) => Self::List(items.iter().map(Self::data).collect()),
            Value::Map(entries) => {
                Self::Map(Map(entries.iter().map(|(key, entry)| (Self::text(key), Self::data(entry))).collect()))
            }
        }
    }

    /// A value alone, or a list of several; nothing where there is none.
    pub(super) fn one_or_many(mut nodes: Vec<Self>) -> Option<Self> {
        match nodes.len() {
            0 => None,
            // What is a list itself would be taken for the several.
            1 if !matches!(nodes[0], Self::List(_)) => nodes.pop(),
            _ => Some(Self::List(nodes)),
        }
    }
}

/// A document.
pub(super) fn document(root: &Map) -> String {
    let mut text = String::new();
    mapping(root, 0, false, &mut text);
    text
}

/// The entries, the first of which stands on the current line where `inline` says so.
fn mapping(map: &Map, indent: usize, inline: bool, text: &mut String) {
    for (index, (key, value)) in map.0.iter().enumerate() {
        if index > 0 || !inline {
            pad(indent, text);
        }
        match key {
            Node::Plain(key) => text.push_str(key),
            Node::Text(key) => text.push_str(&block(key)),
            // Keys are scalars: `set` and `set_plain` make nothing else.
            Node::List(_) | Node::Map(_) => {}
        }
        text.push(':');
        match value {
            Node::Map(map) if !map.is_empty() => {
                text.push('\n');
                mapping(map, indent + 2, false, text);
            }
            Node::List(items) if !items.is_empty() => {
                text.push('\n');
                list(items, indent + 2, false, text);
            }
            _ => {
                text.push(' ');
                leaf(value, indent + 2, text);
            }
        }
    }
}

fn list(items: &[Node], indent: usize, inline: bool, text: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !inline {
            pad(indent, text);
        }
        text.push_str("- ");
        match item {
            Node::Map(map) if !map.is_empty() => mapping(map, indent + 2, true, text),
            Node::List(items) if !items.is_empty() => list(items, indent + 2, true, text),
            _ => leaf(item, indent + 2, text),
        }
    }
}

fn leaf(node: &Node, indent: usize, text: &mut String) {
    match node {
        Node::Plain(plain) => text.push_str(plain),
        Node::Text(value) if is_paragraphs(value) => return paragraphs(value, indent, text),
        Node::Text(value) => text.push_str(&block(value)),
        Node::List(_) => text.push_str("[]"),
        Node::Map(_) => text.push_str("{}"),
    }
    text.push('\n');
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Whether text of several lines can stand as a literal block.
fn is_paragraphs(value: &str) -> bool {
    let clean = |line: &str| line.chars().all(is_printable) && !line.ends_with(' ');
    let body = value.strip_suffix('\n').unwrap_or(value);
    body.contains('\n') && !body.starts_with([' ', '\n']) && !body.ends_with('\n') && body.split('\n').all(clean)
}

fn paragraphs(value: &str, indent: usize, text: &mut String) {
    let body = value.strip_suffix('\n');
    text.push_str(if body.is_some() { "|\n" } else { "|-\n" });
    for line in body.unwrap_or(value).split('\n') {
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_stand_in_blocks() {
        let mut inner = Map::default();
        inner.set("a", Node::List(vec![Node::text("x"), Node::Map(Map::default()), Node::List(Vec::new())]));
        inner.set("b", Node::text("one\ntwo\n"));
        let mut root = Map::default();
        root.set("m", Node::List(vec![Node::Map(inner), Node::List(vec![Node::Plain("1".to_owned())])]));
        let expected = "m:\n  - a:\n      - x\n      - {}\n      - []\n    b: |\n      one\n      two\n  - - 1\n";
        assert_eq!(document(&root), expected);
    }
}
