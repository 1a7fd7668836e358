//! The world around a machine, as a step sees it.

use core::time::Duration;

use super::Machine;

/// What a step asks of its surroundings. A step touches neither clock nor executor: it calls these methods, and the
/// driver (tokio, a simulator, a test) acts on them after the step.
///
/// Every method does nothing unless it is overridden, so a driver says only what it cares about. `()` is the driver
/// that ignores everything.
pub trait Driver<M: Machine> {
    /// A transition is about to be taken: an index into [`super::Definition::transitions`].
    fn transition(&mut self, index: usize) {
        let _ = index;
    }

    /// Start `timer`, or start it anew. It comes back with the same `generation` when it is due.
    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        let _ = (timer, generation, delay);
    }

    /// `timer` is no longer wanted.
    fn cancel_timer(&mut self, timer: M::Timer) {
        let _ = timer;
    }

    /// Run `invoke` beside the machine. Its result comes back with the same `generation`.
    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        let _ = (invoke, generation);
    }

    /// What was started under `generation` is no longer wanted.
    fn cancel_invoke(&mut self, generation: u32) {
        let _ = generation;
    }

    /// A message to the outside.
    fn emit(&mut self, message: M::Message) {
        let _ = message;
    }

    /// The answer to the event that is being handled.
    fn reply(&mut self, reply: M::Reply) {
        let _ = reply;
    }
}

impl<M: Machine> Driver<M> for () {}

/// A driver that outlives the step is lent to it.
impl<M: Machine, D: Driver<M>> Driver<M> for &mut D {
    fn transition(&mut self, index: usize) {
        (**self).transition(index);
    }

    fn start_timer(&mut self, timer: M::Timer, generation: u32, delay: Duration) {
        (**self).start_timer(timer, generation, delay);
    }

    fn cancel_timer(&mut self, timer: M::Timer) {
        (**self).cancel_timer(timer);
    }

    fn start_invoke(&mut self, invoke: M::Invoke, generation: u32) {
        (**self).start_invoke(invoke, generation);
    }

    fn cancel_invoke(&mut self, generation: u32) {
        (**self).cancel_invoke(generation);
    }

    fn emit(&mut self, message: M::Message) {
        (**self).emit(message);
    }

    fn reply(&mut self, reply: M::Reply) {
        (**self).reply(reply);
    }
}
