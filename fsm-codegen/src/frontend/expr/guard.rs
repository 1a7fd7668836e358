//! Guards: `ready && !above(3) && context.jobs > 2 && in(Working)`.
//!
//! The one reader of guards that are written as text, in YAML and in the macro. First the shape is found on tokens (`||`,
//! `&&`, `!`, parentheses), then its leaves are read. A part without named guards and `in` is one Rust expression,
//! however many operators it has; `all(…)`, `any(…)` and `not(…)` combine such parts too, as `cfg` does, and `rust(…)`
//! says that a name in it is no guard.
//! Invariant: the limits on tokens hold before a shape is looked for, which is done by recursion.

use fsm_model::gather::Gather as _;
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use super::name::is_behind_self;
use super::piece::{self, Piece};
use super::{classify, limits};
use crate::ast::{Guard, GuardKind};
use crate::diag::{Code, Diagnostic, Diagnostics, Help, shown};
use crate::rust::{Arg, Call, Expr, Name};
use crate::source::{Span, Spanned};

/// What combines guards or stands for no method where it is called; a method of that name stands in quotes.
pub(crate) const WORDS: &[&str] = &["all", "any", "in", "not", "rust"];

/// What begins an expression in which `&&` may stand without being an operator between guards.
const KEYWORDS: &[&str] = &["async", "for", "if", "let", "loop", "match", "move", "unsafe", "while"];

/// A guard, its leaves not read.
enum Shape {
    Any(By, Vec<Part>),
    All(By, Vec<Part>),
    Not(By, Box<Part>),
    /// `in(target)`.
    In(Group),
    /// The name of a method, and what stands in its brackets.
    Named(String, Option<Group>),
    Bool(bool),
    Rust,
    /// `rust(…)`: Rust, whatever names are in it.
    Verbatim(Group),
}

/// What combines parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// `&&`, `||`, `!`, which Rust has too.
    Operator,
    /// `all`, `any`, `not`.
    Word,
}

/// A shape and the tokens that make it.
struct Part {
    shape: Shape,
    trees: Vec<TokenTree>,
}

/// How names are spelt in the notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As identifiers with dots between them; else in quotes.
    Tokens,
    /// With dashes too: `go-up`.
    Text,
}

/// A guard of these tokens.
pub(in crate::frontend) fn guard(
    piece: &Piece<'_>,
    spelling: Spelling,
    diagnostics: &mut Diagnostics,
) -> Option<Guard> {
    if let Err(excess) = limits::check(&piece.tokens, false) {
        let place = piece.places.place(excess.span);
        diagnostics.push(Diagnostic::error(Code::ExpressionTooLarge, place, excess.message).help(limits::HELP));
        return None;
    }
    let trees: Vec<TokenTree> = piece.tokens.clone().into_iter().gather();
    let (count, part) = (trees.len(), spelling.part(trees));
    if matches!(part.shape, Shape::Rust) && part.trees.len() == count {
        // As it is written, with the comments around it.
        let whole = Piece { tokens: piece.tokens.clone(), ..*piece };
        let kind = GuardKind::Expr(condition(whole, diagnostics)?);
        return Some(Guard { kind, span: piece.whole });
    }
    Reader { piece, spelling, diagnostics }.part(part)
}

/// Whether an expression is read as one, and not as a combination of guards.
#[cfg(feature = "tools")]
pub(crate) fn is_expression(tokens: TokenStream, spelling: Spelling) -> bool {
    matches!(spelling.part(tokens.into_iter().gather()).shape, Shape::Rust)
}

/// An expression that is no assignment, which is what a `=` too few makes of a comparison.
fn condition(piece: Piece<'_>, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let places = piece.places;
    let expr = piece::expression(piece, diagnostics)?;
    let syn::Expr::Assign(assign) = &*expr.syntax else { return Some(expr) };
    let message = "this assigns, and a guard only asks";
    let help = Help::from("a comparison has two signs: `==`").replacing("=", "==");
    let place = places.over(&assign.eq_token);
    diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, place, message).help(help));
    None
}

/// Reads the leaves.
struct Reader<'r, 'p> {
    piece: &'r Piece<'p>,
    spelling: Spelling,
    diagnostics: &'r mut Diagnostics,
}

impl Reader<'_, '_> {
    fn part(&mut self, part: Part) -> Option<Guard> {
        let span = self.over(&part.trees).unwrap_or(self.piece.whole);
        let kind = match part.shape {
            Shape::Any(_, parts) => GuardKind::Or(self.parts(parts)?),
            Shape::All(_, parts) => GuardKind::And(self.parts(parts)?),
            Shape::Not(_, part) => GuardKind::Not(Box::new(self.part(*part)?)),
            Shape::Bool(value) => GuardKind::Bool(value),
            Shape::In(group) => GuardKind::In(self.target(&group)?),
            Shape::Named(name, args) => {
                let words = part.trees.len() - usize::from(args.is_some());
                let name = Spanned::new(name, self.over(&part.trees[..words]).unwrap_or(span));
                let is_quoted = matches!(part.trees.first(), Some(TokenTree::Literal(_)));
                if !is_quoted && is_behind_self(&name.value, name.span, self.diagnostics) {
                    return None;
                }
                let args = match args {
                    Some(group) if !is_quoted => self.args(&name, &group, span)?,
                    Some(group) if !group.stream().is_empty() => self.rust(inside(&group), piece::args)?,
                    _ => Vec::new(),
                };
                GuardKind::Call(Call { name, args, span })
            }
            Shape::Verbatim(group) if group.stream().is_empty() => {
                let place = self.piece.places.place(group.span_close());
                self.diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, place, "expected an expression"));
                return None;
            }
            Shape::Verbatim(group) => GuardKind::Expr(self.rust(inside(&group), piece::expression)?),
            Shape::Rust => GuardKind::Expr(self.rust(part.trees, condition)?),
        };
        Some(Guard { kind, span })
    }

    /// The arguments of a call whose name stands in no quotes, so that it may be a word that combines guards: `not(a, b)`.
    fn args(&mut self, name: &Name, group: &Group, span: Span) -> Option<Vec<Arg>> {
        let (trees, piece, spelling) = (inside(group), self.piece, self.spelling);
        let ends = trees.first().zip(trees.last());
        let written = ends.and_then(|(first, last)| piece.places.written(first.span(), last.span()));
        let written = written.map_or_else(|| group.stream().to_string(), str::to_owned);
        let form = |form: &str| shown(&form.replace("ARGS", &written));
        let wrong = match name.value.as_str() {
            word @ ("all" | "any") => {
                Some((format!("`{word}` combines guards, and there is none"), format!("write `{word}(ready, late)`")))
            }
            "not" if trees.is_empty() => {
                Some(("`not` negates a guard, and there is none".to_owned(), "write `not(ready)`".to_owned()))
            }
            "not" => {
                let help = format!("write `{}` or `{}`", form("not(any(ARGS))"), form("not(all(ARGS))"));
                Some(("`not` negates one guard".to_owned(), help))
            }
            _ => None,
        };
        if let Some((message, help)) = wrong {
            self.diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, span, message).help(help));
            return None;
        }
        if trees.is_empty() {
            return Some(Vec::new());
        }
        let mut complaints = Diagnostics::default();
        let args = Reader { piece, spelling, diagnostics: &mut complaints }.rust(trees, piece::args);
        if let Some(help) = super::parse::other_form(&name.value, &written).filter(|_| complaints.has_errors()) {
            let message = format!("the arguments of `{}` are neither paths nor literals", shown(&name.value));
            self.diagnostics.push(Diagnostic::error(Code::InvalidArgument, span, message).help(help));
            return None;
        }
        self.diagnostics.extend(complaints);
        args
    }

    fn parts(&mut self, parts: Vec<Part>) -> Option<Vec<Guard>> {
        // All of them are read, whichever is wrong.
        let guards: Vec<Option<Guard>> = parts.into_iter().map(|part| self.part(part)).gather();
        guards.into_iter().gather_some()
    }

    /// The state that `in(…)` asks for.
    fn target(&mut self, group: &Group) -> Option<Name> {
        let trees = inside(group);
        let prefix = match trees.first() {
            Some(TokenTree::Punct(sign)) if matches!(sign.as_char(), '#' | '.') => sign.as_char().to_string(),
            _ => String::new(),
        };
        let span = self.over(&trees).unwrap_or_else(|| self.piece.places.place(group.span_close()));
        if let Some(name) = self.spelling.name(&trees[prefix.len()..]) {
            return Some(Spanned::new(prefix + &name, span));
        }
        let message = "`in` asks for one state";
        let help = "write `in(Working)`, `in(.child)` or `in(#id)`; a name that is no identifier stands in quotes";
        self.diagnostics.push(Diagnostic::error(Code::ExpressionSyntax, span, message).help(help));
        None
    }

    /// Some of the tokens as a piece of Rust.
    fn rust<T>(
        &mut self,
        trees: Vec<TokenTree>,
        read: impl FnOnce(Piece<'_>, &mut Diagnostics) -> Option<T>,
    ) -> Option<T> {
        let places = self.piece.places;
        let ends = trees.first().zip(trees.last()).map(|(first, last)| (first.span(), last.span()));
        let whole = self.over(&trees).unwrap_or(self.piece.whole);
        let tokens: TokenStream = trees.into_iter().gather();
        let printed = tokens.to_string();
        let text = ends.and_then(|(first, last)| places.written(first, last)).unwrap_or(&printed);
        read(Piece { tokens, text, whole, end: Span { lo: whole.hi, hi: whole.hi }, places }, self.diagnostics)
    }

    fn over(&self, trees: &[TokenTree]) -> Option<Span> {
        let (first, last) = (trees.first()?, trees.last()?);
        Some(self.piece.places.place(first.span()).to(self.piece.places.place(last.span())))
    }
}

impl Spelling {
    /// The shape of some tokens: one Rust expression where no part of it is more than that.
    fn part(self, trees: Vec<TokenTree>) -> Part {
        let shape = self.shape(&trees);
        if let ([TokenTree::Group(group)], Shape::Rust) = (&trees[..], &shape)
            && group.delimiter() == Delimiter::Parenthesis
            && !group.stream().is_empty()
        {
            // These parentheses are the guard's.
            return Part { shape, trees: inside(group) };
        }
        let shape = if is_rust(&shape) { Shape::Rust } else { shape };
        Part { shape, trees }
    }

    fn shape(self, trees: &[TokenTree]) -> Shape {
        if let Some((word, mut parts)) = self.combination(trees) {
            return match (word.as_str(), parts.pop()) {
                ("not", Some(part)) => Shape::Not(By::Word, Box::new(part)),
                ("all", last) => Shape::All(By::Word, parts.into_iter().chain(last).gather()),
                (_, last) => Shape::Any(By::Word, parts.into_iter().chain(last).gather()),
            };
        }
        if trees.iter().any(|tree| matches!(tree, TokenTree::Ident(word) if KEYWORDS.iter().any(|it| word == it))) {
            return self.leaf(trees);
        }
        for (sign, make) in [('|', Shape::Any as fn(By, Vec<Part>) -> Shape), ('&', Shape::All)] {
            let parts = split(trees, |trees, at| 2 * usize::from(is_operator(trees, at, sign)));
            if parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) {
                return make(By::Operator, parts.into_iter().map(|part| self.part(part)).gather());
            }
        }
        self.leaf(trees)
    }

    /// What `&&` and `||` do not take apart.
    fn leaf(self, trees: &[TokenTree]) -> Shape {
        match trees {
            [TokenTree::Punct(sign), rest @ ..] if sign.as_char() == '!' => match self.shape(rest) {
                // Of Rust it is an operator like any other.
                Shape::Rust | Shape::Bool(_) => Shape::Rust,
                inner => Shape::Not(By::Operator, Box::new(Part { shape: inner, trees: rest.to_vec() })),
            },
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
                match self.part(inside(group)).shape {
                    Shape::Rust | Shape::Bool(_) => Shape::Rust,
                    inner => inner,
                }
            }
            [TokenTree::Ident(word), TokenTree::Group(group)] if word == "in" => Shape::In(group.clone()),
            [TokenTree::Ident(word), TokenTree::Group(group)]
                if word == "rust" && group.delimiter() == Delimiter::Parenthesis =>
            {
                Shape::Verbatim(group.clone())
            }
            [TokenTree::Ident(word)] if word == "true" || word == "false" => Shape::Bool(word == "true"),
            [name @ .., TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
                self.method(name).map_or(Shape::Rust, |name| Shape::Named(name, Some(group.clone())))
            }
            name => self.method(name).map_or(Shape::Rust, |name| Shape::Named(name, None)),
        }
    }

    /// `all(…)`, `any(…)`, `not(…)`: the word and its parts.
    fn combination(self, trees: &[TokenTree]) -> Option<(String, Vec<Part>)> {
        let [TokenTree::Ident(word), TokenTree::Group(group)] = trees else { return None };
        let word = word.to_string();
        let known = matches!(word.as_str(), "all" | "any" | "not") && group.delimiter() == Delimiter::Parenthesis;
        let parts = known.then(|| split(&inside(group), |trees, at| usize::from(is_punct(trees, at, ','))))?;
        let parts: Vec<Part> = parts.into_iter().filter(|part| !part.is_empty()).map(|part| self.part(part)).gather();
        let fits = if word == "not" { parts.len() == 1 } else { !parts.is_empty() };
        fits.then_some((word, parts))
    }

    /// The name of a method, which does not begin with one of the four names.
    fn method(self, trees: &[TokenTree]) -> Option<String> {
        let is_root = matches!(trees, [TokenTree::Ident(head), ..] if classify::root(&head.to_string()).is_some());
        self.name(trees).filter(|_| !is_root)
    }

    /// A string, or identifiers with dots between them.
    fn name(self, trees: &[TokenTree]) -> Option<String> {
        match trees {
            [TokenTree::Literal(literal)] => match syn::Lit::new(literal.clone()) {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            [TokenTree::Ident(head), rest @ ..] => {
                let mut name = unraw(head);
                for pair in rest.chunks(2) {
                    let [TokenTree::Punct(sign), TokenTree::Ident(word)] = pair else { return None };
                    if sign.as_char() != '.' && !(sign.as_char() == '-' && self == Self::Text) {
                        return None;
                    }
                    name.push(sign.as_char());
                    name.push_str(&unraw(word));
                }
                (!name.contains('-') || are_joined(trees)).then_some(name)
            }
            _ => None,
        }
    }
}

fn unraw(ident: &proc_macro2::Ident) -> String {
    let ident = ident.to_string();
    ident.strip_prefix("r#").map(str::to_owned).unwrap_or(ident)
}

/// Whether no blank stands between the tokens.
fn are_joined(trees: &[TokenTree]) -> bool {
    trees.windows(2).all(|pair| pair[0].span().byte_range().end == pair[1].span().byte_range().start)
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().gather()
}

fn is_rust(shape: &Shape) -> bool {
    match shape {
        Shape::Any(By::Operator, parts) | Shape::All(By::Operator, parts) => {
            parts.iter().all(|part| is_rust(&part.shape))
        }
        Shape::Not(By::Operator, part) => is_rust(&part.shape),
        Shape::Any(..)
        | Shape::All(..)
        | Shape::Not(..)
        | Shape::In(_)
        | Shape::Named(..)
        | Shape::Bool(_)
        | Shape::Verbatim(_) => false,
        Shape::Rust => true,
    }
}

/// The pieces between separators, of which `separates` tells the length.
fn split(trees: &[TokenTree], separates: impl Fn(&[TokenTree], usize) -> usize) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut at) = (vec![Vec::new()], 0);
    while at < trees.len() {
        match separates(trees, at) {
            0 => {
                if let Some(last) = parts.last_mut() {
                    last.push(trees[at].clone());
                }
                at += 1;
            }
            length => {
                parts.push(Vec::new());
                at += length;
            }
        }
    }
    parts
}

fn is_punct(trees: &[TokenTree], at: usize, char: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// `&&` or `||` between two operands; behind another operator they begin a reference or a closure.
fn is_operator(trees: &[TokenTree], at: usize, char: char) -> bool {
    let joint = matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
    let begins = match at.checked_sub(1).map(|before| &trees[before]) {
        Some(TokenTree::Punct(before)) => before.as_char() != '?',
        _ => false,
    };
    joint && !begins && is_punct(trees, at, char) && is_punct(trees, at + 1, char)
}
