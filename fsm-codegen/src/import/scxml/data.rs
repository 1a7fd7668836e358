//! The data model: the types of data, which their values and assignments tell, and what does not agree with them.
//!
//! Needs a whole document, in no particular shape. After this point every expression names data that exists, and has the
//! type that its place wants. ECMAScript has one type of numbers, and so has the spec: `i64`, or `f64` where the document
//! computes with fractions anywhere.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::expr::rust::check_guard;
use super::expr::types::{self, Lookup, Type};
use super::expr::{Expr, Fault, Kind, Operator};
use super::model::{Action, Code, Document};
use crate::diag::{self, Diagnostic, Diagnostics, Severity, did_you_mean, shown};
use crate::source::Spanned;

/// How often assignments are gone through for types: data that takes its type from data comes one step further each time.
const MAX_ROUNDS: usize = 32;

/// How many data are looked through for a misspelt name.
const MAX_CANDIDATES: usize = 1_000;

/// The types of all data.
#[derive(Debug, Default)]
pub(super) struct Types {
    ids: Vec<String>,
    index: HashMap<String, usize>,
    found: Vec<Option<Type>>,
    /// Whether numbers are `f64`.
    pub(super) fractions: bool,
}

impl Lookup for Types {
    fn of(&self, data: &str, at: &Range<usize>) -> Result<Option<Type>, Fault> {
        if let Some(index) = self.index.get(data) {
            return Ok(self.found[*index]);
        }
        let candidates = self.ids.iter().take(MAX_CANDIDATES).map(String::as_str);
        let message = format!("there is no data `{}`", shown(data));
        Err(Fault { at: at.clone(), message, help: did_you_mean(data, candidates) })
    }
}

impl Types {
    /// The type of the data item at that place of the document.
    pub(super) fn at(&self, index: usize) -> Option<Type> {
        self.found.get(index).copied().flatten()
    }
}

/// What a value may name: nothing, since it is there before any data is.
struct Nothing;

impl Lookup for Nothing {
    fn of(&self, data: &str, at: &Range<usize>) -> Result<Option<Type>, Fault> {
        let message = format!("an initial value cannot read other data, such as `{}`", shown(data));
        let help = "write the value, or assign it in the `<onentry>` of the first state".to_owned();
        Err(Fault { at: at.clone(), message, help: Some(help.into()) })
    }
}

/// Finds the types, and reports whatever does not agree with them.
pub(super) fn check(document: &Document, diagnostics: &mut Diagnostics) -> Types {
    let mut types = Types::default();
    for (index, data) in document.data.iter().enumerate() {
        types.ids.push(data.id.value.clone());
        types.index.insert(data.id.value.clone(), index);
        let init = data.init.as_ref().and_then(|code| typed(code, &Nothing, diagnostics));
        types.found.push(init);
    }
    let assignments = assignments(document);
    infer(&assignments, &mut types);
    for (data, code) in &assignments {
        assignment(data, code, &types, diagnostics);
    }
    conditions(document, &types, diagnostics);
    untyped(document, &assignments, &types, diagnostics);
    types.fractions = has_fractions(document);
    types
}

type Assignment<'d> = (&'d Spanned<String>, &'d Code);

fn assignments(document: &Document) -> Vec<Assignment<'_>> {
    let mut found = Vec::new();
    document.each_action(|action| {
        if let Action::Assign { data, expr } = action {
            found.push((data, expr));
        }
    });
    found
}

/// The type of the expression, or a report.
fn typed(code: &Code, data: &impl Lookup, diagnostics: &mut Diagnostics) -> Option<Type> {
    match types::check(code.expr.as_ref()?, data) {
        Ok(found) => found,
        Err(fault) => {
            diagnostics.push(fault.diagnostic(&code.text));
            None
        }
    }
}

/// Gives data without a value the type of what is assigned to it.
fn infer(assignments: &[Assignment<'_>], types: &mut Types) {
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for (data, code) in assignments {
            let Some(index) = types.index.get(&data.value).copied() else { continue };
            let (None, Some(expr)) = (types.found[index], &code.expr) else { continue };
            if let Ok(Some(found)) = types::check(expr, types) {
                types.found[index] = Some(found);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

fn assignment(data: &Spanned<String>, code: &Code, types: &Types, diagnostics: &mut Diagnostics) {
    match types.of(&data.value, &(0..0)) {
        Err(fault) => {
            let diagnostic = Diagnostic::error(diag::Code::UnknownField, data.span, fault.message);
            diagnostics.push(diagnostic.maybe_help(fault.help));
            typed(code, types, diagnostics);
        }
        Ok(Some(wanted)) => expect(code, wanted, types, diagnostics),
        Ok(None) => drop(typed(code, types, diagnostics)),
    }
}

fn expect(code: &Code, wanted: Type, types: &Types, diagnostics: &mut Diagnostics) {
    let Some(expr) = &code.expr else { return };
    if let Err(fault) = types::wanted(expr, wanted, types) {
        diagnostics.push(fault.diagnostic(&code.text));
    } else if let Some(place) = state_as_value(expr) {
        let message = "`In` is translated only in conditions".to_owned();
        let help = Some("write an `<if>` with two assignments".to_owned());
        diagnostics.push(Fault { at: place, message, help: help.map(Into::into) }.diagnostic(&code.text));
    }
}

/// An `In` inside of what is assigned, not asked: the language of specs has it as a guard only.
fn state_as_value(expr: &Expr) -> Option<Range<usize>> {
    let mut place = None;
    expr.each(&mut |expr| {
        if matches!(expr.kind, Kind::In(_)) {
            place = Some(expr.at.clone());
        }
    });
    place
}

fn conditions(document: &Document, types: &Types, diagnostics: &mut Diagnostics) {
    for code in conditions_of(document) {
        let Some(expr) = &code.expr else { continue };
        let checked = types::wanted(expr, Type::Bool, types).and_then(|_| check_guard(expr));
        if let Err(fault) = checked {
            diagnostics.push(fault.diagnostic(&code.text));
        }
    }
}

fn conditions_of(document: &Document) -> Vec<&Code> {
    let mut found: Vec<_> = document.transitions().filter_map(|(_, transition)| transition.cond.as_ref()).collect();
    document.each_action(|action| {
        if let Action::If(branches) = action {
            found.extend(branches.iter().filter_map(|branch| branch.cond.as_ref()));
        }
    });
    found
}

/// Data whose type nothing tells, and data that has a type but no value.
fn untyped(document: &Document, assignments: &[Assignment<'_>], types: &Types, diagnostics: &mut Diagnostics) {
    let assigned: HashSet<&str> = assignments.iter().map(|(data, _)| data.value.as_str()).collect();
    let unread = assignments.iter().filter(|(_, code)| code.expr.is_none());
    let unread: HashSet<&str> = unread.map(|(data, _)| data.value.as_str()).collect();
    for (index, data) in document.data.iter().enumerate().filter(|(_, data)| data.init.is_none()) {
        let name = shown(&data.id.value);
        let Some(found) = types.found[index] else {
            // An assignment that could not be read was reported itself.
            if unread.contains(data.id.value.as_str()) {
                continue;
            }
            let message = if assigned.contains(data.id.value.as_str()) {
                format!("what is assigned to `{name}` does not tell its type")
            } else {
                format!("`{name}` has no value, and none is ever assigned to it")
            };
            let diagnostic = Diagnostic::error(diag::Code::MissingKey, data.id.span, message);
            diagnostics.push(diagnostic.help("give it a value: `expr=\"0\"`"));
            continue;
        };
        let value = match found {
            Type::Number => "0",
            Type::Bool => "false",
            Type::Text => "''",
        };
        let message = format!("`{name}` has no value until one is assigned; the spec begins with `{value}`");
        let diagnostic = Diagnostic::new(diag::Code::LeftOut, Severity::Warning, data.id.span, message);
        diagnostics.push(diagnostic.help(format!("say so: `expr=\"{value}\"`")));
    }
}

/// Whether anything computes with fractions.
fn has_fractions(document: &Document) -> bool {
    let values = document.data.iter().filter_map(|data| data.init.as_ref());
    let assigned = assignments(document).into_iter().map(|(_, code)| code);
    let mut all = values.chain(assigned).chain(conditions_of(document)).filter_map(|code| code.expr.as_ref());
    all.any(|expr| expr.any(|kind| matches!(kind, Kind::Fraction(_) | Kind::Binary(Operator::Divide, ..))))
}
