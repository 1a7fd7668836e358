//! From guards to formulas: atoms are numbered as they appear, comparisons of fields with constants are recognised.
//!
//! Part of [`super`]. Bool fields are compared with `true`; `(1..5).contains(&context.n)` and
//! `matches!(context.n, 1 | 5..=9)` are comparisons too.

use fsm_model::gather::Gather as _;
use std::collections::HashMap;

use quote::ToTokens;

use super::fields::{Compared, Relation};
use super::formula::Formula;
use super::kinds::bare;
use super::text;
use crate::analysis::pure;
use crate::diag::shown;
use crate::ir::{Arg, ArgKind, Borrow, Call, Guard, Id, Machine, StateId, StateKind, Trigger};

/// A guard as it is judged.
pub(super) struct Asked {
    /// What holds wherever the guard does.
    pub(super) formula: Formula,
    /// Whether the guard holds wherever the formula does: nothing in it can overflow.
    pub(super) sure: bool,
}

/// Reads guards, numbering atoms as they appear.
pub(super) struct Reader<'m> {
    machine: &'m Machine,
    source: StateId,
    known: HashMap<String, u32>,
    /// What each atom says, for messages.
    pub(super) atoms: Vec<String>,
    pub(super) compared: Compared<'m>,
    /// Whether nothing in the present guard can overflow.
    sure: bool,
}

impl<'m> Reader<'m> {
    /// For guards of `source` on `trigger`.
    pub(super) fn new(machine: &'m Machine, source: StateId, trigger: Trigger) -> Self {
        let compared = Compared::new(machine, source, trigger);
        Self { machine, source, known: HashMap::new(), atoms: Vec::new(), compared, sure: true }
    }

    pub(super) fn asked(&mut self, guard: Option<&Guard>) -> Asked {
        self.sure = true;
        let formula = guard.map_or(Formula::Constant(true), |guard| self.guard(guard));
        Asked { formula, sure: self.sure }
    }

    fn guard(&mut self, guard: &Guard) -> Formula {
        match guard {
            Guard::Call(id, call) => {
                let key = call_key(id.index(), call);
                self.known(key, || shown(&call_text(call)))
            }
            Guard::Expr(expr) => self.expr(&expr.syntax),
            Guard::Bool(value) => Formula::Constant(*value),
            Guard::And(parts) => Formula::and(parts.iter().map(|part| self.guard(part)).gather()),
            Guard::Or(parts) => Formula::or(parts.iter().map(|part| self.guard(part)).gather()),
            Guard::Not(inner) => self.guard(inner).not(),
            Guard::In(state) => self.active(*state),
        }
    }

    /// `in`, asked while the source is active.
    fn active(&mut self, state: StateId) -> Formula {
        if state == self.source || self.machine.is_descendant(self.source, state) {
            Formula::Constant(true)
        } else if self.machine.is_descendant(state, self.source) || self.may_accompany(state) {
            let machine = self.machine;
            self.known(format!("in {}", state.index()), || format!("in {}", shown(&machine.path(state))))
        } else {
            Formula::Constant(false)
        }
    }

    /// Whether `state` lies in another region than the source: nothing else beside the source's own line is active.
    fn may_accompany(&self, state: StateId) -> bool {
        let mut around = self.machine.chain(self.source).skip(1);
        let meet = around.find(|ancestor| self.machine.is_descendant(state, *ancestor));
        meet.is_some_and(|meet| self.machine.states[meet].kind == StateKind::Parallel)
    }

    fn expr(&mut self, expr: &syn::Expr) -> Formula {
        match bare(expr) {
            // What `let` binds could be called like the machine's own names.
            syn::Expr::Binary(binary) if binds(binary) => self.opaque(expr),
            syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_)) => self.expr(&unary.expr).not(),
            syn::Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
                Formula::and(self.operands(binary, |op| matches!(op, syn::BinOp::And(_))))
            }
            syn::Expr::Binary(binary) if matches!(binary.op, syn::BinOp::Or(_)) => {
                Formula::or(self.operands(binary, |op| matches!(op, syn::BinOp::Or(_))))
            }
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(literal), .. }) => Formula::Constant(literal.value),
            other => self.comparison(other).unwrap_or_else(|| self.opaque(other)),
        }
    }

    /// Comparisons of one field with constants.
    fn comparison(&mut self, expr: &syn::Expr) -> Option<Formula> {
        match expr {
            syn::Expr::Field(_) => {
                let field = self.compared.field(expr)?;
                self.compared.is_true(field).map(Formula::Compare)
            }
            syn::Expr::Binary(binary) => {
                let (relation, negated) = relation(&binary.op)?;
                let formula = if let Some(field) = self.compared.field(&binary.left) {
                    self.against(field, relation, &binary.right)?
                } else {
                    let field = self.compared.field(&binary.right)?;
                    self.against(field, relation.mirrored(), &binary.left)?
                };
                Some(if negated { formula.not() } else { formula })
            }
            syn::Expr::MethodCall(call) if call.method == "contains" && call.args.len() == 1 => {
                let syn::Expr::Range(range) = bare(&call.receiver) else { return None };
                let syn::Expr::Reference(value) = call.args.first()? else { return None };
                let field = self.compared.field(&value.expr)?;
                self.within(field, range.start.as_deref(), range.end.as_deref(), &range.limits)
            }
            syn::Expr::Macro(call) if call.mac.path.is_ident("matches") => {
                let (value, pattern) = call.mac.parse_body_with(matched).ok()?;
                let field = self.compared.field(&value)?;
                self.pattern(field, &pattern)
            }
            _ => None,
        }
    }

    fn against(&mut self, field: usize, relation: Relation, constant: &syn::Expr) -> Option<Formula> {
        self.compared.with(field, relation, constant).map(Formula::Compare)
    }

    /// A field in a range.
    fn within(
        &mut self,
        field: usize,
        start: Option<&syn::Expr>,
        end: Option<&syn::Expr>,
        limits: &syn::RangeLimits,
    ) -> Option<Formula> {
        let mut parts = Vec::new();
        if let Some(start) = start {
            parts.push(self.against(field, Relation::AtLeast, start)?);
        }
        if let Some(end) = end {
            let relation = match limits {
                syn::RangeLimits::HalfOpen(_) => Relation::Less,
                syn::RangeLimits::Closed(_) => Relation::AtMost,
            };
            parts.push(self.against(field, relation, end)?);
        }
        Some(Formula::and(parts))
    }

    /// A field that matches a pattern of literals and ranges.
    fn pattern(&mut self, field: usize, pattern: &syn::Pat) -> Option<Formula> {
        match pattern {
            syn::Pat::Lit(literal) => self.against(field, Relation::Equal, &syn::Expr::Lit(literal.clone())),
            syn::Pat::Range(range) => self.within(field, range.start.as_deref(), range.end.as_deref(), &range.limits),
            syn::Pat::Paren(paren) => self.pattern(field, &paren.pat),
            syn::Pat::Or(or) => {
                let cases: Option<_> = or.cases.iter().map(|case| self.pattern(field, case)).gather_some();
                Some(Formula::or(cases?))
            }
            _ => None,
        }
    }

    /// The operands of a chain of one operator, in order; a loop, because such chains are as long as one likes.
    fn operands(&mut self, chain: &syn::ExprBinary, same: fn(&syn::BinOp) -> bool) -> Vec<Formula> {
        let mut rights = vec![&*chain.right];
        let mut left = &*chain.left;
        while let syn::Expr::Binary(inner) = left
            && same(&inner.op)
        {
            rights.push(&inner.right);
            left = &inner.left;
        }
        rights.push(left);
        rights.into_iter().rev().map(|operand| self.expr(operand)).gather()
    }

    /// An expression that is only compared as a whole.
    fn opaque(&mut self, expr: &syn::Expr) -> Formula {
        let tokens = expr.to_token_stream();
        self.sure &= !pure::can_overflow(&tokens);
        if pure::reads_the_same_twice(&tokens) {
            self.known(format!("expr {tokens}"), || shown(&text::spaced(tokens.clone())))
        } else {
            self.fresh(shown(&text::spaced(tokens)))
        }
    }

    fn known(&mut self, key: String, text: impl FnOnce() -> String) -> Formula {
        if let Some(known) = self.known.get(&key) {
            return Formula::Atom(*known);
        }
        let atom = self.fresh(text());
        if let Formula::Atom(number) = atom {
            self.known.insert(key, number);
        }
        atom
    }

    fn fresh(&mut self, text: String) -> Formula {
        let number = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        self.atoms.push(text);
        Formula::Atom(number)
    }
}

/// Whether an operand of a chain of `&&` binds names.
fn binds(chain: &syn::ExprBinary) -> bool {
    let mut left = chain;
    loop {
        if [&left.left, &left.right].iter().any(|operand| matches!(***operand, syn::Expr::Let(_))) {
            return true;
        }
        match &*left.left {
            syn::Expr::Binary(inner) => left = inner,
            _ => return false,
        }
    }
}

/// The relation of an operator, and whether it is its contrary that is meant.
const fn relation(op: &syn::BinOp) -> Option<(Relation, bool)> {
    match op {
        syn::BinOp::Lt(_) => Some((Relation::Less, false)),
        syn::BinOp::Le(_) => Some((Relation::AtMost, false)),
        syn::BinOp::Eq(_) => Some((Relation::Equal, false)),
        syn::BinOp::Ne(_) => Some((Relation::Equal, true)),
        syn::BinOp::Ge(_) => Some((Relation::AtLeast, false)),
        syn::BinOp::Gt(_) => Some((Relation::Greater, false)),
        _ => None,
    }
}

/// What stands in `matches!` where it has no `if`.
fn matched(input: syn::parse::ParseStream<'_>) -> syn::Result<(syn::Expr, syn::Pat)> {
    let value = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
    input.parse::<Option<syn::Token![,]>>()?;
    Ok((value, pattern))
}

/// A call as it is written.
fn call_text(call: &Call) -> String {
    if call.args.is_empty() {
        return call.name.value.clone();
    }
    let args: Vec<_> = call.args.iter().map(arg_key).gather();
    format!("{}({})", call.name.value, args.join(", "))
}

/// A text that is equal for equal calls; how an argument is passed makes no difference to its value.
fn call_key(method: usize, call: &Call) -> String {
    let args: Vec<_> = call.args.iter().map(arg_key).gather();
    format!("call {method}({})", args.join(", "))
}

fn arg_key(arg: &Arg) -> String {
    match &arg.kind {
        ArgKind::Path { borrow, root, fields } => {
            let borrow = if *borrow == Borrow::Mutable { "&mut " } else { "" };
            let fields = fields.iter().map(|field| field.value.as_str());
            format!("{borrow}{}", std::iter::once(root.name()).chain(fields).gather::<Vec<_>>().join("."))
        }
        ArgKind::Literal(literal) => literal.syntax.to_token_stream().to_string(),
    }
}
