//! A shard: one task that owns all machines whose keys fall to it.
//!
//! Its work comes from five sides: steps that were woken, timers that are due, invokes that ended, questions, and
//! events. It takes some of each in turn, so that none keeps the others waiting, and after [`ROUNDS`] turns it lets
//! other tasks run. What a step leads to stands in [`super::steps`].
//!
//! The machines of the next events are asked for while the present one is in its step ([`super::ahead`]): with a million
//! of them each look is a wait for memory.
//!
//! Invariants: a machine handles one event at a time, and those for one key in the order in which the mailbox took
//! them; a handler that waits, hangs or panics concerns its own machine alone; at most `2 * capacity` events wait inside of
//! the shard for machines that are away, and with a journal `3 * capacity` are handled and not durable yet, after which the
//! mailbox fills up and senders wait. What comes by itself, timers and machines made anew, waits for the journal too.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Key;
use super::ahead::Ahead;
use super::beside::{Clockwork, InvokesOf};
use super::desk::Desk;
use super::flight::{Flight, Waiting};
use super::idle::Idle;
use super::job::{Step, Work};
use super::keeping::Keeping;
use super::letters::{Asker, Control, Envelope};
use super::machines::{Body, Machines};
use super::supervising::{Policy, Troubles};
use super::within;
use crate::core::{Machine, Service, Status, Token};
use crate::dispatcher::Runnable;
use crate::error::Refused;
use crate::meter::{Metering as _, Timing};
use crate::report::Reason;
use crate::timers::Chain;
use crate::trace::Waiting as Origins;

/// So many turns, and then others have theirs.
const ROUNDS: u32 = 16;
/// So many events a turn, and so many timers and results.
const CHUNK: usize = 64;

/// Makes the machine of a key; `None` if there is to be none.
pub(super) type Factory<K, S> = Arc<dyn Fn(&K) -> Option<S> + Send + Sync>;

/// Who asked for events that are deferred, by machine.
type Deferred<M> = HashMap<u32, Vec<(Token, Asker<M>)>>;

pub(super) struct Shard<K: Key, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    pub(super) machines: Machines<K, S>,
    pub(super) flight: Flight<S, G>,
    pub(super) clock: Clockwork<<S::Machine as Machine>::Timer>,
    pub(super) invokes: InvokesOf<S::Machine>,
    pub(super) waiting: Deferred<S::Machine>,
    /// Where the events come from that are deferred, as far as anybody listened, by machine.
    pub(super) origins: HashMap<u32, Origins>,
    pub(super) idle: Idle,
    pub(super) keeping: Keeping<K, S>,
    pub(super) policy: Policy<K, S>,
    pub(super) troubles: Troubles<S::Machine>,
    /// How many steps by events were begun.
    pub(super) begun: u64,
    factory: Factory<K, S>,
    pub(super) ahead: Ahead,
    /// Why nothing new will come, once this is so.
    closing: Option<Reason>,
    /// A chain without timers, for a timer without owner, which there is not.
    spare: Chain,
    /// The last field because it is to be dropped last.
    pub(super) desk: Desk<K, S::Machine>,
}

// No field is ever pinned: the steps are, in boxes of their own.
impl<K: Key, S, G> Unpin for Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    pub(super) fn new(
        desk: Desk<K, S::Machine>,
        factory: Factory<K, S>,
        make: G,
        capacity: usize,
        idle: Idle,
        keeping: Keeping<K, S>,
        policy: Policy<K, S>,
    ) -> Self {
        let audience = desk.shared.hooks.audience.clone();
        Self {
            machines: Machines::new(desk.shared.hasher.clone()),
            flight: Flight::new(make, audience, within::address(desk.door()), capacity),
            clock: Clockwork::new(),
            invokes: InvokesOf::<S::Machine>::new(),
            waiting: HashMap::new(),
            origins: HashMap::new(),
            idle,
            keeping,
            policy,
            troubles: Troubles::new(),
            begun: 0,
            factory,
            ahead: Ahead::new(),
            closing: None,
            spare: Chain::new(),
            desk,
        }
    }

    /// One turn; false where there was nothing to do.
    fn turn(&mut self, context: &mut Context<'_>) -> bool {
        let mut busy = self.resume();
        let timers = !self.is_behind();
        busy |= timers && self.make_anew();
        busy |= timers && self.catch_timers_up();
        busy |= self.catch_invokes_up(context);
        busy |= self.questions();
        busy |= self.events();
        self.idle.look(|| self.clock.now());
        busy |= self.sweep();
        self.desk.tell_len(self.machines.len());
        busy
    }

    /// Goes on with the steps that were woken up to now.
    fn resume(&mut self) -> bool {
        self.flight.collect();
        let mut busy = false;
        while let Some(slot) = self.flight.next_woken() {
            self.drive(slot);
            busy = true;
        }
        busy
    }

    /// Whether the journal is so many steps behind that nothing is to begin by itself. A step that begins then would only wait
    /// longer, and a machine with a timer in a short period would fill memory.
    fn is_behind(&self) -> bool {
        self.flight.is_behind(self.keeping.held())
    }

    /// What goes before the next events (SEMANTICS.md, 14.8): timers that are due, then results of invokes. No more than
    /// [`CHUNK`] of each, so that machines that are always late do not keep events waiting for ever.
    fn catch_timers_up(&mut self) -> bool {
        if !self.clock.is_running() {
            return false;
        }
        let (now, mut busy) = (self.clock.now(), false);
        for _ in 0..CHUNK {
            let (machines, spare) = (&mut self.machines, &mut self.spare);
            let chain = |owner| machines.get_mut(owner).map_or(spare, |entry| &mut entry.timers);
            let Some((owner, timer, generation)) = self.clock.take_due(now, chain) else { break };
            self.desk.meter.steps.timer(Timing::Fired);
            self.hand_over(owner, Work::Fire(Some(timer), generation));
            busy = true;
        }
        busy
    }

    /// The results of invokes. They begin when their step is durable, so their number is bounded by that of machines.
    fn catch_invokes_up(&mut self, context: &mut Context<'_>) -> bool {
        let mut busy = false;
        for _ in 0..CHUNK {
            let Poll::Ready((owner, generation, ended)) = self.invokes.poll_ended(context) else { break };
            match ended {
                Ok(done) => self.hand_over(owner, Work::Complete(generation, Some(done))),
                Err(panic) => self.lose_invoke(owner, generation, panic),
            }
            busy = true;
        }
        busy
    }

    fn questions(&mut self) -> bool {
        let mut busy = false;
        while let Some(control) = self.desk.batch.pop_control() {
            busy = true;
            match control {
                Control::Look(hash, key, look, within) => self.look(hash, &key, look, within),
                Control::Forget(hash, key, told) => {
                    let known = self.machines.find(hash, &key).is_some_and(|at| self.let_go(at));
                    // Whoever asked may have gone away.
                    let _ = told.send(known);
                }
            }
        }
        busy
    }

    /// The next events of the batch.
    fn events(&mut self) -> bool {
        let mut left = self.desk.batch.events.len().min(CHUNK);
        let busy = left > 0;
        while left > 0 {
            let rushed = if self.may_rush() { self.rush(left) } else { 0 };
            if rushed == 0 {
                self.take_next();
            }
            left -= rushed.max(1);
        }
        busy
    }

    /// The next event, with all that there may be to it.
    fn take_next(&mut self) {
        let guess = self.ahead.look(&self.machines, &self.desk.batch.events);
        // It is not taken out before it is known where it goes: it would be lost with a key that panics.
        let Some(next) = self.desk.batch.events.front() else { return };
        let at = match self.machines.find_at(guess, &next.key) {
            Some(_) => Some(guess),
            // An event before it may have been the first of its machine.
            None => self.machines.find(next.hash, &next.key),
        };
        let Some(envelope) = self.desk.batch.events.pop_front() else { return };
        self.ahead.pass();
        match at {
            Some(at) => self.accept(at, envelope.event, envelope.asker),
            None => self.create(envelope),
        }
    }

    /// The first event of a machine, or of one that is not in memory.
    fn create(&mut self, envelope: Envelope<K, S::Machine>) {
        let Envelope { hash, key, event, asker } = envelope;
        let waiting = Waiting { work: Work::Event(event), asker };
        let Err((key, Waiting { work, asker })) = self.call(hash, key, waiting) else { return };
        let Work::Event(event) = work else { return };
        let Some(service) = self.make(&key) else {
            self.refuse(&key, event, asker, Refused::Unknown);
            return;
        };
        let at = self.add(hash, key, service);
        self.accept(at, event, asker);
    }

    pub(super) fn make(&self, key: &K) -> Option<S> {
        match crate::dispatcher::caught(|| (self.factory)(key)) {
            Ok(service) => service,
            Err(panic) => {
                let (panic, machine) = (crate::dispatcher::message(&*panic), S::Machine::DEFINITION.name);
                tracing::error!(target: crate::trace::TARGET, machine, panic, "the factory panicked");
                None
            }
        }
    }

    /// Puts a machine in, and starts it where it is not.
    fn add(&mut self, hash: u64, key: K, service: S) -> u32 {
        self.desk.meter.steps.started();
        let status = service.machine().status();
        let body = if status == Status::Stepping { Body::Gone(Reason::Poisoned) } else { Body::Here(service) };
        let at = self.machines.insert(hash, key, body, self.idle.tick());
        if matches!(status, Status::Stopped | Status::Suspended) {
            self.hand_over(at, Work::Start);
        }
        at
    }

    /// Takes what the mailbox has, and sleeps where there is nothing. `Some` is the reason to end.
    fn wake(&mut self, context: &mut Context<'_>) -> Poll<Option<Reason>> {
        if let Some(reason) = self.desk.look_up() {
            return Poll::Ready(Some(reason));
        }
        if self.desk.batch.is_plain() && self.desk.batch.events.is_empty() {
            if self.closing.is_some() || self.flight.is_full(self.keeping.held()) {
                if let Poll::Ready(reason) = self.desk.door().mailbox.poll_halt(context) {
                    return Poll::Ready(Some(reason));
                }
            } else if let Poll::Ready(closed) = self.desk.poll_take(context) {
                self.closing = closed;
            }
        }
        if !(self.desk.batch.is_plain() && self.desk.batch.events.is_empty()) {
            return Poll::Ready(None);
        }
        if let Some(reason) = self.closing.filter(|_| self.flight.away() == 0 && self.keeping.held() == 0) {
            return Poll::Ready(Some(reason));
        }
        // Whoever is behind hears of it when steps become durable.
        let timers = !self.is_behind();
        let anew = if timers { self.troubles.next() } else { None };
        let other = self.idle.next().into_iter().chain(anew).min();
        let (due, woken) = (self.clock.poll_due(timers, other, context), self.flight.sleep(context));
        let news = self.keeping.sleep(context);
        if due.is_ready() || woken.is_ready() || news.is_ready() { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl<K: Key, S, G> Future for Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            let news = match self.hear() {
                Ok(news) => news,
                Err(reason) => {
                    self.desk.report.reason = reason;
                    return Poll::Ready(());
                }
            };
            let busy = self.turn(context) || news;
            if busy && !self.desk.batch.events.is_empty() {
                if let Some(reason) = self.desk.look_up() {
                    self.desk.report.reason = reason;
                    return Poll::Ready(());
                }
                continue;
            }
            match self.wake(context) {
                Poll::Pending if busy => {}
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {}
                Poll::Ready(Some(reason)) => {
                    self.desk.report.reason = reason;
                    return Poll::Ready(());
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<K: Key, S, G> Drop for Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// What is on its way ends with the shard: the desk is told of each event.
    fn drop(&mut self) {
        let report = &mut self.desk.report;
        report.machines = self.machines.len() as u64;
        // What a delayed `send` brought can be deferred too, and is no event of the mailbox.
        report.handled = report.handled.saturating_sub(report.deferred);
        let reason = report.reason;
        for (at, Waiting { work, asker }) in self.flight.end() {
            let Work::Event(event) = work else { continue };
            let back = match asker {
                Some(asker) => asker.lose(reason, Some(event)),
                None => Some(event),
            };
            if let (Some(event), Some(entry)) = (back, self.machines.get(at)) {
                self.desk.rest.push((entry.key.clone(), event));
            }
        }
        for (asker, event) in self.keeping.end() {
            if let Some(asker) = asker {
                drop(asker.lose(reason, event));
            }
        }
    }
}
