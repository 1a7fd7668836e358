//! Outputs of final states: the type that `event.output` has in the `onDone` of their parent.
//!
//! Needs the symbols and the shapes. After this point every state with children has the type of its output, if it has
//! one. The type is read off the expression where that is possible: a field, a literal, a cast, a struct.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use quote::ToTokens;
use syn::Expr as E;

use crate::ast;
use crate::diag::{Code, Diagnostic};
use crate::ir::{Expr, IndexVec, Root, StateId, Syntax, Type};
use crate::source::{Source, Span};

use super::expressions;
use super::kinds;
use super::params;
use super::report::Report;
use super::scope::{Scope, Visible};
use super::symbols::Symbols;
use super::tree::Tree;

/// The type of each state's output, and of the machine's.
pub(super) struct Outputs {
    /// Of a state with children.
    pub(super) done: IndexVec<StateId, Option<Type>>,
    /// The states whose output has a type that cannot be told, or could not be read, which was reported.
    pub(super) unknown: HashSet<StateId>,
    /// Of the machine: what `output:` says, else what its final states give.
    pub(super) machine: Option<Type>,
}

/// Finds the types; those that cannot be seen, and those that disagree, are reported.
pub(super) fn infer(
    machine: &ast::Machine,
    tree: &Tree<'_>,
    symbols: &Symbols,
    source: &Source,
    report: &mut Report<'_>,
) -> Outputs {
    let mut done: IndexVec<StateId, Option<Type>> = tree.nodes.iter().map(|_| None).gather();
    let mut unknown = HashSet::new();
    // Outputs without a suffix that so far say alone what type it is.
    let mut first_literals: HashMap<StateId, &syn::Expr> = HashMap::new();
    let declared = machine.output.as_ref();
    for (id, node) in tree.nodes.enumerated() {
        let Some(parent) = node.parent else { continue };
        let Some(output) = &node.ast.output else {
            // One that could not be read was reported.
            if node.ast.key(ast::StateKey::Output).is_some() {
                unknown.insert(parent);
            }
            continue;
        };
        if tree.is_history(id) {
            continue;
        }
        if !matches!(node.ast.kind.as_ref().map(|kind| kind.value), Some(ast::Kind::Final)) {
            let place = node.ast.key(ast::StateKey::Output).unwrap_or(output.span);
            let message = format!("{} has an output and is not final", tree.described(id));
            let help = format!("an output is given on completion: {}", report.words().is_final());
            report.push(Diagnostic::error(Code::InvalidStructure, place, message).help(help));
            continue;
        }
        if let (StateId::ROOT, Some(declared)) = (parent, declared) {
            done[parent] = Some(declared.clone());
            continue;
        }
        let scope = Scope::new(Visible::Unknown, id, (symbols, tree, source));
        let ty = type_of(&output.syntax, &scope);
        let ty = ty.map(|syntax| Type { syntax: Syntax::new(syntax), span: output.span }).or_else(|| declared.cloned());
        let Some(ty) = ty else {
            unknown.insert(parent);
            if is_sound(output, &scope) {
                report_unknown(output, parent, report);
            }
            continue;
        };
        match (&done[parent], first_literals.get(&parent)) {
            (Some(first), literal) if *first != ty && !kinds::takes(first, &output.syntax) => {
                // A bare number before has the type that this output gives it.
                if literal.is_some_and(|literal| kinds::takes(&ty, literal)) {
                    first_literals.remove(&parent);
                    done[parent] = Some(ty);
                } else {
                    report_mismatch(first, &ty, output.span, report);
                }
            }
            (Some(_), _) => {}
            (None, _) => {
                if kinds::takes(&ty, &output.syntax) {
                    first_literals.insert(parent, &output.syntax);
                }
                done[parent] = Some(ty);
            }
        }
    }
    let machine = declared.cloned().or_else(|| done[StateId::ROOT].clone());
    Outputs { done, unknown, machine }
}

/// Whether an output names only what it can see; what else it names is reported where it is lowered.
fn is_sound(output: &Expr, scope: &Scope<'_>) -> bool {
    let found = |root: Root| {
        let read = expressions::reads(output, root);
        read.iter().flatten().all(|name| scope.field(root, name).is_some())
    };
    found(Root::Context) && found(Root::State) && expressions::reads(output, Root::Event).is_empty()
}

fn report_unknown(output: &Expr, parent: StateId, report: &mut Report<'_>) {
    let help = if parent == StateId::ROOT {
        format!("declare it: {}", report.words().output_type())
    } else {
        "say it, `… as Type`; or store the value in the context and give the field".to_owned()
    };
    let diagnostic = Diagnostic::error(Code::UnknownType, output.span, "the type of this output is not known");
    report.push(diagnostic.help(help));
}

fn report_mismatch(first: &Type, second: &Type, place: Span, report: &mut Report<'_>) {
    let [first_text, second_text] = [first, second].map(|ty| params::type_text(&ty.syntax));
    let message = format!("this output is of type `{second_text}`, that of a sibling of type `{first_text}`");
    let diagnostic = Diagnostic::error(Code::SignatureMismatch, place, message).label(first.span, "the other output");
    report.push(diagnostic.help("all final children of a state give the same type"));
}

/// The type of an expression, as far as it can be told without rustc.
fn type_of(expr: &syn::Expr, scope: &Scope<'_>) -> Option<syn::Type> {
    match expr {
        E::Paren(inner) => type_of(&inner.expr, scope),
        E::Group(inner) => type_of(&inner.expr, scope),
        E::Cast(cast) => Some((*cast.ty).clone()),
        E::Lit(literal) => literal_type(&literal.lit),
        E::Unary(unary) => match unary.op {
            syn::UnOp::Neg(_) | syn::UnOp::Not(_) => type_of(&unary.expr, scope),
            _ => None,
        },
        E::Field(field) => field_type(field, scope),
        E::MethodCall(call) => match call.method.to_string().as_str() {
            "clone" => type_of(&call.receiver, scope),
            "len" if call.args.is_empty() => Some(syn::parse_quote!(usize)),
            "to_owned" | "to_string" if is_text(&call.receiver) => Some(syn::parse_quote!(String)),
            _ => None,
        },
        E::Call(call) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            (function == "String::from").then(|| syn::parse_quote!(String))
        }
        E::Struct(built) => {
            let path = &built.path;
            Some(syn::parse_quote!(#path))
        }
        E::Macro(call) if call.mac.path.segments.last().is_some_and(|last| last.ident == "json") => {
            Some(syn::parse_quote!(::serde_json::Value))
        }
        E::Binary(binary) => binary_type(binary, scope),
        _ => None,
    }
}

fn is_text(expr: &syn::Expr) -> bool {
    matches!(expr, E::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. }))
}

fn literal_type(literal: &syn::Lit) -> Option<syn::Type> {
    let suffixed = |suffix: &str, default: &str| {
        syn::parse_str::<syn::Type>(if suffix.is_empty() { default } else { suffix }).ok()
    };
    match literal {
        syn::Lit::Int(int) => suffixed(int.suffix(), "i64"),
        syn::Lit::Float(float) => suffixed(float.suffix(), "f64"),
        syn::Lit::Bool(_) => Some(syn::parse_quote!(bool)),
        syn::Lit::Char(_) => Some(syn::parse_quote!(char)),
        syn::Lit::Str(_) => Some(syn::parse_quote!(&'static str)),
        _ => None,
    }
}

/// `context.jobs`, `state.job`.
fn field_type(field: &syn::ExprField, scope: &Scope<'_>) -> Option<syn::Type> {
    let E::Path(base) = &*field.base else { return None };
    let ident = base.path.get_ident()?;
    let root = [Root::Context, Root::State].into_iter().find(|root| ident == root.name())?;
    let syn::Member::Named(name) = &field.member else { return None };
    let found = scope.field(root, &name.to_string())?;
    found.ty.as_ref().map(|ty| (*ty.syntax).clone())
}

/// Comparisons give `bool`; arithmetic has the type of the operand that is no bare literal.
fn binary_type(binary: &syn::ExprBinary, scope: &Scope<'_>) -> Option<syn::Type> {
    use syn::BinOp as B;
    match binary.op {
        B::Eq(_) | B::Ne(_) | B::Lt(_) | B::Le(_) | B::Gt(_) | B::Ge(_) | B::And(_) | B::Or(_) => {
            Some(syn::parse_quote!(bool))
        }
        B::Add(_) | B::Sub(_) | B::Mul(_) | B::Div(_) | B::Rem(_) => {
            let side = if matches!(*binary.left, E::Lit(_)) { &binary.right } else { &binary.left };
            type_of(side, scope)
        }
        _ => None,
    }
}
