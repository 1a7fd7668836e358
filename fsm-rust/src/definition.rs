//! `DEFINITION`: the machine as static data.
//!
//! Part of the Rust back-end. What diagrams, coverage, tracing and messages read at run time.

use fsm_model::gather::Gather as _;
use std::fmt::Write as _;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::form::Form;
use super::scope::Scope;
use fsm_model::ir::{Id, Machine, StateId, StateKind, Trigger};

/// The static.
pub(super) fn emit(scope: &Scope<'_>) -> TokenStream {
    let (fsm, machine) = (&scope.core, scope.machine);
    let (name, version) = (&machine.name.value, machine.version.as_deref().unwrap_or_default());
    let tables = Tables::new(machine);
    let hash = hexadecimal(tables.hash(machine));
    let Tables { states, events, transitions, timers, invokes, patterns } = tables;
    let listed = (!patterns.is_empty()).then(|| {
        quote! {
            #[doc = " The events that each pattern matches."]
            const PATTERNS: &[&[u32]] = &[#(#patterns),*];
        }
    });
    quote! {
        #listed

        #[doc = " The machine as static data."]
        pub static DEFINITION: #fsm::Definition = #fsm::Definition {
            name: #name,
            version: #version,
            states: &[#(#states),*],
            events: &[#(#events),*],
            transitions: &[#(#transitions),*],
            hash: #hash,
            timers: &[#(#timers),*],
            invokes: &[#(#invokes),*],
        };
    }
}

/// The `hash` of a machine's `Definition`.
#[must_use]
pub fn hash(machine: &Machine) -> u64 {
    Tables::new(machine).hash(machine)
}

/// The entries of the static's tables.
struct Tables {
    states: Vec<TokenStream>,
    events: Vec<TokenStream>,
    transitions: Vec<TokenStream>,
    timers: Vec<TokenStream>,
    invokes: Vec<TokenStream>,
    patterns: Vec<TokenStream>,
}

impl Tables {
    fn new(machine: &Machine) -> Self {
        let states = machine.states.enumerated().map(|(id, state)| {
            let path = machine.path(id);
            let parent = index(state.parent.unwrap_or(StateId::ROOT));
            let tags = state.tags.iter().map(|tag| &tag.value);
            let kind = match state.kind {
                StateKind::Atomic => quote!(Atomic),
                StateKind::Compound(_) => quote!(Compound),
                StateKind::Final => quote!(Final),
                StateKind::Parallel => quote!(Parallel),
                StateKind::History(_) => quote!(History),
            };
            quote!(fsm::StateInfo { path: #path, parent: #parent, kind: fsm::StateKind::#kind, tags: &[#(#tags),*] })
        });
        let events = machine.events.iter().map(|event| {
            let name = &event.name.value;
            quote!(fsm::EventInfo { name: #name })
        });
        let transitions = machine.transitions.iter().map(|transition| {
            let source = index(transition.source);
            let trigger = trigger(transition.trigger);
            let targets = transition.targets.iter().map(|target| index(*target));
            quote! {
                fsm::TransitionInfo { source: #source, trigger: #trigger, targets: &[#(#targets),*] }
            }
        });
        let timers = machine.timers.iter().map(|timer| {
            let (state, name) = (index(timer.state), fsm_model::labels::wait(machine, timer.wait));
            quote!(fsm::TimerInfo { state: #state, name: #name })
        });
        let invokes = machine.invokes.iter().map(|invoke| {
            let (state, id) = (index(invoke.state), &invoke.id.value);
            quote!(fsm::InvokeInfo { state: #state, id: #id })
        });
        let patterns = machine.patterns.iter().map(|pattern| {
            let events = pattern.events.iter().map(|event| index(*event));
            quote!(&[#(#events),*])
        });
        Self {
            states: states.gather(),
            events: events.gather(),
            transitions: transitions.gather(),
            timers: timers.gather(),
            invokes: invokes.gather(),
            patterns: patterns.gather(),
        }
    }

    /// A hash of all that the machine is made of, behaviour aside: FNV-1a over its tokens, which know no places. White space
    /// is no part of it, since rustc and proc-macro2 print the same tokens with different spaces.
    fn hash(&self, machine: &Machine) -> u64 {
        let Self { states, events, transitions, timers, invokes, patterns } = self;
        let parts = [
            quote!(#(#states)*),
            quote!(#(#events)*),
            quote!(#(#transitions)*),
            quote!(#(#timers)*),
            quote!(#(#invokes)*),
            contents(machine),
            // Nothing where there are none, as if nobody had asked.
            quote!(#(#patterns)*),
        ];
        let mut text = parts.iter().map(ToString::to_string).gather::<Vec<_>>().join("|");
        text.push_str(&rooms(machine));
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).fold(0xcbf2_9ce4_8422_2325, step)
    }
}

/// What else decides how a snapshot is laid out: queues with their sizes, the reach of histories, the output,
/// parameters, serde's attributes. Nothing where there are none.
fn rooms(machine: &Machine) -> String {
    let (form, mut text) = (Form::new(machine), String::new());
    if form.defers {
        let _ = write!(text, "|deferred {}", machine.defer_capacity);
    }
    if form.delayed {
        let names: Vec<&str> = machine.sends.iter().map(|name| name.value.as_str()).gather();
        let _ = write!(text, "|delayed {} {names:?}", machine.queue);
    }
    for (id, state) in machine.states.enumerated() {
        if matches!(&state.kind, StateKind::History(history) if history.deep) {
            let _ = write!(text, "|deep {}", id.index());
        }
    }
    if let Some(output) = &machine.output {
        let _ = write!(text, "|output {}", output.syntax.to_token_stream());
    }
    if let Some(generics) = &machine.generics {
        let _ = write!(text, "|generics {}", generics.value.to_token_stream());
    }
    let of_events = machine.events.iter().flat_map(|event| &event.attributes);
    for attribute in machine.attributes.iter().chain(&machine.context_attributes).chain(of_events) {
        let attribute = attribute.value.to_token_stream().to_string();
        if attribute.contains("serde") {
            let _ = write!(text, "|{attribute}");
        }
    }
    text
}

fn index(id: impl Id) -> Literal {
    Literal::usize_unsuffixed(id.index())
}

fn trigger(trigger: Trigger) -> TokenStream {
    let of = |name: &str, id: Literal| {
        let name = quote::format_ident!("{name}");
        quote!(fsm::Trigger::#name(#id))
    };
    match trigger {
        Trigger::Event(event) => of("Event", index(event)),
        Trigger::Pattern(pattern) => {
            let pattern = index(pattern);
            quote!(fsm::Trigger::Pattern(PATTERNS[#pattern]))
        }
        Trigger::Error => quote!(fsm::Trigger::Error),
        Trigger::Always => quote!(fsm::Trigger::Always),
        Trigger::Done => quote!(fsm::Trigger::Done),
        Trigger::Timer(timer) => of("Timer", index(timer)),
        Trigger::InvokeDone(invoke) => of("InvokeDone", index(invoke)),
        Trigger::InvokeError(invoke) => of("InvokeError", index(invoke)),
    }
}

/// `0x0123_4567_89ab_cdef`.
pub(super) fn hexadecimal(hash: u64) -> Literal {
    let digits = format!("{hash:016x}");
    let grouped: Vec<&str> = (0..4).map(|at| &digits[at * 4..at * 4 + 4]).gather();
    let text = format!("0x{}", grouped.join("_"));
    // Hexadecimal digits and underscores are an integer.
    text.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(hash))
}

/// The types of everything that a snapshot holds.
fn contents(machine: &Machine) -> TokenStream {
    let fields = |fields: &[fsm_model::ir::Field]| -> TokenStream {
        fields
            .iter()
            .map(|field| {
                let (name, ty) = (&field.name.value, &field.ty.syntax);
                quote!(#name: #ty,)
            })
            .gather()
    };
    let context = fields(&machine.context);
    let events = machine.events.iter().map(|event| fields(&event.fields));
    let data = machine.states.iter().map(|state| fields(&state.data));
    quote!({ #context } #({ #events })* #({ #data })*)
}
