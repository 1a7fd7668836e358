//! Guards, actions and transitions as people read them: UML's `trigger [guard] / actions`.
//!
//! Above [`crate::ir`] and below everything that tells of a machine: the back-ends that draw or trace it, the lints, the
//! interpreter. The text is plain: one line, nothing escaped, nothing wrapped;
//! the parts of a [`Label`] stay apart so that a drawing can break lines between them.

mod actions;
mod states;

pub use actions::{actions, supplies};
pub use states::{behaviour, field, invoke, name, ty};

use crate::gather::Gather as _;
use std::fmt;
use std::time::Duration;

use quote::ToTokens;

use crate::ir::{Action, Arg, ArgKind, Call, Expr, Guard, Initial, Machine, Transition, Trigger, Wait};
use crate::json;

/// What stands beside an arrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// What sets the transition off; empty on an initial and on an eventless transition.
    pub trigger: String,
    /// Without its brackets.
    pub guard: Option<String>,
    /// One text for each action, each assignment and each field of data.
    pub actions: Vec<String>,
}

impl Label {
    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trigger.is_empty() && self.guard.is_none() && self.actions.is_empty()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.trigger)?;
        if let Some(guard) = &self.guard {
            let space = if self.trigger.is_empty() { "" } else { " " };
            write!(f, "{space}[{guard}]")?;
        }
        if self.actions.is_empty() {
            return Ok(());
        }
        let space = if self.trigger.is_empty() && self.guard.is_none() { "" } else { " " };
        write!(f, "{space}/ {}", self.actions.join(", "))
    }
}

/// `Start [context.battery > 20] / begin(&event.job), jobs = context.jobs + 1`; what the transition supplies to its
/// targets comes last.
#[must_use]
pub fn transition(machine: &Machine, transition: &Transition) -> Label {
    let mut actions = actions(machine, &transition.actions);
    actions.extend(supplies(machine, &transition.data));
    Label {
        trigger: trigger(machine, transition.trigger),
        guard: transition.guard.as_ref().map(|guard| self::guard(machine, guard)),
        actions,
    }
}

/// `/ prepare`: an initial transition, or the default of a history state.
#[must_use]
pub fn initial(machine: &Machine, initial: &Initial) -> Label {
    let mut actions = actions(machine, &initial.actions);
    actions.extend(supplies(machine, &initial.data));
    Label { actions, ..Label::default() }
}

/// `entry / lamp_on, jobs = 0`: a block of actions that belongs to a state.
#[must_use]
pub fn block(machine: &Machine, name: &str, block: &[Action]) -> Label {
    Label { trigger: name.to_owned(), guard: None, actions: actions(machine, block) }
}

/// What sets a transition off; nothing for an eventless one.
#[must_use]
pub fn trigger(machine: &Machine, trigger: Trigger) -> String {
    match trigger {
        Trigger::Event(event) => one_line(&machine.events[event].name.value),
        Trigger::Pattern(pattern) => one_line(&machine.patterns[pattern].name.value),
        Trigger::Error => "error".to_owned(),
        Trigger::Always => String::new(),
        Trigger::Done => "done".to_owned(),
        Trigger::Timer(timer) => {
            let timer = &machine.timers[timer];
            format!("{} {}", if timer.repeats { "every" } else { "after" }, wait(machine, timer.wait))
        }
        Trigger::InvokeDone(invoke) => format!("done({})", one_line(&machine.invokes[invoke].id.value)),
        Trigger::InvokeError(invoke) => format!("error({})", one_line(&machine.invokes[invoke].id.value)),
    }
}

/// `30s`, or the name of a delay.
#[must_use]
pub fn wait(machine: &Machine, wait: Wait) -> String {
    match wait {
        Wait::Fixed(duration) => self::duration(duration),
        Wait::Named(delay) => one_line(&machine.delays[delay].name.value),
    }
}

/// A duration as a spec writes it, in the largest unit that leaves no fraction; below that in seconds or milliseconds.
#[must_use]
pub fn duration(duration: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if nanos == 0 && seconds > 0 {
        let whole = UNITS.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
        return whole.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit));
    }
    let (whole, fraction, unit) = if seconds > 0 {
        (seconds, format!("{nanos:09}"), "s")
    } else {
        (u64::from(nanos / 1_000_000), format!("{:06}", nanos % 1_000_000), "ms")
    };
    match fraction.trim_end_matches('0') {
        "" => format!("{whole}{unit}"),
        fraction => format!("{whole}.{fraction}{unit}"),
    }
}

/// A guard in Rust's operators, with `in Path` for an active state.
#[must_use]
pub fn guard(machine: &Machine, guard: &Guard) -> String {
    match guard {
        Guard::Call(_, call) => self::call(call),
        Guard::Expr(expr) => one_line(&expr.text),
        Guard::Bool(value) => value.to_string(),
        Guard::And(guards) => joined(machine, guards, " && ", "true"),
        Guard::Or(guards) => joined(machine, guards, " || ", "false"),
        Guard::Not(inner) if matches!(**inner, Guard::In(_)) => format!("!({})", self::guard(machine, inner)),
        Guard::Not(guard) => format!("!{}", operand(machine, guard)),
        Guard::In(state) => format!("in {}", one_line(&machine.path(*state))),
    }
}

/// The operands of `&&` or `||`; `neutral` is what the operator gives without any.
fn joined(machine: &Machine, guards: &[Guard], operator: &str, neutral: &str) -> String {
    match guards {
        [] => neutral.to_owned(),
        [only] => guard(machine, only),
        _ => guards.iter().map(|guard| operand(machine, guard)).gather::<Vec<_>>().join(operator),
    }
}

/// A guard as part of a larger one: in parentheses unless it reads as one word.
fn operand(machine: &Machine, guard: &Guard) -> String {
    let text = self::guard(machine, guard);
    let closed = match guard {
        Guard::Call(..) | Guard::Bool(_) | Guard::Not(_) | Guard::In(_) => true,
        Guard::Expr(expr) => is_closed(expr),
        Guard::And(guards) | Guard::Or(guards) => guards.is_empty(),
    };
    if closed { text } else { format!("({text})") }
}

/// Whether no operator in front or behind could tear the expression apart.
fn is_closed(expr: &Expr) -> bool {
    use syn::Expr as E;
    matches!(
        *expr.syntax,
        E::Path(_) | E::Lit(_) | E::Call(_) | E::MethodCall(_) | E::Field(_) | E::Index(_) | E::Paren(_) | E::Macro(_)
    )
}

/// `begin(&event.job, 3)`, or the bare name where there are no arguments.
#[must_use]
pub fn call(call: &Call) -> String {
    let name = one_line(&call.name.value);
    if call.args.is_empty() {
        return name;
    }
    let args: Vec<_> = call.args.iter().map(arg).gather();
    format!("{name}({})", args.join(", "))
}

fn arg(arg: &Arg) -> String {
    match &arg.kind {
        ArgKind::Path { borrow, root, fields } => {
            let borrow = borrow.prefix();
            let mut text = format!("{borrow}{}", root.name());
            for field in fields {
                text.push('.');
                text.push_str(&one_line(&field.value));
            }
            text
        }
        ArgKind::Literal(literal) => literal_text(&literal.syntax),
    }
}

/// JSON as such; a literal with its sign, without the space that a token stream prints between them.
fn literal_text(literal: &syn::Expr) -> String {
    if let Some(value) = json::read(literal) {
        return one_line(&json::text(&value));
    }
    match literal {
        syn::Expr::Unary(unary) => format!("{}{}", unary.op.to_token_stream(), literal_text(&unary.expr)),
        other => one_line(&other.to_token_stream().to_string()),
    }
}

/// Text with every run of white space as one space, and control characters as their pictures.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(visible));
    }
    line
}

/// Control characters have pictures of their own: NUL becomes `␀`.
fn visible(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(c),
        '\x7f' => '␡',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}
