//! Panics as values, and steps inside of their spans.
//!
//! Part of [`super`]. Of what a future borrowed nobody looks at anything after a panic but the machine's configuration,
//! which is always a whole value; a machine that was interrupted says so itself.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tracing::Span;

use crate::core::Machine;
use crate::shared::Shared;
use crate::trace::Turns;

/// What a panic was called with.
pub(crate) type Payload = Box<dyn Any + Send>;

/// The same, borrowed.
pub(crate) type Panic<'a> = &'a (dyn Any + Send);

/// Runs a step inside of its span, and of those of its transitions, without moving it.
pub(super) async fn within<F: Future>(span: &Span, turns: Arc<Turns>, mut step: Pin<&mut F>) -> F::Output {
    poll_fn(|context| span.in_scope(|| turns.poll(|| step.as_mut().poll(context)))).await
}

/// Runs `future` and gives its panic as a value, with the future not yet dropped; counts how often it is polled.
///
/// For all that the dispatcher does at once, since it costs a small step as much again to be caught by itself. It takes
/// what it counts in by value, for a reference to it would be a second pointer in every task.
pub(super) fn guard<M: Machine, F: Future>(
    shared: Arc<Shared<M>>,
    mut future: Pin<&mut F>,
) -> impl Future<Output = Result<F::Output, Payload>> {
    poll_fn(move |context| {
        shared.mailbox.count_poll();
        match caught(|| future.as_mut().poll(context)) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
}

/// Runs something and gives its panic as a value.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Payload> {
    catch_unwind(AssertUnwindSafe(run))
}

/// The text that a panic was called with.
pub(crate) fn message(panic: Panic<'_>) -> Option<String> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).map(str::to_owned)
}
