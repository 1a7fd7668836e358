//! Integer arithmetic in expressions of the spec becomes checked arithmetic.
//!
//! Part of the Rust back-end. An overflow in an `assign` is an error of the step and one in a guard makes it false;
//! neither may panic or wrap. rustc would know every type; here only those that stand in the spec are known (fields,
//! suffixes, casts, a few methods), and the type of the assigned field. Arithmetic of unknown type is left as it is.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, Lit, Member, UnOp};

use super::place::Place;
use super::tokens;
use fsm_model::ir::Machine;

const INTEGERS: &[&str] = &["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

/// Methods of integers that give an integer of the same type.
const SAME_TYPE: &[&str] = &[
    "abs",
    "clamp",
    "div_euclid",
    "max",
    "min",
    "pow",
    "rem_euclid",
    "saturating_add",
    "saturating_mul",
    "saturating_sub",
    "signum",
    "wrapping_add",
    "wrapping_mul",
    "wrapping_sub",
];

/// Methods of integers that overflow, and have a sibling that says so; each with the type of its argument if that is
/// not the type of the integer itself.
const OVERFLOWING: &[(&str, Option<&str>)] =
    &[("abs", None), ("div_euclid", None), ("pow", Some("u32")), ("rem_euclid", None)];

/// The code of one expression.
pub(super) enum Value {
    /// An expression that cannot overflow, as far as is known.
    Plain(TokenStream),
    /// One that can: of an assignment an expression of type `Option<_>`, `None` on overflow.
    Checked(TokenStream),
}

impl Value {
    /// Whether it can overflow.
    pub(super) fn is_checked(&self) -> bool {
        matches!(self, Self::Checked(_))
    }

    pub(super) fn into_tokens(self) -> TokenStream {
        let (Self::Plain(tokens) | Self::Checked(tokens)) = self;
        tokens
    }
}

/// The fields that an expression can read.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    machine: &'a Machine,
    place: Place,
}

impl<'a> Fields<'a> {
    /// Those that can be seen from `place`.
    pub(super) const fn new(machine: &'a Machine, place: Place) -> Self {
        Self { machine, place }
    }

    /// The value of `expr` for a field of type `target`.
    pub(super) fn value(self, expr: &Expr, target: &syn::Type) -> Value {
        let mut rewriter = Rewriter { fields: self, expected: integer(target), escape: quote!(None), changed: false };
        if let Some(simple) = rewriter.simple(expr) {
            return Value::Checked(tokens::at(expr, simple));
        }
        let mut rewritten = expr.clone();
        rewriter.visit_expr_mut(&mut rewritten);
        if rewriter.changed {
            Value::Checked(tokens::at(expr, quote!('checked: { Some(#rewritten) })))
        } else {
            Value::Plain(expr.to_token_stream())
        }
    }

    /// The value of `expr` inside a block `'checked` that gives `None` on overflow.
    pub(super) fn escaping(self, expr: &Expr, target: &syn::Type) -> TokenStream {
        let mut rewriter = Rewriter { fields: self, expected: integer(target), escape: quote!(None), changed: false };
        let mut rewritten = expr.clone();
        rewriter.visit_expr_mut(&mut rewritten);
        tokens::at(expr, rewritten.to_token_stream())
    }

    /// The value of an expression in a guard: where it is checked, it leaves the block `'checked` with false, and the
    /// run is told.
    pub(super) fn condition(self, expr: &Expr) -> Value {
        let escape = quote!(
            ({
                run.fault();
                false
            })
        );
        let mut rewriter = Rewriter { fields: self, expected: None, escape, changed: false };
        let mut rewritten = expr.clone();
        rewriter.visit_expr_mut(&mut rewritten);
        if rewriter.changed {
            Value::Checked(tokens::at(expr, rewritten.to_token_stream()))
        } else {
            Value::Plain(expr.to_token_stream())
        }
    }
}

/// What is known about the type of an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer(&'static str),
    Other,
    Unknown,
}

struct Rewriter<'a> {
    fields: Fields<'a>,
    /// The type that the expression at hand must have, where its place tells.
    expected: Option<&'static str>,
    /// What follows `break 'checked`.
    escape: TokenStream,
    changed: bool,
}

impl Rewriter<'_> {
    /// `u32::checked_add(a, b)`, where that is all there is.
    fn simple(&mut self, expr: &Expr) -> Option<TokenStream> {
        let Expr::Binary(binary) = strip(expr) else { return None };
        let ty = self.integer_of(expr)?;
        for operand in [&binary.left, &binary.right] {
            let mut operand = Expr::clone(operand);
            let mut probe = Rewriter { fields: self.fields, expected: Some(ty), escape: quote!(None), changed: false };
            probe.visit_expr_mut(&mut operand);
            if probe.changed {
                return None;
            }
        }
        checked(ty, &binary.op, strip(&binary.left), self.operand(binary))
    }

    /// The right operand, as `checked_shl` and the others take it.
    fn operand(&self, binary: &syn::ExprBinary) -> TokenStream {
        let right = strip(&binary.right);
        match self.kind(right) {
            _ if !is_shift(&binary.op) || matches!(right, Expr::Lit(_)) => right.to_token_stream(),
            Kind::Integer("u32") => right.to_token_stream(),
            Kind::Integer("u8" | "u16") => quote!(u32::from(#right)),
            _ => quote!(u32::try_from(#right).unwrap_or(u32::MAX)),
        }
    }

    /// The integer type in which an arithmetic expression is evaluated.
    fn integer_of(&self, expr: &Expr) -> Option<&'static str> {
        match self.kind(expr) {
            Kind::Integer(ty) => Some(ty),
            Kind::Unknown => self.expected,
            Kind::Other => None,
        }
    }

    fn kind(&self, expr: &Expr) -> Kind {
        match strip(expr) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(int) => named(int.suffix()).map_or(Kind::Unknown, Kind::Integer),
                _ => Kind::Other,
            },
            Expr::Field(field) => self.kind_of_field(&field.base, &field.member),
            Expr::Unary(unary) => self.kind(&unary.expr),
            Expr::Cast(cast) => kind_of_type(&cast.ty),
            Expr::Binary(binary) => match binary.op {
                BinOp::Shl(_) | BinOp::Shr(_) => self.kind(&binary.left),
                op if is_arithmetic(&op) || is_bitwise(&op) => match self.kind(&binary.left) {
                    Kind::Unknown => self.kind(&binary.right),
                    known => known,
                },
                _ => Kind::Other,
            },
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "len" | "count" => Kind::Integer("usize"),
                method if SAME_TYPE.contains(&method) => self.kind(&call.receiver),
                _ => Kind::Unknown,
            },
            // `u32::MAX`, `u64::from(…)`.
            Expr::Path(path) => kind_of_associated(&path.path),
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "from") => {
                    kind_of_associated(&path.path)
                }
                _ => Kind::Unknown,
            },
            _ => Kind::Unknown,
        }
    }

    fn kind_of_field(&self, base: &Expr, member: &Member) -> Kind {
        let (Expr::Path(root), Member::Named(name)) = (strip(base), member) else { return Kind::Unknown };
        let Some(root) = root.path.get_ident() else { return Kind::Unknown };
        let ty = self.fields.place.field_type(self.fields.machine, &root.to_string(), name);
        ty.map_or(Kind::Unknown, kind_of_type)
    }
}

impl Rewriter<'_> {
    /// For a method of an integer that can overflow: the integer's type, and that of the argument.
    fn overflowing(&self, call: &syn::ExprMethodCall) -> Option<(&'static str, &'static str)> {
        let (_, argument) = OVERFLOWING.iter().find(|(name, _)| call.method == name)?;
        match self.kind(&call.receiver) {
            Kind::Integer(ty) => Some((ty, argument.unwrap_or(ty))),
            Kind::Other | Kind::Unknown => None,
        }
    }

    /// `u8::checked_pow(receiver, 2)`.
    fn visit_overflowing(&mut self, node: &mut Expr) {
        let Expr::MethodCall(call) = node else { return };
        let Some((ty, argument)) = self.overflowing(call) else { return };
        let expected = self.expected.replace(ty);
        self.visit_expr_mut(&mut call.receiver);
        self.expected = Some(argument);
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
        self.expected = expected;
        let right = call.args.first().map(|argument| strip(argument).to_token_stream());
        self.escape_from(&quote_call(ty, &call.method.to_string(), strip(&call.receiver), right), node);
    }

    /// Puts the value of `checked` in the place of `node`; without one the block is left.
    fn escape_from(&mut self, checked: &TokenStream, node: &mut Expr) {
        let escape = &self.escape;
        self.changed = true;
        *node = Expr::Verbatim(quote! {
            match #checked { Some(value) => value, None => break 'checked #escape }
        });
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        let expected = self.expected;
        let ty = match node {
            // `break` cannot leave these.
            Expr::Closure(_) | Expr::Async(_) => return,
            Expr::Paren(_) | Expr::Group(_) => return visit_mut::visit_expr_mut(self, node),
            Expr::MethodCall(call) if self.overflowing(call).is_some() => return self.visit_overflowing(node),
            Expr::Binary(binary) if is_arithmetic(&binary.op) || is_shift(&binary.op) => self.integer_of(node),
            // A literal with its sign cannot overflow here: rustc checks it.
            Expr::Unary(unary) if matches!((&unary.op, strip(&unary.expr)), (UnOp::Neg(_), Expr::Lit(_))) => return,
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => self.integer_of(node),
            _ => None,
        };
        self.expected = ty;
        visit_mut::visit_expr_mut(self, node);
        self.expected = expected;
        let checked = match (&*node, ty) {
            (Expr::Binary(binary), Some(ty)) => checked(ty, &binary.op, strip(&binary.left), self.operand(binary)),
            (Expr::Unary(unary), Some(ty)) => Some(quote_call(ty, "neg", strip(&unary.expr), None)),
            _ => None,
        };
        if let Some(checked) = checked {
            self.escape_from(&checked, node);
        } else if self.changed {
            parenthesise_first(node);
        }
    }

    // Statements and macros inside an expression are the user's own affair.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// A `match` that begins an expression would be read as a statement.
fn parenthesise_first(node: &mut Expr) {
    let first = match node {
        Expr::Binary(binary) => &mut binary.left,
        Expr::MethodCall(call) => &mut call.receiver,
        Expr::Cast(cast) => &mut cast.expr,
        Expr::Range(range) => match &mut range.start {
            Some(start) => start,
            None => return,
        },
        _ => return,
    };
    if let Expr::Verbatim(tokens) = &**first {
        **first = Expr::Verbatim(quote!((#tokens)));
    }
}

/// `u32::checked_add(left, right)`; `None` for operators that cannot fail.
fn checked(ty: &str, op: &BinOp, left: &Expr, right: TokenStream) -> Option<TokenStream> {
    let method = match op {
        BinOp::Add(_) => "add",
        BinOp::Sub(_) => "sub",
        BinOp::Mul(_) => "mul",
        BinOp::Div(_) => "div",
        BinOp::Rem(_) => "rem",
        BinOp::Shl(_) => "shl",
        BinOp::Shr(_) => "shr",
        _ => return None,
    };
    Some(quote_call(ty, method, left, Some(right)))
}

fn quote_call(ty: &str, method: &str, left: &Expr, right: Option<TokenStream>) -> TokenStream {
    let (ty, method) = (format_ident!("{ty}"), format_ident!("checked_{method}"));
    let right = right.map(|right| quote!(, #right));
    quote!(#ty::#method(#left #right))
}

/// The expression inside parentheses.
fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        _ => expr,
    }
}

fn is_arithmetic(op: &BinOp) -> bool {
    matches!(op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_))
}

fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_))
}

fn is_bitwise(op: &BinOp) -> bool {
    matches!(op, BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_))
}

/// The name of an integer type.
fn named(name: &str) -> Option<&'static str> {
    INTEGERS.iter().find(|integer| **integer == name).copied()
}

fn integer(ty: &syn::Type) -> Option<&'static str> {
    let syn::Type::Path(path) = ty else { return None };
    path.path.get_ident().and_then(|ident| named(&ident.to_string()))
}

fn kind_of_type(ty: &syn::Type) -> Kind {
    const KNOWN_OTHERS: &[&str] = &["f32", "f64", "bool", "char", "String"];
    match ty {
        syn::Type::Path(path) if KNOWN_OTHERS.iter().any(|other| path.path.is_ident(other)) => Kind::Other,
        // The user's own type may be an alias of an integer.
        syn::Type::Path(_) => integer(ty).map_or(Kind::Unknown, Kind::Integer),
        _ => Kind::Other,
    }
}

fn kind_of_associated(path: &syn::Path) -> Kind {
    let first = path.segments.first().filter(|_| path.segments.len() == 2);
    first.and_then(|first| named(&first.ident.to_string())).map_or(Kind::Unknown, Kind::Integer)
}
