//! The machine of the tests, and what both sides of the crash test know.
#![allow(missing_docs, reason = "for tests alone")]

pub mod slow;

use std::time::Duration;

use fsm_runtime::core::Overflow;
use tokio::time::sleep;

fsm_runtime::include_fsm!("account");

/// What the machine fails with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken;

impl From<Overflow> for Broken {
    fn from(_: Overflow) -> Self {
        Self
    }
}

/// Handlers without a size.
#[derive(Debug, Clone, Copy)]
pub struct Clerk;

impl account::Actions for Clerk {
    async fn fail(&mut self) -> Result<(), Broken> {
        Err(Broken)
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        panic!("as ordered")
    }

    async fn wait(&mut self, ms: u64) -> Result<(), Broken> {
        sleep(Duration::from_millis(ms)).await;
        Ok(())
    }

    async fn work(self, ms: u64) -> Result<u64, Broken> {
        sleep(Duration::from_millis(ms)).await;
        Ok(ms)
    }
}

pub type Accounts = fsm_runtime::Fleet<u64, account::Machine>;

#[must_use]
pub fn account() -> account::Account<Clerk> {
    account::Account::new(Clerk)
}

/// The sum after one more number: told from the spec, not from the machine.
#[must_use]
pub fn next(sum: u64, n: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(n)
}

/// The sum after the numbers from 1 to `last`, one after the other.
#[must_use]
pub fn fold(last: u64) -> u64 {
    (1..=last).fold(0, next)
}
