//! Executable content.

use super::{Reader, delay};
use crate::diag::{Code, shown};
use crate::import::scxml::expr;
use crate::import::scxml::model::{Action, Branch, Code as Expression};
use crate::import::scxml::xml::Element;
use crate::source::Spanned;

/// How deep `<if>` and `<elseif>` stand inside of one another at most: each takes two levels of the spec.
const MAX_IFS: usize = 16;

/// The processor that SCXML sends to unless said otherwise, by its names.
const PROCESSORS: &[&str] = &["http://www.w3.org/TR/scxml/#SCXMLEventProcessor", "scxml"];

/// Events with data: what to do about them.
const DECLARE: &str = "declare the event's fields in the spec";

impl Reader<'_> {
    /// What stands in a transition, an `<onentry>` or an `<onexit>`.
    pub(super) fn actions(&mut self, parent: Element<'_>) -> Vec<Action> {
        let children = parent.children(self.diagnostics);
        children.into_iter().filter_map(|child| self.action(child, parent, 0)).collect()
    }

    fn action(&mut self, element: Element<'_>, parent: Element<'_>, depth: usize) -> Option<Action> {
        if !self.is_allowed(element, parent) {
            return None;
        }
        self.known_attributes(element);
        match element.name() {
            "raise" => {
                let event = self.required(element, "event")?;
                self.event_name(&event.value, event.span).map(Action::Raise)
            }
            "send" => self.send(element),
            "cancel" => self.cancel(element),
            "assign" => self.assign(element),
            "log" => {
                let label = element.attribute("label").map(|label| label.value).filter(|label| !label.is_empty());
                // A log has no effect, so an expression that cannot be translated is no error.
                let expr =
                    element.attribute("expr").map(|text| Expression { expr: expr::parse(&text.value).ok(), text });
                Some(Action::Log { label, expr })
            }
            "if" => self.choose(element, depth),
            _ => {
                self.untranslatable(element);
                None
            }
        }
    }

    fn assign(&mut self, element: Element<'_>) -> Option<Action> {
        let location = self.required(element, "location")?;
        let Some(expr) = self.code(element.attribute("expr")) else {
            self.cannot(element.span(), "an `assign` without `expr` is not translated", "write the value as `expr`");
            return None;
        };
        Some(Action::Assign { data: Spanned::new(location.value.trim().to_owned(), location.span), expr })
    }

    fn cancel(&mut self, element: Element<'_>) -> Option<Action> {
        let id = self.constant(element, "sendid", "sendidexpr", true)?;
        self.name(&id.value, id.span, "the id of a `send`").map(|id| Action::Cancel(id.value))
    }

    /// The attribute `name`, or what the constant text in `expr_name` says.
    fn constant(
        &mut self,
        element: Element<'_>,
        name: &str,
        expr_name: &str,
        required: bool,
    ) -> Option<Spanned<String>> {
        if let Some(attribute) = element.attribute(name) {
            return Some(Spanned::new(attribute.value, attribute.span));
        }
        let Some(attribute) = element.attribute(expr_name) else {
            if required {
                self.required(element, name);
            }
            return None;
        };
        if let Some(text) = expr::constant_text(&attribute) {
            return Some(Spanned::new(text, attribute.span));
        }
        let message = format!("`{expr_name}` is translated only if it is a constant text");
        self.cannot(attribute.span, message, &format!("write `{name}=\"…\"`"));
        None
    }

    fn send(&mut self, element: Element<'_>) -> Option<Action> {
        self.payload(element);
        let target = self.constant(element, "target", "targetexpr", false);
        let internal = target.as_ref().is_some_and(|target| target.value == "#_internal");
        if let Some(target) = target.filter(|target| target.value != "#_internal") {
            let message = format!("the target `{}` is outside of the machine", shown(&target.value));
            self.cannot(target.span, message, "write `emit`, or an action of the spec, which is a method in Rust");
        }
        if let Some(kind) = self.constant(element, "type", "typeexpr", false)
            && !PROCESSORS.contains(&kind.value.as_str())
        {
            let message = format!("the event processor `{}` is not known here", shown(&kind.value));
            self.cannot(kind.span, message, "write an action of the spec, which is a method in Rust");
        }
        let delay = self.constant(element, "delay", "delayexpr", false);
        if let Some(delay) = delay.as_ref().filter(|_| internal) {
            self.error(Code::ConflictingKeys, delay.span, "an internal event has no delay", None);
        }
        let delay = delay.and_then(|delay| self.delay(&delay));
        let id = element.attribute("id");
        let id = id.and_then(|id| self.name(&id.value, id.span, "an id")).map(|id| id.value);
        let event = self.constant(element, "event", "eventexpr", true)?;
        let event = self.event_name(&event.value, event.span)?;
        Some(if internal { Action::Raise(event) } else { Action::Send { event, delay, id } })
    }

    /// Events that carry data are declared in a spec, with types that the document does not tell.
    fn payload(&mut self, element: Element<'_>) {
        if let Some(names) = element.attribute("namelist") {
            self.cannot(names.span, "an event that carries data is not translated", DECLARE);
        }
        if let Some(location) = element.attribute("idlocation") {
            self.cannot(location.span, "an id that the platform makes is not translated", "give an `id`");
        }
        for child in element.children(self.diagnostics) {
            if self.is_allowed(child, element) {
                self.cannot(child.span(), "an event that carries data is not translated", DECLARE);
            }
        }
    }

    fn delay(&mut self, delay: &Spanned<String>) -> Option<String> {
        let read = delay::read(&delay.value);
        if read.is_none() {
            let message = format!("`{}` is no delay", shown(&delay.value));
            self.error(Code::InvalidDelay, delay.span, message, Some("write `10ms` or `1.5s`".into()));
        }
        read
    }

    fn condition(&mut self, element: Element<'_>) -> Option<Expression> {
        let text = self.required(element, "cond");
        self.code(text)
    }

    /// `<if>` with the branches that its markers divide it into.
    fn choose(&mut self, element: Element<'_>, mut depth: usize) -> Option<Action> {
        let mut branches = Vec::new();
        let mut branch = Branch { cond: self.condition(element), actions: Vec::new() };
        let mut closed = false;
        for child in element.children(self.diagnostics) {
            if !["elseif", "else"].contains(&child.name()) {
                branch.actions.extend(self.action(child, element, depth + 1));
                continue;
            }
            depth += 1;
            self.known_attributes(child);
            if closed {
                let message = format!("`{}` stands behind the `else`", child.name());
                self.error(Code::InvalidStructure, child.span(), message, None);
            }
            closed |= child.name() == "else";
            let cond = if child.name() == "elseif" { self.condition(child) } else { None };
            branches.push(std::mem::replace(&mut branch, Branch { cond, actions: Vec::new() }));
        }
        branches.push(branch);
        if depth > MAX_IFS {
            let message = format!("`if` and `elseif` are nested more than {MAX_IFS} deep");
            self.error(Code::TooLarge, element.span(), message, None);
            return None;
        }
        Some(Action::If(branches))
    }
}
