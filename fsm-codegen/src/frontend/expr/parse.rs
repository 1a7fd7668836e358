//! The forms in which Rust stands in a spec: expressions, types, fields, calls, conditions, event values.

use super::guard::{self, Spelling};
use super::name::{Role, is_behind_self, is_free_name, is_name};
use super::piece::{self, GENERICS, Piece};
use super::scan::{self, Token};
use super::{Fault, Places as _, Text};
use crate::ast::{EventValue, GuardKind};
use crate::diag::{Code, Diagnostic, Diagnostics, shown};
use crate::names::{self, Case};
use crate::rust::{Call, Expr, Import, Placed, Type, placed};
use crate::source::{Span, Spanned};

/// Any Rust expression.
pub fn expression(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Expr> {
    scanned(text, diagnostics)?;
    parsed_expression(text, diagnostics)
}

/// A type.
pub fn ty(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Type> {
    scanned(text, diagnostics)?;
    parsed_type(text, diagnostics)
}

/// `Type` or `Type = expr`.
pub fn field(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<(Type, Option<Expr>)> {
    let tokens = scanned(text, diagnostics)?;
    let Some(at) = scan::assignment(&tokens) else { return Some((parsed_type(text, diagnostics)?, None)) };
    let ty = parsed_type(&text.part(0..at), diagnostics);
    let default = parsed_expression(&text.part(at + 1..text.as_str().len()), diagnostics);
    Some((ty?, Some(default?)))
}

/// What stands between the angle brackets of a generic machine.
pub fn generics(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Placed<syn::Generics>> {
    scanned(text, diagnostics)?;
    if text.as_str().starts_with('<') {
        let message = format!("this is not {GENERICS}: the angle brackets are too much");
        let diagnostic = Diagnostic::error(Code::ExpressionSyntax, text.at(0..1), message);
        diagnostics.push(diagnostic.help("write what stands between them: `'M: Motor, const N: usize'`"));
        return None;
    }
    piece::generics(lexed(text, GENERICS, diagnostics)?, diagnostics)
}

/// What stands between `use` and the semicolon.
pub fn use_tree(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Placed<Import>> {
    scanned(text, diagnostics)?;
    piece::use_tree(lexed(text, "a path to use", diagnostics)?, diagnostics)
}

/// `pub`, `pub(crate)`, or `private`.
pub fn visibility(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Placed<syn::Visibility>> {
    if text.as_str() == "private" {
        return Some(placed(syn::Visibility::Inherited, text.whole()));
    }
    scanned(text, diagnostics)?;
    piece::visibility(lexed(text, "a visibility", diagnostics)?, diagnostics)
}

/// `#[derive(Hash)]`, one or several.
pub fn attributes(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Placed<syn::Attribute>>> {
    scanned(text, diagnostics)?;
    piece::attributes(lexed(text, "an attribute", diagnostics)?, diagnostics)
}

/// A name or a call of a method.
pub fn call(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Call> {
    call_or(text, typed, diagnostics)
}

/// A name or a call; `spelt` tells how text is written as a name.
fn call_or(text: &Text<'_>, spelt: fn(&Text<'_>) -> String, diagnostics: &mut Diagnostics) -> Option<Call> {
    if let Some(call) = bare_call(text) {
        return unless_self(text, call, diagnostics);
    }
    let tokens = scanned(text, diagnostics)?;
    if let Some(open) = call_bracket(text.as_str(), &tokens) {
        return parsed_call(text, open, diagnostics);
    }
    let message = "this is neither the name of a method nor a call of one";
    let help = if can_be_named(text, Role::Method) {
        spelt(text)
    } else if scan::assignment(&tokens).is_some() {
        "write an assignment as `{ assign: { field: expression } }`".to_owned()
    } else {
        "write `name` or `name(arguments)`; the method belongs to the trait `Actions`".to_owned()
    };
    diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, text.whole(), message).help(help));
    None
}

/// The same in JSON, where text that means nothing else is a name too.
#[cfg(feature = "yaml")]
pub fn call_in_json(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Call> {
    if is_free_name(text.as_str(), Role::Method) { Some(named(text, text.as_str())) } else { call(text, diagnostics) }
}

/// A guard: a method of any name, or what [`guard`] reads.
pub fn guard_text(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<GuardKind> {
    match text.as_str() {
        "true" => return Some(GuardKind::Bool(true)),
        "false" => return Some(GuardKind::Bool(false)),
        name if is_name(name) => return unless_self(text, named(text, name), diagnostics).map(GuardKind::Call),
        _ if can_be_named(text, Role::Guard) => {
            let message = "this is neither the name of a guard nor a condition in Rust";
            diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, text.whole(), message).help(typed(text)));
            return None;
        }
        _ => {}
    }
    let tokens = scanned(text, diagnostics)?;
    let call =
        call_bracket(text.as_str(), &tokens).filter(|open| !guard::WORDS.contains(&text.as_str()[..*open].trim_end()));
    if let Some(open) = call {
        return parsed_call(text, open, diagnostics).map(GuardKind::Call);
    }
    let piece = lexed(text, "a Rust expression", diagnostics)?;
    guard::guard(&piece, Spelling::Text, diagnostics).map(|guard| guard.kind)
}

/// The same in JSON, where text that means nothing else is a name too.
#[cfg(feature = "yaml")]
pub fn guard_in_json(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<GuardKind> {
    if is_free_name(text.as_str(), Role::Guard) {
        return Some(GuardKind::Call(named(text, text.as_str())));
    }
    guard_text(text, diagnostics)
}

/// `name(args) -> Type`, the type and the arguments optional.
pub fn source_call(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<(Call, Option<Type>)> {
    source_of(text, |text, diagnostics| call_or(text, in_quotes, diagnostics), diagnostics)
}

/// The same in JSON, where text that means nothing else is a name too.
#[cfg(feature = "yaml")]
pub fn source_call_in_json(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<(Call, Option<Type>)> {
    source_of(text, call_in_json, diagnostics)
}

fn source_of(
    text: &Text<'_>,
    call: fn(&Text<'_>, &mut Diagnostics) -> Option<Call>,
    diagnostics: &mut Diagnostics,
) -> Option<(Call, Option<Type>)> {
    if let Some(call) = bare_call(text) {
        return Some((unless_self(text, call, diagnostics)?, None));
    }
    let tokens = scanned(text, diagnostics)?;
    let Some(at) = scan::arrow(&tokens) else { return Some((call(text, diagnostics)?, None)) };
    let source = call(&text.part(0..at), diagnostics);
    let output = parsed_type(&text.part(at + 2..text.as_str().len()), diagnostics);
    Some((source?, output))
}

/// `Stop`, `Fault { code: 7 }`.
pub fn event_value(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<EventValue> {
    let whole = text.as_str();
    if !whole.contains(['{', '(']) {
        return Some(EventValue { event: Spanned::new(whole.to_owned(), text.whole()), fields: Vec::new() });
    }
    let tokens = scanned(text, diagnostics)?;
    let open = tokens.iter().find(|token| matches!(token.what, b'{' | b'('));
    let (Some(open), Some(last)) = (open, tokens.last()) else { return None };
    let name = text.part(0..open.lo);
    if open.what == b'(' || last.what != b'}' || last.depth != 0 || name.as_str().is_empty() {
        let message = "this is neither an event nor an event with its payload";
        let help = "write `Event` or `Event { field: expression }`";
        diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, text.whole(), message).help(help));
        return None;
    }
    let payload = text.part(open.lo + 1..last.lo);
    let fields = piece::assignments(lexed(&payload, "the payload of an event", diagnostics)?, diagnostics)?;
    Some(EventValue { event: Spanned::new(name.as_str().to_owned(), name.whole()), fields })
}

/// Whether text that stands for no name here can be one in another form.
fn can_be_named(text: &Text<'_>, role: Role) -> bool {
    is_free_name(text.as_str(), role) && names::check(text.as_str(), Case::Snake).is_ok()
}

/// How a name is written that Rust's rules would not let stand alone.
fn typed(text: &Text<'_>) -> String {
    format!("if it is a name, write `{{ type: {} }}`", literal(text.as_str()))
}

/// The same where no mapping can stand.
fn in_quotes(text: &Text<'_>) -> String {
    format!("if it is a name, write `'{}'`", literal(text.as_str()).replace('\'', "''"))
}

/// A name between double quotes, for a message.
fn literal(name: &str) -> String {
    shown(&format!("{name:?}")).replace(r"\\", r"\")
}

/// The call that a name is: as a word or several, or in quotes.
fn bare_call(text: &Text<'_>) -> Option<Call> {
    let name = text.as_str();
    if is_name(name) { Some(named(text, name)) } else { quoted(name).map(|name| named(text, &name)) }
}

/// The call, unless the text is a name behind `self.`.
fn unless_self(text: &Text<'_>, call: Call, diagnostics: &mut Diagnostics) -> Option<Call> {
    (!is_behind_self(text.as_str(), call.span, diagnostics)).then_some(call)
}

fn named(text: &Text<'_>, name: &str) -> Call {
    let span = text.whole();
    Call { name: Spanned::new(name.to_owned(), span), args: Vec::new(), span }
}

/// What stands between quotes, where nothing else does: any name.
fn quoted(text: &str) -> Option<String> {
    let literal = text.starts_with('"').then(|| syn::parse_str::<syn::LitStr>(text).ok())??;
    Some(literal.value()).filter(|name| !name.trim().is_empty())
}

/// The opening bracket of `name(…)`, where the whole text has that form.
pub(super) fn call_bracket(text: &str, tokens: &[Token]) -> Option<usize> {
    let open = tokens.iter().position(|token| token.depth == 0 && token.what == b'(')?;
    let close = tokens.iter().rposition(|token| token.depth == 0 && token.what == b')')?;
    // The bracket that closes the first one is the next token at its depth.
    let matching = tokens[open + 1..].iter().position(|token| token.depth == 0).map(|next| open + 1 + next);
    let name = text[..tokens[open].lo].trim_end();
    let is_call = close + 1 == tokens.len() && matching == Some(close) && (is_name(name) || quoted(name).is_some());
    is_call.then_some(tokens[open].lo)
}

/// Whether what stands in the brackets of a call, which begin at `open`, is a list of arguments.
pub(super) fn has_arguments(text: &str, open: usize) -> bool {
    let (mut complaints, inside) = (Diagnostics::default(), &text[open + 1..text.len() - 1]);
    let inside = Text::new(inside, Span::default(), Vec::new());
    let args = lexed(&inside, "", &mut complaints).and_then(|piece| piece::args(piece, &mut complaints));
    args.is_some() && !complaints.has_errors()
}

/// Text as Rust, without a word about what is wrong.
pub(super) fn quietly_parsed(text: &str) -> Option<Expr> {
    parsed_expression(&Text::new(text, Span::default(), Vec::new()), &mut Diagnostics::default())
}

fn parsed_call(text: &Text<'_>, open: usize, diagnostics: &mut Diagnostics) -> Option<Call> {
    let name = text.part(0..open);
    if is_behind_self(name.as_str(), name.whole(), diagnostics) {
        return None;
    }
    let inside = text.part(open + 1..text.as_str().len() - 1);
    let args = if inside.as_str().is_empty() {
        Vec::new()
    } else {
        let piece = lexed(&inside, "the arguments of a call", diagnostics)?;
        let mut complaints = Diagnostics::default();
        let args = piece::args(piece, &mut complaints);
        match other_form(name.as_str(), inside.as_str()).filter(|_| complaints.has_errors()) {
            Some(help) => {
                let message = format!("the arguments of `{}` are neither paths nor literals", name.as_str());
                diagnostics.push(Diagnostic::error(Code::InvalidArgument, text.whole(), message).help(help));
                return None;
            }
            None => diagnostics.extend(complaints),
        }
        args?
    };
    let spelling = quoted(name.as_str()).unwrap_or_else(|| name.as_str().to_owned());
    Some(Call { name: Spanned::new(spelling, name.whole()), args, span: text.whole() })
}

/// How that is written which here looks like the call of a method, `raise(Stop)`, if its arguments are none of a method.
pub(super) fn other_form(name: &str, args: &str) -> Option<String> {
    let form = match name {
        "and" => format!("all({args})"),
        "or" => format!("any({args})"),
        "assign" => "{ assign: { field: expression } }".to_owned(),
        "send" => "{ send: Event, delay: 5s }".to_owned(),
        "cancel" | "emit" | "log" | "raise" | "reply" => format!("{{ {name}: {args} }}"),
        _ => return None,
    };
    Some(format!("unless `{name}` is a method, write `{}`", shown(&form)))
}

fn parsed_expression(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Expr> {
    piece::expression(lexed(text, "a Rust expression", diagnostics)?, diagnostics)
}

fn parsed_type(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Type> {
    piece::ty(lexed(text, "a Rust type", diagnostics)?, diagnostics)
}

fn scanned(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Token>> {
    report(scan::scan(text.as_str()), text, diagnostics)
}

fn report<T>(result: Result<T, Fault>, text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<T> {
    result.map_err(|fault| diagnostics.push(fault.diagnostic(text))).ok()
}

/// Text through the lexer.
fn lexed<'t>(text: &'t Text<'_>, what: &str, diagnostics: &mut Diagnostics) -> Option<Piece<'t>> {
    match text.as_str().parse() {
        Ok(tokens) => {
            let end = text.as_str().len();
            let (whole, end) = (text.whole(), text.at(end..end));
            Some(Piece { tokens, text: text.as_str(), whole, end, places: text })
        }
        Err(error) => {
            let error: proc_macro2::LexError = error;
            let message = format!("this is not {what}: it holds something that is no Rust token");
            diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, text.place(error.span()), message));
            None
        }
    }
}
