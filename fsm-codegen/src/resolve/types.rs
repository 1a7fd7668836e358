//! Types as they are written, and the defaults of fields against them.
//!
//! Needs the symbols. rustc knows every type; here counts what no generated module can hold: a word that begins with a
//! small letter and is neither Rust's own nor brought along, and what Rust leaves open. In doubt nothing is said.

use syn::visit::{self, Visit};

use crate::ast;
use crate::diag::{Code, Diagnostic, Help, nearest, shown};
use crate::frontend::words;
use crate::ir::{StateId, Type};
use crate::source::Source;

use super::expressions;
use super::kinds;
use super::report::Report;
use super::scope::{Scope, Visible};
use super::symbols::{Field, Symbols};
use super::tree::Tree;

/// Types with arguments that need no import, for advice.
const GENERIC: &[&str] = &["Box", "Option", "Result", "Vec"];

/// Checks every field, and the types of answers, of the output and of failures.
pub(super) fn check(
    machine: &ast::Machine,
    symbols: &Symbols,
    tree: &Tree<'_>,
    source: &Source,
    report: &mut Report<'_>,
) {
    let records = symbols.events.iter().chain(&symbols.emits);
    let payloads = records.clone().flat_map(|record| &record.fields.list);
    let fields = symbols.context.list.iter().chain(payloads);
    let scope = Scope::new(Visible::Not("a default value"), StateId::ROOT, (symbols, tree, source));
    for field in fields.chain(symbols.data.iter().flat_map(|data| &data.list)) {
        if let Some(ty) = &field.ty {
            check_type(ty, symbols, report);
        }
        check_default(field, &scope, report);
    }
    let replies = records.filter_map(|record| record.reply.as_ref());
    for ty in replies.chain(&machine.output).chain(&machine.error) {
        check_type(ty, symbols, report);
    }
}

/// A default sees nothing, and is of the type of its field.
fn check_default(field: &Field, scope: &Scope<'_>, report: &mut Report<'_>) {
    let Some(default) = &field.default else { return };
    if expressions::check(default, &Scope::constant(), report).is_some() {
        kinds::value(default, field.ty.as_ref(), &format!("`{}`", shown(&field.name.value)), scope, report);
    }
}

fn check_type(ty: &Type, symbols: &Symbols, report: &mut Report<'_>) {
    let mut walk = Walk { ty, symbols, report, in_signature: false };
    match &*ty.syntax {
        syn::Type::Path(path) if path.path.is_ident("Self") => {
            walk.say("a value cannot hold another of its own type", "put it behind a pointer: `Box<…>`");
        }
        syn::Type::Path(path) if path.path.is_ident("str") => {
            let help = Help::from("write `String`, or `&'static str`").replacing("str", "String");
            walk.say("`str` is text of no known length", help);
        }
        other => walk.visit_type(other),
    }
}

struct Walk<'w, 'd> {
    ty: &'w Type,
    symbols: &'w Symbols,
    report: &'w mut Report<'d>,
    /// Inside of `fn(…)` or `Fn(…)`, where a borrow need not say how long it lives.
    in_signature: bool,
}

impl Walk<'_, '_> {
    fn say(&mut self, message: impl Into<String>, help: impl Into<Help>) {
        self.report.push(Diagnostic::error(Code::UnknownType, self.ty.span, message).help(help));
    }

    fn signature(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.in_signature, true);
        visit(self);
        self.in_signature = outside;
    }

    /// A word that begins with a small letter and is no type.
    fn word(&mut self, segment: &syn::PathSegment) {
        let word = segment.ident.to_string();
        let known = words::PRIMITIVES.contains(&word.as_str()) || self.symbols.is_foreign(&word);
        if known || !word.starts_with(char::is_lowercase) {
            return;
        }
        let meant = if segment.arguments.is_none() {
            words::meant_type(&word)
        } else {
            nearest(&word, GENERIC.iter().copied()).map(|(name, _)| name)
        };
        let help = match meant {
            Some(ty) => Help::from(format!("did you mean `{ty}`?")).replacing(&*word, ty),
            None => format!(
                "a type of your own is named by its path: `crate::{}`; or bring it along by `use`",
                shown(&word)
            )
            .into(),
        };
        self.say(format!("there is no type `{}`", shown(&word)), help);
    }
}

impl Visit<'_> for Walk<'_, '_> {
    fn visit_type_path(&mut self, ty: &syn::TypePath) {
        let only = ty.path.segments.first().filter(|_| ty.path.segments.len() == 1);
        if let Some(segment) = only.filter(|_| ty.qself.is_none() && ty.path.leading_colon.is_none()) {
            self.word(segment);
        }
        visit::visit_type_path(self, ty);
    }

    fn visit_type_reference(&mut self, ty: &syn::TypeReference) {
        if ty.lifetime.is_none() && !self.in_signature {
            self.say(
                "a borrow must say here how long it lives",
                "only `&'static` is possible; or keep an owned value, such as a `String`",
            );
        }
        visit::visit_type_reference(self, ty);
    }

    fn visit_type_infer(&mut self, _: &syn::TypeInfer) {
        self.say("a type cannot be left open here", "write the whole type");
    }

    fn visit_type_impl_trait(&mut self, _: &syn::TypeImplTrait) {
        self.say("`impl` is no type of a value that is kept", "put it into a box, `Box<dyn …>`, or name a type");
    }

    fn visit_type_fn_ptr(&mut self, ty: &syn::TypeFnPtr) {
        self.signature(|walk| visit::visit_type_fn_ptr(walk, ty));
    }

    fn visit_parenthesized_generic_arguments(&mut self, args: &syn::ParenthesizedGenericArguments) {
        self.signature(|walk| visit::visit_parenthesized_generic_arguments(walk, args));
    }

    /// Lengths of arrays and arguments that are constants hold no types that are kept.
    fn visit_expr(&mut self, _: &syn::Expr) {}
}
