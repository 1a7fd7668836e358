//! A spec as a tree from which pieces can be taken, so that a chart that differs becomes small.
//!
//! A piece is an entry of a mapping or an item of a list. Where a state goes, whatever names it goes too, and a state
//! that has lost its children is atomic: so most of what is left is a spec again. Whether it is one says the compiler.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A spec, or a part of it, in the order in which it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// What is written without quotes whatever it looks like: numbers and booleans.
    Plain(String),
    /// Any other scalar.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping.
    Map(Vec<(String, Self)>),
}

impl Tree {
    /// Reads a spec.
    pub(crate) fn read(text: &str) -> Self {
        serde_saphyr::from_str(text).expect("a spec is YAML")
    }

    /// The number of pieces.
    pub(crate) fn pieces(&self) -> usize {
        match self {
            Self::Plain(_) | Self::Text(_) => 0,
            Self::List(items) => items.iter().map(|item| 1 + item.pieces()).sum(),
            Self::Map(entries) => entries.iter().map(|(_, value)| 1 + value.pieces()).sum(),
        }
    }

    /// The sizes of all pieces, in the order in which they are written.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = Vec::new();
        self.size(&mut sizes);
        sizes
    }

    fn size(&self, sizes: &mut Vec<usize>) {
        let mut piece = |inner: &Self| {
            sizes.push(1 + inner.pieces());
            inner.size(sizes);
        };
        match self {
            Self::Plain(_) | Self::Text(_) => {}
            Self::List(items) => items.iter().for_each(&mut piece),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| piece(value)),
        }
    }

    /// The spec without these pieces.
    pub(crate) fn without(&self, pieces: &BTreeSet<usize>) -> Self {
        let (before, mut at) = (self.states(), 0);
        let mut tree = self.keep(pieces, &mut at);
        loop {
            let after = tree.states();
            let gone: Vec<String> = before.difference(&after).map(|state| format!("#{state}")).collect();
            let mended = tree.mend(&gone);
            if mended == tree {
                return tree;
            }
            tree = mended;
        }
    }

    fn keep(&self, pieces: &BTreeSet<usize>, at: &mut usize) -> Self {
        let mut kept = |inner: &Self| {
            let number = *at;
            *at += 1;
            let inner = inner.keep(pieces, at);
            (!pieces.contains(&number)).then_some(inner)
        };
        match self {
            Self::List(items) => Self::List(items.iter().filter_map(kept).collect()),
            Self::Map(entries) => {
                let entries = entries.iter().filter_map(|(key, value)| Some((key.clone(), kept(value)?)));
                Self::Map(entries.collect())
            }
            scalar => scalar.clone(),
        }
    }

    /// The names of all states.
    fn states(&self) -> BTreeSet<String> {
        let Self::Map(entries) = self else { return BTreeSet::new() };
        let mut names = BTreeSet::new();
        for (key, value) in entries {
            if let ("states", Self::Map(children)) = (key.as_str(), value) {
                for (name, child) in children {
                    names.insert(name.clone());
                    names.extend(child.states());
                }
            }
        }
        names
    }

    /// Whether one of these stands anywhere in it.
    fn names(&self, gone: &[String]) -> bool {
        match self {
            Self::Plain(text) | Self::Text(text) => gone.contains(text),
            Self::List(items) => items.iter().any(|item| item.names(gone)),
            Self::Map(entries) => entries.iter().any(|(key, value)| key != "states" && value.names(gone)),
        }
    }

    /// What is left of a state, or of anything else, when states are gone.
    fn mend(&self, gone: &[String]) -> Self {
        match self {
            Self::List(items) => {
                Self::List(items.iter().filter(|item| !item.names(gone)).map(|item| item.mend(gone)).collect())
            }
            Self::Map(entries) => {
                let first = entries.iter().find_map(|(key, value)| match value {
                    Self::Map(children) if key == "states" => Some(first_child(children)),
                    _ => None,
                });
                let mut mended = Vec::new();
                for (key, value) in entries {
                    let inner = matches!(key.as_str(), "states" | "initial" | "onDone" | "type");
                    if first == Some(None) && inner {
                        continue;
                    }
                    if let ("initial", Some(Some(first)), true) = (key.as_str(), first, value.names(gone)) {
                        let target = ("target".to_owned(), Self::Text(format!("#{first}")));
                        mended.push((key.clone(), Self::Map(vec![target])));
                    } else if key == "states" || !matches!(value, Self::Text(_)) || !value.names(gone) {
                        mended.push((key.clone(), value.mend(gone)));
                    }
                }
                Self::Map(mended)
            }
            scalar => scalar.clone(),
        }
    }
}

/// The first child that is no history state.
fn first_child(children: &[(String, Tree)]) -> Option<&String> {
    let history = |child: &Tree| matches!(child, Tree::Map(entries) if entries.iter().any(|(key, _)| key == "history"));
    children.iter().find(|(_, child)| !history(child)).map(|(name, _)| name)
}

/// As a spec: what belongs to the machine and to states in lines of its own, the rest in one line.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.block(f, 0)
    }
}

impl Tree {
    fn block(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let Self::Map(entries) = self else { return Ok(()) };
        for (key, value) in entries {
            write!(f, "{:width$}{}:", "", Scalar(key), width = depth * 2)?;
            match value {
                Self::Map(inner) if key == "states" && !inner.is_empty() => {
                    writeln!(f)?;
                    for (name, state) in inner {
                        write!(f, "{:width$}{}:", "", Scalar(name), width = depth * 2 + 2)?;
                        if matches!(state, Self::Map(entries) if !entries.is_empty()) {
                            writeln!(f)?;
                            state.block(f, depth + 2)?;
                        } else {
                            writeln!(f, " {{}}")?;
                        }
                    }
                }
                Self::Map(inner) if key == "on" && !inner.is_empty() => {
                    writeln!(f)?;
                    value.block(f, depth + 1)?;
                }
                _ => {
                    write!(f, " ")?;
                    value.flow(f)?;
                    writeln!(f)?;
                }
            }
        }
        Ok(())
    }

    fn flow(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => write!(f, "{text}"),
            Self::Text(text) => write!(f, "{}", Scalar(text)),
            Self::List(items) => {
                write!(f, "[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}", if at == 0 { "" } else { ", " })?;
                    item.flow(f)?;
                }
                write!(f, "]")
            }
            Self::Map(entries) if entries.is_empty() => write!(f, "{{}}"),
            Self::Map(entries) => {
                write!(f, "{{ ")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{}: ", if at == 0 { "" } else { ", " }, Scalar(key))?;
                    value.flow(f)?;
                }
                write!(f, " }}")
            }
        }
    }
}

/// Text, in quotes where it needs them.
struct Scalar<'t>(&'t str);

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let harmless = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | ' ' | '<' | '>' | '+' | '-');
        let plain = text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(harmless)
            || text.strip_suffix("ms").is_some_and(|number| number.parse::<u32>().is_ok());
        if plain { write!(f, "{text}") } else { write!(f, "'{}'", text.replace('\'', "''")) }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("YAML")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Plain(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Plain(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Plain(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Tree::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
                let mut map = Vec::new();
                while let Some(entry) = entries.next_entry::<String, Tree>()? {
                    map.push(entry);
                }
                Ok(Tree::Map(map))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = "\
machine: M
initial: { target: '#a' }
states:
  a:
    initial: { target: '#b', actions: [f] }
    on:
      'e.*': [{ target: '#c', guard: { in: '#b' } }, { target: '#a', reenter: true }]
    states:
      b: {}
  c:
    after: { 5ms: { target: '#b' } }
    entry: [{ log: 'it''s {context.n}' }]
";

    #[test]
    fn a_spec_is_read_and_printed_as_it_was() {
        assert_eq!(Tree::read(SPEC).to_string(), SPEC);
    }

    #[test]
    fn what_names_a_state_goes_with_it() {
        let tree = Tree::read(SPEC);
        let pieces: Vec<usize> = (0..tree.pieces()).collect();
        assert_eq!(tree.sizes().len(), pieces.len());
        let texts: Vec<String> = pieces.iter().map(|piece| tree.without(&[*piece].into()).to_string()).collect();
        let without_b = "machine: M\ninitial: { target: '#a' }\nstates:\n  a:\n    on:\n      'e.*': \
                         [{ target: '#a', reenter: true }]\n  c:\n    after: { 5ms: {} }\n    entry: [{ log: 'it''s {context.n}' }]\n";
        assert!(texts.iter().any(|text| text == without_b), "{texts:#?}");
    }
}
