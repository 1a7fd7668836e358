//! Several targets of one transition: whether they can be active together.
//!
//! Needs the tree. Two states can, if neither holds the other and the innermost state that holds both is parallel. A
//! history state may come back as anything below its parent, so it counts as its parent. In document order the
//! innermost common ancestor of any two is that of some neighbours between them: comparing neighbours is enough.

use crate::ast::{Kind, Text};
use crate::diag::{Code, Diagnostic};
use crate::ir::StateId;
use fsm_model::gather::Gather as _;

use super::report::Report;
use super::tree::Tree;

/// Whether the targets, which are written at `texts`, agree; reported where they do not.
pub(super) fn check(tree: &Tree<'_>, found: &[StateId], texts: &[Text], report: &mut Report<'_>) -> bool {
    let mut order: Vec<(StateId, usize)> =
        found.iter().enumerate().map(|(index, state)| (effective(tree, *state), index)).gather();
    order.sort_unstable();
    let mut sound = true;
    for pair in order.windows(2) {
        let [(first, one), (second, other)] = [pair[0], pair[1]];
        if let Some(reason) = conflict(tree, first, second) {
            let (later, earlier) = (one.max(other), one.min(other));
            let message = format!(
                "the targets {} and {} cannot be active together",
                tree.described(found[earlier]),
                tree.described(found[later]),
            );
            report.push(
                Diagnostic::error(Code::ConflictingTargets, texts[later].span, message)
                    .label(texts[earlier].span, "the other target")
                    .help(reason),
            );
            sound = false;
        }
    }
    sound
}

fn effective(tree: &Tree<'_>, state: StateId) -> StateId {
    tree.nodes[state].parent.filter(|_| tree.is_history(state)).unwrap_or(state)
}

/// Why `first`, which stands before `second`, excludes it.
fn conflict(tree: &Tree<'_>, first: StateId, second: StateId) -> Option<String> {
    if first == second {
        return Some("one of them is enough".to_owned());
    }
    if tree.is_descendant(second, first) {
        return Some("one lies in the other; the inner one is enough".to_owned());
    }
    let common = tree.chain(first).find(|state| tree.is_descendant(second, *state))?;
    let kind = tree.nodes[common].ast.kind.as_ref().map(|kind| kind.value);
    if kind == Some(Kind::Parallel) {
        return None;
    }
    Some(format!("several targets lie in different regions of one parallel state; {} is none", tree.described(common)))
}
