//! Differences for programs: one JSON object.
//!
//! A face of [`super::Diff`]. The types here mirror the format that docs/cli.md promises and nothing else does. A hash is
//! text, as JSON's numbers end at 2⁵³.

use serde::Serialize;

use super::{Change, Diff, Identity, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    old: Side<'a>,
    new: Side<'a>,
    changes: Vec<Entry<'a>>,
    snapshots: Judged<'a>,
    messages: Judged<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    machine: &'a str,
    version: Option<&'a str>,
    hash: String,
}

#[derive(Serialize)]
struct Entry<'a> {
    group: &'static str,
    change: &'static str,
    what: &'a str,
    maybe_renamed_from: Option<&'a str>,
    note: Option<&'a str>,
    snapshots: Option<&'a str>,
    messages: Option<&'a str>,
}

#[derive(Serialize)]
struct Judged<'a> {
    verdict: &'static str,
    reasons: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Reason<'a> {
    what: &'a str,
    why: &'a str,
}

/// `{"old":…,"new":…,"changes":[…],"snapshots":…,"messages":…}` in one line without a newline at the end.
#[must_use]
#[allow(clippy::missing_panics_doc, reason = "it cannot")]
pub fn render(diff: &Diff) -> String {
    let judged = |verdict: Verdict, why: fn(&Change) -> Option<&String>| Judged {
        verdict: match verdict {
            Verdict::Same => "same",
            Verdict::Fits => "fits",
            Verdict::Broken(_) => "broken",
        },
        reasons: diff.changes.iter().filter_map(|it| Some(Reason { what: &it.what, why: why(it)? })).collect(),
    };
    let document = Document {
        old: side(&diff.old),
        new: side(&diff.new),
        changes: diff.changes.iter().map(entry).collect(),
        snapshots: judged(diff.snapshots(), |change| change.snapshots.as_ref()),
        messages: judged(diff.messages(), |change| change.messages.as_ref()),
    };
    serde_json::to_string(&document).expect("invariant: strings always serialise")
}

fn side(side: &Identity) -> Side<'_> {
    Side { machine: &side.machine, version: side.version.as_deref(), hash: format!("{:#018x}", side.hash) }
}

fn entry(change: &Change) -> Entry<'_> {
    Entry {
        group: change.group.name(),
        change: change.sign.name(),
        what: &change.what,
        maybe_renamed_from: change.origin.as_deref(),
        note: change.note.as_deref(),
        snapshots: change.snapshots.as_deref(),
        messages: change.messages.as_deref(),
    }
}
