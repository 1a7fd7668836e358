//! The types of the spec that belong to a parameter: `M::Speed`, `<M as Motor>::Speed`.
//!
//! A bound on the parameter says nothing about them, so an `impl` that has to send or clone them asks for it by name.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Generics, Type, TypePath};

use super::mentions;
use fsm_model::ir::Machine;
use fsm_model::rust::same;

/// Each of them once, with its owner.
pub(super) fn of(machine: &Machine, generics: &Generics) -> Vec<(Ident, Type)> {
    let mut found = Projections { generics, list: Vec::new() };
    let records = machine.events.iter().chain(&machine.emits);
    let fields = records.clone().flat_map(|record| &record.fields);
    let data = machine.states.iter().flat_map(|state| &state.data);
    for field in machine.context.iter().chain(fields).chain(data) {
        found.visit_type(&field.ty.syntax);
    }
    let outputs = machine.tasks.iter().filter_map(|task| task.output.as_ref());
    let replies = records.filter_map(|record| record.reply.as_ref());
    for ty in machine.error.iter().chain(&machine.output).chain(outputs).chain(replies) {
        found.visit_type(&ty.syntax);
    }
    found.list
}

struct Projections<'g> {
    generics: &'g Generics,
    list: Vec<(Ident, Type)>,
}

impl Visit<'_> for Projections<'_> {
    fn visit_type_path(&mut self, ty: &TypePath) {
        visit::visit_type_path(self, ty);
        let owner = self.generics.type_params().map(|param| &param.ident).find(|param| match &ty.qself {
            Some(qself) => mentions(&qself.ty, param),
            None => ty.path.segments.len() > 1 && ty.path.segments[0].ident == **param,
        });
        let Some(owner) = owner else { return };
        let ty = Type::Path(ty.clone());
        if !self.list.iter().any(|(_, known)| same(known, &ty)) {
            self.list.push((owner.clone(), ty));
        }
    }
}
