//! Names become ids: [`crate::ast::Machine`] in, [`crate::ir::Machine`] out.
//!
//! The second stage, between the front-ends and everything that reads a machine. [`resolve`] is a flat list of passes;
//! each has one job and says what holds after it. A pass never stops at a mistake: it reports and leaves out what is
//! wrong, so that one run shows all mistakes and none of them twice. Only the last step asks whether there were any.

mod actions;
mod arguments;
mod attributes;
mod behaviour;
mod conflicts;
mod data;
mod delays;
mod expressions;
mod generics;
mod imports;
mod integers;
mod invokes;
mod json;
mod kinds;
mod methods;
mod outputs;
mod params;
mod patterns;
mod place;
mod report;
mod scope;
mod spelling;
mod structure;
mod symbols;
mod targets;
#[cfg(test)]
mod tests;
mod transitions;
mod tree;
mod types;
mod visit;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::IndexVec;
use crate::source::{Source, Span, Spanned};
use crate::{ast, ir};
use fsm_model::gather::Gather as _;

use behaviour::{Behaviour, Lowering};
use delays::Delays;
use methods::Table;
#[cfg(feature = "tools")]
pub(crate) use params::type_text;
use patterns::Patterns;
use report::Report;
use spelling::Others;
use structure::Shape;
use symbols::{Fields, Symbols};
use tree::Tree;

/// The largest capacity of a queue: the rings of generated code have a fixed size.
const LARGEST_QUEUE: u32 = 65_535;

/// Resolves a spec; `None` where `diagnostics` holds an error afterwards.
pub fn resolve(machine: &ast::Machine, source: &Source, diagnostics: &mut Diagnostics) -> Option<ir::Machine> {
    let name = machine.name.clone().unwrap_or_else(|| Spanned::new(source.stem().to_owned(), Span::default()));
    let report = &mut Report::new(diagnostics, source.notation());

    // Every state has an id.
    let tree = Tree::build(machine, &name, report);
    // Every state has a shape, every compound one initial states.
    let shapes = structure::check(&tree, report);
    // Every event has an id, every field a type.
    let symbols = Symbols::collect(machine, &tree, report);
    // Every type is one, every default of the type that its field has.
    types::check(machine, &symbols, &tree, source, report);
    data::check_names(&tree, &symbols, report);
    check_capacities(machine, report);
    let lints = symbols::lints(machine, report);
    // Every pattern has its events, every completion its type.
    let patterns = Patterns::collect(&tree, &symbols, report);
    let outputs = outputs::infer(machine, &tree, &symbols, source, report);
    // Every transition has its trigger and its targets, every method its signature.
    let (actions, guards) = (Table::actions(machine, report), Table::guards(machine, report));
    let (tasks, delays) = (Table::tasks(), Delays::collect(machine, report));
    let mut lowering = Lowering {
        tree: &tree,
        shapes: &shapes,
        symbols: &symbols,
        patterns: &patterns,
        outputs: &outputs,
        error: machine.error.as_ref(),
        source,
        actions,
        guards,
        tasks,
        task_outputs: IndexVec::default(),
        delays,
        transitions: IndexVec::default(),
        timers: IndexVec::default(),
        invokes: IndexVec::default(),
        deferred: 0,
        expanded: 0,
        report,
    };
    let behaviours: Vec<Behaviour> = tree.nodes.ids().map(|state| lowering.state(state)).gather();
    let tasks = lowering.finish_tasks();
    let Lowering { actions, guards, delays, mut transitions, timers, mut invokes, .. } = lowering;
    invokes::name(&mut invokes, report);
    // Every type means what it means outside.
    imports::check(&machine.uses, &symbols, report);
    // Everything has a Rust name of its own.
    let methods = actions.methods.iter().chain(&guards.methods).chain(tasks.iter().map(|task| &task.method));
    let waits = delays.list.iter().filter(|delay| delay.duration.is_none());
    let others = Others {
        methods: methods.map(|method| &method.name).chain(waits.map(|delay| &delay.name)).gather(),
        sends: symbols.sends.iter().gather(),
    };
    spelling::check(&tree, &symbols, others, machine.name.is_none(), report);
    if report.has_errors() {
        return None;
    }

    let fresh = ir::Machine::new(name.clone());
    let resolved = ir::Machine {
        visibility: machine.visibility.clone().unwrap_or_else(|| fresh.visibility.clone()),
        version: machine.version.as_ref().map(|text| text.value.clone()),
        description: machine.root.description.as_ref().map(|text| text.value.clone()),
        mode: machine.mode.as_ref().map(|mode| mode.value).unwrap_or_default(),
        send_futures: machine.send_futures.as_ref().is_none_or(|send| send.value),
        generics: machine.generics.clone(),
        unhandled: machine.unhandled.as_ref().map(|unhandled| unhandled.value).unwrap_or_default(),
        queue: machine.queue.as_ref().map_or(ir::QUEUE, |queue| queue.value),
        defer_capacity: machine.defer_capacity.as_ref().map_or(ir::DEFER_CAPACITY, |capacity| capacity.value),
        uses: machine.uses.clone(),
        error: machine.error.clone(),
        states: states(&tree, &shapes, &outputs, behaviours)?,
        output: outputs.machine,
        patterns: patterns.kept(&mut transitions),
        transitions,
        timers,
        invokes,
        actions: actions.methods.into_iter().gather(),
        guards: guards.methods.into_iter().gather(),
        tasks,
        delays: delays.list,
        lints,
        references: report.take_references(),
        sends: symbols.sends,
        context: fields(symbols.context)?,
        events: records(symbols.events, symbols.closed)?,
        emits: records(symbols.emits, symbols.emits_closed)?,
        ..fresh
    };
    let mut resolved = with_data(resolved, symbols.data)?;
    attributes::distribute(&machine.attributes, &mut resolved, report);
    // Every state that is entered has its data.
    data::check_supply(&resolved, report);
    // Every generic parameter is used, and means nothing else.
    generics::check(&resolved, report);
    (!report.has_errors()).then_some(resolved)
}

fn check_capacities(machine: &ast::Machine, report: &mut Report<'_>) {
    for capacity in [&machine.queue, &machine.defer_capacity].into_iter().flatten() {
        if capacity.value == 0 || capacity.value > LARGEST_QUEUE {
            let message = format!("a capacity lies between 1 and {LARGEST_QUEUE}");
            let help = "queues have a fixed size, so that a step never allocates";
            report.push(Diagnostic::error(Code::InvalidValue, capacity.span, message).help(help));
        }
    }
}

/// Shape and behaviour put together; `None` only where an error was reported.
fn states(
    tree: &Tree<'_>,
    shapes: &IndexVec<ir::StateId, Shape>,
    outputs: &outputs::Outputs,
    behaviours: Vec<Behaviour>,
) -> Option<IndexVec<ir::StateId, ir::State>> {
    tree.nodes
        .enumerated()
        .zip(behaviours)
        .map(|((id, node), behaviour)| {
            let kind = match shapes[id] {
                Shape::Atomic => ir::StateKind::Atomic,
                Shape::Final => ir::StateKind::Final,
                Shape::Parallel => ir::StateKind::Parallel,
                Shape::Compound(_) => ir::StateKind::Compound(behaviour.initial?),
                Shape::History => {
                    let deep = node.ast.history.as_ref().is_some_and(|it| it.value == ast::History::Deep);
                    ir::StateKind::History(ir::History { deep, default: behaviour.initial })
                }
                Shape::Broken => return None,
            };
            Some(ir::State {
                id: node.ast.id.clone(),
                children: node.children.clone(),
                histories: node.histories.clone(),
                end: node.end,
                entry: behaviour.entry,
                exit: behaviour.exit,
                transitions: behaviour.transitions,
                timers: behaviour.timers,
                invokes: behaviour.invokes,
                defer: behaviour.defer,
                output: behaviour.output,
                done: outputs.done[id].clone(),
                tags: node.ast.tags.clone(),
                description: node.ast.description.as_ref().map(|text| text.value.clone()),
                meta: node.ast.meta.as_ref().map(|meta| meta.value.clone()),
                ..ir::State::new(tree.name(id).clone(), node.parent, kind)
            })
        })
        .gather_some()
}

fn with_data(mut machine: ir::Machine, data: IndexVec<ir::StateId, Fields>) -> Option<ir::Machine> {
    for (id, data) in machine.states.ids().zip(data) {
        machine.states[id].data = fields(data)?;
    }
    Some(machine)
}

fn fields(fields: Fields) -> Option<Vec<ir::Field>> {
    let lower = |field: symbols::Field| Some(ir::Field { name: field.name, ty: field.ty?, default: field.default });
    fields.list.into_iter().map(lower).gather_some()
}

/// Events, or messages.
fn records<I: ir::Id>(records: IndexVec<I, symbols::Event>, declared: bool) -> Option<IndexVec<I, ir::Event>> {
    let lower = |record: symbols::Event| {
        let (fields, attributes) = (fields(record.fields)?, Vec::new());
        Some(ir::Event { name: record.name, fields, reply: record.reply, declared, attributes })
    };
    records.into_iter().map(lower).gather_some()
}
