//! Fields of the context, of data and of payloads, each a line of a struct.
//!
//! Part of [`super`].

use fsm_model::gather::Gather as _;
use std::fmt::Write as _;

use crate::versions::fit::{conversion, is_option};
use fsm_model::diag::nearest;
use fsm_model::ir::Field;
use fsm_model::labels;
use fsm_model::names;

/// `name: value,` for each new field; the old ones are those of `value`.
pub(super) fn all(old: &[Field], new: &[Field], value: &str, label: &str) -> String {
    let mut out = String::new();
    for field in new {
        let ident = names::snake_ident(&field.name.value);
        let was = old.iter().find(|was| was.name.value == field.name.value);
        let decide = format!("decide_{label}_{}", names::snake(&field.name.value));
        let line = match was {
            Some(was) => {
                let value = format!("{value}.{ident}");
                conversion(&field.ty.syntax, &was.ty.syntax, &value).unwrap_or_else(|| {
                    let _ = writeln!(out, "// It was `{}`.", labels::ty(&was.ty));
                    format!("{decide}({value})")
                })
            }
            None if is_option(&field.ty.syntax) => "None".to_owned(),
            None => {
                let gone = old.iter().filter(|was| !new.iter().any(|new| new.name.value == was.name.value));
                let near = nearest(&field.name.value, gone.take(200).map(|was| was.name.value.as_str()));
                let near = near.map(|(near, _)| format!(" It may have been `{near}`.")).unwrap_or_default();
                let _ = writeln!(out, "// `{}` is new.{near}", labels::field(field));
                format!("{decide}()")
            }
        };
        let _ = writeln!(out, "{ident}: {line},");
    }
    let gone = old.iter().filter(|was| !new.iter().any(|new| new.name.value == was.name.value));
    let gone: Vec<String> = gone.map(|was| format!("`{}`", was.name.value)).gather();
    if !gone.is_empty() {
        let _ = writeln!(out, "// Gone: {}.", gone.join(", "));
    }
    out
}
