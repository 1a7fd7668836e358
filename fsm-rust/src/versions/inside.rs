//! A machine as it is written one module further down: `super::Job` becomes `super::super::Job`.
//!
//! Part of [`super`]. Only what the types of a snapshot are made of is looked at.

use syn::visit_mut::VisitMut as _;
use syn::{Token, UsePath, UseTree};

use crate::events::Deeper;
use fsm_model::ir::{Field, Machine};

/// The same machine, seen from a module inside of its own.
pub(super) fn moved(machine: &Machine) -> Machine {
    let mut machine = machine.clone();
    for tree in &mut machine.uses {
        tree.value.0.tree = path(tree.value.tree.clone());
    }
    machine.context.iter_mut().for_each(field);
    for event in machine.events.ids() {
        machine.events[event].fields.iter_mut().for_each(field);
    }
    for state in machine.states.ids() {
        machine.states[state].data.iter_mut().for_each(field);
    }
    if let Some(output) = &mut machine.output {
        Deeper.visit_type_mut(&mut output.syntax.0);
    }
    machine
}

fn field(field: &mut Field) {
    Deeper.visit_type_mut(&mut field.ty.syntax.0);
    if let Some(default) = &mut field.default {
        Deeper.visit_expr_mut(&mut default.syntax.0);
    }
}

fn path(tree: UseTree) -> UseTree {
    let UseTree::Path(mut own) = tree else { return tree };
    if own.ident == "self" {
        own.ident = syn::Ident::new("super", own.ident.span());
        return UseTree::Path(own);
    }
    if own.ident != "super" {
        return UseTree::Path(own);
    }
    let ident = own.ident.clone();
    UseTree::Path(UsePath { ident, colon2_token: <Token![::]>::default(), tree: Box::new(UseTree::Path(own)) })
}
