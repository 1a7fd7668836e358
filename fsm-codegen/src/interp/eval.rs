//! Evaluates the Rust of a spec, as far as an interpreter can: numbers, text, truths, options, lists and their fields.
//!
//! Between [`super::value`] and the steps. Integers stay in the types that the spec gives them; leaving the range is
//! [`Trouble::Overflow`], as in generated code. What cannot be evaluated is said, never guessed. The trees are within the
//! limits of the front-end, so recursion over them is safe.

mod macros;
mod methods;
mod operators;
mod paths;

pub(super) use methods::{debug, shown};

use std::collections::BTreeMap;

use super::int::IntType;
use super::value::{Misfit, Type, Value};
use crate::ir::{EventId, Field, Machine, StateId};
use crate::names;

/// The longest text that an expression may build, in bytes.
pub(super) const LONGEST_TEXT: usize = 1 << 24;

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// An integer left the range of its type, or was divided by zero.
    Overflow,
    /// This is beyond the interpreter, for this reason.
    Cannot(String),
}

pub(super) type Evaluated<T = Value> = Result<T, Trouble>;

/// What `event` is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    /// There is none.
    None,
    /// That of an event, a value for each of its fields.
    Event(EventId, Vec<Value>),
    /// `event.output`.
    Output(Value),
    /// `event.error`.
    Error(Value),
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) machine: &'a Machine,
    pub(super) context: &'a [Value],
    pub(super) event: &'a Payload,
    pub(super) data: &'a BTreeMap<StateId, Vec<Value>>,
    /// The state to which the expression belongs.
    pub(super) state: StateId,
}

impl Scope<'_> {
    /// The value of an expression as one of `ty`.
    pub(super) fn eval_as(&self, expr: &syn::Expr, ty: &Type) -> Evaluated {
        if is_default(expr) {
            return Ok(ty.default_value());
        }
        fit(Eval { scope: *self, locals: Vec::new() }.eval(expr, Some(ty))?, ty)
    }

    /// The value of an expression of unknown type.
    pub(super) fn eval(&self, expr: &syn::Expr) -> Evaluated {
        Eval { scope: *self, locals: Vec::new() }.eval(expr, None)
    }

    /// The truth of a guard.
    pub(super) fn holds(&self, expr: &syn::Expr) -> Evaluated<bool> {
        Eval { scope: *self, locals: Vec::new() }.truth(expr)
    }

    /// A field of one of the names that a spec's Rust can see.
    fn field(&self, root: &str, name: &str) -> Option<Evaluated> {
        let found = match root {
            "context" => by_name(&self.machine.context, self.context, name),
            "event" => match self.event {
                Payload::Event(event, values) => by_name(&self.machine.events[*event].fields, values, name),
                Payload::Output(output) if name == "output" => Some(output),
                Payload::Error(error) if name == "error" => Some(error),
                _ => None,
            },
            "state" => self.machine.chain(self.state).find_map(|state| {
                let values = self.data.get(&state)?;
                by_name(&self.machine.states[state].data, values, name)
            }),
            _ => return None,
        };
        let missing = || Trouble::Cannot(format!("there is no `{root}.{name}` here"));
        Some(found.cloned().ok_or_else(missing))
    }
}

/// The value of the field that is called so in Rust.
fn by_name<'v>(fields: &[Field], values: &'v [Value], name: &str) -> Option<&'v Value> {
    let same = |field: &Field| field.name.value == name || names::snake(&field.name.value) == name;
    fields.iter().position(same).and_then(|at| values.get(at))
}

/// `Default::default()`: its type is that of its place.
fn is_default(expr: &syn::Expr) -> bool {
    let syn::Expr::Call(call) = expr else { return false };
    let syn::Expr::Path(path) = &*call.func else { return false };
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    call.args.is_empty() && names == ["Default", "default"]
}

pub(super) fn fit(value: Value, ty: &Type) -> Evaluated {
    let kind = value.kind();
    value.fit(ty).map_err(|misfit| match misfit {
        Misfit::Range => Trouble::Overflow,
        Misfit::Kind => Trouble::Cannot(format!("`{}` is needed here, and this is {kind}", ty.name())),
    })
}

/// A value that an assignment wraps into itself, step by step, must not grow without end.
fn bounded(value: Value) -> Evaluated {
    if value.is_small() { Ok(value) } else { cannot("the value becomes too large") }
}

fn cannot<T>(what: impl Into<String>) -> Evaluated<T> {
    Err(Trouble::Cannot(what.into()))
}

/// One evaluation with its `let`s.
struct Eval<'a> {
    scope: Scope<'a>,
    locals: Vec<(String, Value)>,
}

impl Eval<'_> {
    /// `expected` is the type of the place, for literals.
    fn eval(&mut self, expr: &syn::Expr, expected: Option<&Type>) -> Evaluated {
        use syn::Expr as E;
        match expr {
            E::Lit(lit) => literal(&lit.lit, expected),
            E::Paren(inner) => self.eval(&inner.expr, expected),
            E::Group(inner) => self.eval(&inner.expr, expected),
            E::Reference(inner) => self.eval(&inner.expr, expected),
            E::Unary(unary) => self.unary(unary, expected),
            E::Binary(binary) => self.binary(binary, expected),
            E::Cast(cast) => {
                let value = self.eval(&cast.expr, None)?;
                operators::cast(value, &Type::of(&cast.ty))
            }
            E::Path(path) => self.path(path),
            E::Field(field) => self.field(field),
            E::MethodCall(call) => self.method(call, expected),
            E::Call(call) => self.call(call, expected).and_then(bounded),
            E::Index(index) => self.index(index),
            E::If(condition) => self.condition(condition, expected),
            E::Block(block) if block.label.is_none() => self.block(&block.block, expected),
            E::Tuple(tuple) if tuple.elems.is_empty() => Ok(Value::Unit),
            E::Array(array) => {
                let items = array.elems.iter().map(|item| self.eval(item, None)).collect::<Result<_, _>>();
                bounded(Value::List(items?))
            }
            E::Macro(call) => self.macro_call(&call.mac).and_then(bounded),
            E::Struct(literal) if literal.rest.is_none() => self.structure(literal).and_then(bounded),
            _ => cannot("the simulation does not evaluate this form of expression"),
        }
    }

    fn truth(&mut self, expr: &syn::Expr) -> Evaluated<bool> {
        match self.eval(expr, Some(&Type::Bool))? {
            Value::Bool(truth) => Ok(truth),
            other => cannot(format!("a bool is needed here, and this is {}", other.kind())),
        }
    }

    fn field(&mut self, field: &syn::ExprField) -> Evaluated {
        let syn::Member::Named(name) = &field.member else { return cannot("the simulation does not know tuples") };
        let name = unraw(name);
        if let Some(root) = self.root(&field.base)
            && let Some(value) = self.scope.field(&root, &name)
        {
            return value;
        }
        match self.eval(&field.base, None)? {
            Value::Map(items) => match items.into_iter().find(|(key, _)| *key == name) {
                Some((_, value)) => Ok(value),
                None => cannot(format!("there is no field `{name}` in this value")),
            },
            Value::Opaque(_) => Ok(Value::Opaque(name)),
            other => cannot(format!("{} has no field `{name}`", other.kind())),
        }
    }

    /// The name from which a path of fields starts, unless a `let` has taken it.
    fn root(&self, expr: &syn::Expr) -> Option<String> {
        let syn::Expr::Path(path) = expr else { return None };
        let name = unraw(path.path.get_ident()?);
        (!self.locals.iter().any(|(local, _)| *local == name)).then_some(name)
    }

    fn index(&mut self, index: &syn::ExprIndex) -> Evaluated {
        let Value::List(items) = self.eval(&index.expr, None)? else { return cannot("only a list has an index") };
        let at = self.eval(&index.index, Some(&Type::Int(IntType::Usize)))?;
        let Value::Int(at) = at else { return cannot(format!("{} is no index", at.kind())) };
        let item = at.value().and_then(|at| usize::try_from(at).ok()).and_then(|at| items.into_iter().nth(at));
        item.map_or_else(|| cannot(format!("there is no item {at} in the list: the machine would panic")), Ok)
    }

    fn condition(&mut self, condition: &syn::ExprIf, expected: Option<&Type>) -> Evaluated {
        if self.truth(&condition.cond)? {
            return self.block(&condition.then_branch, expected);
        }
        condition.else_branch.as_ref().map_or(Ok(Value::Unit), |(_, otherwise)| self.eval(otherwise, expected))
    }

    fn block(&mut self, block: &syn::Block, expected: Option<&Type>) -> Evaluated {
        let depth = self.locals.len();
        let mut last = Value::Unit;
        for statement in &block.stmts {
            last = match statement {
                syn::Stmt::Expr(expr, None) => self.eval(expr, expected)?,
                syn::Stmt::Expr(expr, Some(_)) => self.eval(expr, None).map(|_| Value::Unit)?,
                syn::Stmt::Local(local) => self.binding(local)?,
                _ => return cannot("the simulation does not evaluate this statement"),
            };
        }
        self.locals.truncate(depth);
        Ok(last)
    }

    fn binding(&mut self, local: &syn::Local) -> Evaluated {
        let (pattern, ty) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(Type::of(&typed.ty))),
            pattern => (pattern, None),
        };
        let (syn::Pat::Ident(name), Some(init)) = (pattern, &local.init) else {
            return cannot("the simulation knows only `let name = value;`");
        };
        if init.diverge.is_some() || name.subpat.is_some() {
            return cannot("the simulation knows only `let name = value;`");
        }
        let mut value = self.eval(&init.expr, ty.as_ref())?;
        if let Some(ty) = &ty {
            value = fit(value, ty)?;
        }
        self.locals.push((unraw(&name.ident), value));
        Ok(Value::Unit)
    }

    fn structure(&mut self, literal: &syn::ExprStruct) -> Evaluated {
        let fields = literal.fields.iter().map(|field| {
            let syn::Member::Named(name) = &field.member else { return cannot("the simulation does not know tuples") };
            Ok((unraw(name), self.eval(&field.expr, None)?))
        });
        fields.collect::<Result<_, _>>().map(Value::Map)
    }
}

/// An identifier without `r#`.
fn unraw(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

fn literal(lit: &syn::Lit, expected: Option<&Type>) -> Evaluated {
    match lit {
        syn::Lit::Bool(lit) => Ok(Value::Bool(lit.value)),
        syn::Lit::Str(lit) => Ok(Value::String(lit.value())),
        syn::Lit::Char(lit) => Ok(Value::Char(lit.value())),
        syn::Lit::Byte(lit) => Ok(Value::Int(super::int::Int::U8(lit.value()))),
        syn::Lit::Int(lit) => integer(lit, expected),
        syn::Lit::Float(lit) => {
            let Ok(value) = lit.base10_parse::<f64>() else { return cannot("this is no number") };
            let single = lit.suffix() == "f32" || (lit.suffix().is_empty() && expected == Some(&Type::F32));
            // Read anew: an `f64` on the way would round twice.
            Ok(if single { Value::Single(lit.base10_parse().unwrap_or_default()) } else { Value::Float(value) })
        }
        _ => cannot("the simulation does not know such literals"),
    }
}

fn integer(lit: &syn::LitInt, expected: Option<&Type>) -> Evaluated {
    let Ok(value) = lit.base10_parse::<u128>() else { return cannot("this number is too large") };
    let expected = match expected {
        Some(Type::Int(ty)) if lit.suffix().is_empty() => Some(*ty),
        _ => IntType::named(lit.suffix()),
    };
    if let Some(ty) = expected {
        return ty.hold_large(value).map(Value::Int).ok_or(Trouble::Overflow);
    }
    let Ok(number) = i128::try_from(value) else { return cannot("this number is too large") };
    match lit.suffix() {
        "f32" => fit(Value::Number(number), &Type::F32),
        "f64" => fit(Value::Number(number), &Type::F64),
        _ => Ok(Value::Number(number)),
    }
}

#[cfg(test)]
mod tests;
