//! Targets: the text behind `target:`, `in:` and `initial:` becomes the id of a state.
//!
//! Needs the tree. The forms are those of LANGUAGE §2: a name among the source's siblings or, failing that, among the
//! siblings of the nearest ancestor that has one so named; `.child` of the source; `#id`; and each of them with a
//! dotted path behind it. A name that itself holds dots is found where it stands last or alone.

use crate::ast::Text;
use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{Referent, StateId};
use crate::source::Notation;
use fsm_model::gather::Gather as _;

use super::report::Report;
use super::tree::Tree;

/// How many of several states with one name a message shows.
const SHOWN: usize = 4;

/// The step of a path at which no state was found.
struct Missing<'t> {
    parent: StateId,
    name: &'t str,
}

/// The state that `target` names for a transition of `source`; reported where there is none.
pub(super) fn resolve(tree: &Tree<'_>, source: StateId, target: &Text, report: &mut Report<'_>) -> Option<StateId> {
    let text = target.value.as_str();
    let found = if let Some(path) = text.strip_prefix('.') {
        below(tree, source, path, target, report)
    } else if let Some(anchor) = text.strip_prefix('#') {
        anchored(tree, anchor, target, report)
    } else {
        relative(tree, source, target, report)
    }?;
    report.refer(target.span, Referent::State(found));
    Some(found)
}

/// The state that `initial:` names for `parent`; it must be a descendant.
pub(super) fn resolve_initial(
    tree: &Tree<'_>,
    parent: StateId,
    target: &Text,
    report: &mut Report<'_>,
) -> Option<StateId> {
    let text = target.value.as_str();
    let found = if text.starts_with('#') {
        resolve(tree, parent, target, report)?
    } else {
        match descend(tree, parent, text.strip_prefix('.').unwrap_or(text)) {
            Ok(found) => found,
            Err(missing) => {
                report_missing_initial(tree, parent, target, &missing, report);
                return None;
            }
        }
    };
    if tree.is_descendant(found, parent) {
        report.refer(target.span, Referent::State(found));
        return Some(found);
    }
    let message = format!("{} is no descendant of {}", tree.described(found), tree.described(parent));
    report.push(
        Diagnostic::error(Code::InvalidInitial, target.span, message)
            .label(tree.name(found).span, "this state")
            .maybe_help(first_child(tree, parent, report.words())),
    );
    None
}

/// Advice to name the first child.
pub(super) fn first_child(tree: &Tree<'_>, parent: StateId, words: Notation) -> Option<String> {
    let first = tree.child_names(parent).next()?;
    Some(format!("its first child: {}", words.initial(first)))
}

fn report_missing_initial(
    tree: &Tree<'_>,
    parent: StateId,
    target: &Text,
    missing: &Missing<'_>,
    report: &mut Report<'_>,
) {
    let diagnostic = Diagnostic::error(Code::InvalidInitial, target.span, no_child(tree, missing));
    let first = first_child(tree, missing.parent, report.words()).filter(|_| missing.parent == parent);
    let diagnostic = if let [elsewhere, ..] = tree.by_name(missing.name) {
        diagnostic.label(tree.name(*elsewhere).span, "a state of this name is no descendant").maybe_help(first)
    } else {
        diagnostic.maybe_help(report.nearest(missing.name, tree.child_names(missing.parent)).or(first.map(Into::into)))
    };
    report.push(diagnostic);
}

fn no_child(tree: &Tree<'_>, missing: &Missing<'_>) -> String {
    format!("{} has no child `{}`", tree.described(missing.parent), shown(missing.name))
}

/// Follows a dotted path downwards. Each step asks for the whole rest first, so a last name may hold dots.
fn descend<'t>(tree: &Tree<'_>, from: StateId, path: &'t str) -> Result<StateId, Missing<'t>> {
    let (mut at, mut rest) = (from, path);
    loop {
        if let Some(found) = tree.child(at, rest) {
            return Ok(found);
        }
        let (name, deeper) = rest.split_once('.').unwrap_or((rest, ""));
        match tree.child(at, name) {
            Some(child) if name.len() < rest.len() => (at, rest) = (child, deeper),
            _ => return Err(Missing { parent: at, name }),
        }
    }
}

fn below(tree: &Tree<'_>, from: StateId, path: &str, target: &Text, report: &mut Report<'_>) -> Option<StateId> {
    match descend(tree, from, path) {
        Ok(found) => Some(found),
        Err(missing) => {
            let help = report.nearest(missing.name, tree.child_names(missing.parent));
            let help = help.or_else(|| undotted(tree, from, &missing, target));
            let diagnostic = Diagnostic::error(Code::UnknownTarget, target.span, no_child(tree, &missing));
            report.push(diagnostic.maybe_help(help));
            None
        }
    }
}

/// Advice for `.x` where `x` is no child of the source, but can be seen from it.
fn undotted(tree: &Tree<'_>, source: StateId, missing: &Missing<'_>, target: &Text) -> Option<Help> {
    let bare = target.value.strip_prefix('.').filter(|_| missing.parent == source)?;
    scopes(tree, source).find(|scope| tree.child(*scope, missing.name).is_some())?;
    let help = Help::from(format!("the dot means a child of the source; leave it out: `{}`", shown(bare)));
    Some(help.replacing(target.value.as_str(), bare))
}

/// `#x` and `#x.child`.
fn anchored(tree: &Tree<'_>, anchor: &str, target: &Text, report: &mut Report<'_>) -> Option<StateId> {
    let (head, path) = anchor.split_once('.').map_or((anchor, None), |(head, path)| (head, Some(path)));
    // An id, or a name, may hold dots itself: the whole text goes before its first part.
    for (name, path) in [(anchor, None), (head, path)] {
        let found = match tree.by_id(name) {
            Some(found) => found,
            None => match tree.by_name(name) {
                [] => continue,
                [found] => *found,
                several => {
                    report_ambiguous(tree, name, several, target, report);
                    return None;
                }
            },
        };
        return path.map_or(Some(found), |path| below(tree, found, path, target, report));
    }
    let anchors: Vec<String> = tree.anchors().take(report.comparisons()).map(|name| format!("#{name}")).gather();
    let help = report.nearest(&format!("#{head}"), anchors.iter().map(String::as_str));
    let message = format!("no state has the id or the name `{}`", shown(head));
    report.push(Diagnostic::error(Code::UnknownTarget, target.span, message).maybe_help(help));
    None
}

fn report_ambiguous(tree: &Tree<'_>, name: &str, several: &[StateId], target: &Text, report: &mut Report<'_>) {
    let message = format!("`#{}` could be any of {} states", shown(name), several.len());
    let mut diagnostic = Diagnostic::error(Code::AmbiguousTarget, target.span, message)
        .help(format!("give the one that is meant {}", report.words().own_id()));
    for state in several.iter().take(SHOWN) {
        diagnostic = diagnostic.label(tree.name(*state).span, tree.described(*state));
    }
    report.push(diagnostic);
}

/// The states among whose children a bare name of `source` is looked up, nearest first.
fn scopes(tree: &Tree<'_>, source: StateId) -> impl Iterator<Item = StateId> {
    let own = (source == StateId::ROOT).then_some(StateId::ROOT);
    own.into_iter().chain(tree.chain(source).skip(1))
}

fn relative(tree: &Tree<'_>, source: StateId, target: &Text, report: &mut Report<'_>) -> Option<StateId> {
    let text = target.value.as_str();
    let (head, path) = text.split_once('.').unwrap_or((text, ""));
    for scope in scopes(tree, source) {
        if let Some(found) = tree.child(scope, text) {
            return Some(found);
        }
        // The nearest state of the first name is meant, also where the path then leads nowhere.
        if let Some(found) = tree.child(scope, head) {
            return below(tree, found, path, target, report);
        }
    }
    let help = relative_help(tree, source, head, text, report);
    let message = format!("no state `{}` can be seen from {}", shown(head), tree.described(source));
    report.push(Diagnostic::error(Code::UnknownTarget, target.span, message).maybe_help(help));
    None
}

fn relative_help(tree: &Tree<'_>, source: StateId, head: &str, text: &str, report: &mut Report<'_>) -> Option<Help> {
    if tree.child(source, head).is_some() {
        let help = Help::from(format!("a child of the source is written with a dot: `.{}`", shown(text)));
        return Some(help.replacing(text, format!(".{text}")));
    }
    if tree.by_id(head).is_some() {
        return Some(format!("a state's id is written with a sign: `#{}`", shown(text)).into());
    }
    match tree.by_name(head) {
        [StateId::ROOT] => Some(format!("the machine itself is written `#{}`", shown(text)).into()),
        [found] => Some(format!("{} lies elsewhere: `#{}` finds it", tree.described(*found), shown(text)).into()),
        [found, ..] => Some(format!("a path finds it: `{}`", shown(&tree.path(*found))).into()),
        [] => {
            let seen = scopes(tree, source).chain((source != StateId::ROOT).then_some(source));
            report.nearest(head, seen.flat_map(|scope| tree.child_names(scope)))
        }
    }
}
