//! Values whose kind is certainly wrong: text for a `u32`, a number for a guard.
//!
//! Needs the symbols. rustc knows every type and finds the rest; here counts only what the spec alone decides: literals,
//! comparisons, and fields that are declared with a primitive type. In doubt nothing is said, so that whatever this pass
//! reports would be an error of the generated code too.

use quote::ToTokens;
use syn::{BinOp, Expr as Syntax, Lit, UnOp};

use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{Expr, Type};
use crate::source::Span;

use super::expressions;
use super::integers;
use super::place;
use super::report::Report;
use super::scope::Scope;

const INTEGERS: &[&str] = &["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];
const OTHERS: &[&str] = &["bool", "char", "f32", "f64", "String", "str"];

/// The kind of a value, as far as it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An integer literal without a suffix: any type of integers.
    Integer,
    /// The same with a point.
    Fraction,
    /// Of this type; `str` is text by reference.
    Of(&'static str),
}

impl Kind {
    fn is_integer(self) -> bool {
        match self {
            Self::Integer => true,
            Self::Fraction => false,
            Self::Of(name) => INTEGERS.contains(&name),
        }
    }

    /// Whether values of both kinds can be of one type, or can be compared.
    fn agrees(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer, other) | (other, Self::Integer) => other.is_integer(),
            (Self::Fraction, other) | (other, Self::Fraction) => {
                matches!(other, Self::Fraction | Self::Of("f32" | "f64"))
            }
            // Where text is wanted, a literal becomes it.
            (Self::Of("String" | "str"), Self::Of("String" | "str")) => true,
            (Self::Of(one), Self::Of(other)) => one == other,
        }
    }

    fn described(self) -> String {
        match self {
            Self::Integer => "an integer".to_owned(),
            Self::Fraction => "a number with a point".to_owned(),
            Self::Of("str") => "text".to_owned(),
            Self::Of(name) => format!("`{name}`"),
        }
    }
}

/// Whether an expression can be a guard; reported where it certainly cannot.
pub(super) fn condition(expr: &Expr, scope: &Scope<'_>, report: &mut Report<'_>) -> bool {
    let mut judge = Judge { expr, scope, report, fine: true };
    judge.expect(&expr.syntax, Kind::Of("bool"), "a guard");
    judge.fine
}

/// Whether an expression can be a value of this type; reported where it certainly cannot.
pub(super) fn value(expr: &Expr, ty: Option<&Type>, name: &str, scope: &Scope<'_>, report: &mut Report<'_>) -> bool {
    let Some(expected) = ty.and_then(|ty| primitive(ty, scope)) else { return true };
    let mut judge = Judge { expr, scope, report, fine: true };
    judge.expect(&expr.syntax, expected, name);
    judge.fine
}

/// Whether a field of this type could be what is wanted where it stands; in doubt it could.
pub(super) fn fits(ty: Option<&Type>, scope: &Scope<'_>) -> bool {
    let kind = |ty: Option<&Type>| ty.and_then(|ty| primitive(ty, scope));
    let (Some(found), Some(wanted)) = (kind(ty), kind(scope.wanted)) else { return true };
    found.agrees(wanted)
}

/// How a word is written that is meant as itself, where text or a character is wanted.
pub(super) fn quoted(word: &str, scope: &Scope<'_>) -> Option<String> {
    match primitive(scope.wanted?, scope)? {
        Kind::Of("String" | "str") => Some(format!("text stands in double quotes: `\"{}\"`", shown(word))),
        Kind::Of("char") => Some(format!("a character stands in single quotes: `'{}'`", shown(word))),
        _ => None,
    }
}

/// Whether a literal without a suffix could be of this type as well as of its own.
pub(super) fn takes(ty: &Type, literal: &Syntax) -> bool {
    match literal {
        Syntax::Paren(inner) => takes(ty, &inner.expr),
        Syntax::Group(inner) => takes(ty, &inner.expr),
        Syntax::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => takes(ty, &unary.expr),
        Syntax::Lit(literal) => literal_kind(&literal.lit)
            .filter(|kind| matches!(kind, Kind::Integer | Kind::Fraction))
            .is_some_and(|kind| named(&ty.syntax).is_some_and(|name| kind.agrees(Kind::Of(name)))),
        _ => false,
    }
}

/// The kind of a declared type that is primitive, or a `String`.
fn primitive(ty: &Type, scope: &Scope<'_>) -> Option<Kind> {
    named(&ty.syntax).filter(|name| !scope.may_mean_another(name)).map(Kind::Of)
}

fn named(ty: &syn::Type) -> Option<&'static str> {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => {
            let ident = path.path.get_ident()?;
            INTEGERS.iter().chain(OTHERS).find(|name| **name != "str" && ident == name).copied()
        }
        syn::Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            syn::Type::Path(path) if path.path.is_ident("str") => Some("str"),
            _ => None,
        },
        _ => None,
    }
}

struct Judge<'j, 'd> {
    expr: &'j Expr,
    scope: &'j Scope<'j>,
    report: &'j mut Report<'d>,
    fine: bool,
}

impl Judge<'_, '_> {
    /// Says what is wrong where `syntax` is certainly of another kind; `what` is what should be of it.
    fn expect(&mut self, syntax: &Syntax, expected: Kind, what: &str) {
        match syntax {
            Syntax::Paren(inner) => return self.expect(&inner.expr, expected, what),
            Syntax::Group(inner) => return self.expect(&inner.expr, expected, what),
            // Of an integer it turns the bits round: then all of it is what was meant as a test for zero.
            Syntax::Unary(unary)
                if matches!(unary.op, UnOp::Not(_))
                    && expected == Kind::Of("bool")
                    && self.kind(syntax).is_none_or(|it| !it.is_integer()) =>
            {
                return self.expect(&unary.expr, expected, what);
            }
            Syntax::Binary(binary) => self.operands(binary),
            _ => {}
        }
        let Some(found) = self.kind(syntax).filter(|found| !found.agrees(expected)) else { return };
        let message = format!("{what} is {}, and this is {}", expected.described(), found.described());
        let help = help(syntax, found, expected);
        self.report(syntax, message, help);
    }

    /// What stands on both sides of `&&`, `||` and of comparisons.
    fn operands(&mut self, binary: &syn::ExprBinary) {
        match binary.op {
            BinOp::And(_) | BinOp::Or(_) => {
                for operand in [&binary.left, &binary.right] {
                    self.expect(operand, Kind::Of("bool"), "an operand");
                }
            }
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                let (Some(left), Some(right)) = (self.kind(&binary.left), self.kind(&binary.right)) else { return };
                if left.agrees(right) {
                    return;
                }
                let message = format!("{} is compared with {}", left.described(), right.described());
                if left.is_integer() && right.is_integer() && !is_literal(&binary.left) && !is_literal(&binary.right) {
                    return self.integers(binary, (left, right), message);
                }
                // The literal is what can be written otherwise.
                let at_left = matches!(left, Kind::Integer | Kind::Fraction);
                let (syntax, found, expected) =
                    if at_left { (&binary.left, left, right) } else { (&binary.right, right, left) };
                self.report(syntax, message, help(syntax, found, expected));
            }
            _ => {}
        }
    }

    /// Integers of two types, compared: the narrower one is what is to be written otherwise.
    fn integers(&mut self, binary: &syn::ExprBinary, kinds: (Kind, Kind), message: String) {
        let (Kind::Of(left), Kind::Of(right)) = kinds else { return };
        for (side, from, to) in [(&binary.right, right, left), (&binary.left, left, right)] {
            if integers::converts(from, to) {
                return self.report(side, message, Some(widened(&text(side), to)));
            }
        }
        let sign = binary.op.to_token_stream().to_string();
        let [one, other] = [&binary.left, &binary.right].map(|side| text(side));
        let comparison = integers::comparable((&one, left), &sign, (&other, right));
        let signed = if left.starts_with('i') { one } else { other };
        let help = comparison.map_or_else(
            || format!("no integer holds both: ask first whether `{signed} < 0`"),
            |comparison| format!("write `{comparison}`"),
        );
        self.report(&Syntax::Binary(binary.clone()), message, Some(help.into()));
    }

    fn report(&mut self, syntax: &Syntax, message: String, help: Option<Help>) {
        self.fine = false;
        let span = self.place(syntax);
        self.report.push(Diagnostic::error(Code::WrongType, span, message).maybe_help(help));
    }

    fn kind(&self, syntax: &Syntax) -> Option<Kind> {
        match syntax {
            Syntax::Paren(inner) => self.kind(&inner.expr),
            Syntax::Group(inner) => self.kind(&inner.expr),
            Syntax::Lit(literal) => literal_kind(&literal.lit),
            Syntax::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match &*unary.expr {
                Syntax::Lit(literal) => literal_kind(&literal.lit).filter(|kind| *kind != Kind::Of("bool")),
                _ => None,
            },
            Syntax::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                self.kind(&unary.expr).filter(|kind| *kind == Kind::Of("bool") || kind.is_integer())
            }
            Syntax::Binary(binary) => match binary.op {
                BinOp::And(_) | BinOp::Or(_) => Some(Kind::Of("bool")),
                BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                    Some(Kind::Of("bool"))
                }
                _ => None,
            },
            Syntax::Field(_) => {
                let (root, name) = expressions::bare_field(syntax)?;
                primitive(self.scope.field(root, &name)?.ty.as_ref()?, self.scope)
            }
            _ => None,
        }
    }

    fn place(&self, syntax: &Syntax) -> Span {
        let mut tokens = syntax.to_token_stream().into_iter();
        let Some(first) = tokens.next() else { return self.expr.span };
        let place = |token| place::of_token(self.expr, self.scope, token);
        let last = tokens.last();
        place(&first).to(last.as_ref().map_or_else(|| place(&first), place))
    }
}

fn literal_kind(literal: &Lit) -> Option<Kind> {
    let suffixed = |suffix: &str, bare: Kind| {
        if suffix.is_empty() {
            return Some(bare);
        }
        INTEGERS.iter().chain(&["f32", "f64"]).find(|name| **name == suffix).copied().map(Kind::Of)
    };
    match literal {
        Lit::Bool(_) => Some(Kind::Of("bool")),
        Lit::Char(_) => Some(Kind::Of("char")),
        Lit::Str(_) => Some(Kind::Of("str")),
        Lit::Byte(_) => Some(Kind::Of("u8")),
        Lit::Int(number) => suffixed(number.suffix(), Kind::Integer),
        Lit::Float(number) => suffixed(number.suffix(), Kind::Fraction),
        _ => None,
    }
}

/// A number, a text or the like, with its sign.
fn is_literal(syntax: &Syntax) -> bool {
    match syntax {
        Syntax::Lit(_) => true,
        Syntax::Unary(unary) => matches!(unary.op, UnOp::Neg(_)),
        _ => false,
    }
}

fn text(syntax: &Syntax) -> String {
    syntax.to_token_stream().to_string().replace(' ', "")
}

/// How the value could be of the other kind.
fn help(syntax: &Syntax, found: Kind, expected: Kind) -> Option<Help> {
    let (is_literal, text) = (is_literal(syntax), text(syntax));
    match (found, expected) {
        (Kind::Integer, Kind::Of("f32" | "f64")) => {
            Some(Help::from(format!("write `{text}.0`")).replacing(&*text, format!("{text}.0")))
        }
        (Kind::Of("str"), Kind::Of("char")) if is_literal => Some("a character stands in single quotes".into()),
        (Kind::Of(from), Kind::Of(to)) if !is_literal && found.is_integer() && expected.is_integer() => {
            let widens = integers::converts(from, to);
            Some(if widens { widened(&text, to) } else { integers::narrowed(&text, from, to).into() })
        }
        (found, Kind::Of("bool")) if !is_literal && found.is_integer() => {
            let inner = text.trim_start_matches('!');
            let zero = if (text.len() - inner.len()) % 2 == 0 { "> 0" } else { "== 0" };
            Some(format!("compare it: `{inner} {zero}`").into())
        }
        _ => None,
    }
}

/// Nothing is lost on the way.
fn widened(text: &str, to: &str) -> Help {
    Help::from(format!("write `{to}::from({text})`")).replacing(text, format!("{to}::from({text})"))
}
