//! Actions and conditions.

use super::Lower;
use crate::diag::{Code, Diagnostic, Severity};
use crate::import::scxml::expr::rust::braces;
use crate::import::scxml::model::{Action, Branch, Code as Expression};
use crate::import::yaml::{Map, Yaml};

impl Lower<'_> {
    /// The actions under their key, unless there are none.
    pub(super) fn put_actions(&mut self, key: &'static str, actions: &[Action], map: &mut Map) {
        let actions = self.list(actions);
        if !actions.is_empty() {
            map.word(key, Yaml::one_or_many(actions));
        }
    }

    fn list(&mut self, actions: &[Action]) -> Vec<Yaml> {
        actions.iter().filter_map(|action| self.action(action)).collect()
    }

    fn action(&mut self, action: &Action) -> Option<Yaml> {
        Some(match action {
            Action::Raise(event) => Yaml::pair("raise", Yaml::text(self.events.spelt(&event.value))),
            Action::Send { event, delay, id } => {
                let mut map = Map::new();
                map.word("send", Yaml::text(self.events.spelt(&event.value)));
                if let Some(delay) = delay {
                    map.word("delay", Yaml::Code(delay.clone()));
                }
                if let Some(id) = id {
                    map.word("id", Yaml::text(id));
                }
                map.into()
            }
            Action::Cancel(id) => Yaml::pair("cancel", Yaml::text(id)),
            Action::Assign { data, expr } => {
                let value = self.writer().value(expr.expr.as_ref()?);
                let mut fields = Map::new();
                fields.name(self.names.fields.get(&data.value)?, Yaml::Code(value));
                Yaml::pair("assign", fields.into())
            }
            Action::Log { label, expr } => Yaml::pair("log", Yaml::text(self.log(label.as_deref(), expr.as_ref()))),
            Action::If(branches) => return self.choose(branches),
        })
    }

    /// `label: value`, as SCXML's processors print it.
    fn log(&mut self, label: Option<&str>, expr: Option<&Expression>) -> String {
        let label = label.map(braces);
        let value = expr.map(|code| self.logged(code));
        [label, value].into_iter().flatten().collect::<Vec<_>>().join(": ")
    }

    fn logged(&mut self, code: &Expression) -> String {
        let sound =
            code.expr.as_ref().filter(|expr| crate::import::scxml::expr::types::check(expr, self.types).is_ok());
        if let Some(text) = sound.and_then(|expr| self.writer().log(expr)) {
            return text;
        }
        let message = "what is logged here cannot be translated; the log shows the expression itself";
        self.diagnostics.push(Diagnostic::new(Code::LeftOut, Severity::Warning, code.text.span, message));
        braces(code.text.value.trim())
    }

    /// The guard.
    pub(super) fn guard(&self, cond: &Expression) -> Yaml {
        // Without an expression there was an error, and nothing is made of the document.
        cond.expr.as_ref().map_or(Yaml::Word("false"), |expr| self.writer().guard(expr))
    }

    /// `if`, from its last branch to its first; nothing where no branch does anything.
    fn choose(&mut self, branches: &[Branch]) -> Option<Yaml> {
        let mut rest: Vec<Yaml> = Vec::new();
        for branch in branches.iter().rev() {
            let then = self.list(&branch.actions);
            let Some(cond) = &branch.cond else {
                rest = then;
                continue;
            };
            if then.is_empty() && rest.is_empty() {
                continue;
            }
            let mut map = Map::new();
            let guard = self.guard(cond);
            map.word("if", guard);
            if !then.is_empty() {
                map.word("then", Yaml::one_or_many(then));
            }
            if !rest.is_empty() {
                map.word("else", Yaml::one_or_many(rest));
            }
            rest = vec![map.into()];
        }
        rest.pop()
    }
}
