//! Machines that run on tokio: mailbox, handle, end and trace. Each guarantee of docs/runtime.md has its test here.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod end;
mod handle;
mod lanes;
mod mailbox;
mod overflow;
mod records;
mod refused;
mod rig;
mod supervision;
mod trace;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Polls once, without waking anybody.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets every other task of a current-thread runtime run until it waits.
async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}
