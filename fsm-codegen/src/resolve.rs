//! Names become ids: [`crate::ast::Machine`] in, [`crate::ir::Machine`] out.
//!
//! The second stage, between the front-ends and everything that reads a machine. [`resolve`] is a flat list of passes;
//! each has one job and says what holds after it. A pass never stops at a mistake: it reports and leaves out what is
//! wrong, so that one run shows all mistakes and none of them twice. Only the last step asks whether there were any.

mod arguments;
mod behaviour;
mod expressions;
mod imports;
mod methods;
mod params;
mod report;
mod spelling;
mod structure;
mod symbols;
mod targets;
#[cfg(test)]
mod tests;
mod tree;
mod unsupported;

use crate::diag::Diagnostics;
use crate::ir::IndexVec;
use crate::source::{Source, Span, Spanned};
use crate::{ast, ir};

use behaviour::{Behaviour, Lowering};
use methods::Table;
use report::Report;
use structure::Shape;
use symbols::{Fields, Symbols};
use tree::Tree;

/// Resolves a spec; `None` where `diagnostics` holds an error afterwards.
pub fn resolve(machine: &ast::Machine, source: &Source, diagnostics: &mut Diagnostics) -> Option<ir::Machine> {
    let name = machine.name.clone().unwrap_or_else(|| Spanned::new(source.stem().to_owned(), Span::default()));
    let report = &mut Report::new(diagnostics);

    // What cannot be done yet has its complaint; no later pass needs to mention it.
    unsupported::check(machine, report);
    // Every state has an id.
    let tree = Tree::build(machine, &name, report);
    // Every state has a shape, every compound one an initial state.
    let shapes = structure::check(&tree, report);
    // Every event has an id, every field a type.
    let symbols = Symbols::collect(machine, &tree, report);
    let lints = symbols::lints(machine, report);
    // Every transition has its event and its target, every method its signature.
    let (actions, guards) = (Table::actions(machine, report), Table::guards(machine, report));
    let mut lowering =
        Lowering { tree: &tree, symbols: &symbols, source, actions, guards, transitions: IndexVec::default(), report };
    let behaviours: Vec<Behaviour> = tree.nodes.ids().map(|state| lowering.state(state)).collect();
    let Lowering { actions, guards, transitions, .. } = lowering;
    // Every type means what it means outside.
    imports::check(&machine.uses, &symbols, report);
    // Everything has a Rust name of its own.
    let methods = [actions.methods.as_slice(), guards.methods.as_slice()];
    spelling::check(&tree, &symbols, methods, machine.name.is_none(), report);

    if diagnostics.has_errors() {
        return None;
    }
    Some(ir::Machine {
        queue: machine.queue.as_ref().map_or(ir::QUEUE, |queue| queue.value),
        defer_capacity: machine.defer_capacity.as_ref().map_or(ir::DEFER_CAPACITY, |capacity| capacity.value),
        version: machine.version.as_ref().map(|text| text.value.clone()),
        description: machine.root.description.as_ref().map(|text| text.value.clone()),
        mode: machine.mode.as_ref().map(|mode| mode.value).unwrap_or_default(),
        send_futures: machine.send_futures.as_ref().is_none_or(|send| send.value),
        unhandled: machine.unhandled.as_ref().map(|unhandled| unhandled.value).unwrap_or_default(),
        uses: machine.uses.clone(),
        error: machine.error.clone(),
        states: states(&tree, &shapes, behaviours)?,
        transitions,
        actions: actions.methods.into_iter().collect(),
        guards: guards.methods.into_iter().collect(),
        delays: delays(machine),
        lints,
        context: fields(symbols.context)?,
        events: events(symbols.events, symbols.closed)?,
        ..ir::Machine::new(name)
    })
}

/// Shape and behaviour put together; `None` only where an error was reported.
fn states(
    tree: &Tree<'_>,
    shapes: &IndexVec<ir::StateId, Shape>,
    behaviours: Vec<Behaviour>,
) -> Option<IndexVec<ir::StateId, ir::State>> {
    tree.nodes
        .enumerated()
        .zip(behaviours)
        .map(|((id, node), behaviour)| {
            let kind = match shapes[id] {
                Shape::Atomic => ir::StateKind::Atomic,
                Shape::Final => ir::StateKind::Final,
                Shape::Compound(target) => {
                    let span = node.ast.initial.as_ref().map(|initial| initial.span)?;
                    ir::StateKind::Compound(ir::Initial {
                        targets: vec![target?],
                        actions: behaviour.initial,
                        data: Vec::new(),
                        span,
                    })
                }
                Shape::Unsupported => return None,
            };
            Some(ir::State {
                id: node.ast.id.clone(),
                children: node.children.clone(),
                end: node.end,
                entry: behaviour.entry,
                exit: behaviour.exit,
                transitions: behaviour.transitions,
                tags: node.ast.tags.clone(),
                description: node.ast.description.as_ref().map(|text| text.value.clone()),
                meta: node.ast.meta.as_ref().map(|meta| meta.value.clone()),
                ..ir::State::new(tree.name(id).clone(), node.parent, kind)
            })
        })
        .collect()
}

fn fields(fields: Fields) -> Option<Vec<ir::Field>> {
    let lower = |field: symbols::Field| Some(ir::Field { name: field.name, ty: field.ty?, default: field.default });
    fields.list.into_iter().map(lower).collect()
}

fn events(events: IndexVec<ir::EventId, symbols::Event>, declared: bool) -> Option<IndexVec<ir::EventId, ir::Event>> {
    let lower = |event: symbols::Event| {
        Some(ir::Event { name: event.name, fields: fields(event.fields)?, reply: None, declared })
    };
    events.into_iter().map(lower).collect()
}

fn delays(machine: &ast::Machine) -> IndexVec<ir::DelayId, ir::Delay> {
    let lower = |delay: &ast::DelayDeclaration| ir::Delay {
        name: delay.name.clone(),
        duration: delay.duration.as_ref().map(|duration| duration.value),
        declared: true,
    };
    machine.delays.iter().flatten().map(lower).collect()
}
