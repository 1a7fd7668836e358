//! The tools of the lowering: entries by key, scalars by type, and the complaints about them.

use fsm_model::gather::Gather as _;
use std::borrow::Cow;
use std::collections::HashMap;

use super::node::{Kind, Node};
use super::{finish, keys, text};
use crate::ast::Name;
use crate::diag::{Code, Diagnostic, Diagnostics, Help, did_you_mean, shown};
use crate::frontend::expr::{Text, limits};
use crate::frontend::words;
use crate::source::{Source, Span, Spanned};

/// Lowers one document.
pub(super) struct Lower<'s, 'd> {
    pub(super) source: &'s Source,
    pub(super) diagnostics: &'d mut Diagnostics,
    /// Whether the machine says what type its output has, so that the outputs of its states are Rust.
    pub(super) types_output: bool,
}

/// An entry of a mapping whose keys are fixed.
pub(super) struct Entry<'n, 'a> {
    pub(super) key: &'static str,
    pub(super) span: Span,
    pub(super) value: &'n Node<'a>,
}

/// An entry of a mapping whose keys are names.
pub(super) struct Named<'n, 'a> {
    pub(super) name: Name,
    pub(super) value: &'n Node<'a>,
    /// What stands under the same name once more, which is an error.
    pub(super) again: Vec<&'n Node<'a>>,
}

impl Lower<'_, '_> {
    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    pub(super) fn error_help(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
    }

    /// Says that `node` is not what `wanted` says; nothing where it was reported already.
    pub(super) fn wrong_type(&mut self, node: &Node<'_>, wanted: &str) {
        if !matches!(node.kind, Kind::Broken) {
            let message = format!("expected {wanted}, found {}", node.describe());
            self.error(Code::WrongType, node.span, message);
        }
    }

    /// Like [`Self::wrong_type`], where names with something behind each are wanted; the help shows the form with the
    /// text that stands there, or with `name`, under the key at `key`.
    pub(super) fn no_mapping(&mut self, node: &Node<'_>, wanted: &str, (key, name, value): (Span, &str, &str)) {
        if matches!(node.kind, Kind::Broken) {
            return;
        }
        let text = match &node.kind {
            Kind::Text(text) if text.chars().all(|char| char.is_alphanumeric() || "._-".contains(char)) => shown(text),
            _ => name.to_owned(),
        };
        let key = shown(self.source.slice(key).trim_matches(['"', '\'']));
        let message = format!("expected {wanted}, found {}", node.describe());
        self.error_help(Code::WrongType, node.span, message, format!("write `{key}: {{ {text}: {value} }}`"));
    }

    /// Whether `node` is nothing; then that is reported under the key at `key`.
    pub(super) fn is_empty(&mut self, node: &Node<'_>, key: Span) -> bool {
        if !matches!(node.kind, Kind::Null) {
            return false;
        }
        let name = shown(self.source.slice(key).trim_matches(['"', '\'']));
        let diagnostic = Diagnostic::error(Code::EmptyValue, key, format!("`{name}` has no value"));
        let diagnostic = match self.swallowed(node) {
            Some((what, text)) => diagnostic.help(format!("`{text}` is {what} to YAML; quote it: `'{text}'`")),
            None => diagnostic,
        };
        self.diagnostics.push(diagnostic);
        true
    }

    /// What `lower` makes of each value of a list, or of the one that stands in place of a list. Empty items are reported
    /// where they stand, and left out.
    pub(super) fn each<'n, 'a, T>(
        &mut self,
        node: &'n Node<'a>,
        mut lower: impl FnMut(&mut Self, &'n Node<'a>) -> Option<T>,
    ) -> Vec<T> {
        let is_list = matches!(node.kind, Kind::Seq(_));
        collect_exactly(one_or_many(node), |item| {
            if is_list && matches!(item.kind, Kind::Null) { self.empty_item(item) } else { lower(self, item) }
        })
    }

    /// Reports an item of a list that is nothing.
    pub(super) fn empty_item<T>(&mut self, item: &Node<'_>) -> Option<T> {
        let diagnostic = Diagnostic::error(Code::EmptyValue, item.span, "this entry of the list is empty");
        let help = match self.swallowed(item) {
            Some((what, text)) => format!("`{text}` is {what} to YAML; quote it: `'{text}'`"),
            None => "leave it out".to_owned(),
        };
        self.diagnostics.push(diagnostic.help(help));
        None
    }

    /// What stands in the source where a value seems to be missing: a comment, a tag, an anchor.
    pub(super) fn swallowed(&self, node: &Node<'_>) -> Option<(&'static str, String)> {
        if let Some((tag, _)) = finish::tag(self.source, node.span) {
            return Some(("a tag", shown(tag)));
        }
        let text = self.source.text();
        let (before, after) = text.split_at_checked(node.span.lo as usize)?;
        let word = before.trim_end_matches(' ').rsplit([' ', '\n', ',', '{', '[']).next().unwrap_or_default();
        if word.starts_with('&') {
            return Some(("an anchor", shown(word)));
        }
        // The reader places an absent value at the colon or dash before it, or behind that.
        // An absent item it may place behind the comment.
        let item = before.rsplit('\n').next().unwrap_or_default().trim_start_matches(['-', ' ']);
        let line = if item.starts_with('#') { item } else { after.trim_start_matches([':', '-', ' ']) };
        // `# idle` is meant as a comment, `#idle` is not.
        let comment = line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|char: char| !char.is_whitespace()));
        comment.then(|| ("a comment", shown(line.split_whitespace().next().unwrap_or_default())))
    }

    /// The entries of a mapping that has `known` keys; unknown and repeated ones are reported and left out.
    pub(super) fn entries<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        wanted: &str,
        known: &'static [&'static str],
    ) -> Vec<Entry<'n, 'a>> {
        let Kind::Map(pairs) = &node.kind else {
            self.wrong_type(node, wanted);
            return Vec::new();
        };
        let mut entries: Vec<Entry<'n, 'a>> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(name) = self.key(key) else { continue };
            let Some(known) = known.iter().find(|known| **known == name) else {
                self.unknown_key(&name, key.span, known);
                continue;
            };
            if let Some(first) = entries.iter().find(|entry| entry.key == *known) {
                let help = match *known {
                    "on" => Some("write all events under one `on`".to_owned()),
                    "states" => Some("write all states under one `states`".to_owned()),
                    list if keys::LISTS.contains(&list) => Some(format!("write one list: `{list}: […, …]`")),
                    _ => None,
                };
                self.duplicate(&name, key.span, first.span, help);
                continue;
            }
            entries.push(Entry { key: known, span: key.span, value });
        }
        entries
    }

    fn unknown_key(&mut self, name: &str, span: Span, known: &[&str]) {
        let shown = shown(name);
        if let Some(advice) = keys::foreign(name, known) {
            self.error_help(Code::ForeignForm, span, format!("`{shown}` has no meaning here"), advice);
        } else if let Some((what, advice)) = keys::reserved(name) {
            let message = format!("`{shown}` is kept for {what} and not supported yet");
            self.error_help(Code::NotSupported, span, message, advice);
        } else {
            let help = match name {
                "<<" => Some("YAML 1.2 has no merge keys; write the entries out".into()),
                "actions" if known == keys::STATE => {
                    Some("a state has `entry` and `exit`; only a history state has `actions`".into())
                }
                _ => did_you_mean(name, known.iter().copied()).or_else(|| keys::meant(name, known)),
            };
            let message = format!("unknown key `{shown}`");
            self.diagnostics.push(Diagnostic::error(Code::UnknownKey, span, message).maybe_help(help));
        }
    }

    fn duplicate(&mut self, name: &str, span: Span, first: Span, help: Option<String>) {
        let message = format!("`{}` stands here a second time", shown(name));
        let diagnostic = Diagnostic::error(Code::DuplicateKey, span, message).maybe_help(help);
        self.diagnostics.push(diagnostic.label(first, "first written here"));
    }

    /// The entries of a mapping whose keys are names; repeated ones are reported and left out.
    pub(super) fn named<'n, 'a>(&mut self, node: &'n Node<'a>, wanted: &str) -> Vec<Named<'n, 'a>> {
        self.distinct(node, wanted, |_| None)
    }

    /// The same for triggers, whose transitions can stand in a list.
    pub(super) fn triggers<'n, 'a>(&mut self, node: &'n Node<'a>, wanted: &str) -> Vec<Named<'n, 'a>> {
        self.distinct(node, wanted, |name| {
            Some(format!(
                "write all its transitions as one list, in the order in which they are tried: `{name}: […, …]`"
            ))
        })
    }

    fn distinct<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        wanted: &str,
        help: impl Fn(&str) -> Option<String>,
    ) -> Vec<Named<'n, 'a>> {
        let Kind::Map(pairs) = &node.kind else {
            self.wrong_type(node, wanted);
            return Vec::new();
        };
        let mut seen: HashMap<Cow<'n, str>, usize> = HashMap::with_capacity(pairs.len());
        let mut entries: Vec<Named<'n, 'a>> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(name) = self.key(key) else { continue };
            if let Some(first) = seen.get(&name) {
                let first = &mut entries[*first];
                first.again.push(value);
                let place = first.name.span;
                self.duplicate(&name, key.span, place, help(&shown(&name)));
                continue;
            }
            entries.push(Named { name: Spanned::new(name.to_string(), key.span), value, again: Vec::new() });
            seen.insert(name, entries.len() - 1);
        }
        entries
    }

    /// A key as text. Numbers and booleans are the text that they are written with.
    fn key<'n>(&mut self, key: &'n Node<'_>) -> Option<Cow<'n, str>> {
        let name: Option<Cow<'n, str>> = match &key.kind {
            Kind::Text(text) => Some(Cow::Borrowed(text)),
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => Some(Cow::Owned(self.source.slice(key.span).to_owned())),
            Kind::Null => {
                let help = "quote it if it is a name: `'null'`";
                self.error_help(Code::WrongType, key.span, "this key is nothing to YAML", help);
                None
            }
            _ => {
                self.wrong_type(key, "a name as key");
                None
            }
        };
        name
    }

    /// A name or other text.
    pub(super) fn name(&mut self, node: &Node<'_>, key: Span, wanted: &str) -> Option<Name> {
        if self.is_empty(node, key) {
            return None;
        }
        let Some(text) = text::value(self.source, node) else {
            self.wrong_type(node, wanted);
            return None;
        };
        if text.trim().is_empty() {
            self.error(Code::EmptyValue, node.span, format!("expected {wanted}, found empty text"));
            return None;
        }
        Some(Spanned::new(text.into_owned(), node.span))
    }

    /// Rust in a scalar, read by one of the functions of [`crate::frontend::expr`].
    pub(super) fn rust<T>(
        &mut self,
        node: &Node<'_>,
        key: Span,
        wanted: &str,
        read: impl FnOnce(&Text<'_>, &mut Diagnostics) -> Option<T>,
    ) -> Option<T> {
        if self.is_empty(node, key) {
            return None;
        }
        if matches!(node.kind, Kind::Text(_)) && self.is_too_long(node) {
            return None;
        }
        let Some(text) = text::of(self.source, node) else {
            self.wrong_type(node, wanted);
            return None;
        };
        if text.as_str().is_empty() {
            self.error(Code::EmptyValue, node.span, format!("expected {wanted}, found empty text"));
            return None;
        }
        read(&text, self.diagnostics)
    }

    /// Whether `node` is longer than what is looked at as Rust; then that is reported.
    pub(super) fn is_too_long(&mut self, node: &Node<'_>) -> bool {
        let long = node.span.range().len() > limits::MAX_BYTES;
        if long {
            let message = format!("this expression is longer than {} bytes", limits::MAX_BYTES);
            self.error_help(Code::ExpressionTooLarge, node.span, message, limits::HELP);
        }
        long
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node<'_>, key: Span) -> Option<Spanned<bool>> {
        if self.is_empty(node, key) {
            return None;
        }
        if let Kind::Bool(value) = node.kind {
            return Some(Spanned::new(value, node.span));
        }
        self.wrong_type(node, "`true` or `false`");
        None
    }

    /// An integer from 1 that fits.
    pub(super) fn capacity(&mut self, node: &Node<'_>, key: Span) -> Option<Spanned<u32>> {
        if self.is_empty(node, key) {
            return None;
        }
        let Kind::Int(value) = node.kind else {
            self.wrong_type(node, "a number of entries");
            return None;
        };
        let Ok(value) = u32::try_from(value) else {
            self.error(Code::InvalidValue, node.span, "a capacity lies between 1 and 65535");
            return None;
        };
        Some(Spanned::new(value, node.span))
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node<'_>,
        key: Span,
        choices: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let names = || choices.iter().map(|(name, _)| *name);
        let wanted = names().map(|name| format!("`{name}`")).gather::<Vec<_>>().join(", ");
        let name = self.name(node, key, &format!("one of {wanted}"))?;
        if let Some((_, value)) = choices.iter().find(|(choice, _)| *choice == name.value) {
            return Some(Spanned::new(*value, node.span));
        }
        let message = format!("`{}` is none of {wanted}", shown(&name.value));
        let meant = || {
            let word = words::meant(&name.value).filter(|word| names().any(|name| name == *word))?;
            Some(Help::from(format!("did you mean `{word}`?")).replacing(&*name.value, word))
        };
        let help = did_you_mean(&name.value, names()).or_else(meant);
        self.diagnostics.push(Diagnostic::error(Code::InvalidValue, node.span, message).maybe_help(help));
        None
    }

    /// A name or a list of names.
    pub(super) fn names(&mut self, node: &Node<'_>, key: Span, wanted: &str) -> Vec<Name> {
        self.each(node, |lower, item| lower.name(item, key, wanted))
    }
}

/// A value or a list of values, as the nodes of that list.
fn one_or_many<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    match &node.kind {
        Kind::Seq(items) => items,
        Kind::Broken => &[],
        _ => std::slice::from_ref(node),
    }
}

/// What `lower` makes of each item. A list grown by pushing has room for four, which for the many lists of one
/// transition or action is most of the memory of a large machine.
fn collect_exactly<'n, 'a, T>(items: &'n [Node<'a>], lower: impl FnMut(&'n Node<'a>) -> Option<T>) -> Vec<T> {
    let mut lowered = Vec::with_capacity(items.len());
    lowered.extend(items.iter().filter_map(lower));
    lowered
}
