//! What every part of the Rust back-end needs: the machine, its names in Rust, and which kinds of code it has at all.
//!
//! Made once by [`crate::emit`], then only read. The names are in `naming`, imports in `uses`, and what the spec's
//! own Rust mentions in `mentions`.

mod mentions;
mod naming;
mod uses;

use fsm_model::gather::Gather as _;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use self::naming::{Names, placed};
use super::form::Form;
use super::shape;
use super::shared::Shared;
use super::tokens;
use fsm_model::config::Config;
use fsm_model::ir::{EventId, IndexVec, Machine, Mode, Name, State, StateId, StateKind};
use fsm_model::names;
use fsm_model::source::{Source, Span};

pub(super) use self::mentions::reads_event;
#[cfg(feature = "versions")]
pub(super) use self::naming::{timer_words, unique};
pub(super) use self::uses::{names_of, uses, uses_of_child};

/// The machine and what is known about its code.
pub(super) struct Scope<'a> {
    /// What is generated from.
    pub(super) machine: &'a Machine,
    /// Where the places in the docs are looked up.
    pub(super) source: &'a Source,
    /// The user's choices.
    pub(super) config: &'a Config,
    /// Identifiers, made once.
    pub(super) names: Names,
    /// The name under which the module knows `fsm_runtime::core`.
    pub(super) core: TokenStream,
    /// The type of the actions' errors.
    pub(super) error: TokenStream,
    /// How many states without active children can be active at once.
    pub(super) leaves: usize,
    /// Which parts its code has.
    pub(super) form: Form,
    /// Below which states there is nothing to do.
    pub(super) silent: Silent,
    /// Whether a step can fail: there is an error type, or arithmetic that can overflow.
    pub(super) fallible: bool,
    /// Whether a configuration is one leaf and nothing else; asked for each transition.
    plain: bool,
    /// Code that stands in functions of its own.
    pub(super) shared: Shared,
    /// Who sees what is private in the module of an older version: the machine's own. Nothing in that.
    pub(super) inner: TokenStream,
    /// Whether snapshots of older versions can be restored, or this is one: what they hold can be taken apart.
    pub(super) migrates: bool,
}

/// The states below which nothing runs when they are left or entered.
pub(super) struct Silent {
    pub(super) exits: IndexVec<StateId, bool>,
    pub(super) entries: IndexVec<StateId, bool>,
}

impl Silent {
    fn new(machine: &Machine) -> Self {
        let quiet = |own: fn(&State) -> bool| {
            let mut silent: IndexVec<StateId, bool> = machine.states.iter().map(|_| true).gather();
            for id in machine.states.ids().rev() {
                let children = &machine.states[id].children;
                silent[id] = children.iter().all(|child| silent[*child] && own(&machine.states[*child]));
            }
            silent
        };
        Self {
            exits: quiet(|state| state.exit.is_empty() && state.timers.is_empty() && state.invokes.is_empty()),
            entries: quiet(|state| {
                let starts = !state.timers.is_empty() || !state.invokes.is_empty();
                state.entry.is_empty() && !starts && state.kind != StateKind::Final
            }),
        }
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(machine: &'a Machine, source: &'a Source, config: &'a Config) -> Self {
        let fsm = quote!(fsm);
        let error = machine.error.as_ref().map_or_else(|| quote!(#fsm::Never), |error| error.syntax.to_token_stream());
        let form = Form::new(machine);
        let fallible = machine.error.is_some() || form.overflows;
        let (leaves, silent) = (shape::most_leaves(machine), Silent::new(machine));
        let (names, shared) = (Names::new(machine, source), Shared::default());
        let has_regions = machine.states.iter().any(|state| state.kind == StateKind::Parallel);
        let plain = !has_regions && !form.data && !form.history;
        Self {
            machine,
            source,
            config,
            names,
            core: fsm,
            error,
            form,
            leaves,
            silent,
            fallible,
            plain,
            shared,
            inner: TokenStream::new(),
            migrates: false,
        }
    }

    /// Of an older version, in a module inside of the machine's own, of which nothing but the types is made.
    #[cfg(feature = "versions")]
    pub(super) fn older(machine: &'a Machine, source: &'a Source, config: &'a Config) -> Self {
        Self { inner: quote!(pub(super)), migrates: true, ..Self::new(machine, source, config) }
    }

    /// Whether this is an older version.
    pub(super) fn is_older(&self) -> bool {
        !self.inner.is_empty()
    }

    /// The identifier that a method, a field or a module is declared by.
    pub(super) fn snake(&self, name: &Name) -> Ident {
        placed(names::snake_ident(&name.value), name, self.source)
    }

    /// Generated code that rustc's errors show at the name, or the expression, at `span`: as long as rustc knows its
    /// tokens.
    pub(super) fn placed(&self, span: Span, code: TokenStream) -> TokenStream {
        tokens::placed(self.source.rust(span).map(|(first, _)| first), code)
    }

    /// The `pub` of a field. rustc's derives show a field from there to the end of its type, so it stands where the name
    /// of the field does; where there are no places (see [`tokens::has_places`]) it would be taken for the name.
    pub(super) fn public(&self, name: &Name) -> TokenStream {
        match self.source.rust(name.span) {
            Some((place, _)) if tokens::has_places() => quote_spanned!(place=> pub),
            _ => quote!(pub),
        }
    }

    /// Whether actions are asynchronous.
    pub(super) fn is_async(&self) -> bool {
        self.machine.mode == Mode::Async
    }

    /// The pattern of an event, its payload bound to `event` or not.
    pub(super) fn event_pattern(&self, event: EventId, bind: bool) -> TokenStream {
        let variant = &self.names.events[event];
        match (self.machine.events[event].fields.is_empty(), bind) {
            (true, _) => quote!(Event::#variant),
            (false, true) => quote!(Event::#variant(event)),
            (false, false) => quote!(Event::#variant(_)),
        }
    }

    /// The pattern of any of these events.
    pub(super) fn event_patterns(&self, events: &[EventId]) -> TokenStream {
        let patterns = events.iter().map(|event| self.event_pattern(*event, false));
        quote!(#(#patterns)|*)
    }

    /// Whether a configuration is one leaf and nothing else.
    pub(super) const fn is_plain(&self) -> bool {
        self.plain
    }

    /// `+ Send`, unless the spec says that futures need not be.
    pub(super) fn send(&self) -> TokenStream {
        if self.machine.send_futures { quote!(+ Send) } else { TokenStream::new() }
    }

    /// Whether the machine can be taken apart for a snapshot.
    pub(super) fn has_snapshot(&self) -> bool {
        self.form.has_timers() || self.form.invokes
    }

    /// What functions of a step hand on.
    pub(super) fn args(&self) -> TokenStream {
        match (self.form.engine, self.fallible) {
            (true, _) => quote!(actions, driver, run),
            (false, true) => quote!(actions, failed),
            (false, false) => quote!(actions),
        }
    }

    /// Code that tells of an error that an action, or an expression, made.
    pub(super) fn fail(&self, error: &TokenStream) -> TokenStream {
        match (self.form.engine, self.form.error_event) {
            (true, true) => quote!(Self::fail(&mut self.queue, run, #error, actions);),
            (true, false) => quote!(Self::fail(run, #error, actions);),
            (false, _) => quote!(Self::fail(failed, #error, actions);),
        }
    }

    /// The field of `History` for a history state.
    pub(super) fn slot(&self, history: StateId) -> Ident {
        names::ident(&names::raw(self.names.labels[history].clone()))
    }

    /// Whether it remembers all that was active below its parent.
    pub(super) fn is_deep(&self, history: StateId) -> bool {
        matches!(&self.machine.states[history].kind, StateKind::History(found) if found.deep)
    }

    /// Whether its slot holds the content of its parent, and not only the number of a child.
    pub(super) fn keeps_content(&self, history: StateId) -> bool {
        let parent = self.machine.states[history].parent.unwrap_or(StateId::ROOT);
        self.is_deep(history) || self.machine.states[parent].children.iter().any(|child| self.has_data(*child))
    }

    /// `.await`, where actions are asynchronous.
    pub(super) fn dot_await(&self) -> TokenStream {
        if self.is_async() { quote!(.await) } else { TokenStream::new() }
    }

    /// The derive of serde's traits, where the user asked for it.
    pub(super) fn serde_derive(&self) -> TokenStream {
        if self.config.serde { quote!(#[derive(::serde::Serialize, ::serde::Deserialize)]) } else { TokenStream::new() }
    }

    /// The spec's own spelling on the wire, where it is not Rust's.
    pub(super) fn serde_rename(&self, ident: &Ident, spelling: &str) -> TokenStream {
        let spelt = ident.to_string();
        let same = spelt.strip_prefix("r#").unwrap_or(&spelt) == spelling;
        if self.config.serde && !same { quote!(#[serde(rename = #spelling)]) } else { TokenStream::new() }
    }
}
