//! Diagnostics for code scanners: SARIF 2.1.0, one run over all sources.
//!
//! A face of [`crate::diag`], after OASIS' Static Analysis Results Interchange Format 2.1.0. Columns count code points,
//! which the run says, since SARIF's own default is UTF-16. Advice that a program can follow is a `fix`; other advice
//! stands in the message, for which viewers have no field of its own.

use crate::gather::Gather as _;
use std::collections::BTreeSet;

use serde::Serialize;

use super::{Code, Diagnostic, Diagnostics, Edit, Kind, Label, Level};
use crate::source::{Source, Span};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message<'static>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    text: std::borrow::Cow<'a, str>,
}

/// SARIF calls it a `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Message<'a>,
    artifact_changes: [Change; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message<'static>,
}

/// The log with the diagnostics of all sources, in one line without a newline at the end.
#[must_use]
#[allow(clippy::missing_panics_doc, reason = "it cannot")]
pub fn render<'a>(checked: impl IntoIterator<Item = (&'a Source, &'a Diagnostics)>) -> String {
    let all: Vec<_> = checked.into_iter().flat_map(|(source, found)| found.iter().map(move |d| (source, d))).gather();
    let codes: BTreeSet<Code> = all.iter().map(|(_, diagnostic)| diagnostic.code).gather();
    let codes: Vec<Code> = codes.into_iter().gather();
    let results = all.iter().map(|(source, diagnostic)| finding(source, diagnostic, &codes)).gather();
    let rules = codes.iter().map(|code| rule(*code)).gather();
    let driver = Driver { name: "fsmc", version: env!("CARGO_PKG_VERSION"), rules };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_string(&log).expect("invariant: strings and numbers always serialise")
}

fn rule(code: Code) -> Rule {
    let (enabled, level) = match code.kind() {
        Kind::Fixed(severity) => (true, severity.name()),
        Kind::Lint(Level::Deny) => (true, "error"),
        Kind::Lint(Level::Warn) => (true, "warning"),
        Kind::Lint(Level::Allow) => (false, "warning"),
    };
    Rule {
        id: code.id(),
        name: code.name(),
        short_description: message(code.title()),
        default_configuration: Configuration { enabled, level },
    }
}

fn message<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Message<'a> {
    Message { text: text.into() }
}

fn finding<'a>(source: &Source, diagnostic: &'a Diagnostic, codes: &[Code]) -> Finding<'a> {
    let labels = diagnostic.labels.iter();
    let fix = diagnostic.fix(source).zip(diagnostic.help.as_ref());
    let text = match &diagnostic.help {
        Some(help) => message(format!("{}\nhelp: {help}", diagnostic.message)),
        None => message(diagnostic.message.as_str()),
    };
    Finding {
        rule_id: diagnostic.code.id(),
        rule_index: codes.partition_point(|code| *code < diagnostic.code),
        level: diagnostic.severity.name(),
        message: text,
        locations: [Location { physical_location: physical(source, diagnostic.span), message: None }],
        related_locations: labels.map(|label| related(source, label)).gather(),
        fixes: fix.map(|(edit, help)| fixing(source, edit, &help.text)).into_iter().gather(),
    }
}

fn related<'a>(source: &Source, label: &'a Label) -> Location<'a> {
    Location { physical_location: physical(source, label.span), message: Some(message(label.text.as_str())) }
}

fn fixing<'a>(source: &Source, edit: Edit, help: &'a str) -> Fix<'a> {
    let replacement = Replacement { deleted_region: region(source, edit.span), inserted_content: message(edit.text) };
    Fix {
        description: message(help),
        artifact_changes: [Change { artifact_location: artifact(source), replacements: [replacement] }],
    }
}

fn physical(source: &Source, span: Span) -> Physical {
    Physical { artifact_location: artifact(source), region: region(source, span) }
}

fn region(source: &Source, span: Span) -> Region {
    let (start, end) = (source.position(span.lo), source.position(span.hi));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn artifact(source: &Source) -> Artifact {
    Artifact { uri: uri(source.name()) }
}

/// A path as a reference of RFC 3986: what a URI does not hold as it stands is written in percent.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::did_you_mean;

    #[test]
    fn a_result_has_its_rule_its_places_and_its_fix() {
        let source = Source::new("my specs/x.yaml", "é: Idel\n");
        let mut diagnostics = Diagnostics::default();
        let error = Diagnostic::error(Code::UnknownTarget, Span::new(4, 8), "no state `Idel`");
        diagnostics.push(error.maybe_help(did_you_mean("Idel", ["Idle"])).label(Span::new(0, 2), "here"));
        let log: serde_json::Value = serde_json::from_str(&render([(&source, &diagnostics)])).expect("JSON");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "FSM0044");
        let result = &run["results"][0];
        assert_eq!(result["message"]["text"], "no state `Idel`\nhelp: did you mean `Idle`?");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20specs/x.yaml");
        assert_eq!(place["region"]["startColumn"], 4);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "here");
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(change["insertedContent"]["text"], "Idle");
        assert_eq!(change["deletedRegion"]["endColumn"], 8);
    }
}
