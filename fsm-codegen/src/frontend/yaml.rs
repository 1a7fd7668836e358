//! YAML text becomes an [`crate::ast::Machine`].
//!
//! Two halves: `read` and `finish` make a spanned tree of the text, the other modules lower it by hand, key by
//! key, because a compiler reports every mistake and not the first one only. docs/yaml.md names the limits.
//! Invariant: whatever is left out of the AST was reported.

mod action;
mod cause;
pub(crate) mod choices;
pub(crate) mod delay;
mod field;
mod finish;
mod guard;
mod invoke;
pub(crate) mod keys;
mod lower;
mod machine;
mod node;
mod read;
mod scan;
mod state;
mod syntax;
mod text;
mod transition;
mod value;

use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Source;
use lower::Lower;
use node::Kind;

/// Reads a spec. `None` where the text is no mapping at all; whatever is wrong is in `diagnostics`.
pub fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Option<ast::Machine> {
    let mut node = match read::read(source) {
        Ok(node) => node,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    finish::finish(&mut node, source, diagnostics);
    match node.kind {
        Kind::Map(_) => Some(Lower { source, diagnostics, types_output: false }.machine(&node)),
        Kind::Null => {
            diagnostics.push(syntax::empty(source));
            None
        }
        Kind::Broken => None,
        _ => {
            let message = format!("a spec is a mapping, this is {}", node.describe());
            diagnostics.push(Diagnostic::error(Code::WrongType, node.span, message));
            None
        }
    }
}
