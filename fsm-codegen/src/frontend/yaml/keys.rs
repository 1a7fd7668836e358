//! The keys of the language, and those of other dialects with the advice they get.

use crate::ast::StateKey;
use crate::diag::Help;

/// Of the machine; it has those of a state too.
pub(crate) const MACHINE: &[&str] = &[
    "machine",
    "id",
    "visibility",
    "attributes",
    "version",
    "description",
    "mode",
    "send_futures",
    "generics",
    "use",
    "context",
    "error",
    "output",
    "events",
    "emits",
    "actions",
    "guards",
    "delays",
    "unhandled",
    "queue",
    "defer_capacity",
    "lints",
    "initial",
    "states",
    "type",
    "on",
    "entry",
    "exit",
    "always",
    "after",
    "every",
    "invoke",
    "onDone",
    "defer",
    "data",
    "tags",
    "meta",
    "history",
    "target",
];

/// Those whose value can be a list of what would else stand there alone.
pub(super) const LISTS: &[&str] =
    &["actions", "always", "defer", "entry", "exit", "invoke", "onDone", "onError", "tags", "target"];

/// Of a state.
pub(crate) const STATE: &[&str] = &[
    "id",
    "type",
    "initial",
    "states",
    "on",
    "entry",
    "exit",
    "always",
    "after",
    "every",
    "invoke",
    "onDone",
    "defer",
    "data",
    "history",
    "target",
    "tags",
    "description",
    "meta",
    "output",
];

/// Of a history state, whose `target` and `actions` are its default.
pub(crate) const HISTORY: &[&str] = &[
    "id",
    "type",
    "initial",
    "states",
    "on",
    "entry",
    "exit",
    "always",
    "after",
    "every",
    "invoke",
    "onDone",
    "defer",
    "data",
    "history",
    "target",
    "actions",
    "tags",
    "description",
    "meta",
    "output",
];

/// Of a transition.
pub(crate) const TRANSITION: &[&str] = &["target", "guard", "actions", "reenter", "data", "description", "meta"];

/// Of `initial`.
pub(crate) const INITIAL: &[&str] = &["target", "actions", "data"];

/// Of an invocation.
pub(crate) const INVOKE: &[&str] = &["src", "input", "id", "onDone", "onError"];

/// Of a declared action or guard.
pub(crate) const METHOD: &[&str] = &["blocking", "description"];

/// Of an action; it has one of [`ACTION_HEADS`] and what stands [`beside`] it.
pub(crate) const ACTION: &[&str] = &[
    "assign", "raise", "send", "delay", "id", "cancel", "emit", "reply", "log", "if", "then", "else", "type", "params",
];

/// The keys that name the form of an action.
pub(crate) const ACTION_HEADS: &[&str] = &["assign", "raise", "send", "cancel", "emit", "reply", "log", "if", "type"];

/// The further keys of the form of an action that `head` names.
pub(crate) fn beside(head: &str) -> &'static [&'static str] {
    match head {
        "send" => &["delay", "id"],
        "if" => &["then", "else"],
        "type" => &["params"],
        _ => &[],
    }
}

/// Of a guard.
pub(crate) const GUARD: &[&str] = &["and", "or", "not", "in", "type", "params"];

/// Of XState's form of a call.
pub(crate) const CALL: &[&str] = &["type", "params"];

/// Of XState's form of an event.
pub(crate) const EVENT: &[&str] = &["type"];

/// The key of a state that has this name.
pub(super) fn state_key(name: &str) -> Option<StateKey> {
    Some(match name {
        "id" => StateKey::Id,
        "type" => StateKey::Type,
        "initial" => StateKey::Initial,
        "states" => StateKey::States,
        "on" => StateKey::On,
        "entry" => StateKey::Entry,
        "exit" => StateKey::Exit,
        "always" => StateKey::Always,
        "after" => StateKey::After,
        "every" => StateKey::Every,
        "invoke" => StateKey::Invoke,
        "onDone" => StateKey::OnDone,
        "defer" => StateKey::Defer,
        "data" => StateKey::Data,
        "history" => StateKey::History,
        "target" => StateKey::Target,
        "tags" => StateKey::Tags,
        "description" => StateKey::Description,
        "meta" => StateKey::Meta,
        "output" => StateKey::Output,
        _ => return None,
    })
}

/// The name in XState 5 of a key that XState 4 or SCXML had.
fn renamed(key: &str) -> Option<&'static str> {
    Some(match key {
        "cond" => "guard",
        "onEntry" | "onentry" => "entry",
        "onExit" | "onexit" => "exit",
        "external" => "reenter",
        _ => return None,
    })
}

/// The key that is meant by a word that is far from it in letters.
pub(super) fn meant(word: &str, known: &[&str]) -> Option<Help> {
    let key = match word {
        "to" | "goto" | "next" => "target",
        "enter" | "onenter" | "on_enter" => "entry",
        "leave" | "on_exit" => "exit",
        "when" | "if" | "condition" => "guard",
        "do" | "then" => "actions",
        "transitions" => "on",
        _ => return None,
    };
    known.contains(&key).then(|| Help::from(format!("did you mean `{key}`?")).replacing(word, key))
}

/// Advice for a key that other dialects have, where ours has the keys `known`.
pub(super) fn foreign(key: &str, known: &[&str]) -> Option<Help> {
    if let Some(name) = renamed(key) {
        let help = Help::from(format!("XState 5 calls it `{name}`"));
        return Some(if known.contains(&name) { help.replacing(key, name) } else { help });
    }
    Some(Help::from(match key {
        "systemId" => "there is no actor system here; leave it out",
        "onSnapshot" => "snapshots of invoked actors are not events here; let the task send what matters",
        "route" => "routes are not part of the language; write an event",
        "input" => "write the arguments in `src`: `src: 'fetch(context.id)'`",
        "internal" => "transitions are internal unless they say `reenter: true`",
        "activities" | "services" | "actors" => "an activity is an `invoke` with its `src`",
        "parallel" => "write `type: parallel`",
        "final" => "write `type: final`",
        "transient" => "write the transition under `always`",
        "strict"
        | "predictableActionArguments"
        | "preserveActionOrder"
        | "tsTypes"
        | "schema"
        | "schemas"
        | "types"
        | "$schema"
        | "key" => "it has no meaning here; leave it out",
        "autoForward" => "events are not forwarded; send them in an action",
        _ => return None,
    }))
}

/// Keys that are kept for later, with what they will be and what to write until then.
pub(super) fn reserved(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "include" => ("including other files", "write the whole machine into one file"),
        "timeout" => ("a time-out of an event", "write `after: { 5s: Target }`"),
        "machines" => ("child machines", "run the other machine in the task of an `invoke`"),
        _ => return None,
    })
}
