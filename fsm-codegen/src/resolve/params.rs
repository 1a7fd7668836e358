//! The type of a parameter, made from the argument that is passed and the type that its field is declared with.
//!
//! Part of the arguments' pass: pure functions of types. `&String` becomes `&str`, `&Vec<T>` becomes `&[T]` and
//! `&Box<T>` becomes `&T`, as a Rust programmer writes them; rustc's deref coercion does the rest.

use fsm_model::gather::Gather as _;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::ir::{Borrow, Param, ParamType};

use super::symbols::Symbols;

/// Types of the standard library that are not `Copy`, whatever their parameters are.
const OWNED: &[&str] = &[
    "String",
    "Vec",
    "Box",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "VecDeque",
    "BinaryHeap",
    "LinkedList",
    "PathBuf",
    "OsString",
    "CString",
    "Rc",
    "Arc",
    "RefCell",
    "Mutex",
    "RwLock",
];

/// The parameter for a field of type `ty` that is passed by `borrow`.
pub(super) fn param_type(ty: &Type, borrow: Borrow) -> Type {
    match borrow {
        Borrow::Value => ty.clone(),
        Borrow::Mutable => reference(ty, Some(syn::parse_quote!(mut))),
        Borrow::Shared => shared(ty),
    }
}

fn shared(ty: &Type) -> Type {
    match library_type(ty) {
        Some(("String", None)) => syn::parse_quote!(&str),
        Some(("Vec", Some(item))) => syn::parse_quote!(&[#item]),
        Some(("Box", Some(item))) => reference(item, None),
        _ => reference(ty, None),
    }
}

/// `&ty`. Bounds in a row need parentheses there, `&(dyn A + B)`, and so does one with a `+` behind it.
fn reference(ty: &Type, mutability: Option<syn::Token![mut]>) -> Type {
    let bounds = match ty {
        Type::TraitObject(object) => Some(&object.bounds),
        Type::ImplTrait(object) => Some(&object.bounds),
        _ => None,
    };
    let mut elem = ty.clone();
    if bounds.is_some_and(|bounds| bounds.len() > 1 || bounds.trailing_punct()) {
        let paren_token = syn::token::Paren::default();
        elem = Type::Paren(syn::TypeParen { attrs: Vec::new(), paren_token, elem: Box::new(elem) });
    }
    let mut reference: syn::TypeReference = syn::parse_quote!(& #mutability ());
    // Not quoted: a type is whatever syn reads as one, and not all of that can stand here.
    *reference.elem = elem;
    Type::Reference(reference)
}

/// Whether a value of this type cannot be passed by value, because it would be moved out of its owner.
///
/// Only types that are certainly not `Copy` count; of a user's own types rustc knows more.
pub(super) fn is_owned(ty: &Type) -> bool {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().any(is_owned),
        Type::Array(array) => is_owned(&array.elem),
        Type::Paren(inner) => is_owned(&inner.elem),
        Type::Group(inner) => is_owned(&inner.elem),
        Type::Reference(reference) => reference.mutability.is_some(),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return false };
            let name = last.ident.to_string();
            let json = path.path.segments.iter().rev().nth(1).is_some_and(|krate| krate.ident == "serde_json");
            if json && name == "Value" {
                return true;
            }
            if !is_library_path(&path.path) {
                return false;
            }
            OWNED.contains(&name.as_str())
                || (["Option", "Result"].contains(&name.as_str()) && type_arguments(last).any(is_owned))
        }
        _ => false,
    }
}

/// `String`, `Vec<T>`, `std::vec::Vec<T>`: the last name and its only type argument.
fn library_type(ty: &Type) -> Option<(&'static str, Option<&Type>)> {
    let Type::Path(path) = ty else { return None };
    if path.qself.is_some() || !is_library_path(&path.path) {
        return None;
    }
    let last = path.path.segments.last()?;
    let mut arguments = type_arguments(last);
    let (first, second) = (arguments.next(), arguments.next());
    let name = ["String", "Vec", "Box"].into_iter().find(|name| last.ident == name)?;
    second.is_none().then_some((name, first))
}

fn type_arguments(segment: &syn::PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether the path can be one of the standard library: a bare name, or one that says so.
fn is_library_path(path: &syn::Path) -> bool {
    path.segments.len() == 1
        || path.segments.first().is_some_and(|first| ["std", "alloc", "core"].iter().any(|name| first.ident == name))
}

/// The types of a parameter list as a message shows them: `(&str, f32)`.
pub(super) fn list_text(params: &[Param], symbols: &Symbols) -> String {
    if params.is_empty() {
        return "no arguments".to_owned();
    }
    let types: Vec<String> = params.iter().map(|param| text(&param.ty, symbols)).gather();
    format!("`({})`", types.join(", "))
}

fn text(ty: &ParamType, symbols: &Symbols) -> String {
    match ty {
        ParamType::Rust(ty) => type_text(ty),
        ParamType::Event(event) => format!("&event::{}", crate::names::pascal(&symbols.events[*event].name.value)),
        ParamType::Context(borrow) => format!("{}Context", borrow.prefix()),
        ParamType::Queue => "&mut Queue".to_owned(),
    }
}

/// A type, or what is written like one, in the spacing that people use.
pub(crate) fn type_text(ty: &impl ToTokens) -> String {
    let spaced = ty.to_token_stream().to_string();
    let mut text = String::with_capacity(spaced.len());
    for word in spaced.split(' ') {
        // Words that follow each other keep their space: `&mut T`, `dyn Fn`.
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        let apart = text.ends_with([',', '+', '=', ';', ':']) && !text.ends_with("::")
            || text.ends_with(letter) && word.starts_with(letter)
            || text.ends_with(letter) && word.starts_with(['&', '['])
            || matches!(word, "+" | "=" | "->")
            || text.ends_with("->");
        if apart && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::Syntax;

    fn ty(text: &str) -> Type {
        syn::parse_str(text).expect("a type")
    }

    #[test]
    fn borrowed_types_are_written_as_in_rust() {
        let table = [
            ("String", "&str"),
            ("std::string::String", "&str"),
            ("mine::String", "&mine::String"),
            ("Vec<u8>", "&[u8]"),
            ("Box<Job>", "&Job"),
            ("Box<dyn Fn(u8) + Send>", "&(dyn Fn(u8) + Send)"),
            ("dyn Fn(u8) + Send", "&(dyn Fn(u8) + Send)"),
            ("Mistyp + ed", "&(Mistyp + ed)"),
            ("Mistyped +", "&(Mistyped +)"),
            ("impl A + B", "&(impl A + B)"),
            ("Option<String>", "&Option<String>"),
            ("HashMap<String, u8>", "&HashMap<String, u8>"),
            ("f32", "&f32"),
        ];
        let given = |field: &str, borrow| Syntax::new(param_type(&ty(field), borrow));
        for (field, expected) in table {
            assert_eq!(given(field, Borrow::Shared), Syntax::new(ty(expected)), "{field}");
        }
        assert_eq!(given("String", Borrow::Mutable), Syntax::new(ty("&mut String")));
        assert_eq!(given("f32", Borrow::Value), Syntax::new(ty("f32")));
    }

    #[test]
    fn owned_types_are_known() {
        for owned in [
            "String",
            "Vec<u8>",
            "Option<Box<u8>>",
            "(u8, String)",
            "[Arc<u8>; 2]",
            "&mut u8",
            "std::rc::Rc<u8>",
            "::serde_json::Value",
        ] {
            assert!(is_owned(&ty(owned)), "{owned}");
        }
        for free in ["u8", "Option<u8>", "Job", "my::Vec<u8>", "&'static str", "(u8, bool)", "PhantomData<String>"] {
            assert!(!is_owned(&ty(free)), "{free}");
        }
    }

    #[test]
    fn types_are_shown_in_the_usual_spacing() {
        for text in ["&str", "&mut Vec<u8>", "HashMap<String, Vec<u8>>", "&[a::B]", "&'static str", "&(dyn A + Send)"] {
            assert_eq!(type_text(&ty(text)), text);
        }
    }
}
