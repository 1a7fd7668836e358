//! The arguments of a call: each becomes a parameter with a name and a type.
//!
//! Needs the symbols. After this point every argument names a field that exists and can be seen, nothing is moved out
//! of its owner, and no two arguments borrow one place in a way that rustc would refuse in generated code.

use crate::ast::Call;
use crate::diag::{Code, Diagnostic, Help, shown};
use crate::ir::{Arg, ArgKind, Borrow, Name, Param, ParamType, Root, Syntax};
use crate::names;
use crate::source::Span;
use fsm_model::gather::Gather as _;

use super::params;
use super::report::Report;
use super::scope::{Scope, Visible};

/// Who is called, for what only actions may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callee {
    /// May change the context.
    Action,
    /// Only looks.
    Guard,
    /// Runs while the machine goes on, so that it owns what it is given: an invoke, or a blocking action.
    Task,
}

/// The call with its fields as the spec spells them, and its parameters; `None` for these after an error.
pub(super) fn lower(
    call: &Call,
    callee: Callee,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) -> (Call, Option<Vec<Param>>) {
    let unread = report.advise(call.span, |place| bare(place, scope));
    let mut lowered = call.clone();
    let mut params = Vec::with_capacity(call.args.len());
    for (index, arg) in lowered.args.iter_mut().enumerate() {
        let span = arg.span;
        let param = match &mut arg.kind {
            ArgKind::Literal(literal) => {
                let ty = match &*literal.ty {
                    // What outlives the step borrows nothing from it.
                    syn::Type::Reference(text) if callee == Callee::Task => {
                        let of = &text.elem;
                        Syntax::new(syn::parse_quote!(&'static #of))
                    }
                    _ => literal.ty.clone(),
                };
                Some(Param { name: format!("arg{}", index + 1), ty: ParamType::Rust(ty) })
            }
            ArgKind::Path { borrow, root, fields } => {
                path(&mut Path { borrow, root: *root, fields, span, callee }, scope, report)
            }
        };
        params.push(param);
    }
    let overlap = check_overlaps(&lowered.args, report);
    let params: Option<Vec<Param>> = params.into_iter().gather_some();
    (lowered, params.filter(|_| !overlap && !unread).map(unique_names))
}

/// Advice on an argument that is a field without its owner.
fn bare(place: Span, scope: &Scope<'_>) -> Option<Help> {
    let text = scope.source()?.slice(place);
    let name = text.trim_start_matches(['&', ' ']).strip_prefix("mut ").unwrap_or_else(|| text.trim_start_matches('&'));
    let head = name.split('.').next()?.trim();
    let owners = scope.owners(head);
    let list = owners.iter().map(|owner| format!("`{}`", shown(owner))).gather::<Vec<_>>().join(" or ");
    let help = Help::from(format!("a field stands behind its owner: {list}"));
    match owners.as_slice() {
        [] => None,
        [owner] => Some(help.replacing(head, owner.as_str())),
        _ => Some(help),
    }
}

struct Path<'p> {
    borrow: &'p mut Borrow,
    root: Root,
    fields: &'p mut [Name],
    span: Span,
    callee: Callee,
}

fn path(path: &mut Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) -> Option<Param> {
    let queue = path.root == Root::Queue && path.callee == Callee::Action;
    let known = match if queue { Ok(true) } else { scope.see(path.root) } {
        Ok(known) => known,
        Err(mut diagnostic) => {
            diagnostic.span = path.span;
            report.push(diagnostic);
            return None;
        }
    };
    if !check_borrow(path, report) {
        return None;
    }
    if let (Root::Queue, Some(field)) = (path.root, path.fields.first()) {
        let message = "the queue has no fields";
        report.push(Diagnostic::error(Code::InvalidArgument, field.span, message).help("pass `queue` itself"));
        return None;
    }
    if let [_, nested, ..] = &*path.fields {
        let sign = if path.callee == Callee::Task { "" } else { "&" };
        let outer = format!("{sign}{}.{}", path.root.name(), path.fields[0].value);
        let message = format!("the type of `{}` is not known", shown(&nested.value));
        let diagnostic = Diagnostic::error(Code::InvalidArgument, nested.span, message);
        report.push(diagnostic.help(format!("only fields of the spec have known types: take `{}`", shown(&outer))));
        return None;
    }
    let Some(field) = path.fields.first_mut() else {
        if let Err(mut diagnostic) = scope.whole(path.root) {
            diagnostic.span = path.span;
            report.push(diagnostic);
            return None;
        }
        return whole(path.borrow, path.root, path.callee, scope);
    };
    if !known {
        return None;
    }
    let Some(found) = scope.field(path.root, &field.value) else {
        let diagnostic = scope.unknown_field(path.root, &field.value, field.span, report);
        report.push(diagnostic);
        return None;
    };
    field.value.clone_from(&found.name.value);
    let ty = &*found.ty.as_ref()?.syntax;
    if *path.borrow == Borrow::Value && path.callee != Callee::Task && params::is_owned(ty) {
        let message = format!("`{}` would be moved out of the {}", params::type_text(ty), owner(path.root));
        let place = format!("{}.{}", path.root.name(), names::raw(names::snake(&field.value)));
        let help = Help::from(format!("borrow it: `&{place}`")).replacing(place.as_str(), format!("&{place}"));
        report.push(Diagnostic::error(Code::MovedValue, path.span, message).help(help));
        return None;
    }
    let ty = ParamType::Rust(Syntax::new(params::param_type(ty, *path.borrow)));
    Some(Param { name: names::snake(&field.value), ty })
}

const fn owner(root: Root) -> &'static str {
    match root {
        Root::Event => "event",
        Root::Context => "context",
        Root::State => "state",
        Root::Queue => "queue",
    }
}

/// The whole payload, context or queue: borrowed with or without the sign, except by what owns its arguments.
fn whole(borrow: &mut Borrow, root: Root, callee: Callee, scope: &Scope<'_>) -> Option<Param> {
    if *borrow == Borrow::Value && callee != Callee::Task {
        *borrow = if root == Root::Queue { Borrow::Mutable } else { Borrow::Shared };
    }
    let ty = match (root, scope.event) {
        (Root::Event, Visible::Event(event)) => ParamType::Event(event),
        (Root::Context, _) => ParamType::Context(*borrow),
        (Root::Queue, _) => ParamType::Queue,
        _ => return None,
    };
    Some(Param { name: root.name().to_owned(), ty })
}

/// Only an action may change something, and only context, data and queue; what runs beside the machine borrows nothing.
fn check_borrow(path: &Path<'_>, report: &mut Report<'_>) -> bool {
    let (message, help) = match (path.callee, *path.borrow, path.root) {
        (Callee::Task, Borrow::Shared | Borrow::Mutable, _) => {
            ("what runs beside the machine owns its arguments", "leave the `&` out: the value is cloned")
        }
        (_, Borrow::Shared, Root::Queue) => ("the queue is there to be filled", "pass `queue`, or `&mut queue`"),
        (_, Borrow::Mutable, Root::Event) => ("an event cannot be changed", "borrow it with `&`"),
        (Callee::Guard, Borrow::Mutable, _) => {
            ("a guard cannot change anything", "borrow with `&`, and change the context in an action")
        }
        _ => return true,
    };
    report.push(Diagnostic::error(Code::InvalidArgument, path.span, message).help(help));
    false
}

/// Whether two arguments borrow one place of context, data or queue, one of them to change it.
fn check_overlaps(args: &[Arg], report: &mut Report<'_>) -> bool {
    let mut found = false;
    for (index, later) in args.iter().enumerate() {
        let Some((later_borrow, later_root, later_path)) = changeable(later) else { continue };
        let clash = args[..index].iter().find(|earlier| {
            changeable(earlier).is_some_and(|(borrow, root, path)| {
                let overlapping = root == later_root && path.iter().zip(later_path).all(|(one, other)| one == other);
                // What was passed by value before is a copy and borrows nothing.
                overlapping && borrow != Borrow::Value && (borrow == Borrow::Mutable || later_borrow == Borrow::Mutable)
            })
        });
        if let Some(earlier) = clash {
            found = true;
            report.push(
                Diagnostic::error(
                    Code::InvalidArgument,
                    later.span,
                    "two arguments borrow one place, one of them to change it",
                )
                .label(earlier.span, "the other one")
                .help(match later_root {
                    Root::Context => "pass `&mut context` alone: the action finds every field in it",
                    Root::State => "pass `&mut` of the field alone",
                    _ => "pass `queue` once",
                }),
            );
        }
    }
    found
}

/// A path into what an action can change.
fn changeable(arg: &Arg) -> Option<(Borrow, Root, &[Name])> {
    match &arg.kind {
        ArgKind::Path { borrow, root: root @ (Root::Context | Root::State | Root::Queue), fields } => {
            Some((*borrow, *root, fields))
        }
        _ => None,
    }
}

/// Makes the names of the parameters differ: `job`, `job_2`; then raw where they are keywords.
fn unique_names(mut params: Vec<Param>) -> Vec<Param> {
    let mut taken = std::collections::HashSet::new();
    for param in &mut params {
        let base = param.name.clone();
        let mut number = 2;
        while !taken.insert(param.name.clone()) {
            param.name = format!("{base}_{number}");
            number += 1;
        }
    }
    for param in &mut params {
        param.name = names::raw(std::mem::take(&mut param.name));
    }
    params
}
