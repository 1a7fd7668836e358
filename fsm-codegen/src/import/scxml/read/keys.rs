//! The elements and attributes of SCXML: which may stand where.

/// What all executable content may hold.
const CONTENT: &[&str] = &["raise", "send", "cancel", "assign", "log", "if", "script", "foreach"];

/// What may stand inside of an `<if>`.
const IF: &[&str] = &["raise", "send", "cancel", "assign", "log", "if", "script", "foreach", "elseif", "else"];

/// The elements that may stand in `parent`. A transition of the document itself is no W3C SCXML, but is in use.
pub(super) fn children(parent: &str) -> &'static [&'static str] {
    match parent {
        "scxml" => &["state", "parallel", "final", "datamodel", "script", "transition", "initial", "onentry", "onexit"],
        "state" => &[
            "state",
            "parallel",
            "final",
            "history",
            "initial",
            "transition",
            "onentry",
            "onexit",
            "datamodel",
            "invoke",
        ],
        "parallel" => &["state", "parallel", "history", "transition", "onentry", "onexit", "datamodel", "invoke"],
        "final" => &["onentry", "onexit", "donedata"],
        "history" | "initial" => &["transition"],
        "transition" | "onentry" | "onexit" => CONTENT,
        "if" => IF,
        "datamodel" => &["data"],
        "send" => &["content", "param"],
        _ => &[],
    }
}

/// The attributes of `element`.
pub(super) fn attributes(element: &str) -> &'static [&'static str] {
    match element {
        "scxml" => &["name", "initial", "version", "datamodel", "binding", "exmode"],
        "state" => &["id", "initial"],
        "parallel" | "final" => &["id"],
        "history" => &["id", "type"],
        "transition" => &["event", "cond", "target", "type"],
        "data" => &["id", "expr", "src"],
        "raise" => &["event"],
        "send" => &[
            "event",
            "eventexpr",
            "target",
            "targetexpr",
            "type",
            "typeexpr",
            "id",
            "idlocation",
            "delay",
            "delayexpr",
            "namelist",
        ],
        "cancel" => &["sendid", "sendidexpr"],
        "assign" => &["location", "expr"],
        "log" => &["label", "expr"],
        "if" | "elseif" => &["cond"],
        "script" => &["src"],
        "foreach" => &["array", "item", "index"],
        "invoke" => &["type", "typeexpr", "src", "srcexpr", "id", "idlocation", "namelist", "autoforward"],
        "param" => &["name", "expr", "location"],
        "content" => &["expr"],
        _ => &[],
    }
}

/// Whether SCXML has such an element anywhere.
pub(super) fn is_element(name: &str) -> bool {
    !attributes(name).is_empty()
        || ["initial", "onentry", "onexit", "datamodel", "else", "donedata", "finalize"].contains(&name)
}
