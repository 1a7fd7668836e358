//! The glue of one machine: `Tape` as its handlers, `Subject` for its pair of data and handlers, and its test.
//!
//! Made from the IR, which names everything: the specs stay free of what only this driver needs.

use fsm_codegen::ir::{Borrow, Event, Field, Guard, GuardId, Machine, Method, Mode, ParamType, Unhandled};
use fsm_codegen::names::{pascal_ident, snake, snake_ident};
use fsm_codegen::source::Source;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

/// Everything that the driver needs beside the generated module itself.
pub(crate) fn emit(machine: &Machine, source: &Source) -> TokenStream {
    let stem = source.stem();
    let (module, pair) = (snake_ident(&machine.name.value), pascal_ident(&machine.name.value));
    let glue = format_ident!("{}_glue", snake(&machine.name.value));
    let test = format_ident!("{}_plays_its_scenario", snake(&machine.name.value));
    let uses = machine.uses.iter().map(|tree| &tree.value);
    let actions = actions(machine, source, &module);
    let subject = subject(machine, source, &module, &pair);
    let (wire, wire_file) = (wire(machine), format!("/wire/{stem}.rs"));
    let wire_doc = format!(" `{}` with serde's traits.", machine.name.value);
    quote! {
        fsm_runtime::include_fsm!(#stem);

        #[doc = #wire_doc]
        pub mod #wire {
            include!(concat!(env!("OUT_DIR"), #wire_file));
        }

        mod #glue {
            #(#[allow(unused_imports, reason = "not every signature names what the spec imports")] use #uses;)*
            use crate::subject::{self, Subject};
            use crate::tape::Tape;

            #actions
            #subject

            #[cfg(test)]
            #[test]
            fn #test() {
                crate::play::corpus::<crate::#module::#pair<Tape>>(#stem);
            }
        }
    }
}

/// The module of the machine with serde's traits.
fn wire(machine: &Machine) -> Ident {
    format_ident!("{}_wire", snake(&machine.name.value))
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
    let error =
        machine.error.as_ref().map_or(quote! { fsm_runtime::core::Never }, |error| error.syntax.to_token_stream());
    quote! {
        impl crate::#module::Actions for Tape {
            #(#guards)*
            #(#actions)*

            fn on_unhandled(&mut self, _: &crate::#module::Machine, _: &crate::#module::Event) { self.unhandled(); }

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
            #asynchronous fn #ident(&mut self #params) -> Result<(), #ty> { #call.map_err(Into::into) }
        };
    }
    quote! {
        #asynchronous fn #ident(&mut self #params) {
            let result = #call;
            self.infallible(result);
        }
    }
}

/// `, _: &str, _: f32`.
fn params(machine: &Machine, method: &Method, module: &Ident) -> TokenStream {
    let params = method.params.iter().map(|param| match &param.ty {
        ParamType::Rust(ty) => quote! { , _: #ty },
        ParamType::Event(event) => {
            let payload = pascal_ident(&machine.events[*event].name.value);
            quote! { , _: &crate::#module::event::#payload }
        }
        ParamType::Context(Borrow::Mutable) => quote! { , _: &mut crate::#module::Context },
        ParamType::Context(_) => quote! { , _: &crate::#module::Context },
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
    }
    calls
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
fn subject(machine: &Machine, source: &Source, module: &Ident, pair: &Ident) -> TokenStream {
    let guards = machine.guards.enumerated().flat_map(|(id, method)| {
        std::iter::once(method.name.value.as_str()).chain(calls(machine, source, id)).collect::<Vec<_>>()
    });
    let actions = machine.actions.iter().map(|method| &method.name.value);
    let hooked = machine.unhandled == Unhandled::Report;
    let events = machine.events.iter().map(|event| event_arm(event, module));
    let context = machine.context.iter().map(|field| {
        let (name, ident) = (&field.name.value, snake_ident(&field.name.value));
        quote! { (#name.to_owned(), subject::json(&context.#ident)) }
    });
    let wait = (machine.mode == Mode::Async).then(|| quote! { .await });
    let wire = wire(machine);
    let machine_type = quote! { crate::#module::Machine };
    let result = quote! { fsm_runtime::core::StepResult<#machine_type> };
    let binding = if machine.context.is_empty() {
        quote! {}
    } else {
        quote! { let context = fsm_runtime::core::Machine::context(fsm_runtime::core::Service::machine(self)); }
    };
    quote! {
        impl Subject for crate::#module::#pair<Tape> {
            const GUARDS: &'static [&'static str] = &[#(#guards),*];
            const ACTIONS: &'static [&'static str] = &[#(#actions),*];
            const HOOKED: bool = #hooked;

            fn create(tape: Tape) -> Self { Self::new(tape) }

            fn tape(&mut self) -> &mut Tape { self.actions_mut() }

            #[allow(clippy::too_many_lines, reason = "an arm for each event")]
            fn event(
                name: &str,
                data: &serde_json::Map<String, serde_json::Value>,
            ) -> Result<Option<crate::#module::Event>, String> {
                Ok(Some(match name {
                    #(#events)*
                    _ => return Ok(None),
                }))
            }

            fn context_json(&self) -> serde_json::Value {
                #binding
                serde_json::Value::Object([#(#context),*].into_iter().collect())
            }

            fn event_from_wire(event: &serde_json::Value) -> Result<serde_json::Value, String> {
                subject::round_trip::<crate::#wire::#module::Event>(event)
            }

            fn context_from_wire(context: &serde_json::Value) -> Result<serde_json::Value, String> {
                subject::round_trip::<crate::#wire::#module::Context>(context)
            }

            async fn start_inherent(&mut self) -> #result { self.start()#wait }

            async fn handle_inherent(&mut self, event: &crate::#module::Event) -> #result {
                self.handle(event)#wait
            }
        }
    }
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
            crate::#module::event::#payload #value.into()
        }
    }
}
