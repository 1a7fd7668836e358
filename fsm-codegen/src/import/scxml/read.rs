//! Elements become a [`Document`].
//!
//! After [`super::xml`]. Every element and attribute is known here or reported, with the nearest name. Recursion follows
//! the nesting of elements, which is bounded. Invariant: whatever is left out of the document was reported.

mod actions;
mod delay;
mod keys;

use roxmltree::Document as Xml;

use super::expr;
use super::model::{Code as Expression, Data, Descriptor, Document, Id, Kind, ROOT, State, Transition};
use super::xml::{Attribute, Element};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, did_you_mean, shown};
use crate::source::{Source, Span, Spanned};

/// How deep states stand inside one another at most: each takes two levels of the spec, which has 256.
const MAX_STATES: usize = 96;
/// The longest id or event name: YAML's keys end at 1,024 characters.
const MAX_NAME: usize = 200;

/// Reads the document.
pub(super) fn read(xml: &Xml<'_>, source: &Source, diagnostics: &mut Diagnostics) -> Document {
    let root = Element::root(xml, source);
    let mut reader = Reader { document: Document::default(), diagnostics };
    if root.name() != "scxml" || !root.is_scxml() {
        let message = format!("the document is `{}`, not `scxml`", shown(root.name()));
        let help = "SCXML begins with `<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\">`";
        reader.diagnostics.push(Diagnostic::error(Code::ScxmlForm, root.span(), message).help(help));
        return reader.document;
    }
    reader.scxml(root);
    reader.document
}

struct Reader<'r> {
    document: Document,
    diagnostics: &'r mut Diagnostics,
}

impl Reader<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: Option<Help>) {
        self.diagnostics.push(Diagnostic::error(code, span, message).maybe_help(help));
    }

    /// Reports what SCXML has and a spec has not.
    fn cannot(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.error(Code::NotTranslatable, span, message, Some(help.into()));
    }

    fn scxml(&mut self, root: Element<'_>) {
        self.known_attributes(root);
        self.document.name = root.attribute("name").map(|name| name.value).filter(|name| !name.trim().is_empty());
        if let Some(model) = root.attribute("datamodel")
            && !["null", "ecmascript"].contains(&model.value.as_str())
        {
            let message = format!("the data model `{}` is not known here", shown(&model.value));
            self.cannot(model.span, message, "expressions of `ecmascript` are translated, or there are none: `null`");
        }
        if let Some(binding) = root.attribute("binding").filter(|binding| binding.value != "early") {
            self.cannot(binding.span, "data that is made when its state is entered", "bind early: it is the default");
        }
        self.state(root, Kind::Plain, ROOT, 0);
    }

    fn state(&mut self, element: Element<'_>, kind: Kind, parent: Id, depth: usize) {
        let id = self.document.states.len();
        if depth > MAX_STATES {
            let message = format!("states are nested more than {MAX_STATES} deep");
            self.error(Code::TooLarge, element.span(), message, Some("split the machine".into()));
            return;
        }
        let name = if id == ROOT { None } else { self.id(element) };
        if let Some(name) = &name {
            self.enter(name, id);
        }
        self.document.states.push(State { kind, id: name, span: element.span(), parent, ..State::default() });
        if id != ROOT {
            self.document.states[parent].children.push(id);
        }
        if let Some(initial) = element.attribute("initial") {
            let targets = self.targets(&initial);
            let span = initial.span;
            self.document.states[id].initial = Some(Transition { span, targets, ..Transition::default() });
        }
        for child in element.children(self.diagnostics) {
            self.child(child, element, id, depth);
        }
        self.document.states[id].end = self.document.states.len();
    }

    /// An element below a state.
    fn child(&mut self, child: Element<'_>, parent: Element<'_>, id: Id, depth: usize) {
        if !self.is_allowed(child, parent) {
            return;
        }
        self.known_attributes(child);
        match child.name() {
            "state" => self.state(child, Kind::Plain, id, depth + 1),
            "parallel" => self.state(child, Kind::Parallel, id, depth + 1),
            "final" => self.state(child, Kind::Final, id, depth + 1),
            "history" => {
                let deep = self.history_type(child);
                self.state(child, Kind::History { deep }, id, depth + 1);
            }
            "transition" if matches!(self.document.states[id].kind, Kind::History { .. }) => self.default(child, id),
            "transition" => {
                let transition = self.transition(child);
                self.document.states[id].transitions.push(transition);
            }
            "onentry" => {
                let actions = self.actions(child);
                self.document.states[id].entry.extend(actions);
            }
            "onexit" => {
                let actions = self.actions(child);
                self.document.states[id].exit.extend(actions);
            }
            "initial" => self.initial(child, id),
            "datamodel" => self.datamodel(child),
            _ => self.untranslatable(child),
        }
    }

    /// What SCXML has and the language of specs has not, or not in a form that follows from the document.
    fn untranslatable(&mut self, element: Element<'_>) {
        let help = match element.name() {
            "script" => "write what it does as `<assign>`, or as an action of the spec, which is a method in Rust",
            "foreach" => "write an action in the spec, which is a method in Rust",
            "invoke" | "finalize" => "write an `invoke` in the spec: its task is a method in Rust",
            "donedata" => "write the `output` of the final state in the spec",
            _ => "declare the event's fields in the spec",
        };
        let message = format!("`{}` is not translated", element.name());
        self.cannot(element.span(), message, help);
    }

    fn is_allowed(&mut self, child: Element<'_>, parent: Element<'_>) -> bool {
        let (name, allowed) = (child.name(), keys::children(parent.name()));
        if allowed.contains(&name) {
            return true;
        }
        let message = if keys::is_element(name) {
            format!("`{name}` does not belong into `{}`", parent.name())
        } else {
            format!("SCXML has no element `{}`", shown(name))
        };
        let help = did_you_mean(name, allowed.iter().copied());
        self.error(Code::ScxmlForm, child.span(), message, help);
        false
    }

    fn known_attributes(&mut self, element: Element<'_>) {
        let known = keys::attributes(element.name());
        for (name, span) in element.attributes().filter(|(name, _)| !known.contains(name)) {
            let message = format!("`{}` has no attribute `{}`", element.name(), shown(name));
            let help = did_you_mean(name, known.iter().copied());
            self.error(Code::ScxmlForm, span, message, help);
        }
    }

    /// The attribute, which has to be there.
    fn required(&mut self, element: Element<'_>, name: &str) -> Option<Attribute> {
        let found = element.attribute(name);
        if found.is_none() {
            let message = format!("`{}` needs the attribute `{name}`", element.name());
            self.error(Code::MissingKey, element.span(), message, None);
        }
        found
    }

    fn id(&mut self, element: Element<'_>) -> Option<Spanned<String>> {
        let id = element.attribute("id")?;
        self.name(&id.value, id.span, "an id")
    }

    /// A name that the spec can hold.
    fn name(&mut self, name: &str, span: Span, what: &str) -> Option<Spanned<String>> {
        if name.trim().is_empty() {
            self.error(Code::EmptyValue, span, format!("{what} is not empty"), None);
            return None;
        }
        if name.chars().nth(MAX_NAME).is_some() {
            let message = format!("{what} has at most {MAX_NAME} characters");
            self.error(Code::InvalidName, span, message, None);
            return None;
        }
        Some(Spanned::new(name.to_owned(), span))
    }

    /// An expression; why it cannot be translated is reported.
    fn code(&mut self, text: Option<Attribute>) -> Option<Expression> {
        let text = text?;
        let parsed = expr::parse(&text.value);
        let expr = parsed.map_err(|fault| self.diagnostics.push(fault.diagnostic(&text))).ok();
        Some(Expression { text, expr })
    }

    fn enter(&mut self, name: &Spanned<String>, id: Id) {
        let Some(first) = self.document.by_id.get(&name.value) else {
            self.document.by_id.insert(name.value.clone(), id);
            return;
        };
        let first = self.document.states[*first].id.as_ref().map_or(Span::default(), |first| first.span);
        let message = format!("two states have the id `{}`", shown(&name.value));
        let diagnostic = Diagnostic::error(Code::NameCollision, name.span, message);
        self.diagnostics.push(diagnostic.label(first, "the other one").help("ids are unique in a document of SCXML"));
    }

    fn targets(&mut self, attribute: &Attribute) -> Vec<Spanned<String>> {
        let words = attribute.words();
        if words.is_empty() {
            self.error(Code::EmptyValue, attribute.span, "no target is named", None);
        }
        words.into_iter().map(|(word, span)| Spanned::new(word.to_owned(), span)).collect()
    }

    fn history_type(&mut self, element: Element<'_>) -> bool {
        let Some(kind) = element.attribute("type") else { return false };
        self.choice(&kind, &["shallow", "deep"]) == Some("deep")
    }

    /// The one of `choices` that the attribute names.
    fn choice(&mut self, attribute: &Attribute, choices: &[&'static str]) -> Option<&'static str> {
        let found = choices.iter().find(|choice| **choice == attribute.value).copied();
        if found.is_none() {
            let list = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(" or ");
            let message = format!("`{}` is not {list}", shown(&attribute.value));
            let help = did_you_mean(&attribute.value, choices.iter().copied());
            self.error(Code::InvalidValue, attribute.span, message, help);
        }
        found
    }

    fn transition(&mut self, element: Element<'_>) -> Transition {
        let events = element.attribute("event");
        let targets = element.attribute("target").map(|targets| self.targets(&targets)).unwrap_or_default();
        let kind = element.attribute("type");
        Transition {
            span: element.span(),
            events: events.map(|events| self.descriptors(&events)),
            cond: self.code(element.attribute("cond")),
            targets,
            internal: kind.and_then(|kind| self.choice(&kind, &["external", "internal"])) == Some("internal"),
            actions: self.actions(element),
        }
    }

    fn descriptors(&mut self, attribute: &Attribute) -> Vec<Descriptor> {
        let mut descriptors = Vec::new();
        let words = attribute.words();
        if words.is_empty() {
            let help = "an eventless transition has no `event`".to_owned();
            self.error(Code::EmptyValue, attribute.span, "no event is named", Some(help.into()));
        }
        for (word, span) in words {
            let bare = word.strip_suffix('*').unwrap_or(word);
            let prefix = bare.trim_end_matches('.');
            if prefix.contains('*') || (word.ends_with('*') && !bare.is_empty() && !bare.ends_with('.')) {
                let help = "a wildcard stands alone, `*`, or behind a dot at the end, `error.*`".to_owned();
                let message = format!("`{}` is no event descriptor", shown(word));
                self.error(Code::InvalidValue, span, message, Some(help.into()));
            } else if (prefix.is_empty() && !word.ends_with('*')) || prefix.contains(['{', '}', '(', ')']) {
                self.error(Code::InvalidValue, span, format!("`{}` is no event descriptor", shown(word)), None);
            } else if prefix.is_empty() {
                descriptors.push(Descriptor { prefix: String::new(), span });
            } else if let Some(prefix) = self.name(prefix, span, "the name of an event") {
                descriptors.push(Descriptor { prefix: prefix.value, span });
            }
        }
        descriptors
    }

    /// The name of an event that the document raises.
    fn event_name(&mut self, name: &str, span: Span) -> Option<Spanned<String>> {
        if !super::is_event_name(name) {
            let message = format!("`{}` cannot be the name of an event", shown(name));
            let own = name.starts_with("error") || name.starts_with("xstate");
            let help = own.then(|| "a machine raises that itself; give this one another name".to_owned());
            self.error(Code::InvalidName, span, message, help.map(Into::into));
            return None;
        }
        self.name(name, span, "the name of an event")
    }

    /// `<initial>`, whose transition has a target and actions only.
    fn initial(&mut self, element: Element<'_>, id: Id) {
        let transitions: Vec<_> = element.children(self.diagnostics);
        let found = match transitions[..] {
            [transition] if transition.name() == "transition" => Some(transition),
            _ => None,
        };
        let Some(found) = found else {
            self.error(Code::InvalidStructure, element.span(), "`initial` holds one `transition`", None);
            return;
        };
        self.known_attributes(found);
        let initial = self.bare_transition(found);
        if let Some(first) = &self.document.states[id].initial {
            let diagnostic = Diagnostic::error(Code::ConflictingKeys, element.span(), "two initial states are given");
            self.diagnostics.push(diagnostic.label(first.span, "the other one"));
            return;
        }
        self.document.states[id].initial = Some(initial);
    }

    /// The default of a history state.
    fn default(&mut self, element: Element<'_>, id: Id) {
        let default = self.bare_transition(element);
        if self.document.states[id].initial.is_some() {
            let message = "a history state has one transition";
            self.error(Code::InvalidStructure, element.span(), message, None);
        }
        self.document.states[id].initial = Some(default);
    }

    fn bare_transition(&mut self, element: Element<'_>) -> Transition {
        for name in ["event", "cond"] {
            if let Some(attribute) = element.attribute(name) {
                let message = format!("this transition has no `{name}`: it is always taken");
                self.error(Code::ScxmlForm, attribute.span, message, None);
            }
        }
        let targets = match self.required(element, "target") {
            Some(targets) => self.targets(&targets),
            None => Vec::new(),
        };
        let actions = self.actions(element);
        Transition { span: element.span(), targets, actions, ..Transition::default() }
    }

    fn datamodel(&mut self, element: Element<'_>) {
        for child in element.children(self.diagnostics) {
            if self.is_allowed(child, element) {
                self.known_attributes(child);
                self.data(child);
            }
        }
    }

    fn data(&mut self, element: Element<'_>) {
        let Some(id) = self.required(element, "id") else { return };
        if let Some(src) = element.attribute("src") {
            self.cannot(src.span, "data from another file is not read", "write the value as `expr`");
            return;
        }
        let Some(id) = self.name(&id.value, id.span, "an id") else { return };
        if let Some(first) = self.document.data.iter().find(|data| data.id.value == id.value) {
            let message = format!("two data have the id `{}`", shown(&id.value));
            let diagnostic = Diagnostic::error(Code::NameCollision, id.span, message);
            self.diagnostics.push(diagnostic.label(first.id.span, "the other one"));
            return;
        }
        let init = self.code(element.attribute("expr").or_else(|| element.text()));
        self.document.data.push(Data { id, init });
    }
}
