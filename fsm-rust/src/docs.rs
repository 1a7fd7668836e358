//! Doc comments of generated items: the words of the spec, and where in it they stand.
//!
//! Part of the Rust back-end. Descriptions are the user's prose: whatever looks like code in them is put into
//! backticks, as rustdoc and its lints ask for.

use fsm_model::gather::Gather as _;
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;
use fsm_model::ir::{Guard, StateId, Transition, TransitionId, Trigger};
use fsm_model::source::Span;

/// One `#[doc]` for each line.
pub(super) fn lines(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// A description, if there is one, and a closing paragraph.
pub(super) fn described(description: Option<&str>, rest: &str) -> TokenStream {
    match description.map(prose).filter(|text| !text.is_empty()) {
        Some(text) if rest.is_empty() => lines(&text),
        Some(text) => lines(&format!("{text}\n\n{rest}")),
        None => lines(rest),
    }
}

/// The docs of the module.
pub(super) fn module(scope: &Scope<'_>) -> TokenStream {
    let machine = scope.machine;
    let version = machine.version.as_ref().map(|version| format!(", version {}", code(version))).unwrap_or_default();
    let rest = format!("The machine {}{version}: {}.", code(&machine.name.value), place(scope, machine.name.span));
    described(machine.description.as_deref(), &rest)
}

/// `specs/robot.yaml:16:3`, as code; a macro's input without a file, which rust-analyzer has, is `fsm!`.
pub(super) fn place(scope: &Scope<'_>, span: Span) -> String {
    if scope.source.name().is_empty() {
        return code("fsm!");
    }
    let position = scope.source.position(span.lo);
    code(&format!("{}:{}:{}", scope.source.name(), position.line, position.column))
}

/// `Working.Moving`, as code.
pub(super) fn path(scope: &Scope<'_>, state: StateId) -> String {
    code(&scope.machine.path(state))
}

/// `Idle` on `Start` if `context.battery > 20`, and where it stands.
pub(super) fn transition(scope: &Scope<'_>, id: TransitionId) -> String {
    let transition = &scope.machine.transitions[id];
    let Transition { source, guard, span, .. } = transition;
    let target = transition.target();
    let event = code(&trigger_name(scope, id));
    let guard = if guard.is_some() { ", guarded" } else { "" };
    let target = target.map_or_else(|| "internal".to_owned(), |target| format!("to {}", path(scope, target)));
    format!("{} on {event}{guard}, {target}: {}", path(scope, *source), place(scope, *span))
}

/// What sets a transition off, as a name: that of the event, `after 30s`, `done`.
pub(super) fn trigger_name(scope: &Scope<'_>, id: TransitionId) -> String {
    let machine = scope.machine;
    match machine.transitions[id].trigger {
        Trigger::Event(event) => machine.events[event].name.value.clone(),
        Trigger::Pattern(pattern) => format!("any {}", machine.patterns[pattern].name.value),
        Trigger::Error => "error".to_owned(),
        Trigger::Always => "always".to_owned(),
        Trigger::Done => "done".to_owned(),
        Trigger::Timer(timer) => {
            let timer = &machine.timers[timer];
            let what = if timer.repeats { "every" } else { "after" };
            format!("{what} {}", fsm_model::labels::wait(machine, timer.wait))
        }
        Trigger::InvokeDone(invoke) => format!("{} done", machine.invokes[invoke].id.value),
        Trigger::InvokeError(invoke) => format!("{} error", machine.invokes[invoke].id.value),
    }
}

/// Every call of a method in a guard, negations and the rest looked through.
pub(super) fn calls<'g>(guard: &'g Guard, visit: &mut impl FnMut(&'g fsm_model::ir::Call, fsm_model::ir::GuardId)) {
    match guard {
        Guard::Call(id, call) => visit(call, *id),
        Guard::And(all) | Guard::Or(all) => all.iter().for_each(|inner| calls(inner, visit)),
        Guard::Not(inner) => calls(inner, visit),
        Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => {}
    }
}

/// `text` as inline code.
pub(super) fn code(text: &str) -> String {
    let clean: String = visible(text).chars().map(|c| if c == '`' { '\'' } else { c }).gather();
    format!("`{}`", clean.replace(['\n', '\t'], " "))
}

/// Without control characters, and without those that turn the direction of writing: rustc refuses them in comments.
fn visible(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if turns(c) || (c.is_control() && !matches!(c, '\n' | '\t')) { ' ' } else { c }).gather()
}

/// A description as rustdoc likes it.
fn prose(text: &str) -> String {
    let text = visible(text);
    let is_markdown = text.contains('[') || text.contains('`');
    if is_markdown && text.matches('`').count().is_multiple_of(2) {
        return text.trim().replace('\t', "    ");
    }
    // A lone backtick would make code of everything behind it.
    let text = text.replace('`', "'");
    let lines: Vec<String> =
        text.trim().lines().map(|line| line.split(' ').map(word).gather::<Vec<_>>().join(" ")).gather();
    lines.join("\n")
}

/// One word: `ArmError`, `on_fault`, `a::b` and `<b>` become code, with the marks around them left outside.
fn word(word: &str) -> String {
    let inner = word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '"' | '\''));
    let inner_upper = inner.chars().zip(inner.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let looks_like_code = inner_upper || inner.contains(['_', '<', '>', '*', '/', '\\']) || inner.contains("::");
    if inner.is_empty() || !looks_like_code {
        return word.replace('\t', " ");
    }
    // `inner` is a slice of `word`: trimming only cuts at its ends.
    let start = word.find(inner).unwrap_or_default();
    format!("{}{}{}", &word[..start], code(inner), &word[start + inner.len()..])
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn code_in_prose_is_put_into_backticks() {
        assert_eq!(prose("Fails with ArmError, see on_fault."), "Fails with `ArmError`, see `on_fault`.");
        assert_eq!(prose("An arm.\n\nIt `moves` ArmError."), "An arm.\n\nIt `moves` ArmError.");
        assert_eq!(prose("A lone ` and \u{202E}a turn"), "A lone ' and  a turn");
    }
}
