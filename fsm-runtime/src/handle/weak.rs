//! A handle that does not keep its machine running.
//!
//! Part of [`super`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Handle;
use crate::core::Machine;
use crate::report::Report;
use crate::shared::Shared;

/// A running machine, not kept running.
pub struct WeakHandle<M: Machine> {
    shared: Arc<Shared<M>>,
}

impl<M: Machine> WeakHandle<M> {
    /// A handle to send with, unless all are dropped already.
    #[must_use]
    pub fn upgrade(&self) -> Option<Handle<M>> {
        let handles: &AtomicUsize = &self.shared.handles;
        let counted = handles.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |count| (count > 0).then(|| count + 1));
        counted.ok().map(|_| Handle { shared: Arc::clone(&self.shared) })
    }

    /// Waits for the end of the machine, whatever its reason.
    pub async fn join(&self) -> Report<M::Output>
    where
        M::Output: Clone,
    {
        Report::clone(self.shared.report.wait().await)
    }
}

impl<M: Machine> Clone for WeakHandle<M> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<M: Machine> fmt::Debug for WeakHandle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakHandle").field(&M::DEFINITION.name).finish()
    }
}

impl<M: Machine> Handle<M> {
    /// A handle that does not keep the machine running.
    #[must_use]
    pub fn downgrade(&self) -> WeakHandle<M> {
        WeakHandle { shared: Arc::clone(&self.shared) }
    }
}
