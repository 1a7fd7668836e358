//! What a list of generic parameters may hold: parameters that a whole module can be generic over.
//!
//! syn has read it; here stands what Rust would allow and a machine cannot have, each with what to write instead.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{ConstParam, GenericParam, Generics, Token, Type, TypeParam, TypeParamBound, WherePredicate};

use super::Places;
use crate::diag::{Code, Diagnostic, Diagnostics, shown};
use crate::names;

/// The types that Rust allows for constants.
const CONSTANTS: &[&str] =
    &["bool", "char", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

/// Parameters, and a `where` clause.
pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Generics> {
    let mut generics = Generics::default();
    while !input.is_empty() && !input.peek(Token![where]) {
        generics.params.push_value(input.parse()?);
        if input.is_empty() || input.peek(Token![where]) {
            break;
        }
        generics.params.push_punct(input.parse()?);
    }
    generics.where_clause = input.parse()?;
    Ok(generics)
}

/// The parameters with all their bounds, those of the `where` clause moved to where they belong; `None` where one of them
/// cannot be used.
pub(super) fn lower(mut generics: Generics, places: &dyn Places, diagnostics: &mut Diagnostics) -> Option<Generics> {
    let clause = generics.where_clause.take();
    let mut fine = true;
    for predicate in clause.into_iter().flat_map(|clause| clause.predicates) {
        let place = places.over(&predicate);
        let bounded = match predicate {
            WherePredicate::Type(predicate) if predicate.lifetimes.is_none() => {
                let ident = path_ident(&predicate.bounded_ty);
                ident.map(|ident| (ident, predicate.bounds))
            }
            _ => None,
        };
        let param = bounded.and_then(|(ident, bounds)| {
            let types = generics.params.iter_mut().filter_map(|param| match param {
                GenericParam::Type(param) => Some(param),
                _ => None,
            });
            Some((types.into_iter().find(|param| param.ident == ident)?, bounds))
        });
        if let Some((param, bounds)) = param {
            param.colon_token.get_or_insert_default();
            param.bounds.extend(bounds);
            continue;
        }
        fine = false;
        let message = "a `where` clause can bound the parameters of the machine alone";
        let help = "what an associated type has to be stands in its trait: `trait Motor { type Speed: Copy; }`";
        diagnostics.push(Diagnostic::error(Code::NotSupported, place, message).help(help));
    }
    (check(&generics, places, diagnostics) && fine).then_some(generics)
}

fn path_ident(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident().cloned(),
        _ => None,
    }
}

/// Checks them; whether all of them can be used.
fn check(generics: &Generics, places: &dyn Places, diagnostics: &mut Diagnostics) -> bool {
    let mut checked = Checked { places, diagnostics, known: HashMap::new(), fine: true };
    for param in &generics.params {
        checked.param(param);
    }
    checked.fine
}

struct Checked<'c> {
    places: &'c dyn Places,
    diagnostics: &'c mut Diagnostics,
    known: HashMap<String, Span>,
    fine: bool,
}

impl Checked<'_> {
    fn param(&mut self, param: &GenericParam) {
        let attrs = match param {
            GenericParam::Lifetime(param) => {
                let message = format!("a machine has no lifetime of its own: `{}`", param.lifetime);
                let help = "let a type stand for what is borrowed: with `T`, users choose `T = &str`";
                return self.refuse(Code::InvalidValue, param.lifetime.span(), message, help);
            }
            GenericParam::Type(param) => {
                self.ty(param);
                &param.attrs
            }
            GenericParam::Const(param) => {
                self.constant(param);
                &param.attrs
            }
        };
        if let Some(attr) = attrs.first() {
            let help = "write the parameter alone";
            self.refuse(Code::InvalidValue, attr.span(), "a parameter has no attributes".to_owned(), help);
        }
    }

    fn ty(&mut self, param: &TypeParam) {
        self.name(&param.ident, &names::pascal(&param.ident.to_string()), "type");
        if let Some(default) = &param.default {
            self.default(default.1.span());
        }
        if let (Some(colon), true) = (&param.colon_token, param.bounds.is_empty()) {
            let message = format!("no bound stands behind `{}:`", param.ident);
            let help = format!("write `{}` alone, or a trait: `{}: Clone`", param.ident, param.ident);
            self.refuse(Code::ExpressionSyntax, colon.span(), message, &help);
        }
        for bound in &param.bounds {
            self.bound(bound);
        }
    }

    fn bound(&mut self, bound: &TypeParamBound) {
        match bound {
            TypeParamBound::Trait(bound) if bound.maybe.is_some() => {
                let message = "a machine holds values of its parameters, so their size is known".to_owned();
                let help = "leave `?Sized` out; users can choose `Box<dyn Trait>`";
                self.refuse(Code::InvalidValue, bound.span(), message, help);
            }
            TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static" => {
                let message = format!("there is no lifetime `{lifetime}` here");
                self.refuse(Code::InvalidValue, lifetime.span(), message, "the only one there is: `'static`");
            }
            TypeParamBound::Trait(_) | TypeParamBound::Lifetime(_) => {}
            other => {
                let message = "a bound is a trait, or `'static`".to_owned();
                self.refuse(Code::InvalidValue, other.span(), message, "write a trait: `M: Clone`");
            }
        }
    }

    fn constant(&mut self, param: &ConstParam) {
        self.name(&param.ident, &names::snake(&param.ident.to_string()).to_uppercase(), "constant");
        if let Some(default) = &param.default {
            self.default(default.1.span());
        }
        let known = matches!(&param.ty, Type::Path(ty) if CONSTANTS.iter().any(|known| ty.path.is_ident(known)));
        if !known {
            let message = "a constant parameter is an integer, a `bool` or a `char`".to_owned();
            self.refuse(Code::InvalidValue, param.ty.span(), message, "this is what Rust allows: `const N: usize`");
        }
    }

    /// Rust warns about other spellings, and so would every user's build.
    fn name(&mut self, ident: &Ident, usual: &str, noun: &str) {
        let name = ident.to_string();
        if let Some(first) = self.known.insert(name.clone(), ident.span()) {
            let first = self.places.place(first);
            let message = format!("two parameters are called `{name}`");
            let diagnostic = Diagnostic::error(Code::NameCollision, self.places.place(ident.span()), message);
            let help = format!("several bounds stand behind one: `{name}: Motor + Send`");
            self.push(diagnostic.label(first, "the other one").help(help));
        } else if names::is_taken(&name) {
            let message = format!("generated code needs the name `{name}` itself");
            self.refuse(Code::NameCollision, ident.span(), message, "give the parameter another name");
        } else if name != usual {
            let message = format!("`{}` is not how Rust spells a {noun} parameter", shown(&name));
            let help = if usual.is_empty() || name.starts_with("r#") {
                "take a name of letters that is no keyword".to_owned()
            } else {
                format!("call it `{usual}`")
            };
            self.refuse(Code::InvalidName, ident.span(), message, &help);
        }
    }

    fn default(&mut self, span: Span) {
        let message = "a parameter has no default".to_owned();
        self.refuse(Code::InvalidValue, span, message, "users can name their choice: `type Arm<A> = Robot<A, Servo>;`");
    }

    fn refuse(&mut self, code: Code, span: Span, message: String, help: &str) {
        let place = self.places.place(span);
        self.push(Diagnostic::error(code, place, message).help(help));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.fine = false;
        self.diagnostics.push(diagnostic);
    }
}
