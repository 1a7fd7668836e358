//! Invokes: tasks that run while a state is active, with names of their own.
//!
//! Part of the pass over behaviour. The method of an invoke has owned parameters, one signature and one output for all
//! its calls; names that are not written are made after all that are written are known.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use crate::ast;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{self, Id, IndexVec, InvokeId, StateId, TaskId, Trigger};
use crate::source::Spanned;

use super::arguments::{self, Callee};
use super::behaviour::{Behaviour, Lowering};
use super::params;
use super::report::Report;
use super::scope::Visible;

impl Lowering<'_, '_> {
    /// One invoke of `state`, with the transitions that its end sets off.
    pub(super) fn invoke(&mut self, state: StateId, written: &ast::Invoke, behaviour: &mut Behaviour) {
        let scope = self.scope(Visible::Not("the arguments of an invoke"), state);
        let (call, params) = arguments::lower(&written.src, Callee::Task, &scope, self.report);
        let Some(index) = self.tasks.call(&call, params, self.symbols, self.report) else { return };
        let task = TaskId::new(index);
        self.check_output(task, written);
        let id = written.id.clone().unwrap_or_else(|| call.name.clone());
        let named = written.id.is_some();
        let invoke = self.invokes.push(ir::Invoke { state, task, call, id, named, span: written.span });
        behaviour.invokes.push(invoke);

        let name = shown(&written.src.name.value);
        let advice = format!("say what it gives: {}", self.report.words().invoke_output(&written.src.name.value));
        let results = Self::result(format!("the end of `{name}`"), written.output.as_ref(), &advice);
        let scope = self.scope(Visible::Result(&results), state);
        for transition in &written.on_done {
            self.add(state, transition, Trigger::InvokeDone(invoke), scope, behaviour);
        }
        let results = self.failure(format!("the failure of `{name}`"));
        let scope = self.scope(Visible::Result(&results), state);
        for transition in &written.on_error {
            self.add(state, transition, Trigger::InvokeError(invoke), scope, behaviour);
        }
    }

    /// All calls of one method give one type.
    fn check_output(&mut self, task: TaskId, written: &ast::Invoke) {
        let place = written.output.as_ref().map_or(written.src.span, |output| output.span);
        if task == self.task_outputs.next_id() {
            self.task_outputs.push((written.output.clone(), place));
            return;
        }
        let (first, first_place) = &self.task_outputs[task];
        if *first == written.output {
            return;
        }
        let text = |ty: Option<&ir::Type>| ty.map_or_else(|| "()".to_owned(), |ty| params::type_text(&ty.syntax));
        let message = format!(
            "`{}` gives `{}` here, and `{}` elsewhere",
            shown(&written.src.name.value),
            text(written.output.as_ref()),
            text(first.as_ref()),
        );
        self.report.push(
            Diagnostic::error(Code::SignatureMismatch, place, message)
                .label(*first_place, "first called here")
                .help("all invokes of one method must agree in what it gives"),
        );
    }
}

/// Gives each invoke a name of its own: what is written, else that of the method, numbered where it is taken.
pub(super) fn name(invokes: &mut IndexVec<InvokeId, ir::Invoke>, report: &mut Report<'_>) {
    let mut written = HashMap::new();
    for invoke in invokes.iter().filter(|invoke| invoke.named) {
        if let Some(first) = written.insert(invoke.id.value.clone(), invoke.id.span) {
            let message = format!("two invokes have the id `{}`", shown(&invoke.id.value));
            let diagnostic = Diagnostic::error(Code::NameCollision, invoke.id.span, message);
            report.push(diagnostic.label(first, "first used here"));
        }
    }
    let mut taken: HashSet<String> = written.into_keys().gather();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for id in invokes.ids() {
        let invoke = &mut invokes[id];
        if invoke.named {
            continue;
        }
        let base = invoke.id.value.clone();
        let number = numbers.entry(base.clone()).or_insert(1);
        let mut name = base.clone();
        while !taken.insert(name.clone()) {
            *number += 1;
            name = format!("{base}{number}");
        }
        invoke.id = Spanned::new(name, invoke.id.span);
    }
}
