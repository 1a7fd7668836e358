//! What every part of the Rust back-end needs: the machine, its names in Rust, and which kinds of code it has at all.
//!
//! Made once by `backend::rust::emit`, then only read.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::UseTree;

use super::form::{self, Form};
use super::shape::{self, Types};
use super::shared::Shared;
use super::tokens;
use crate::config::Config;
use crate::ir::{
    Action, ArgKind, EventId, Guard, IndexVec, Machine, MessageId, Mode, Name, ParamType, Root, State, StateId,
    StateKind, TimerId,
};
use crate::names;
use crate::source::{Source, Span, Spanned};

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
            let mut silent: IndexVec<StateId, bool> = machine.states.iter().map(|_| true).collect();
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

/// The machine's names in Rust.
pub(super) struct Names {
    /// `robot`.
    pub(super) module: Ident,
    /// `Robot`, the pair of machine and handlers.
    pub(super) service: Ident,
    /// The variant of each state; the root's is not used.
    pub(super) variants: IndexVec<StateId, Ident>,
    /// The types of the states.
    pub(super) types: Types,
    /// The variant, and the struct, of each event.
    pub(super) events: IndexVec<EventId, Ident>,
    /// The variant, and the struct, of each message.
    pub(super) messages: IndexVec<MessageId, Ident>,
    /// The variant of each timer.
    pub(super) timers: IndexVec<TimerId, Ident>,
    /// A name for each state that no other has, in the manner of a function.
    pub(super) labels: IndexVec<StateId, String>,
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
    /// of the field does.
    pub(super) fn public(&self, name: &Name) -> TokenStream {
        let place = self.source.rust(name.span).map_or_else(proc_macro2::Span::call_site, |(first, _)| first);
        quote_spanned!(place=> pub)
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

    /// `async`, where actions are asynchronous.
    pub(super) fn async_keyword(&self) -> TokenStream {
        if self.is_async() { quote!(async) } else { TokenStream::new() }
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

impl Names {
    fn new(machine: &Machine, source: &Source) -> Self {
        let mut name = names::pascal(&machine.name.value);
        // `Fsm` goes behind a name that the module uses for itself, or that the spec mentions.
        if names::is_taken(&name) || mentioned_idents(machine).contains(&name) {
            name.push_str("Fsm");
        }
        let pascal = |name: &Name| placed(names::pascal_ident(&name.value), name, source);
        let variants: IndexVec<_, _> = machine.states.iter().map(|state| pascal(&state.name)).collect();
        Self {
            module: placed(names::snake_ident(&machine.name.value), &machine.name, source),
            service: placed(names::ident(&name), &machine.name, source),
            types: Types::new(machine, &variants),
            variants,
            events: machine.events.iter().map(|event| pascal(&event.name)).collect(),
            messages: machine.emits.iter().map(|message| pascal(&message.name)).collect(),
            timers: timers(machine),
            labels: labels(machine),
        }
    }
}

/// `ident` where the user wrote the name that it stands for, so that editors find one from the other. Only the place is
/// the user's: what the identifier can see stays as generated.
fn placed(ident: Ident, name: &Name, source: &Source) -> Ident {
    let Some((token, _)) = source.rust(name.span) else { return ident };
    let mut ident = ident;
    ident.set_span(token.resolved_at(ident.span()));
    ident
}

/// `WorkingAfterWatchdog`, `BlinkingEvery1s`.
fn timers(machine: &Machine) -> IndexVec<TimerId, Ident> {
    let mut taken = HashSet::from(["Sent".to_owned()]);
    let name = |timer| names::pascal(&timer_words(machine, timer));
    machine.timers.iter().map(|timer| names::ident(&unique(&mut taken, &name(timer)))).collect()
}

/// `Working after watchdog`.
pub(super) fn timer_words(machine: &Machine, timer: &crate::ir::Timer) -> String {
    let what = if timer.repeats { "every" } else { "after" };
    let delay = crate::labels::wait(machine, timer.wait);
    let state = if timer.state == StateId::ROOT { String::new() } else { machine.path(timer.state) };
    format!("{state} {what} {delay}")
}

fn labels(machine: &Machine) -> IndexVec<StateId, String> {
    let mut taken = HashSet::new();
    machine.states.ids().map(|state| unique(&mut taken, &names::snake(&machine.path(state)))).collect()
}

/// `name`, with a number behind it where it is taken.
pub(super) fn unique(taken: &mut HashSet<String>, name: &str) -> String {
    let mut unique = name.to_owned();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}{number}");
        number += 1;
    }
    unique
}

/// The spec's `use:` lines.
pub(super) fn uses(scope: &Scope<'_>) -> TokenStream {
    let mentioned = mentioned_idents(scope.machine);
    let lines = scope.machine.uses.iter().map(|Spanned { value: tree, .. }| {
        if names_of(tree).iter().all(|name| name.as_ref().is_some_and(|name| mentioned.contains(name))) {
            quote!(use #tree;)
        } else {
            // A trait is used without being named, and a glob may bring anything.
            quote! {
                #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
                use #tree;
            }
        }
    });
    let runtime = &scope.config.runtime;
    let waits = scope.machine.actions.iter().any(|action| !action.blocking) || !scope.machine.tasks.is_empty();
    let future = (scope.is_async() && waits).then(|| {
        quote!(
            use ::core::future::Future;
        )
    });
    quote! {
        #(#lines)*
        #future
        use #runtime::core as fsm;
    }
}

/// Imports of the spec's names into a module whose items are `items`, `depth` modules below the machine's own.
pub(super) fn uses_of_child(scope: &Scope<'_>, items: &TokenStream, depth: usize) -> TokenStream {
    let above: TokenStream = (0..depth).map(|_| quote!(super::)).collect();
    let mut mentioned = HashSet::new();
    tokens::collect_idents(items.clone(), &mut mentioned);
    let names = scope.machine.uses.iter().flat_map(|tree| names_of(&tree.value));
    let lines = names.filter_map(|name| match name {
        Some(name) if mentioned.contains(&name) => {
            let name = names::ident(&name);
            Some(quote!(use #above #name;))
        }
        Some(_) => None,
        None => Some(quote! {
            #[allow(clippy::wildcard_imports, unused_imports, reason = "as the spec says")]
            use #above *;
        }),
    });
    quote!(#(#lines)*)
}

/// What a `use` brings into scope; `None` for a glob.
pub(super) fn names_of(tree: &UseTree) -> Vec<Option<String>> {
    match tree {
        UseTree::Path(path) => names_of(&path.tree),
        UseTree::Name(name) => vec![Some(name.ident.to_string())],
        UseTree::Rename(rename) => vec![Some(rename.rename.to_string())],
        UseTree::Group(group) => group.items.iter().flat_map(names_of).collect(),
        UseTree::Glob(_) => vec![None],
    }
}

/// Every identifier in the types and expressions that stand in the module itself, those of payloads aside.
fn mentioned_idents(machine: &Machine) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut add = |tokens: TokenStream| tokens::collect_idents(tokens, &mut found);
    for field in &machine.context {
        add(field.ty.syntax.to_token_stream());
        add(field.default.as_ref().map(|default| &default.syntax).to_token_stream());
    }
    add(machine.error.as_ref().map(|error| &error.syntax).to_token_stream());
    for param in machine.actions.iter().chain(&machine.guards).flat_map(|method| &method.params) {
        if let ParamType::Rust(ty) = &param.ty {
            add(ty.to_token_stream());
        }
    }
    for (_, block) in form::blocks(machine) {
        form::each_action(block, &mut |action| {
            for expr in action_exprs(action) {
                add(expr.syntax.to_token_stream());
            }
        });
    }
    let mut guards: Vec<&Guard> = form::guards(machine).into_iter().map(|(_, guard)| guard).collect();
    while let Some(guard) = guards.pop() {
        match guard {
            Guard::Expr(expr) => add(expr.syntax.to_token_stream()),
            Guard::And(all) | Guard::Or(all) => guards.extend(all),
            Guard::Not(inner) => guards.push(inner),
            Guard::Call(..) | Guard::Bool(_) | Guard::In(_) => {}
        }
    }
    for state in &machine.states {
        add(state.output.as_ref().map(|output| &output.syntax).to_token_stream());
        add(state.done.as_ref().map(|ty| &ty.syntax).to_token_stream());
        if let StateKind::Compound(initial) = &state.kind {
            initial.data.iter().for_each(|supply| add(supply.value.syntax.to_token_stream()));
        }
    }
    machine.transitions.iter().flat_map(|it| &it.data).for_each(|supply| add(supply.value.syntax.to_token_stream()));
    machine.tasks.iter().for_each(|task| add(task.output.as_ref().map(|output| &output.syntax).to_token_stream()));
    add(machine.output.as_ref().map(|output| &output.syntax).to_token_stream());
    add(machine.generics.as_ref().map(|generics| generics.value.params.to_token_stream()).unwrap_or_default());
    machine.events.iter().for_each(|event| add(event.reply.as_ref().map(|ty| &ty.syntax).to_token_stream()));
    found
}

/// The expressions of one action, those of blocks inside it aside.
fn action_exprs(action: &Action) -> Vec<&crate::ir::Expr> {
    match action {
        Action::Assign(all) => all.iter().map(|one| &one.value).collect(),
        Action::Raise(record) => record.fields.iter().map(|one| &one.value).collect(),
        Action::Send { event, .. } => event.fields.iter().map(|one| &one.value).collect(),
        Action::Emit(record) => record.fields.iter().map(|one| &one.value).collect(),
        Action::Reply(_, expr) => vec![expr],
        Action::Log(parts) => parts
            .iter()
            .filter_map(|part| match part {
                crate::ir::LogPart::Value(expr, _) => Some(expr),
                crate::ir::LogPart::Text(_) => None,
            })
            .collect(),
        Action::Call(..) | Action::Cancel(_) | Action::If { .. } => Vec::new(),
    }
}

/// Whether running `actions` reads the payload of the trigger.
pub(super) fn reads_event(actions: &[Action]) -> bool {
    form::any_action(actions, &|action| match action {
        Action::Call(_, call) => {
            call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Path { root: Root::Event, .. }))
        }
        Action::If { guard, .. } => super::guards::reads_event(guard),
        other => action_exprs(other).iter().any(|expr| tokens::mentions(&expr.syntax, Root::Event.name())),
    })
}
