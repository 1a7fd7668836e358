//! What a machine needs for a task of its own.

use std::fmt;

use crate::core::Machine;

/// A machine that can live in a task of its own: its events and errors go from task to task, and an error that nobody
/// asked for can be shown. Every such machine is `Runnable` by itself.
///
/// Events are `Sync` because handlers borrow them while they wait.
pub trait Runnable:
    Machine<
        Event: Send + Sync + 'static,
        Error: fmt::Debug + Send + 'static,
        Timer: Send + 'static,
        Invoke: Send + 'static,
        Done: Send + 'static,
        Output: Clone + Send + Sync + 'static,
        Message: Send + 'static,
        Reply: Send + 'static,
    > + Send
    + 'static
{
}

impl<M> Runnable for M where
    M: Machine<
            Event: Send + Sync + 'static,
            Error: fmt::Debug + Send + 'static,
            Timer: Send + 'static,
            Invoke: Send + 'static,
            Done: Send + 'static,
            Output: Clone + Send + Sync + 'static,
            Message: Send + 'static,
            Reply: Send + 'static,
        > + Send
        + 'static
{
}
