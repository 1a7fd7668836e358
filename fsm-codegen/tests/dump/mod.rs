//! A machine as text: one line for each thing, ids in front, states indented by their depth.

use std::fmt::Write as _;

use fsm_codegen::ir::{
    Action, ActionId, ArgKind, Borrow, Call, Expr, Field, Guard, GuardId, Id, IndexVec, Machine, Method, ParamType,
    State, StateId, StateKind, Transition,
};
use quote::ToTokens;

/// The whole machine.
pub(crate) fn machine(machine: &Machine) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string takes everything");
    line(format!("machine {} {:?}", machine.name.value, machine.mode));
    line(format!("version {:?}, description {:?}", machine.version, machine.description));
    for tree in &machine.uses {
        line(format!("use {}", tokens(&tree.value)));
    }
    line(format!("context {{ {} }}", fields(&machine.context)));
    if let Some(error) = &machine.error {
        line(format!("error {}", tokens(&error.syntax)));
    }
    for (id, event) in machine.events.enumerated() {
        let declared = if event.declared { "" } else { " (inferred)" };
        line(format!("event {} {} {{ {} }}{declared}", id.index(), event.name.value, fields(&event.fields)));
    }
    for method in methods("action", &machine.actions).chain(methods("guard", &machine.guards)) {
        line(method);
    }
    for delay in &machine.delays {
        line(format!("delay {} {:?}", delay.name.value, delay.duration));
    }
    for (code, level) in &machine.lints {
        line(format!("lint {} {level:?}", code.name()));
    }
    for (id, state) in machine.states.enumerated() {
        let depth = machine.chain(id).count() - 1;
        for text in state_lines(machine, id, state) {
            line(format!("{}{text}", "  ".repeat(depth)));
        }
    }
    out
}

fn tokens(syntax: &impl ToTokens) -> String {
    syntax.to_token_stream().to_string()
}

fn expr(expr: &Expr) -> String {
    tokens(&expr.syntax)
}

fn fields(fields: &[Field]) -> String {
    let field = |field: &Field| {
        let default = field.default.as_ref().map(|default| format!(" = {}", expr(default))).unwrap_or_default();
        format!("{}: {}{default}", field.name.value, tokens(&field.ty.syntax))
    };
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

fn methods<I: Id>(kind: &str, methods: &IndexVec<I, Method>) -> impl Iterator<Item = String> {
    methods.enumerated().map(move |(id, method)| {
        let params: Vec<String> = method.params.iter().map(|it| format!("{}: {}", it.name, param(&it.ty))).collect();
        let declared = if method.declared { "" } else { " (inferred)" };
        format!("{kind} {} {}({}){declared}", id.index(), method.name.value, params.join(", "))
    })
}

fn param(ty: &ParamType) -> String {
    match ty {
        ParamType::Rust(ty) => tokens(ty),
        ParamType::Event(event) => format!("event {}", event.index()),
        ParamType::Context(borrow) => format!("{borrow:?} context"),
        ParamType::Queue => "queue".to_owned(),
    }
}

fn state_lines(machine: &Machine, id: StateId, state: &State) -> Vec<String> {
    let kind = match &state.kind {
        StateKind::Atomic => "atomic".to_owned(),
        StateKind::Final => "final".to_owned(),
        StateKind::Parallel => "parallel".to_owned(),
        StateKind::History(history) => if history.deep { "deep history" } else { "shallow history" }.to_owned(),
        StateKind::Compound(initial) => {
            format!("compound, initial {}{}", machine.path(initial.target()), block(&initial.actions))
        }
    };
    let mut lines = vec![format!("state {} {} {kind}", id.index(), state.name.value)];
    if !state.tags.is_empty() {
        let tags: Vec<&str> = state.tags.iter().map(|tag| tag.value.as_str()).collect();
        lines.push(format!("  tags {}", tags.join(", ")));
    }
    for (name, actions) in [("entry", &state.entry), ("exit", &state.exit)] {
        if !actions.is_empty() {
            lines.push(format!("  {name}{}", block(actions)));
        }
    }
    lines.extend(state.transitions.iter().map(|at| format!("  {}", transition(machine, &machine.transitions[*at]))));
    lines
}

fn transition(machine: &Machine, transition: &Transition) -> String {
    let guard = transition.guard.as_ref().map(|it| format!(" if {}", guard(machine, it))).unwrap_or_default();
    let target = transition.target().map(|target| format!(" => {}", machine.path(target))).unwrap_or_default();
    let reenter = if transition.reenter { " reenter" } else { "" };
    let note = transition.description.as_ref().map(|text| format!(" // {text}")).unwrap_or_default();
    format!(
        "on {}{guard}{target}{reenter}{}{note}",
        fsm_codegen::backend::labels::trigger(machine, transition.trigger),
        block(&transition.actions)
    )
}

fn guard(machine: &Machine, it: &Guard) -> String {
    let list = |parts: &[Guard]| parts.iter().map(|part| guard(machine, part)).collect::<Vec<_>>().join(", ");
    match it {
        Guard::Call(id, it) => format!("guard{} {}", GuardId::index(*id), call(it)),
        Guard::Expr(it) => format!("`{}`", expr(it)),
        Guard::Bool(value) => value.to_string(),
        Guard::And(parts) => format!("and({})", list(parts)),
        Guard::Or(parts) => format!("or({})", list(parts)),
        Guard::Not(inner) => format!("not({})", guard(machine, inner)),
        Guard::In(state) => format!("in({})", machine.path(*state)),
    }
}

fn block(actions: &[Action]) -> String {
    let action = |it: &Action| match it {
        Action::Call(id, it) => format!("action{} {}", ActionId::index(*id), call(it)),
        Action::Assign(list) => {
            let list: Vec<String> = list.iter().map(|it| format!("{} = `{}`", it.field, expr(&it.value))).collect();
            format!("assign {}", list.join(", "))
        }
        other => format!("{other:?}"),
    };
    let actions: Vec<String> = actions.iter().map(action).collect();
    if actions.is_empty() { String::new() } else { format!(" / {}", actions.join("; ")) }
}

fn call(call: &Call) -> String {
    let args: Vec<String> = call.args.iter().map(|arg| argument(&arg.kind)).collect();
    format!("{}({})", call.name.value, args.join(", "))
}

fn argument(kind: &ArgKind) -> String {
    match kind {
        ArgKind::Literal(literal) => tokens(&literal.syntax),
        ArgKind::Path { borrow, root, fields } => {
            let sign = match borrow {
                Borrow::Value => "",
                Borrow::Shared => "&",
                Borrow::Mutable => "&mut ",
            };
            let path: Vec<&str> =
                std::iter::once(root.name()).chain(fields.iter().map(|field| field.value.as_str())).collect();
            format!("{sign}{}", path.join("."))
        }
    }
}
