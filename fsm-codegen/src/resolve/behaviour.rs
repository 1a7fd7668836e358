//! What the machine does, state by state: blocks, transitions, timers, invokes, deferred events.
//!
//! Needs the tree, the shapes, the symbols, the patterns and the tables of methods and delays, which it fills. After
//! this point every name in a guard or an action is an id or a field that exists, and every transition has its trigger
//! and its targets. This file goes through a state; `transitions`, `actions` and `invokes` do the parts.

use fsm_model::gather::Gather as _;
use std::collections::{HashMap, HashSet};

use crate::ast;
use crate::diag::{Code, Diagnostic, shown};
use crate::ir::{
    self, EventId, IndexVec, InvokeId, Name, PatternId, StateId, Task, TaskId, Timer, TimerId, TransitionId, Trigger,
    Wait,
};
use crate::source::{Source, Span};

use super::delays::Delays;
use super::expressions;
use super::methods::Table;
use super::outputs::Outputs;
use super::patterns::{self, Key, Patterns};
use super::report::Report;
use super::scope::{Results, Scope, Visible};
use super::structure::Shape;
use super::symbols::{Fields, Symbols};
use super::tree::Tree;

/// How many deferred events the patterns of all states may stand for.
const MOST_DEFERRED: usize = 1_000_000;

/// The behaviour of one state.
#[derive(Default)]
pub(super) struct Behaviour {
    /// `entry:`.
    pub(super) entry: Vec<ir::Action>,
    /// `exit:`.
    pub(super) exit: Vec<ir::Action>,
    /// The initial transition of a compound, the default of a history state.
    pub(super) initial: Option<ir::Initial>,
    /// The transitions from here, in the order in which they are tried.
    pub(super) transitions: Vec<TransitionId>,
    /// `after:` and `every:`.
    pub(super) timers: Vec<TimerId>,
    /// `invoke:`.
    pub(super) invokes: Vec<InvokeId>,
    /// `defer:`.
    pub(super) defer: Vec<EventId>,
    /// `output:`.
    pub(super) output: Option<ir::Expr>,
}

/// Lowers the behaviour of all states, one by one.
pub(super) struct Lowering<'l, 'd> {
    /// Where the states are.
    pub(super) tree: &'l Tree<'l>,
    /// What they are.
    pub(super) shapes: &'l IndexVec<StateId, Shape>,
    /// Events, messages, context, data.
    pub(super) symbols: &'l Symbols,
    /// Patterns of events.
    pub(super) patterns: &'l Patterns,
    /// The types of outputs.
    pub(super) outputs: &'l Outputs,
    /// What actions fail with.
    pub(super) error: Option<&'l ir::Type>,
    /// The text, for places inside of expressions.
    pub(super) source: &'l Source,
    /// The methods that actions call.
    pub(super) actions: Table,
    /// The methods that guards call.
    pub(super) guards: Table,
    /// The methods that invokes call.
    pub(super) tasks: Table,
    /// What each of those gives, with the place where it is said first.
    pub(super) task_outputs: IndexVec<TaskId, (Option<ir::Type>, Span)>,
    /// Named delays.
    pub(super) delays: Delays,
    /// All transitions so far.
    pub(super) transitions: IndexVec<TransitionId, ir::Transition>,
    /// All timers so far.
    pub(super) timers: IndexVec<TimerId, Timer>,
    /// All invokes so far.
    pub(super) invokes: IndexVec<InvokeId, ir::Invoke>,
    /// How many events the patterns of `defer` stand for, over all states.
    pub(super) deferred: usize,
    /// Into how many transitions patterns were expanded.
    pub(super) expanded: usize,
    /// Where complaints go.
    pub(super) report: &'l mut Report<'d>,
}

impl<'l> Lowering<'l, '_> {
    /// Everything that `state` does.
    pub(super) fn state(&mut self, state: StateId) -> Behaviour {
        let written = self.tree.nodes[state].ast;
        let mut behaviour = Behaviour {
            entry: self.block(&written.entry, self.scope(Visible::Not("an entry action"), state)),
            exit: self.block(&written.exit, self.scope(Visible::Not("an exit action"), state)),
            initial: if self.shapes[state] == Shape::History {
                self.history(state, written)
            } else {
                written.initial.as_ref().and_then(|initial| self.initial(state, initial))
            },
            output: written.output.as_ref().and_then(|output| {
                let scope = self.scope(Visible::Not("an output"), state);
                expressions::check_value(output, &scope, self.report)
            }),
            defer: self.defer(written),
            ..Behaviour::default()
        };
        self.handlers(state, written, &mut behaviour);
        self.eventless(state, written, &mut behaviour);
        self.completion(state, written, &mut behaviour);
        for (list, repeats) in [(&written.after, false), (&written.every, true)] {
            self.timers(state, list, repeats, &mut behaviour);
        }
        for invoke in &written.invoke {
            self.invoke(state, invoke, &mut behaviour);
        }
        behaviour
    }

    /// What is visible in something that belongs to `state`.
    pub(super) fn scope<'s>(&self, event: Visible<'s>, state: StateId) -> Scope<'s>
    where
        'l: 's,
    {
        let tables: (&'l Symbols, &'l Tree<'l>, &'l Source) = (self.symbols, self.tree, self.source);
        Scope::new(event, state, tables)
    }

    fn initial(&mut self, state: StateId, written: &ast::Initial) -> Option<ir::Initial> {
        let scope = self.scope(Visible::Not("an initial transition"), state);
        let actions = self.block(&written.actions, scope);
        let targets = match &self.shapes[state] {
            Shape::Compound(targets) => targets.clone(),
            _ => Vec::new(),
        };
        let data = self.supplies(&targets, &written.data, scope);
        (!targets.is_empty()).then_some(ir::Initial { targets, actions, data, span: written.span })
    }

    /// The default of a history state; its targets are those of the parent where it only has actions.
    fn history(&mut self, state: StateId, written: &ast::State) -> Option<ir::Initial> {
        let default = written.default.as_ref()?;
        let parent = self.tree.nodes[state].parent?;
        let scope = self.scope(Visible::Not("the default of a history state"), parent);
        let actions = self.block(&default.actions, scope);
        let targets = match &default.targets {
            Some(texts) => self.default_targets(state, parent, texts),
            None => match &self.shapes[parent] {
                Shape::Compound(targets) => targets.clone(),
                Shape::Parallel => self.tree.nodes[parent].children.clone(),
                _ => Vec::new(),
            },
        };
        let data = self.supplies(&targets, &default.data, scope);
        (!targets.is_empty()).then_some(ir::Initial { targets, actions, data, span: default.span })
    }

    /// Where the event `error` is handled, and in an invoke's `onError`.
    pub(super) fn failure(&self, owner: String) -> Results {
        let fields = self.error.map_or_else(Fields::default, |ty| Fields::single("error", Some(ty.clone())));
        let advice = match self.error {
            Some(_) => "take `event.error`".to_owned(),
            None => format!("declare what actions and invokes fail with: {}", self.report.words().error_type()),
        };
        Results { owner, fields, advice }
    }

    /// Where the end of something is handled; `None`: it gives nothing.
    pub(super) fn result(owner: String, output: Option<&ir::Type>, advice: &str) -> Results {
        let fields = output.map_or_else(Fields::default, |ty| Fields::single("output", Some(ty.clone())));
        let advice = if output.is_some() { "take `event.output`" } else { advice };
        Results { owner, fields, advice: advice.to_owned() }
    }

    fn eventless(&mut self, state: StateId, written: &ast::State, behaviour: &mut Behaviour) {
        let scope = self.scope(Visible::Not("an eventless transition"), state);
        for transition in &written.always {
            if transition.guard.is_none() && transition.targets.is_none() && !self.report.is_partial() {
                let message = "an eventless transition without guard and target would be taken forever";
                let entry = self.report.words().entry();
                let help = format!("what is to be done once, on the way in, stands {entry}");
                self.report.push(Diagnostic::error(Code::IdleTransition, transition.span, message).help(help));
            }
            self.add(state, transition, Trigger::Always, scope, behaviour);
        }
    }

    fn completion(&mut self, state: StateId, written: &ast::State, behaviour: &mut Behaviour) {
        if written.on_done.is_empty() {
            return;
        }
        let owner = format!("the completion of {}", self.tree.described(state));
        let words = self.report.words();
        let advice = match &self.shapes[state] {
            Shape::Parallel => {
                let done = words.done();
                format!("a parallel state has no output of its own; the outputs of its regions go to their {done}")
            }
            _ => format!("a final child gives it: {}", words.output()),
        };
        let results = Self::result(owner, self.outputs.done[state].as_ref(), &advice);
        let unknown = self.outputs.unknown.contains(&state) && self.outputs.done[state].is_none();
        let scope = self.scope(if unknown { Visible::Unknown } else { Visible::Result(&results) }, state);
        for transition in &written.on_done {
            self.add(state, transition, Trigger::Done, scope, behaviour);
        }
    }

    fn timers(
        &mut self,
        state: StateId,
        list: &[(ast::Delay, Vec<ast::Transition>)],
        repeats: bool,
        behaviour: &mut Behaviour,
    ) {
        let scope =
            self.scope(Visible::Not(if repeats { "a repeated transition" } else { "a delayed transition" }), state);
        let mut known: HashMap<Wait, Span> = HashMap::new();
        for (delay, transitions) in list {
            let span = delay_span(delay);
            let wait = self.delays.wait(delay, self.report);
            if let Some(wait) = wait {
                self.check_wait(wait, span, repeats, &mut known);
            }
            // Without a delay the transitions are still looked at for their own mistakes.
            let wait = wait.unwrap_or(Wait::Fixed(std::time::Duration::ZERO));
            let timer = self.timers.push(Timer { state, wait, repeats, span });
            behaviour.timers.push(timer);
            for transition in transitions {
                self.add(state, transition, Trigger::Timer(timer), scope, behaviour);
            }
        }
    }

    fn check_wait(&mut self, wait: Wait, span: Span, repeats: bool, known: &mut HashMap<Wait, Span>) {
        let length = match wait {
            Wait::Fixed(duration) => Some(duration),
            Wait::Named(delay) => self.delays.list[delay].duration,
        };
        if repeats && length.is_some_and(|length| length.is_zero()) {
            let message = "what repeats without a pause never ends";
            let help = "give `every` a delay above zero";
            self.report.push(Diagnostic::error(Code::InvalidDelay, span, message).help(help));
        }
        if let Some(first) = known.insert(wait, span) {
            let diagnostic = Diagnostic::error(Code::DuplicateKey, span, "this delay stands here a second time");
            let help = "write the transitions as one list, in the order in which they are tried";
            self.report.push(diagnostic.label(first, "first written here").help(help));
        }
    }

    fn defer(&mut self, written: &ast::State) -> Vec<EventId> {
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        for name in &written.defer {
            match patterns::key(&name.value) {
                Key::Error => {
                    let message = "the event `error` cannot be deferred";
                    let help = format!("handle it: {}", self.report.words().on_error());
                    self.report.push(Diagnostic::error(Code::InvalidName, name.span, message).help(help));
                }
                Key::Exact => {
                    let event = self.symbols.event(name, self.report);
                    found.extend(event.filter(|event| known.insert(*event)));
                }
                Key::Pattern(_) => {
                    let events = self.pattern_events(name);
                    self.deferred = self.deferred.saturating_add(events.len());
                    if self.deferred > MOST_DEFERRED {
                        self.report_deferred(name);
                        return Vec::new();
                    }
                    found.extend(events.iter().filter(|event| known.insert(**event)));
                }
            }
        }
        found
    }

    /// Says once that patterns defer too much; from then on they stand for nothing.
    fn report_deferred(&mut self, name: &Name) {
        if self.deferred != usize::MAX {
            let message = format!("the patterns of `defer` stand for more than {MOST_DEFERRED} events in all");
            let help = format!("defer them in an ancestor, or by {}", self.report.words().defer_all());
            self.report.push(Diagnostic::error(Code::TooLarge, name.span, message).help(help));
        }
        self.deferred = usize::MAX;
    }

    fn pattern_events(&self, name: &Name) -> &'l [EventId] {
        let id: Option<PatternId> = self.patterns.find(&name.value);
        id.map_or(&[], |id| &self.patterns.list[id].events)
    }

    /// What the methods of invokes are, and what they give.
    pub(super) fn finish_tasks(&mut self) -> IndexVec<TaskId, Task> {
        let methods = std::mem::take(&mut self.tasks.methods);
        let outputs = std::mem::take(&mut self.task_outputs);
        methods.into_iter().zip(outputs).map(|(method, (output, _))| Task { method, output }).gather()
    }

    /// The error that a supplied field is not one of the targets'.
    pub(super) fn unknown_data(&mut self, targets: &[StateId], field: &Name) -> Diagnostic {
        let names: Vec<&str> = targets.iter().flat_map(|target| self.symbols.data[*target].names()).gather();
        let near = self.report.nearest(&field.value, names.iter().copied());
        let (message, help) = match targets {
            [] => ("data is for the states that are entered, and there is no target".to_owned(), None),
            [target] if self.tree.is_history(*target) => {
                let message = format!("{} is a history state and has no data", self.tree.described(*target));
                let place = self.report.words().default_data();
                let help = format!("it brings data back with the states; what its default needs stands {place}");
                (message, Some(help))
            }
            [target] => {
                let message = format!("{} has no data `{}`", self.tree.described(*target), shown(&field.value));
                let help = names.is_empty().then(|| {
                    let declared = self.report.words().declare_data(&field.value);
                    format!("declare it in the target: {declared}")
                });
                (message, help)
            }
            _ => (format!("none of the targets has data `{}`", shown(&field.value)), None),
        };
        let mut diagnostic =
            Diagnostic::error(Code::UnknownField, field.span, message).maybe_help(near.or(help.map(Into::into)));
        for target in targets.iter().take(2) {
            diagnostic = diagnostic.label(self.tree.name(*target).span, "the target");
        }
        diagnostic
    }
}

/// Where a delay stands.
pub(super) const fn delay_span(delay: &ast::Delay) -> Span {
    match delay {
        ast::Delay::Duration(duration) => duration.span,
        ast::Delay::Name(name) => name.span,
    }
}
