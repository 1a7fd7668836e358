//! What messages and helps quote of a notation: every such phrase once, in YAML and as `fsm!` has it.
//!
//! Below every stage. Whoever complains takes the phrase from the [`Notation`] that the source is written in, so that
//! people are told what they can write where they are. Sentences that quote nothing stand where they are said; so do
//! those about forms that one notation alone has. Invariant: what is quoted can be written as it stands, save for `…`
//! and for the names that it makes up.

use super::shown;
use crate::source::Notation;
use Notation::{Rust, Yaml};

/// What a machine declares by name, each kind in a block of its own or by a keyword of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// An event that the machine takes.
    Event,
    /// A message that it emits.
    Message,
    /// An action.
    Action,
    /// A guard.
    Guard,
    /// A delay with a name.
    Delay,
}

impl Declared {
    /// What messages call it, which is the keyword of `fsm!` as well.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Message => "message",
            Self::Action => "action",
            Self::Guard => "guard",
            Self::Delay => "delay",
        }
    }

    /// The block of YAML.
    const fn block(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Message => "emits",
            Self::Action => "actions",
            Self::Guard => "guards",
            Self::Delay => "delays",
        }
    }
}

/// Phrases that need no name.
impl Notation {
    const fn either(self, yaml: &'static str, rust: &'static str) -> &'static str {
        match self {
            Yaml => yaml,
            Rust => rust,
        }
    }

    /// The transitions on completion.
    #[must_use]
    pub const fn done(self) -> &'static str {
        self.either("`onDone`", "`done`")
    }

    /// How a state gets one of them.
    #[must_use]
    pub const fn add_done(self) -> &'static str {
        self.either("add `onDone`", "add `done => …;` to it")
    }

    /// How an invoke gets a transition on its failure.
    #[must_use]
    pub const fn add_error(self) -> &'static str {
        self.either("add `onError` to it", "add `{ error => …; }` to it")
    }

    /// How an event is handled.
    #[must_use]
    pub const fn handle(self) -> &'static str {
        self.either("handle it in the `on` of a state", "handle it in a state, `on … => …;`")
    }

    /// How a failure is handled.
    #[must_use]
    pub const fn on_error(self) -> &'static str {
        self.either("`on: { error: … }`", "`on error => …;`")
    }

    /// How an event is taken and nothing done.
    #[must_use]
    pub const fn forbid(self) -> &'static str {
        self.either("`E: {}`", "`on E;`")
    }

    /// The places in which patterns of events can stand.
    #[must_use]
    pub const fn patterns(self) -> &'static str {
        self.either("under `on` and `defer`", "behind `on` and `defer`")
    }

    /// How a state is made final.
    #[must_use]
    pub const fn make_final(self) -> &'static str {
        self.either("make this one `type: final`", "make this one `final` instead of `state`")
    }

    /// What a final state is written as.
    #[must_use]
    pub const fn is_final(self) -> &'static str {
        self.either("`type: final`", "write `final` in place of `state`")
    }

    /// How a machine gets its states.
    #[must_use]
    pub const fn first_states(self) -> &'static str {
        self.either(
            "name them under `states:`, and the first one with `initial:`",
            "write them as `state A { … }`, and name the first one, `initial A;`",
        )
    }

    /// What a history state leads to while nothing is remembered.
    #[must_use]
    pub const fn default_target(self) -> &'static str {
        self.either("a default, its `target`", "a default, `history … => …;`")
    }

    /// Where the data for the default of a history state stands.
    #[must_use]
    pub const fn default_data(self) -> &'static str {
        self.either("beside its `target`", "in braces behind its target")
    }

    /// How a state gets an id.
    #[must_use]
    pub const fn own_id(self) -> &'static str {
        self.either("an `id` of its own", "an id of its own, `state … as …`")
    }

    /// How a state is left and entered again.
    #[must_use]
    pub const fn reenter(self) -> &'static str {
        self.either("add `reenter: true`", "write `=> reenter …`")
    }

    /// Where fields of the context are declared.
    #[must_use]
    pub const fn context(self) -> &'static str {
        self.either("under `context`", "in `context { … }`")
    }

    /// Where what is done on the way in stands.
    #[must_use]
    pub const fn entry(self) -> &'static str {
        self.either("under `entry`", "behind `entry /`")
    }

    /// How a spec raises an event.
    #[must_use]
    pub const fn raise(self) -> &'static str {
        self.either("`{ raise: E }`", "`raise E`")
    }

    /// How a state gets data.
    #[must_use]
    pub const fn data(self) -> &'static str {
        self.either("`data: { field: Type }`", "`data { field: Type }`")
    }

    /// How the type of failures is declared.
    #[must_use]
    pub const fn error_type(self) -> &'static str {
        self.either("`error: Type`", "`error Type;`")
    }

    /// How the type of the machine's output is declared.
    #[must_use]
    pub const fn output_type(self) -> &'static str {
        self.either("`output: Type` at the top of the spec", "`output Type;` in the machine")
    }

    /// How a final state gives an output.
    #[must_use]
    pub const fn output(self) -> &'static str {
        self.either("`output: expression`", "`output expression;`")
    }

    /// How all states defer what they do not handle.
    #[must_use]
    pub const fn defer_all(self) -> &'static str {
        self.either("`unhandled: defer`", "`unhandled defer;`")
    }

    /// What a delay can be besides a length.
    #[must_use]
    pub const fn delay_name(self) -> &'static str {
        self.either("a name of `delays`", "the name of a `delay`")
    }
}

/// Phrases that quote a name of the user's.
impl Notation {
    /// A name as it is written; what is no identifier stands in quotes in `fsm!`.
    #[must_use]
    pub fn name(self, name: &str) -> String {
        let is_word = |word: &str| {
            word.starts_with(|char: char| char.is_alphabetic() || char == '_')
                && word.chars().all(|char| char.is_alphanumeric() || char == '_')
        };
        let text = shown(name);
        if self == Yaml || text.split('.').all(is_word) { text } else { format!("\"{text}\"") }
    }

    /// The declaration of `name`.
    #[must_use]
    pub fn declare(self, what: Declared, name: &str) -> String {
        let (name, noun, block) = (self.name(name), what.noun(), what.block());
        match (self, what) {
            (Yaml, Declared::Delay) => format!("`{block}: {{ {name}: 5s }}`"),
            (Yaml, _) => format!("`{block}: {{ {name}: {{}} }}`"),
            (Rust, Declared::Delay) => format!("`{noun} {name} = 5s;`"),
            (Rust, _) => format!("`{noun} {name};`"),
        }
    }

    /// The declaration of an event or a message with a field.
    #[must_use]
    pub fn declare_field(self, what: Declared, name: &str, field: &str) -> String {
        let (name, field) = (self.name(name), self.name(field));
        match self {
            Yaml => format!("`{}: {{ {name}: {{ {field}: … }} }}`", what.block()),
            Rust => format!("`{} {name} {{ {field}: … }}`", what.noun()),
        }
    }

    /// The declaration of an event that is answered.
    #[must_use]
    pub fn declare_reply(self, event: &str) -> String {
        let event = self.name(event);
        match self {
            Yaml => format!("`events: {{ {event}: {{ reply: Type }} }}`"),
            Rust => format!("`event {event} -> Type;`"),
        }
    }

    /// The declaration of a field of a state's data.
    #[must_use]
    pub fn declare_data(self, field: &str) -> String {
        let field = self.name(field);
        match self {
            Yaml => format!("`data: {{ {field}: Type }}`"),
            Rust => format!("`data {{ {field}: Type }}`"),
        }
    }

    /// A field of the context with its type.
    #[must_use]
    pub fn context_field(self, field: &str, ty: &str) -> String {
        match self {
            // Brackets would begin a list.
            Yaml if ty.starts_with('[') => format!("`context: {{ {field}: '{ty}' }}`"),
            Yaml => format!("`context: {{ {field}: {ty} }}`"),
            Rust => format!("`context {{ {field}: {ty} }}`"),
        }
    }

    /// An event or a message with a field of its payload.
    #[must_use]
    pub fn payload(self, name: &str, field: &str) -> String {
        let (name, field) = (self.name(name), self.name(field));
        match self {
            Yaml => format!("`'{name} {{ {field}: … }}'`"),
            Rust => format!("`{name} {{ {field}: … }}`"),
        }
    }

    /// Data for a target.
    #[must_use]
    pub fn supply(self, target: &str, field: &str) -> String {
        let field = self.name(field);
        match self {
            Yaml => format!("`data: {{ {field}: … }}`"),
            Rust => format!("`{} {{ {field}: … }}`", self.name(target)),
        }
    }

    /// A child as the initial state.
    #[must_use]
    pub fn initial(self, child: &str) -> String {
        let child = self.name(child);
        match self {
            Yaml => format!("`initial: {child}`"),
            Rust => format!("`initial {child};`"),
        }
    }

    /// What can be cancelled under the name `id`.
    #[must_use]
    pub fn sent_as(self, id: &str) -> String {
        let id = self.name(id);
        match self {
            Yaml => format!("the `id` of a `send` is meant: `{{ send: E, delay: 5s, id: {id} }}`"),
            Rust => format!("the id of a `send` is meant: `send E after 5s as {id}`"),
        }
    }

    /// An invoke that says what it gives.
    #[must_use]
    pub fn invoke_output(self, method: &str) -> String {
        let method = self.name(method);
        match self {
            Yaml => format!("`src: '{method}(…) -> Type'`"),
            Rust => format!("`invoke {method}(…) -> Type`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_identifiers_stand_in_quotes() {
        assert_eq!(Rust.declare(Declared::Event, "go-up"), "`event \"go-up\";`");
        assert_eq!(Rust.declare(Declared::Event, "user.login"), "`event user.login;`");
        assert_eq!(Yaml.declare(Declared::Event, "go-up"), "`events: { go-up: {} }`");
    }

    #[test]
    fn each_kind_is_declared_in_its_own_way() {
        assert_eq!(Rust.declare(Declared::Delay, "long"), "`delay long = 5s;`");
        assert_eq!(Yaml.declare(Declared::Delay, "long"), "`delays: { long: 5s }`");
        assert_eq!(Rust.declare_field(Declared::Message, "Said", "text"), "`message Said { text: … }`");
        assert_eq!(Yaml.declare_field(Declared::Message, "Said", "text"), "`emits: { Said: { text: … } }`");
    }
}
