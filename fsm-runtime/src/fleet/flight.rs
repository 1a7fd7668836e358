//! The steps that are running: futures in slots that are used again and again.
//!
//! Part of [`super`]. A step is written into the box of a free slot and polled with the waker of that slot. Most are
//! ready at once, and the slot is free again: no allocation, no task. One that waits keeps its slot, and with it what comes
//! for its machine meanwhile; when it is woken the slot's number is on the board, and the shard polls it again.
//!
//! Invariant: a slot that is on the board without cause is polled once in vain, or not at all where it is free.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use tracing::Span;

use super::desk::take_lost;
use super::job::{Audience, Lost, Papers, Step, Work};
use super::keeping::{Id, NO_ID};
use super::letters::{Asker, Look};
use super::post::Post;
use super::rush::Lane;
use super::supervising::Doom;
use super::within::Within;
use crate::core::{Machine, Service};
use crate::dispatcher::Payload;
use crate::question::Pile;
use crate::trace::{Turns, is_listened};

/// Something for a machine that is away.
pub(super) struct Waiting<M: Machine> {
    pub(super) work: Work<M>,
    pub(super) asker: Option<Asker<M>>,
}

/// Something for a machine that is away, which goes before events; nobody asks for it.
pub(super) enum First<M: Machine> {
    /// A start, a timer or a result.
    Step(Work<M>),
    /// The invoke of that generation panicked. It ends the machine unless a step before it leaves the state of the invoke.
    Panic(u32, Payload),
}

/// Where steps lie; empty as soon as one is over.
pub(super) type Seat<F> = Pin<Box<Option<F>>>;

/// Writes a step in. The seat is emptied before that, so that the compiler sees that nothing is dropped when the step comes, and
/// makes it where it will lie. Else it is made beside it, in pieces, and copied as one, and the processor has to wait for the pieces.
pub(super) fn write<S: Service, G: Step<S>>(seat: &mut Seat<G::Future>, make: G, papers: Box<Papers<S>>) {
    if seat.is_some() {
        seat.set(None);
    }
    seat.set(Some(make.begin(papers)));
}

/// One step, and what waits for its end.
pub(super) struct Slot<S: Service, G: Step<S>> {
    future: Seat<G::Future>,
    waker: Waker,
    /// From the beginning of a step to its end, where anybody listens.
    pub(super) span: Option<(Span, Arc<Turns>)>,
    /// The entry of the machine.
    pub(super) owner: u32,
    /// Whether the machine does not go on when it comes back, whatever the step gives.
    pub(super) doomed: Option<Doom<S::Machine>>,
    pub(super) id: Id,
    pub(super) asker: Option<Asker<S::Machine>>,
    /// Timers and results, which go first.
    pub(super) first: VecDeque<First<S::Machine>>,
    /// Events.
    pub(super) events: VecDeque<Waiting<S::Machine>>,
    pub(super) looks: Pile<Look<S::Machine>>,
}

/// All slots of a shard.
pub(super) struct Flight<S: Service, G: Step<S>> {
    make: G,
    audience: Audience,
    /// What the shard is known by in its handlers.
    shard: usize,
    /// So many events wait in all slots before the shard takes no more.
    capacity: usize,
    /// What steps were about that came to no result.
    pub(super) lost: Lost<S::Machine>,
    slots: Vec<Slot<S, G>>,
    /// To be used again.
    papers: Vec<Box<Papers<S>>>,
    free: Vec<u32>,
    /// How many are not free.
    away: usize,
    /// How many events wait in all slots.
    pub(super) waiting: usize,
    board: Arc<Post<u32>>,
    woken: Vec<u32>,
}

struct Bell {
    slot: u32,
    board: Arc<Post<u32>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.board.leave(self.slot);
    }
}

impl<S: Service, G: Step<S>> Slot<S, G> {
    /// The step is over, or has panicked and is not to be polled again.
    pub(super) fn end(&mut self) {
        self.future.set(None);
    }
}

impl<S: Service, G: Step<S>> Flight<S, G> {
    pub(super) fn new(make: G, audience: Audience, shard: usize, capacity: usize) -> Self {
        Self {
            make,
            audience,
            shard,
            capacity,
            lost: Lost::default(),
            slots: Vec::new(),
            papers: Vec::new(),
            free: Vec::new(),
            away: 0,
            waiting: 0,
            board: Arc::default(),
            woken: Vec::new(),
        }
    }

    /// How many machines are away.
    pub(super) const fn away(&self) -> usize {
        self.away
    }

    pub(super) fn slot(&mut self, slot: u32) -> &mut Slot<S, G> {
        &mut self.slots[slot as usize]
    }

    /// A slot for a machine that goes away.
    pub(super) fn take(&mut self, owner: u32) -> u32 {
        self.away += 1;
        let slot = self.free.pop().unwrap_or_else(|| self.grow());
        self.slots[slot as usize].owner = owner;
        slot
    }

    fn grow(&mut self) -> u32 {
        // One for each machine that is in a step at a time.
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot {
            future: Box::pin(None),
            waker: Arc::new(Bell { slot, board: Arc::clone(&self.board) }).into(),
            span: None,
            owner: 0,
            doomed: None,
            id: NO_ID,
            asker: None,
            first: VecDeque::new(),
            events: VecDeque::new(),
            looks: Pile::default(),
        });
        slot
    }

    /// The machine is back.
    pub(super) fn give_back(&mut self, slot: u32) {
        self.away -= 1;
        self.free.push(slot);
    }

    /// Papers for a step.
    #[allow(clippy::unnecessary_box_returns, reason = "they travel in their box, with the machine and back")]
    pub(super) fn papers(&mut self) -> Box<Papers<S>> {
        let papers = self.papers.pop();
        papers.unwrap_or_else(|| Box::new(Papers::new(&self.audience, &self.lost)))
    }

    /// Gives papers back, to be used again.
    pub(super) fn recycle(&mut self, papers: Box<Papers<S>>) {
        self.papers.push(papers);
    }

    /// Sets a step going; it is to be polled.
    pub(super) fn begin(&mut self, slot: u32, papers: Box<Papers<S>>) {
        write(&mut self.slots[slot as usize].future, self.make, papers);
    }

    /// A slot for plain steps, one after the other.
    pub(super) fn lane(&mut self, slot: u32) -> Lane<'_, S, G> {
        let Slot { future, waker, owner, .. } = &mut self.slots[slot as usize];
        let (context, within) = (Context::from_waker(waker), Within::enter(self.shard));
        Lane { make: self.make, future, owner, context, within }
    }

    /// Whether so many events wait in all slots, or so many steps to be durable, that the shard is to take no more.
    pub(super) const fn is_full(&self, held: usize) -> bool {
        self.waiting >= self.capacity || self.is_behind(held)
    }

    /// Whether so many steps wait to be durable that nothing is to begin by itself. There may be twice as many of them as of
    /// events that wait: while one group is written, the next one gathers.
    pub(super) const fn is_behind(&self, held: usize) -> bool {
        held / 2 >= self.capacity
    }

    /// Puts an event aside for a machine that is away; whether those for it fill the shard from now on without any others.
    pub(super) fn put_aside(&mut self, slot: u32, event: Waiting<S::Machine>) -> bool {
        self.waiting += 1;
        let events = &mut self.slots[slot as usize].events;
        events.push_back(event);
        events.len() == self.capacity
    }

    /// Puts a question aside for a machine that is away.
    pub(super) fn put_look_aside(&mut self, slot: u32, look: Look<S::Machine>) {
        drop(self.slots[slot as usize].looks.push(look));
    }

    /// Whether anybody listens to steps.
    pub(super) fn is_watched(&self) -> bool {
        self.audience.observer.is_some() || is_listened()
    }

    /// Polls a step inside of its span. A panic of it goes on, with the step ended.
    pub(super) fn poll(&mut self, slot: u32) -> Poll<Box<Papers<S>>> {
        let slot = &mut self.slots[slot as usize];
        let Slot { future, waker, span, owner, events, .. } = slot;
        let Some(mut future) = future.as_mut().as_pin_mut() else { return Poll::Pending };
        let mut context = Context::from_waker(waker);
        let within = Within::enter(self.shard);
        within.name(*owner, events.len() >= self.capacity);
        let polled = match span {
            None => future.as_mut().poll(&mut context),
            Some((span, turns)) => span.in_scope(|| turns.poll(|| future.as_mut().poll(&mut context))),
        };
        if polled.is_ready() {
            slot.end();
        }
        polled
    }

    /// Takes the slots whose steps were woken up to now; they come from [`Flight::next_woken`].
    pub(super) fn collect(&mut self) {
        if self.woken.is_empty() && self.away > 0 {
            self.board.swap(&mut self.woken);
        }
    }

    pub(super) fn next_woken(&mut self) -> Option<u32> {
        self.woken.pop()
    }

    /// Ends all steps; gives what comes to nothing, with the entries of the machines.
    pub(super) fn end(&mut self) -> Vec<(u32, Waiting<S::Machine>)> {
        let mut ended = Vec::new();
        for slot in &mut self.slots {
            let owner = slot.owner;
            slot.end();
            for (work, _) in take_lost(&self.lost) {
                ended.push((owner, Waiting { work, asker: slot.asker.take() }));
            }
            slot.first.clear();
            ended.extend(slot.events.drain(..).map(|waiting| (owner, waiting)));
        }
        ended
    }

    /// Sleeps until a step is woken, unless one was.
    pub(super) fn sleep(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.away == 0 {
            return Poll::Pending;
        }
        self.board.sleep(context)
    }
}
