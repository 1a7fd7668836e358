//! The methods of the handlers: one signature for each name, on which all its calls agree.
//!
//! Needs the arguments' types. After this point every called method has an id and every method one list of parameters;
//! calls that disagree were reported with both places.

use std::collections::HashMap;

use quote::ToTokens;

use crate::ast;
use crate::diag::words::Declared;
use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{ArgKind, Method, Name, Param, ParamType};
use crate::source::Span;

use super::params;
use super::report::Report;
use super::symbols::Symbols;

/// The methods of one kind: actions, guards, or what invokes call.
#[derive(Clone)]
pub(super) struct Table {
    /// What has to be declared, where only declared names exist.
    closed: Option<Declared>,
    /// Declared ones first, then in the order of their first call.
    pub(super) methods: Vec<Method>,
    /// For each method the first call whose arguments could be read.
    first_calls: Vec<Option<Span>>,
    by_name: HashMap<String, usize>,
}

impl Table {
    /// The actions, as far as `actions:` declares them.
    pub(super) fn actions(machine: &ast::Machine, report: &Report<'_>) -> Self {
        Self::new(machine.actions.as_deref(), Declared::Action, report)
    }

    /// The guards, as far as `guards:` declares them.
    pub(super) fn guards(machine: &ast::Machine, report: &mut Report<'_>) -> Self {
        for blocking in machine.guards.iter().flatten().filter_map(|guard| guard.blocking.as_ref()) {
            if blocking.value {
                let help = "do the work in an action or an invoke, and store what it finds";
                let message = "a guard is asked while the machine waits, so it cannot block";
                report.push(Diagnostic::error(Code::InvalidValue, blocking.span, message).help(help));
            }
        }
        Self::new(machine.guards.as_deref(), Declared::Guard, report)
    }

    /// What invokes call; no block declares it.
    pub(super) fn tasks() -> Self {
        Self { closed: None, methods: Vec::new(), first_calls: Vec::new(), by_name: HashMap::new() }
    }

    /// Whether calls of `name` run beside the machine.
    pub(super) fn is_blocking(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|index| self.methods[*index].blocking)
    }

    fn new(declared: Option<&[ast::Method]>, what: Declared, report: &Report<'_>) -> Self {
        let mut table = Self { closed: report.is_closed(declared).then_some(what), ..Self::tasks() };
        for method in declared.into_iter().flatten() {
            let index = table.add(&method.name, true);
            table.methods[index].description = method.description.as_ref().map(|text| text.value.clone());
            table.methods[index].blocking = method.blocking.as_ref().is_some_and(|blocking| blocking.value);
        }
        table
    }

    fn add(&mut self, name: &Name, declared: bool) -> usize {
        let next = self.methods.len();
        let index = *self.by_name.entry(name.value.clone()).or_insert(next);
        if index == next {
            self.methods.push(Method {
                name: name.clone(),
                params: Vec::new(),
                declared,
                blocking: false,
                description: None,
            });
            self.first_calls.push(None);
        }
        index
    }

    /// The index of the method that `call` calls with `params`; `None` for params is a call that has errors itself.
    pub(super) fn call(
        &mut self,
        call: &ast::Call,
        params: Option<Vec<Param>>,
        symbols: &Symbols,
        report: &mut Report<'_>,
    ) -> Option<usize> {
        if let Some(what) = self.closed.filter(|_| !self.by_name.contains_key(&call.name.value)) {
            self.report_unknown(&call.name, what, report);
            return None;
        }
        let index = self.add(&call.name, false);
        let Some(params) = params else { return Some(index) };
        match self.first_calls[index] {
            None => {
                self.methods[index].params = params;
                self.first_calls[index] = Some(call.span);
            }
            Some(first) => self.compare(index, first, call, &params, symbols, report),
        }
        Some(index)
    }

    fn report_unknown(&self, name: &Name, what: Declared, report: &mut Report<'_>) {
        let known = self.methods.iter().map(|method| method.name.value.as_str());
        let help = report
            .nearest(&name.value, known)
            .unwrap_or_else(|| format!("declare it: {}", report.words().declare(what, &name.value)).into());
        let message = format!("there is no {} `{}`", what.noun(), shown(&name.value));
        report.push(Diagnostic::error(Code::UnknownName, name.span, message).help(help));
    }

    fn compare(
        &self,
        index: usize,
        first: Span,
        call: &ast::Call,
        params: &[Param],
        symbols: &Symbols,
        report: &mut Report<'_>,
    ) {
        let known = &self.methods[index].params;
        // Names may differ: the first call gives them.
        if known.iter().map(|param| &param.ty).eq(params.iter().map(|param| &param.ty)) {
            return;
        }
        let differing = known.iter().zip(params).position(|(known, param)| known.ty != param.ty);
        let differing = differing.filter(|_| known.len() == params.len());
        let place = differing.map_or(call.span, |at| call.args[at].span);
        let help = differing
            .and_then(|at| suffix_help(&call.args[at].kind, &known[at].ty))
            .unwrap_or_else(|| "all calls of one name must agree in the types of their arguments".into());
        let message = format!(
            "`{}` is called with {} here, and with {} elsewhere",
            shown(&call.name.value),
            params::list_text(params, symbols),
            params::list_text(known, symbols),
        );
        report.push(
            Diagnostic::error(Code::SignatureMismatch, place, message).label(first, "first called here").help(help),
        );
    }
}

/// `3u32` for a bare `3` where a `u32` is wanted.
fn suffix_help(argument: &ArgKind, wanted: &ParamType) -> Option<Help> {
    let (ArgKind::Literal(literal), ParamType::Rust(wanted)) = (argument, wanted) else { return None };
    let (found, wanted) = (params::type_text(&literal.ty), params::type_text(wanted));
    let floats = ["f32", "f64"];
    let integers = ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];
    let alike = [&floats[..], &integers[..]]
        .iter()
        .any(|kind| kind.contains(&found.as_str()) && kind.contains(&wanted.as_str()));
    let written = literal.syntax.to_token_stream().to_string().replace(' ', "");
    let typed = format!("{}{wanted}", written.strip_suffix(&found).unwrap_or(&written));
    alike.then(|| Help::from(format!("give the number its type: `{typed}`")).replacing(written, typed))
}
