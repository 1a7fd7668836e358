//! The machines in a Rust file: every `fsm! { … }`, wherever it stands.
//!
//! The file is only taken apart into tokens, since what else is in it need not be right. `fsm!("path")` names a file that
//! is a spec of its own, and is passed over.

use fsm_model::gather::Gather as _;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::layout::Layout;
use crate::diag::{Code, Diagnostic};
use crate::frontend::expr;
use crate::source::{Source, Span};

/// How many beginnings of the torn machine are tried.
const MOST_TORN: usize = 4;

/// A machine in a file.
#[derive(Debug, Clone)]
pub struct Written {
    /// What stands in the brackets of the macro.
    pub tokens: TokenStream,
    /// The bracket behind them.
    pub close: proc_macro2::Span,
    /// Where the tokens of the file stand.
    pub layout: Rc<Layout>,
}

impl Written {
    /// The name of the machine, where it can be seen.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let mut tokens = self.tokens.clone().into_iter();
        tokens.find(|tree| matches!(tree, TokenTree::Ident(word) if word == "machine"))?;
        match tokens.next()? {
            TokenTree::Ident(name) => Some(name.to_string().trim_start_matches("r#").to_owned()),
            TokenTree::Literal(name) => syn::parse_str::<syn::LitStr>(&name.to_string()).ok().map(|name| name.value()),
            _ => None,
        }
    }
}

/// All machines of a file, in their order.
///
/// # Errors
/// A file that cannot be taken apart into tokens.
pub fn machines(source: &Source) -> Result<Vec<Written>, Box<Diagnostic>> {
    let tokens: TokenStream = source.text().parse().map_err(|error: proc_macro2::LexError| {
        let range = error.span().byte_range();
        let span = Span::new(range.start, range.end.max(range.start));
        let message = "the file holds something that is no Rust token";
        Box::new(expr::torn(source.text()).unwrap_or_else(|| Diagnostic::error(Code::MacroSyntax, span, message)))
    })?;
    let layout = Rc::new(Layout::in_file(&tokens));
    let bodies = bodies(tokens).into_iter();
    Ok(bodies
        .filter(|body| !is_path(body))
        .map(|body| Written { tokens: body.stream(), close: body.span_close(), layout: Rc::clone(&layout) })
        .gather())
}

/// The machines in front of the one that keeps a file from being taken apart into tokens, which `fault` is about: what is
/// wrong with them can be said all the same. None where they cannot be told from it.
#[must_use]
pub fn machines_before(source: &Source, fault: &Diagnostic) -> Vec<Written> {
    let before = source.text().get(..fault.span.lo as usize).unwrap_or_default();
    // The last `fsm!` is the torn one; further ones are looked at in case that it is a word in a comment.
    let prefixes = before.rmatch_indices("fsm!").take(MOST_TORN).map(|(at, _)| &before[..at]);
    let mut machines = prefixes.map(|prefix| machines(&Source::new(source.name(), prefix)));
    machines.find_map(Result::ok).unwrap_or_default()
}

/// The files that `fsm!("path")` names in a file, in their order.
#[must_use]
pub fn paths(source: &Source) -> Vec<String> {
    let tokens: TokenStream = source.text().parse().unwrap_or_default();
    bodies(tokens).iter().filter_map(|body| path(body.stream())).map(|path| path.value()).gather()
}

/// The path that is all of what stands in the brackets of an `fsm!`. Nobody has looked yet how deep the brackets in them
/// are nested, so syn sees one literal.
#[must_use]
pub fn path(mut body: TokenStream) -> Option<syn::LitStr> {
    loop {
        let mut trees = body.into_iter();
        match (trees.next()?, trees.next()) {
            // What a macro fills in may stand in brackets that nobody sees.
            (TokenTree::Group(group), None) if group.delimiter() == Delimiter::None => body = group.stream(),
            (TokenTree::Literal(literal), None) => return syn::parse2(TokenTree::from(literal).into()).ok(),
            _ => return None,
        }
    }
}

/// What stands in the brackets of each `fsm!`. Not recursive: brackets can be nested as deep as they like.
fn bodies(tokens: TokenStream) -> Vec<Group> {
    let (mut found, mut open) = (Vec::new(), vec![tokens.into_iter()]);
    // How much of `fsm!` stands before the next token.
    let mut before = 0;
    while let Some(rest) = open.last_mut() {
        let Some(tree) = rest.next() else {
            open.pop();
            before = 0;
            continue;
        };
        match tree {
            TokenTree::Ident(word) => before = u8::from(word == "fsm"),
            TokenTree::Punct(punct) => before = if punct.as_char() == '!' && before == 1 { 2 } else { 0 },
            TokenTree::Group(group) => {
                if before == 2 {
                    found.push(group);
                } else {
                    open.push(group.stream().into_iter());
                }
                before = 0;
            }
            TokenTree::Literal(_) => before = 0,
        }
    }
    found
}

/// `("specs/robot.yaml")`.
fn is_path(group: &Group) -> bool {
    matches!(group.stream().into_iter().next(), Some(TokenTree::Literal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_found_wherever_they_stand() {
        let text = "fsm!(\"a.yaml\");\nmod b { fsm_runtime::fsm! { machine A {} } }\nfn fsm() { fsm!(pub machine \"b-c\" {}); }";
        let source = Source::new("a.rs", text);
        let found = machines(&source).expect("tokens");
        let names: Vec<_> = found.iter().map(Written::name).collect();
        assert_eq!(names, [Some("A".to_owned()), Some("b-c".to_owned())]);
        assert_eq!(paths(&source), ["a.yaml"]);
        let first = found[0].tokens.clone().into_iter().next().expect("a token");
        assert_eq!(found[0].layout.find(first.span()).map(|span| source.slice(span)), Some("machine"));
    }

    #[test]
    fn a_file_that_is_not_rust_is_reported() {
        let source = Source::new("a.rs", "fn a() { \"open }");
        assert!(machines(&source).is_err());
    }
}
