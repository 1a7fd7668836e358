//! The catalogue of diagnostics: every code once, with its lint name and its title.
//!
//! Numbers are stable and never used again. 0001–0019 read the file, 0020–0039 read Rust in it, 0040–0079 resolve
//! names and structure, 0080–0099 import other languages, from 0101 on stand the lints, whose level a spec can set.

use super::{Level, Severity};

/// What the complaints of a code are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of this severity, whatever the spec says.
    Fixed(Severity),
    /// A lint, whose level a spec can set; this is the one that it has by itself.
    Lint(Level),
}

macro_rules! catalogue {
    ($($variant:ident $id:literal $name:literal $level:ident $title:literal)*) => {
        /// The kind of a diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $id, "`: ", $title, ".")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable number: `FSM0010`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The name in words: `unknown_key`; for a lint, the key of `lints:`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is about, in one phrase.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Whether it is a lint, and how bad.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => catalogue!(@kind $level),)* }
            }

            /// Its page as it stands in `catalogue/`; [`super::explain`] takes it apart.
            #[cfg(feature = "explain")]
            pub(super) const fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("catalogue/", $id, ".md")),)* }
            }
        }
    };
    (@kind error) => { Kind::Fixed(Severity::Error) };
    (@kind warning) => { Kind::Fixed(Severity::Warning) };
    (@kind allow) => { Kind::Lint(Level::Allow) };
    (@kind warn) => { Kind::Lint(Level::Warn) };
    (@kind deny) => { Kind::Lint(Level::Deny) };
}

catalogue! {
    YamlSyntax "FSM0001" "yaml_syntax" error "the file is not well-formed YAML"
    InvalidUtf8 "FSM0002" "invalid_utf8" error "the file is not UTF-8"
    TooLarge "FSM0003" "too_large" error "the file exceeds a limit of size or depth"
    EmptyFile "FSM0004" "empty_file" error "the file holds no machine"
    SeveralDocuments "FSM0005" "several_documents" error "the file holds more than one document"
    MacroSyntax "FSM0006" "macro_syntax" error "the macro holds what its grammar does not have"
    UnknownKey "FSM0010" "unknown_key" error "a key that the language does not have here"
    DuplicateKey "FSM0011" "duplicate_key" error "a key that stands twice in one mapping"
    WrongType "FSM0012" "wrong_type" error "a value of the wrong kind"
    EmptyValue "FSM0013" "empty_value" error "a key without a value"
    InvalidValue "FSM0014" "invalid_value" error "a value that is not one of those allowed"
    ConflictingKeys "FSM0015" "conflicting_keys" error "two keys that exclude each other"
    MissingKey "FSM0016" "missing_key" error "a key that is required and absent"
    ForeignForm "FSM0017" "foreign_form" error "a form of XState that has no meaning here"
    NotSupported "FSM0018" "not_supported" error "a form of the language that is not supported yet"
    ExpressionSyntax "FSM0020" "expression_syntax" error "Rust that does not parse"
    UnbalancedBrackets "FSM0021" "unbalanced_brackets" error "an expression torn apart or cut off"
    ExpressionTooLarge "FSM0022" "expression_too_large" error "an expression beyond the limits of size or nesting"
    InvalidArgument "FSM0023" "invalid_argument" error "an argument that is neither a path nor a literal"
    InvalidDelay "FSM0024" "invalid_delay" error "a delay that cannot be read"
    InvalidName "FSM0040" "invalid_name" error "a name that cannot become a Rust name"
    NameCollision "FSM0041" "name_collision" error "two names that become one in Rust"
    MissingInitial "FSM0042" "missing_initial" error "a compound state without an initial state"
    InvalidInitial "FSM0043" "invalid_initial" error "an initial state that is no descendant"
    UnknownTarget "FSM0044" "unknown_target" error "a target that names no state"
    AmbiguousTarget "FSM0045" "ambiguous_target" error "a target that names several states"
    InvalidStructure "FSM0046" "invalid_structure" error "a state whose type and content disagree"
    UnknownEvent "FSM0047" "unknown_event" error "an event that is not declared"
    UnknownName "FSM0048" "unknown_name" error "an action, a guard, a delay, a message or a `send` that does not exist"
    UnknownField "FSM0049" "unknown_field" error "a field that does not exist"
    NotVisible "FSM0050" "not_visible" error "a name that cannot be seen here"
    SignatureMismatch "FSM0051" "signature_mismatch" error "calls of one method that disagree"
    MovedValue "FSM0052" "moved_value" error "an argument that would be moved out of its owner"
    UnknownLint "FSM0053" "unknown_lint" error "a lint that does not exist"
    ConflictingTargets "FSM0054" "conflicting_targets" error "targets that cannot be active together"
    InitialCycle "FSM0055" "initial_cycle" error "initial states that lead back to themselves"
    MissingData "FSM0056" "missing_data" error "a state that is entered without its data"
    ShadowedData "FSM0057" "shadowed_data" error "data that hides that of an ancestor"
    MissingField "FSM0058" "missing_field" error "a payload that lacks fields"
    UnknownType "FSM0059" "unknown_type" error "a value whose type cannot be seen"
    IdleTransition "FSM0060" "idle_transition" error "an eventless transition without guard and target"
    InvalidReply "FSM0061" "invalid_reply" error "a reply where nothing was asked"
    XmlSyntax "FSM0080" "xml_syntax" error "the file is not well-formed XML"
    ScxmlForm "FSM0081" "scxml_form" error "an element or an attribute that SCXML does not have here"
    NotTranslatable "FSM0082" "not_translatable" error "a form of SCXML that a spec cannot say"
    LeftOut "FSM0083" "left_out" warning "something that an import leaves out or changes"
    UnreachableState "FSM0101" "unreachable_state" warn "a state that no sequence of events reaches"
    DeadTransition "FSM0102" "dead_transition" warn "a transition that can never be taken"
    Trap "FSM0103" "trap" warn "a state from which no final state can be reached"
    UnusedEvent "FSM0104" "unused_event" warn "an event that nothing handles"
    UnusedDelay "FSM0105" "unused_delay" warn "a delay that nothing uses"
    UnusedAction "FSM0106" "unused_action" warn "a declared action that nothing uses"
    UnusedGuard "FSM0107" "unused_guard" warn "a declared guard that nothing uses"
    UnhandledEvent "FSM0108" "unhandled_event" allow "events that a state does not handle"
    UnusedMessage "FSM0109" "unused_message" warn "a declared message that nothing emits"
    UnheardEvent "FSM0110" "unheard_event" warn "an event that the machine sends itself and nothing handles"
    EventlessCycle "FSM0111" "eventless_cycle" deny "transitions that lead to each other without end"
    HistoryWithoutDefault "FSM0112" "history_without_default" allow "a history state without a default"
    RegionCrossing "FSM0113" "region_crossing" warn "a transition that leaves and enters all regions around it"
    IgnoredCompletion "FSM0114" "ignored_completion" warn "a state with a final child whose completion nobody waits for"
    UnhandledFailure "FSM0115" "unhandled_failure" warn "an invoke that can fail although nobody waits for it"
    OverlappingGuards "FSM0116" "overlapping_guards" allow "guards of one event that can hold together"
    EmptyHistory "FSM0117" "empty_history" warn "a history state that never remembers anything"
}

impl Code {
    /// The lint of that name, or of that number: `trap`, `FSM0103`, `103`.
    #[must_use]
    pub fn lint(name: &str) -> Option<Self> {
        let digits = name.strip_prefix("FSM").or_else(|| name.strip_prefix("fsm")).unwrap_or(name);
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let id = digits.parse::<u16>().ok().filter(|_| is_number).map(|number| format!("FSM{number:04}"));
        Self::lints().find(|code| code.name() == name || Some(code.id()) == id.as_deref())
    }

    /// The level that a lint has unless the spec says otherwise; `None` for what is none.
    #[must_use]
    pub const fn default_level(self) -> Option<Level> {
        match self.kind() {
            Kind::Fixed(_) => None,
            Kind::Lint(level) => Some(level),
        }
    }

    /// All codes whose level can be set.
    pub fn lints() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|code| code.default_level().is_some())
    }
}
