//! Diagnostics for cargo: directives that a build script prints.
//!
//! A face of [`crate::diag`]. Cargo writes the package before each directive and knows no directive of several lines,
//! so a diagnostic is one line here, its place first, where terminals and editors make a link of it. The source is
//! underlined in the error that the build script ends with (see `fsm_codegen::build_script`).

use crate::gather::Gather as _;
use std::fmt::Write as _;

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::Source;

/// Directives beyond this number are only counted: cargo prints each of them twice when the build fails.
const MOST: usize = 50;

/// One directive for each diagnostic, each with a newline. Where the errors are `shown` with the lines that they are in,
/// one directive counts them: cargo repeats what it was told, and the errors would stand there three times.
#[must_use]
pub fn render(source: &Source, diagnostics: &Diagnostics, shown: bool) -> String {
    let mut text = String::new();
    if shown && diagnostics.has_errors() {
        let count = diagnostics.errors;
        let errors = if count == 1 { "1 error, which is".to_owned() } else { format!("{count} errors, which are") };
        text.push_str(&directive("error", &format!("{}: {errors} underlined below", source.name())));
        let warnings = diagnostics.iter().filter(|it| it.severity == Severity::Warning).take(MOST);
        text.extend(warnings.map(|it| directive(it.severity.name(), &line(source, it))));
        return text;
    }
    for diagnostic in diagnostics.iter().take(MOST) {
        text.push_str(&directive(diagnostic.severity.name(), &line(source, diagnostic)));
    }
    let more = diagnostics.iter().len().saturating_sub(MOST) + diagnostics.dropped();
    if more > 0 {
        let severity = if diagnostics.has_errors() { "error" } else { "warning" };
        text.push_str(&directive(severity, &format!("{}: and {more} more not shown", source.name())));
    }
    text
}

/// `cargo::error=…` or `cargo::warning=…`, one line whatever the message.
#[must_use]
pub fn directive(severity: &str, message: &str) -> String {
    let message: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).gather();
    format!("cargo::{severity}={message}\n")
}

/// `specs/x.yaml:3:5: unknown state `Idel` [FSM0044]; did you mean `Idle`?`
fn line(source: &Source, diagnostic: &Diagnostic) -> String {
    let at = source.position(diagnostic.span.lo);
    let (name, code) = (source.name(), diagnostic.code.id());
    let mut line = format!("{name}:{}:{}: {} [{code}]", at.line, at.column, diagnostic.message);
    for label in &diagnostic.labels {
        let at = source.position(label.span.lo);
        let _ = write!(line, "; {} ({}:{})", label.text, at.line, at.column);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(line, "; {help}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::source::Span;

    #[test]
    fn a_diagnostic_is_one_directive() {
        let source = Source::new("specs/x.yaml", "a: 1\na: 2\n");
        let mut diagnostics = Diagnostics::default();
        let error = Diagnostic::error(Code::DuplicateKey, Span::new(5, 6), "duplicate key\n`a`");
        diagnostics.push(error.label(Span::new(0, 1), "first defined here").help("rename one of them"));
        diagnostics.push(Diagnostic::new(Code::Trap, Severity::Warning, Span::new(0, 1), "trap"));
        let expected = "\
cargo::error=specs/x.yaml:2:1: duplicate key `a` [FSM0011]; first defined here (1:1); rename one of them
cargo::warning=specs/x.yaml:1:1: trap [FSM0103]
";
        assert_eq!(render(&source, &diagnostics, false), expected);
        let counted = "\
cargo::error=specs/x.yaml: 1 error, which is underlined below
cargo::warning=specs/x.yaml:1:1: trap [FSM0103]
";
        assert_eq!(render(&source, &diagnostics, true), counted);
    }

    #[test]
    fn a_flood_is_counted() {
        let mut diagnostics = Diagnostics::default();
        (0..1_007).for_each(|_| diagnostics.push(Diagnostic::error(Code::Trap, Span::default(), "m")));
        let text = render(&Source::new("x.yaml", ""), &diagnostics, false);
        assert_eq!(text.lines().count(), MOST + 1);
        assert_eq!(text.lines().last(), Some("cargo::error=x.yaml: and 957 more not shown"));
    }
}
