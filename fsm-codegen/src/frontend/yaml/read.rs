//! Text becomes a tree of [`Node`]s, by serde-saphyr with the options that a compiler needs.
//!
//! The first half of the YAML front-end. Every limit on the shape of a document stands here, with its reason. After it
//! the tree is finite, at most [`MAX_DEPTH`] deep, and its spans lie inside the source.

use std::borrow::Cow;
use std::fmt;
use std::thread;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, Spanned};

use super::node::{Kind, Node};
use super::syntax;
use crate::diag::Diagnostic;
use crate::source::{Source, Span};

/// The deepest nesting of collections: 127 states inside one another.
pub(super) const MAX_DEPTH: usize = 256;

/// The largest number of scalars and collections; 100,000 states have about 2,000,000.
pub(super) const MAX_NODES: usize = 4_000_000;

/// The largest number of nodes that aliases may add; an alias bomb ends here.
pub(super) const MAX_REPLAYED: usize = 50_000;

/// The stack for reading. serde-saphyr takes up to 24 KiB a level in a debug build, more than a test thread of 2 MiB
/// has for [`MAX_DEPTH`] levels. Only touched pages cost memory.
const STACK: usize = 32 << 20;

/// Reads the one document of `source`.
pub(super) fn read(source: &Source) -> Result<Node<'_>, Diagnostic> {
    let text = source.text();
    let read = || serde_saphyr::from_str_with_options::<Node<'_>>(text, options());
    let result = thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        reader.map(thread::ScopedJoinHandle::join)
    });
    match result {
        Ok(Ok(Ok(node))) => Ok(node),
        Ok(Ok(Err(error))) => Err(syntax::diagnostic(source, &error)),
        Ok(Err(_)) => Err(syntax::unreadable(source, "the YAML reader gave up on this file")),
        Err(error) => Err(syntax::unreadable(source, &format!("no thread to read YAML in: {error}"))),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 3 * MAX_NODES,
            max_anchors: 10_000,
            max_aliases: 10_000,
            max_recorded_anchor_events: 200_000,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPLAYED,
            max_replay_stack_depth: 32,
        },
        // Both places of a duplicate are shown, which only the lowering can do.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        // Otherwise the key `on` is the boolean `true`.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind<'de>>::deserialize(deserializer)?;
        Ok(Self { span: span(&spanned.defined), kind: spanned.value })
    }
}

fn span(location: &serde_saphyr::Location) -> Span {
    let offset = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok()).unwrap_or_default();
    let lo = offset(location.span().byte_offset());
    Span::new(lo, lo + offset(location.span().byte_len()))
}

impl<'de> Deserialize<'de> for Kind<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML node")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Kind::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Kind::Int(value))
    }

    #[allow(clippy::cast_precision_loss, reason = "integers beyond `i64` are kept as JSON would keep them")]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Kind::Float(value as f64), Kind::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Kind::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Kind::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Kind::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Kind::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Kind::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Kind::Map(entries))
    }
}
