//! The glue of one machine: `Tape` as its handlers, `Subject` for its pair of data and handlers.
//!
//! Made from the IR, which names everything: the specs stay free of what only this driver needs.

use fsm_codegen::ir::{
    Action, Borrow, Event, Field, Guard, GuardId, Machine, Method, Mode, ParamType, StateKind, Task, Unhandled,
};
use fsm_codegen::names::{pascal_ident, snake, snake_ident};
use fsm_codegen::source::Source;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

/// A machine and the names that the rest of the generated code knows it by.
pub(crate) struct Subject<'a> {
    /// The machine.
    pub(crate) machine: &'a Machine,
    /// Its spec.
    pub(crate) source: &'a Source,
    /// The folder below `OUT_DIR` that holds the module; `None` where users have it too.
    pub(crate) folder: Option<&'static str>,
    /// The path from beside the glue to the module of the same machine with serde's traits; `None` where nothing is to be
    /// read from the wire.
    pub(crate) wire: Option<TokenStream>,
}

impl Subject<'_> {
    /// The generated module, and the glue beside it.
    pub(crate) fn emit(&self) -> TokenStream {
        let (include, glue) = (self.include(), self.glue());
        quote!(#include #glue)
    }

    /// What stands beside the generated module.
    pub(crate) fn glue(&self) -> TokenStream {
        let Self { machine, source, .. } = self;
        let module = self.module();
        let glue = format_ident!("{}_glue", snake(&machine.name.value));
        let uses = machine.uses.iter().map(|tree| &tree.value);
        let actions = actions(machine, source, &module);
        let subject = subject(machine, source, &module, self.wire.as_ref());
        quote! {
            mod #glue {
                #(#[allow(unused_imports, reason = "not every signature names what the spec imports")] use #uses;)*
                use driver::subject::{self, Subject};
                use driver::tape::Tape;

                #actions
                #subject
            }
        }
    }

    fn include(&self) -> TokenStream {
        let stem = self.source.stem();
        let Some(folder) = self.folder else { return quote!(fsm_runtime::include_fsm!(#stem);) };
        let file = format!("/{folder}/{stem}.rs");
        quote!(include!(concat!(env!("OUT_DIR"), #file));)
    }

    /// The generated module.
    pub(crate) fn module(&self) -> Ident {
        snake_ident(&self.machine.name.value)
    }

    /// The type that implements `driver::subject::Subject`, seen from beside the glue.
    pub(crate) fn ty(&self) -> TokenStream {
        let (module, pair) = (self.module(), pascal_ident(&self.machine.name.value));
        quote!(#module::#pair<driver::tape::Tape>)
    }
}

/// `impl Actions for Tape`.
fn actions(machine: &Machine, source: &Source, module: &Ident) -> TokenStream {
    let guards = machine.guards.enumerated().map(|(id, method)| {
        let (ident, name, params) =
            (snake_ident(&method.name.value), &method.name.value, params(machine, method, module));
        let calls = calls(machine, source, id);
        quote! { fn #ident(&self #params) -> bool { self.ask(#name, &[#(#calls),*]) } }
    });
    let actions = machine.actions.iter().map(|method| action(machine, method, module));
    let tasks = machine.tasks.iter().map(|one| task(machine, one, module));
    let delays = machine.delays.iter().filter(|delay| delay.duration.is_none()).map(|delay| {
        let ident = snake_ident(&delay.name.value);
        quote! { fn #ident(&self) -> core::time::Duration { driver::tape::DELAY } }
    });
    let error =
        machine.error.as_ref().map_or(quote! { fsm_runtime::core::Never }, |error| error.syntax.to_token_stream());
    quote! {
        impl super::#module::Actions for Tape {
            #(#guards)*
            #(#actions)*
            #(#tasks)*
            #(#delays)*

            fn on_unhandled(&mut self, _: &super::#module::Machine, _: &super::#module::Event) { self.unhandled(); }

            fn on_error(&mut self, error: &fsm_runtime::core::Error<#error>) { self.error(error); }
        }
    }
}

fn action(machine: &Machine, method: &Method, module: &Ident) -> TokenStream {
    let (ident, name, params) = (snake_ident(&method.name.value), &method.name.value, params(machine, method, module));
    let (asynchronous, call) = match machine.mode {
        Mode::Async => (quote! { async }, quote! { self.act(#name).await }),
        Mode::Sync => (quote! {}, quote! { self.act_now(#name) }),
    };
    if let Some(error) = &machine.error {
        let ty = &error.syntax;
        return quote! {
            #asynchronous fn #ident(&mut self #params) -> Result<(), #ty> { #call }
        };
    }
    quote! {
        #asynchronous fn #ident(&mut self #params) {
            let result = #call;
            self.infallible(result);
        }
    }
}

/// What runs beside the machine, on a clone of the tape.
fn task(machine: &Machine, task: &Task, module: &Ident) -> TokenStream {
    let (name, params) = (&task.method.name.value, params(machine, &task.method, module));
    let ident = snake_ident(name);
    let asynchronous = (machine.mode == Mode::Async).then(|| quote! { async });
    let output = task.output.as_ref().map_or_else(|| quote! { () }, |output| output.syntax.to_token_stream());
    if let Some(error) = &machine.error {
        let ty = &error.syntax;
        return quote! {
            #asynchronous fn #ident(self #params) -> Result<#output, #ty> { self.task(#name) }
        };
    }
    quote! {
        #asynchronous fn #ident(self #params) -> #output { self.infallible_task(#name) }
    }
}

/// `, _: &str, _: f32`.
fn params(machine: &Machine, method: &Method, module: &Ident) -> TokenStream {
    let params = method.params.iter().map(|param| match &param.ty {
        ParamType::Rust(ty) => quote! { , _: #ty },
        ParamType::Event(event) => {
            let payload = pascal_ident(&machine.events[*event].name.value);
            quote! { , _: &super::#module::event::#payload }
        }
        ParamType::Context(Borrow::Mutable) => quote! { , _: &mut super::#module::Context },
        ParamType::Context(_) => quote! { , _: &super::#module::Context },
        ParamType::Queue => quote! { , _: &mut super::#module::Queue },
    });
    quote! { #(#params)* }
}

/// The calls of a guard as the spec writes them, each once.
fn calls<'s>(machine: &Machine, source: &'s Source, guard: GuardId) -> Vec<&'s str> {
    let mut calls = Vec::new();
    for transition in &machine.transitions {
        if let Some(condition) = &transition.guard {
            collect_calls(condition, guard, source, &mut calls);
        }
        calls_in_block(&transition.actions, guard, source, &mut calls);
    }
    for state in &machine.states {
        calls_in_block(&state.entry, guard, source, &mut calls);
        calls_in_block(&state.exit, guard, source, &mut calls);
        let initial = match &state.kind {
            StateKind::Compound(initial) => Some(initial),
            StateKind::History(history) => history.default.as_ref(),
            _ => None,
        };
        calls_in_block(initial.map_or(&[], |initial| &initial.actions), guard, source, &mut calls);
    }
    calls
}

fn calls_in_block<'s>(block: &[Action], guard: GuardId, source: &'s Source, calls: &mut Vec<&'s str>) {
    for action in block {
        if let Action::If { guard: condition, then, otherwise } = action {
            collect_calls(condition, guard, source, calls);
            calls_in_block(then, guard, source, calls);
            calls_in_block(otherwise, guard, source, calls);
        }
    }
}

fn collect_calls<'s>(condition: &Guard, guard: GuardId, source: &'s Source, calls: &mut Vec<&'s str>) {
    match condition {
        Guard::Call(id, call) if *id == guard && !call.args.is_empty() => {
            let text = source.slice(call.span);
            if !calls.contains(&text) {
                calls.push(text);
            }
        }
        Guard::And(all) | Guard::Or(all) => all.iter().for_each(|one| collect_calls(one, guard, source, calls)),
        Guard::Not(one) => collect_calls(one, guard, source, calls),
        Guard::Call(..) | Guard::Expr(_) | Guard::Bool(_) | Guard::In(_) => {}
    }
}

/// `impl Subject for Robot<Tape>`.
fn subject(machine: &Machine, source: &Source, module: &Ident, wire: Option<&TokenStream>) -> TokenStream {
    let pair = pascal_ident(&machine.name.value);
    let guards = machine.guards.enumerated().flat_map(|(id, method)| {
        std::iter::once(method.name.value.as_str()).chain(calls(machine, source, id)).collect::<Vec<_>>()
    });
    let actions = machine.actions.iter().map(|method| &method.name.value);
    let hooked = machine.unhandled == Unhandled::Report;
    let defers = machine.unhandled == Unhandled::Defer || machine.states.iter().any(|state| !state.defer.is_empty());
    let invoke_ids = invoke_ids(machine, module);
    let events = machine.events.iter().map(|event| event_arm(event, module));
    let event = if machine.events.is_empty() {
        quote! {
            let _ = (name, data);
            Ok(None)
        }
    } else {
        quote! {
            Ok(Some(match name {
                #(#events)*
                _ => return Ok(None),
            }))
        }
    };
    let context = machine.context.iter().map(|field| {
        let (name, ident) = (&field.name.value, snake_ident(&field.name.value));
        quote! { (#name.to_owned(), subject::json(&context.#ident)) }
    });
    let told = told(machine, module);
    let wait = (machine.mode == Mode::Async).then(|| quote! { .await });
    let from_wire = from_wire(wire);
    // Only a module with serde's traits stands in for itself on the wire.
    let laid_down = wire.is_some_and(|wire| *module == wire.to_string()).then(|| {
        quote! {
            fn laid_down(&self) -> Result<(), String> { subject::laid_down(fsm_runtime::core::Service::machine(self)) }
        }
    });
    let machine_type = quote! { super::#module::Machine };
    let result = quote! { fsm_runtime::core::StepResult<#machine_type> };
    let binding = if machine.context.is_empty() {
        quote! {}
    } else {
        quote! { let context = fsm_runtime::core::Machine::context(fsm_runtime::core::Service::machine(self)); }
    };
    quote! {
        impl Subject for super::#module::#pair<Tape> {
            const GUARDS: &'static [&'static str] = &[#(#guards),*];
            const ACTIONS: &'static [&'static str] = &[#(#actions),*];
            const HOOKED: bool = #hooked;
            const DEFERS: bool = #defers;

            fn create(tape: Tape) -> Self { Self::new(tape) }

            fn tape(&mut self) -> &mut Tape { self.actions_mut() }

            #[allow(clippy::too_many_lines, reason = "an arm for each event")]
            fn event(
                name: &str,
                data: &serde_json::Map<String, serde_json::Value>,
            ) -> Result<Option<super::#module::Event>, String> {
                #event
            }

            #invoke_ids

            fn context_json(&self) -> serde_json::Value {
                #binding
                serde_json::Value::Object([#(#context),*].into_iter().collect())
            }

            #told

            #from_wire

            #laid_down

            fn can(&self, event: &super::#module::Event) -> bool { self.can(event) }

            async fn start_inherent(&mut self) -> #result { self.start()#wait }

            async fn handle_inherent(&mut self, event: &super::#module::Event) -> #result {
                self.handle(event)#wait
            }
        }
    }
}

/// The ids of the invokes that run each task.
fn invoke_ids(machine: &Machine, module: &Ident) -> TokenStream {
    let arms = machine.tasks.enumerated().map(|(id, task)| {
        let variant = pascal_ident(&task.method.name.value);
        let ids = machine.invokes.iter().filter(|invoke| invoke.task == id).map(|invoke| &invoke.id.value);
        let fields = (!task.method.params.is_empty()).then(|| quote! { { .. } });
        quote! { super::#module::Invoke::#variant #fields => &[#(#ids),*], }
    });
    let (ty, body) = if machine.tasks.is_empty() {
        (quote! { fsm_runtime::core::Never }, quote! { match *invoke {} })
    } else {
        (quote! { super::#module::Invoke }, quote! { match invoke { #(#arms)* } })
    };
    quote! {
        fn invoke_ids(invoke: &#ty) -> &'static [&'static str] { #body }
    }
}

/// Messages, answers and the output as JSON, in the form of the simulator.
fn told(machine: &Machine, module: &Ident) -> TokenStream {
    let never = || (quote! { fsm_runtime::core::Never }, quote! { match *value {} });
    let messages = machine.emits.iter().map(|message| {
        let (name, variant) = (&message.name.value, pascal_ident(&message.name.value));
        if message.fields.is_empty() {
            return quote! { super::#module::Message::#variant => serde_json::json!({ "type": #name }), };
        }
        let fields = message.fields.iter().map(|field| {
            let (name, ident) = (&field.name.value, snake_ident(&field.name.value));
            quote! { #name: subject::json(&value.#ident) }
        });
        quote! { super::#module::Message::#variant(value) => serde_json::json!({ "type": #name, #(#fields),* }), }
    });
    let (message, message_json) = if machine.emits.is_empty() {
        never()
    } else {
        (quote! { super::#module::Message }, quote! { match value { #(#messages)* } })
    };
    let answered: Vec<&Event> = machine.events.iter().filter(|event| event.reply.is_some()).collect();
    let replies = answered.iter().map(|event| {
        let variant = pascal_ident(&event.name.value);
        quote! { super::#module::Reply::#variant(value) => subject::json(value), }
    });
    let (reply, reply_json) = if answered.is_empty() {
        never()
    } else {
        (quote! { super::#module::Reply }, quote! { match value { #(#replies)* } })
    };
    let output = if machine.output.is_some() {
        quote! { subject::json(&fsm_runtime::core::Machine::output(fsm_runtime::core::Service::machine(self))) }
    } else {
        quote! { serde_json::Value::Null }
    };
    quote! {
        fn message_json(value: &#message) -> serde_json::Value { #message_json }

        fn reply_json(value: &#reply) -> serde_json::Value { #reply_json }

        fn output_json(&self) -> serde_json::Value { #output }
    }
}

/// Events and contexts as serde reads and writes them.
fn from_wire(wire: Option<&TokenStream>) -> TokenStream {
    let function = |name: &str, ty: &str| {
        let (name, ty) = (format_ident!("{name}"), format_ident!("{ty}"));
        let value = wire
            .map_or_else(|| quote!(Ok(value.clone())), |wire| quote!(subject::round_trip::<super::#wire::#ty>(value)));
        quote! {
            fn #name(value: &serde_json::Value) -> Result<serde_json::Value, String> { #value }
        }
    };
    let (event, context) = (function("event_from_wire", "Event"), function("context_from_wire", "Context"));
    quote!(#event #context)
}

/// `"Start" => …`: the event from its payload as JSON.
fn event_arm(event: &Event, module: &Ident) -> TokenStream {
    let (name, payload) = (&event.name.value, pascal_ident(&event.name.value));
    let names = event.fields.iter().map(|field| &field.name.value);
    let fields = event.fields.iter().map(|Field { name, .. }| {
        let (name, ident) = (&name.value, snake_ident(&name.value));
        quote! { #ident: subject::field(data, #name)? }
    });
    let value = if event.fields.is_empty() {
        quote! {}
    } else {
        quote! { { #(#fields),* } }
    };
    quote! {
        #name => {
            subject::only(data, &[#(#names),*])?;
            super::#module::event::#payload #value.into()
        }
    }
}
