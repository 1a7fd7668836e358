//! Paths and calls of functions: constants of numbers, `String::from`, `Some`, conversions, defaults.

use quote::ToTokens as _;

use super::super::int::IntType;
use super::super::value::{Type, Value};
use super::{Eval, Evaluated, cannot, fit, unraw};

impl Eval<'_> {
    pub(super) fn path(&mut self, path: &syn::ExprPath) -> Evaluated {
        let names = segments(&path.path);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match &names[..] {
            [name] => {
                if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| local == name) {
                    return Ok(value.clone());
                }
                match *name {
                    "None" => Ok(Value::None),
                    "context" => Ok(self.whole_context()),
                    "event" | "state" | "queue" => cannot(format!("the simulation knows only fields of `{name}`")),
                    _ => Ok(Value::Opaque((*name).to_owned())),
                }
            }
            // What is not known is a constant or a variant of the user.
            [.., ty, constant] => Ok(constant_of(ty, constant).unwrap_or_else(|| Value::Opaque(text(&path.path)))),
            [] => cannot("the simulation does not know this path"),
        }
    }

    fn whole_context(&self) -> Value {
        let names = self.scope.machine.context.iter().map(|field| field.name.value.clone());
        Value::Map(names.zip(self.scope.context.iter().cloned()).collect())
    }

    pub(super) fn call(&mut self, call: &syn::ExprCall, expected: Option<&Type>) -> Evaluated {
        let syn::Expr::Path(path) = &*call.func else { return cannot("the simulation calls only functions it knows") };
        let names = segments(&path.path);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        match (&names[..], &args[..]) {
            (["Some"], [inner]) => {
                let expected = if let Some(Type::Option(inner)) = expected { Some(&**inner) } else { None };
                Ok(Value::Some(Box::new(self.eval(inner, expected)?)))
            }
            ([.., "String", "from"], [inner]) => match self.eval(inner, None)? {
                Value::Char(char) => Ok(Value::String(char.to_string())),
                value => fit(value, &Type::String),
            },
            (["Default", "default"], []) => match expected {
                Some(ty) => Ok(ty.default_value()),
                None => cannot("the simulation does not know the type of this default"),
            },
            ([.., collection, "new" | "default"], []) if empty(collection).is_some() => {
                Ok(empty(collection).unwrap_or(Value::Unit))
            }
            ([ty, "default"], []) if known(ty).is_some() => Ok(known(ty).unwrap_or(Type::Other).default_value()),
            ([ty, "from"], [inner]) if known(ty).is_some() => {
                let value = self.eval(inner, None)?;
                super::operators::cast(value, &known(ty).unwrap_or(Type::Other))
            }
            _ => cannot(format!("the simulation does not know the function `{}`", text(&path.path))),
        }
    }
}

/// `MIN` and `MAX` of numbers and a few more.
fn constant_of(ty: &str, constant: &str) -> Option<Value> {
    Some(match (ty, constant) {
        (_, "MIN") if IntType::named(ty).is_some() => Value::Int(IntType::named(ty)?.min()),
        (_, "MAX") if IntType::named(ty).is_some() => Value::Int(IntType::named(ty)?.max()),
        ("f64", "MAX") => Value::Float(f64::MAX),
        ("f64", "MIN") => Value::Float(f64::MIN),
        ("f64", "EPSILON") => Value::Float(f64::EPSILON),
        ("f64", "INFINITY") => Value::Float(f64::INFINITY),
        ("f64", "NEG_INFINITY") => Value::Float(f64::NEG_INFINITY),
        ("f64", "NAN") => Value::Float(f64::NAN),
        ("f32", "MAX") => Value::Single(f32::MAX),
        ("f32", "MIN") => Value::Single(f32::MIN),
        ("f32", "EPSILON") => Value::Single(f32::EPSILON),
        ("f32", "INFINITY") => Value::Single(f32::INFINITY),
        ("f32", "NEG_INFINITY") => Value::Single(f32::NEG_INFINITY),
        ("f32", "NAN") => Value::Single(f32::NAN),
        ("consts", "PI") => Value::Float(std::f64::consts::PI),
        ("Option", "None") => Value::None,
        _ => return None,
    })
}

/// A type of Rust itself by its name.
fn known(name: &str) -> Option<Type> {
    match name {
        "bool" => Some(Type::Bool),
        "f32" => Some(Type::F32),
        "f64" => Some(Type::F64),
        "char" => Some(Type::Char),
        "String" => Some(Type::String),
        "Option" => Some(Type::Option(Box::new(Type::Other))),
        _ => IntType::named(name).map(Type::Int),
    }
}

/// What `new` of a collection gives.
fn empty(collection: &str) -> Option<Value> {
    match collection {
        "String" => Some(Value::String(String::new())),
        "Vec" | "VecDeque" | "BTreeSet" | "HashSet" => Some(Value::List(Vec::new())),
        "BTreeMap" | "HashMap" => Some(Value::Map(Vec::new())),
        _ => None,
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| unraw(&segment.ident)).collect()
}

fn text(path: &syn::Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
