//! Expressions over a small context.

use super::*;
use crate::interp::int::Int;
use crate::ir;
use crate::rust::Syntax;
use crate::source::{Span, Spanned};

/// `n: u8 = 250, wide: i64 = -3, name: String = "A7", speed: f32 = 0.5, last: Option<u8>`.
fn eval(text: &str, ty: &Type) -> Evaluated {
    let mut machine = Machine::new(Spanned::new("M".to_owned(), Span::default()));
    let fields = [("n", "u8"), ("wide", "i64"), ("name", "String"), ("speed", "f32"), ("last", "Option<u8>")];
    machine.context = fields
        .iter()
        .map(|(name, ty)| Field {
            name: Spanned::new((*name).to_owned(), Span::default()),
            ty: ir::Type { syntax: Syntax::new(syn::parse_str(ty).expect("a type")), span: Span::default() },
            default: None,
        })
        .collect();
    let root = ir::State::new(machine.name.clone(), None, ir::StateKind::Atomic);
    machine.states.push(root);
    let context = [
        Value::Int(Int::U8(250)),
        Value::Int(Int::I64(-3)),
        Value::String("A7".to_owned()),
        Value::Single(0.5),
        Value::None,
    ];
    let (event, data) = (Payload::None, BTreeMap::new());
    let scope = Scope { machine: &machine, context: &context, event: &event, data: &data, state: StateId::ROOT };
    scope.eval_as(&syn::parse_str(text).expect("Rust"), ty)
}

fn holds(text: &str) -> Evaluated<bool> {
    eval(text, &Type::Bool).map(|value| value == Value::Bool(true))
}

#[test]
fn integers_keep_their_types() {
    let byte = || Type::Int(IntType::U8);
    assert_eq!(eval("context.n + 5", &byte()), Ok(Value::Int(Int::U8(255))));
    assert_eq!(eval("context.n + 10", &byte()), Err(Trouble::Overflow));
    assert_eq!(eval("200 + 100", &byte()), Err(Trouble::Overflow));
    assert_eq!(eval("(context.n as u16 + 10 - 250) as u8", &byte()), Ok(Value::Int(Int::U8(10))));
    assert_eq!(eval("context.n as i8", &Type::Int(IntType::I8)), Ok(Value::Int(Int::I8(-6))));
    assert_eq!(eval("-128", &Type::Int(IntType::I8)), Ok(Value::Int(Int::I8(-128))));
    assert_eq!(eval("1 << context.n", &byte()), Err(Trouble::Overflow));
    assert_eq!(eval("3 << 7", &byte()), Ok(Value::Int(Int::U8(128))));
    assert_eq!(eval("context.wide / 0", &Type::Int(IntType::I64)), Err(Trouble::Overflow));
    assert_eq!(eval("context.n.saturating_add(9)", &byte()), Ok(Value::Int(Int::U8(255))));
    assert_eq!(eval("i32::MAX", &Type::Int(IntType::I32)), Ok(Value::Int(Int::I32(i32::MAX))));
}

#[test]
fn conditions_are_evaluated_as_far_as_they_decide() {
    assert_eq!(holds("context.n > 20 && context.wide < 0"), Ok(true));
    assert_eq!(holds("context.n > 3 || 1 / (context.wide + 3) > 0"), Ok(true));
    assert_eq!(holds("context.n < 3 || 1 / (context.wide + 3) > 0"), Err(Trouble::Overflow));
    assert_eq!(holds("context.name == \"A7\" && !context.name.is_empty()"), Ok(true));
    assert_eq!(holds("context.speed * 2.0 == 1.0"), Ok(true));
    assert_eq!(holds("context.last.is_none() && context.last.unwrap_or(3) == 3"), Ok(true));
    assert_eq!(holds("if context.n > 9 { let m = context.n - 9; m == 241 } else { false }"), Ok(true));
    assert_eq!(holds("context.name.len() == 2"), Ok(true));
}

#[test]
fn text_and_options_are_values() {
    assert_eq!(eval("context.name.clone() + \"!\"", &Type::String), Ok(Value::String("A7!".to_owned())));
    assert_eq!(eval("String::from(\"x\")", &Type::String), Ok(Value::String("x".to_owned())));
    assert_eq!(eval("context.n.to_string()", &Type::String), Ok(Value::String("250".to_owned())));
    let some = Value::Some(Box::new(Value::Int(Int::U8(7))));
    assert_eq!(eval("Some(7)", &Type::Option(Box::new(Type::Int(IntType::U8)))), Ok(some));
    assert_eq!(eval("Default::default()", &Type::String), Ok(Value::String(String::new())));
    let text = eval("format!(\"{{{}}} {:?} {0}\", context.n, context.name)", &Type::String);
    assert_eq!(text, Ok(Value::String("{250} \"A7\" 250".to_owned())));
}

#[test]
fn what_cannot_be_evaluated_is_said() {
    let said = |text: &str| match eval(text, &Type::Int(IntType::U8)) {
        Err(Trouble::Cannot(why)) => why,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(said("context.wide"), "`u8` is needed here, and this is i64");
    assert_eq!(said("context.n + context.wide"), "there is no arithmetic between u8 and i64");
    assert_eq!(said("crate::f(1)"), "the simulation does not know the function `crate::f`");
    assert_eq!(said("context.n.leading_zeros()"), "the simulation does not know the method `leading_zeros` of u8");
    assert_eq!(said("event.code"), "there is no `event.code` here");
    assert_eq!(said("matches!(context.n, 1)"), "the simulation does not know this macro");
    assert_eq!(
        said("if context.n == Color::Red { 1 } else { 2 }"),
        "a value that the simulation does not know is compared"
    );
}

#[test]
fn json_is_what_it_says() {
    let text = |json: &str| eval(json, &Type::Other).map(|value| value.to_string());
    let nested = r#"serde_json::json!({ "a": [1, null, "x", -1.5], "b": {}, "n": context.n, "ok": true, })"#;
    assert_eq!(text(nested).as_deref(), Ok(r#"{"a":[1,null,"x",-1.5],"b":{},"n":250,"ok":true}"#));
    assert_eq!(text("json!([])").as_deref(), Ok("[]"));
    assert_eq!(text("::serde_json::json!(null)").as_deref(), Ok("null"));
    for wrong in ["json!({ a: 1 })", "json!({ \"a\" })", "json!([1 2])", "other::json!(1)"] {
        assert!(matches!(text(wrong), Err(Trouble::Cannot(_))), "{wrong}");
    }
}
