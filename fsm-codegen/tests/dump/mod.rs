//! A machine as text: one line for each thing, ids in front, states indented by their depth.

use std::fmt::Write as _;

use fsm_codegen::ir::{
    Action, ActionId, ArgKind, Assignment, Borrow, Call, DEFER_CAPACITY, Event, Expr, Field, Guard, GuardId, Id,
    IndexVec, Initial, LogPart, Machine, Method, ParamType, QUEUE, Record, State, StateId, StateKind, Supply,
    Transition, Trigger, Unhandled, Wait,
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
    if let Some(output) = &machine.output {
        line(format!("output {}", tokens(&output.syntax)));
    }
    if let Some(generics) = &machine.generics {
        line(format!("generics {}", tokens(&generics.value)));
    }
    let settings = (machine.send_futures, machine.unhandled, machine.queue, machine.defer_capacity);
    if settings != (true, Unhandled::Report, QUEUE, DEFER_CAPACITY) {
        let (send, unhandled, queue, defer) = settings;
        line(format!("send futures {send}, unhandled {unhandled:?}, queue {queue}, defer capacity {defer}"));
    }
    events("event", &machine.events).chain(events("message", &machine.emits)).for_each(&mut line);
    for (id, pattern) in machine.patterns.enumerated() {
        let events: Vec<&str> = pattern.events.iter().map(|id| machine.events[*id].name.value.as_str()).collect();
        line(format!("pattern {} {} = {}", id.index(), pattern.name.value, events.join(", ")));
    }
    methods("action", &machine.actions).chain(methods("guard", &machine.guards)).for_each(&mut line);
    for (id, task) in machine.tasks.enumerated() {
        let output = task.output.as_ref().map(|ty| format!(" -> {}", tokens(&ty.syntax))).unwrap_or_default();
        line(format!("{}{output}", method("task", id.index(), &task.method)));
    }
    for (id, delay) in machine.delays.enumerated() {
        let declared = if delay.declared { "" } else { " (inferred)" };
        line(format!("delay {} {} {:?}{declared}", id.index(), delay.name.value, delay.duration));
    }
    for (id, send) in machine.sends.enumerated() {
        line(format!("send {} {}", id.index(), send.value));
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

fn events<I: Id>(kind: &str, events: &IndexVec<I, Event>) -> impl Iterator<Item = String> {
    events.enumerated().map(move |(id, event)| {
        let declared = if event.declared { "" } else { " (inferred)" };
        let reply = event.reply.as_ref().map(|ty| format!(" -> {}", tokens(&ty.syntax))).unwrap_or_default();
        format!("{kind} {} {} {{ {} }}{reply}{declared}", id.index(), event.name.value, fields(&event.fields))
    })
}

fn methods<I: Id>(kind: &str, methods: &IndexVec<I, Method>) -> impl Iterator<Item = String> {
    methods.enumerated().map(move |(id, it)| {
        let declared = if it.declared { "" } else { " (inferred)" };
        let blocking = if it.blocking { " (blocking)" } else { "" };
        format!("{}{declared}{blocking}", method(kind, id.index(), it))
    })
}

fn method(kind: &str, index: usize, method: &Method) -> String {
    let params: Vec<String> = method.params.iter().map(|it| format!("{}: {}", it.name, param(&it.ty))).collect();
    format!("{kind} {index} {}({})", method.name.value, params.join(", "))
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
        StateKind::History(history) => {
            let depth = if history.deep { "deep history" } else { "shallow history" };
            let default = history.default.as_ref().map(|it| format!(", default {}", initial(machine, it)));
            format!("{depth}{}", default.unwrap_or_default())
        }
        StateKind::Compound(it) => format!("compound, initial {}", initial(machine, it)),
    };
    let id_text = state.id.as_ref().map(|id| format!(" #{}", id.value)).unwrap_or_default();
    let mut lines = vec![format!("state {} {}{id_text} {kind}", id.index(), state.name.value)];
    if !state.tags.is_empty() {
        let tags: Vec<&str> = state.tags.iter().map(|tag| tag.value.as_str()).collect();
        lines.push(format!("  tags {}", tags.join(", ")));
    }
    if !state.data.is_empty() {
        lines.push(format!("  data {{ {} }}", fields(&state.data)));
    }
    for (name, actions) in [("entry", &state.entry), ("exit", &state.exit)] {
        if !actions.is_empty() {
            lines.push(format!("  {name}{}", block(machine, actions)));
        }
    }
    lines.extend(state.output.iter().map(|it| format!("  output `{}`", expr(it))));
    lines.extend(state.done.iter().map(|it| format!("  done {}", tokens(&it.syntax))));
    if !state.defer.is_empty() {
        let events: Vec<&str> = state.defer.iter().map(|id| machine.events[*id].name.value.as_str()).collect();
        lines.push(format!("  defer {}", events.join(", ")));
    }
    lines.extend(state.invokes.iter().map(|id| {
        let it = &machine.invokes[*id];
        format!("  invoke {} {} = task{} {}", id.index(), it.id.value, it.task.index(), call(&it.call))
    }));
    lines.extend(state.transitions.iter().map(|at| format!("  {}", transition(machine, &machine.transitions[*at]))));
    lines
}

fn paths(machine: &Machine, states: &[StateId]) -> String {
    states.iter().map(|state| machine.path(*state)).collect::<Vec<_>>().join(", ")
}

fn initial(machine: &Machine, initial: &Initial) -> String {
    let (actions, data) = (block(machine, &initial.actions), supplies(machine, &initial.data));
    format!("{}{actions}{data}", paths(machine, &initial.targets))
}

fn supplies(machine: &Machine, data: &[Supply]) -> String {
    let one = |it: &Supply| {
        let state = &machine.states[it.state];
        format!(" with {}.{} = `{}`", machine.path(it.state), state.data[it.field].name.value, expr(&it.value))
    };
    data.iter().map(one).collect()
}

fn wait(machine: &Machine, wait: Wait) -> String {
    match wait {
        Wait::Fixed(duration) => format!("{duration:?}"),
        Wait::Named(delay) => machine.delays[delay].name.value.clone(),
    }
}

fn trigger(machine: &Machine, trigger: Trigger) -> String {
    match trigger {
        Trigger::Event(id) => format!("on {}", machine.events[id].name.value),
        Trigger::Pattern(id) => format!("on pattern {}", machine.patterns[id].name.value),
        Trigger::Error => "on error".to_owned(),
        Trigger::Always => "always".to_owned(),
        Trigger::Done => "on done".to_owned(),
        Trigger::Timer(id) => {
            let timer = &machine.timers[id];
            format!("{} {}", if timer.repeats { "every" } else { "after" }, wait(machine, timer.wait))
        }
        Trigger::InvokeDone(id) => format!("on done of {}", machine.invokes[id].id.value),
        Trigger::InvokeError(id) => format!("on error of {}", machine.invokes[id].id.value),
    }
}

fn transition(machine: &Machine, transition: &Transition) -> String {
    let guard = transition.guard.as_ref().map(|it| format!(" if {}", guard(machine, it))).unwrap_or_default();
    let targets = match transition.targets.as_slice() {
        [] => String::new(),
        targets => format!(" => {}", paths(machine, targets)),
    };
    let reenter = if transition.reenter { " reenter" } else { "" };
    let note = transition.description.as_ref().map(|text| format!(" // {text}")).unwrap_or_default();
    format!(
        "{}{guard}{targets}{reenter}{}{}{note}",
        trigger(machine, transition.trigger),
        block(machine, &transition.actions),
        supplies(machine, &transition.data),
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

fn block(machine: &Machine, actions: &[Action]) -> String {
    let actions: Vec<String> = actions.iter().map(|it| action(machine, it)).collect();
    if actions.is_empty() { String::new() } else { format!(" / {}", actions.join("; ")) }
}

fn values(list: &[Assignment]) -> String {
    let list: Vec<String> = list.iter().map(|it| format!("{} = `{}`", it.field, expr(&it.value))).collect();
    list.join(", ")
}

fn record<I: Id>(events: &IndexVec<I, Event>, record: &Record<I>) -> String {
    let name = &events[record.kind].name.value;
    if record.fields.is_empty() { name.clone() } else { format!("{name} {{ {} }}", values(&record.fields)) }
}

fn action(machine: &Machine, action: &Action) -> String {
    match action {
        Action::Call(id, it) => format!("action{} {}", ActionId::index(*id), call(it)),
        Action::Assign(list) => format!("assign {}", values(list)),
        Action::Raise(it) => format!("raise {}", record(&machine.events, it)),
        Action::Send { event, delay, id } => {
            let delay = delay.map(|it| format!(" after {}", wait(machine, it))).unwrap_or_default();
            let id = id.map(|it| format!(" as {}", machine.sends[it].value)).unwrap_or_default();
            format!("send {}{delay}{id}", record(&machine.events, event))
        }
        Action::Cancel(id) => format!("cancel {}", machine.sends[*id].value),
        Action::Emit(it) => format!("emit {}", record(&machine.emits, it)),
        Action::Reply(id, it) => format!("reply to {} `{}`", machine.events[*id].name.value, expr(it)),
        Action::Log(parts) => {
            let part = |it: &LogPart| match it {
                LogPart::Text(text) => format!("{text:?}"),
                LogPart::Value(it, format) => format!("`{}`{format}", expr(it)),
            };
            format!("log {}", parts.iter().map(part).collect::<Vec<_>>().join(" "))
        }
        Action::If { guard: it, then, otherwise } => {
            let (then, otherwise) = (block(machine, then), block(machine, otherwise));
            format!("if {} {{{then} }} else {{{otherwise} }}", guard(machine, it))
        }
    }
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
