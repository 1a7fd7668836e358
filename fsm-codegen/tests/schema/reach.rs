//! What a schema can see of each kind of error, and why not the rest.

use fsm_codegen::diag::{Code, Diagnostic};

/// Whether errors of this code show in the form of a spec. Single ones that do not are [`EXCEPTIONS`].
pub(crate) fn is_within(code: Code) -> bool {
    why_beyond(code).is_none()
}

/// Why no schema sees errors of this code.
pub(crate) fn why_beyond(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::UnknownKey
        | Code::WrongType
        | Code::EmptyValue
        | Code::InvalidValue
        | Code::ConflictingKeys
        | Code::MissingKey
        | Code::ForeignForm
        | Code::NotSupported
        | Code::InvalidDelay
        | Code::MissingInitial
        | Code::InvalidStructure
        | Code::UnknownLint
        | Code::IdleTransition => return None,
        Code::YamlSyntax
        | Code::InvalidUtf8
        | Code::TooLarge
        | Code::EmptyFile
        | Code::SeveralDocuments
        | Code::DuplicateKey => "it is the text that is wrong; a schema is asked about values",
        Code::ExpressionSyntax
        | Code::UnbalancedBrackets
        | Code::ExpressionTooLarge
        | Code::InvalidArgument
        | Code::UnknownType => "Rust is text to a schema",
        Code::InvalidName | Code::NameCollision => "what Rust makes of a name is no regular expression",
        Code::InvalidInitial
        | Code::UnknownTarget
        | Code::AmbiguousTarget
        | Code::UnknownEvent
        | Code::UnknownName
        | Code::UnknownField
        | Code::NotVisible
        | Code::ConflictingTargets
        | Code::InitialCycle => "a schema does not look up names",
        Code::SignatureMismatch
        | Code::MovedValue
        | Code::MissingData
        | Code::ShadowedData
        | Code::MissingField
        | Code::InvalidReply => "it is between two places of the spec, or of types",
        Code::MacroSyntax | Code::XmlSyntax | Code::ScxmlForm | Code::NotTranslatable | Code::LeftOut => {
            "it is about another language than YAML"
        }
        _ => "it is a lint, and the form of the spec is right",
    })
}

/// Errors that no schema sees although others of their code show: the end of the file's name, what the message holds
/// (all where it is empty), and the reason.
pub(crate) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("", "cannot be seen from `null`", "in JSON it is a value, in YAML most likely a forgotten type"),
    ("", "text is read as a Rust type here", "a value does not say whether it stood in quotes"),
    ("", "is a tag to YAML and does not belong to the value", "the reader takes the tag away"),
    ("values/empty.yaml", "`C` has no value", "a state may be empty, and a comment is nothing"),
    ("", "so it cannot give it data", "which states are entered is not in the form of the spec"),
    ("", " is compared with ", "the types of an expression are Rust"),
    ("", ", and this is ", "the type of a field and the kind of its value are two places of the spec"),
    ("generics.yaml", "", "the parameters are Rust"),
    ("generics_with_a_clause.yaml", "", "the parameters are Rust"),
    ("", "the parallel state `E` has no children", "a schema does not count the children that are no history states"),
    ("", "the history state `E.H` has nothing to remember", "a schema does not count them there either"),
];

/// The exception for this error.
pub(crate) fn exception(file: &str, error: &Diagnostic) -> Option<usize> {
    let is_meant = |(name, message, _): &(&str, &str, &str)| file.ends_with(name) && error.message.contains(message);
    EXCEPTIONS.iter().position(is_meant).filter(|_| is_within(error.code))
}
