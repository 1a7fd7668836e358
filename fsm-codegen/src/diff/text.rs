//! Differences for people: a line for each, grouped, and the verdicts below.
//!
//! A face of [`super::Diff`].

use std::fmt::Write as _;

use super::{Change, Diff, Group, Identity, Verdict};

/// The text, which ends with a newline.
#[must_use]
pub fn render(diff: &Diff) -> String {
    let mut text = String::new();
    let (old, new) = (identity(&diff.old), identity(&diff.new));
    let both = if old == new { old } else { format!("{old} -> {new}") };
    let _ = writeln!(text, "{both}");
    if diff.changes.is_empty() {
        text.push_str("\nno difference\n");
    }
    let mut group: Option<Group> = None;
    for change in &diff.changes {
        if group.replace(change.group) != Some(change.group) {
            let _ = write!(text, "\n{}\n", change.group.name());
        }
        one(&mut text, change);
    }
    let _ = writeln!(text, "\n{}\n{}", snapshots(diff.snapshots()), messages(diff.messages()));
    text
}

/// `Order, version 2`.
fn identity(side: &Identity) -> String {
    let version = side.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
    format!("{}{version}", side.machine)
}

fn one(text: &mut String, change: &Change) {
    let _ = write!(text, "  {} {}", change.sign.symbol(), change.what);
    if let Some(origin) = &change.origin {
        let _ = write!(text, " (maybe renamed from {origin})");
    }
    text.push('\n');
    let reasons = [("snapshots: ", &change.snapshots), ("messages: ", &change.messages), ("", &change.note)];
    for (whom, why) in reasons {
        if let Some(why) = why {
            let _ = writeln!(text, "      {whom}{why}");
        }
    }
}

fn snapshots(verdict: Verdict) -> String {
    match verdict {
        Verdict::Same => "Old snapshots fit: they are restored as they are.".to_owned(),
        Verdict::Fits => {
            "Old snapshots fit, but bear another version or hash: a migration takes them over without a decision."
                .to_owned()
        }
        Verdict::Broken(reasons) => format!("Old snapshots no longer fit: {}.", count(reasons)),
    }
}

fn messages(verdict: Verdict) -> String {
    match verdict {
        Verdict::Same | Verdict::Fits => "Old messages fit.".to_owned(),
        Verdict::Broken(reasons) => format!("Old messages no longer fit: {}.", count(reasons)),
    }
}

fn count(reasons: usize) -> String {
    if reasons == 1 { "one reason".to_owned() } else { format!("{reasons} reasons") }
}
