//! A shard without a journal, where the crate is built without one: what [`super::keeping`] is otherwise.

#![expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as they are with a journal")]

use std::convert::Infallible;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use super::Key;
use super::after::After;
use super::flight::Waiting;
use super::job::{Papers, Step, Work};
use super::letters::{Asker, Left, Look};
use super::shard::Shard;
use crate::core::Service;
use crate::dispatcher::Runnable;
use crate::report::Reason;

/// Kept with each machine.
pub(super) type Kept = Option<Infallible>;

/// What goes on a step: its work, and who asked.
pub(super) type Admitted<M> = (Work<M>, Option<Asker<M>>);

/// The id of the message that a step is about, which nobody knows again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id;

/// That of a step without a message.
pub(super) const NO_ID: Id = Id;

pub(super) struct Keeping<K, S>(PhantomData<fn(K, S)>);

impl<K, S: Service> Keeping<K, S> {
    pub(super) const fn off() -> Self {
        Self(PhantomData)
    }

    pub(super) const fn is_on(&self) -> bool {
        false
    }

    pub(super) const fn held(&self) -> usize {
        0
    }

    pub(super) const fn sleep(&self, _: &Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    pub(super) const fn end(&mut self) -> Vec<Left<S::Machine>> {
        Vec::new()
    }
}

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    pub(super) const fn hear(&mut self) -> Result<bool, Reason> {
        Ok(false)
    }

    pub(super) const fn call(
        &mut self,
        _: u64,
        key: K,
        waiting: Waiting<S::Machine>,
    ) -> Result<(), (K, Waiting<S::Machine>)> {
        Err((key, waiting))
    }

    pub(super) const fn call_to_see(&mut self, _: u64, _: &K, look: Look<S::Machine>) -> Option<Look<S::Machine>> {
        Some(look)
    }

    pub(super) const fn admit(
        &mut self,
        _: u32,
        work: Work<S::Machine>,
        asker: Option<Asker<S::Machine>>,
        _: Id,
    ) -> Option<Admitted<S::Machine>> {
        Some((work, asker))
    }

    pub(super) fn keep(&mut self, _: u32, _: &S, _: Box<Papers<S>>, _: After<S::Machine>, _: Id) {}

    pub(super) const fn ask_again(&self, _: u32, _: u32) {}

    pub(super) const fn hold_back(&mut self, _: u32, _: u32) {}

    pub(super) const fn forget_beside(&mut self, _: u32) {}

    pub(super) const fn renew(&mut self, _: u32) {}

    pub(super) fn confirm(&self, _: Vec<u64>) {}

    pub(super) const fn is_kept(&self, _: u32) -> bool {
        false
    }

    pub(super) const fn is_written(&self, _: u32) -> bool {
        false
    }

    pub(super) const fn is_pending(&self, _: u32) -> bool {
        false
    }
}
