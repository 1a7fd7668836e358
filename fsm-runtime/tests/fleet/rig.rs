//! What the tests of fleets share: a machine with handlers that write down what they do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fsm_runtime::Fleet;
use fsm_runtime::fleet::Builder;
use tokio::time::sleep;

use crate::broken::Broken;
use crate::crew::{Actions, Crew};

/// What the handlers of all machines wrote down, by key.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<HashMap<u32, Vec<u32>>>>);

impl Log {
    pub(crate) fn write(&self, key: u32, n: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().push(n);
    }

    pub(crate) fn of(&self, key: u32) -> Vec<u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned().unwrap_or_default()
    }
}

/// The handlers of one machine. An invoke of 1 ms panics, one of 0 ms fails.
#[derive(Clone)]
pub(crate) struct Hand {
    key: u32,
    log: Log,
}

impl Hand {
    pub(crate) fn new(key: u32, log: &Log) -> Self {
        Self { key, log: log.clone() }
    }
}

impl Actions for Hand {
    async fn note(&mut self, n: u32) -> Result<(), Broken> {
        self.log.write(self.key, n);
        Ok(())
    }

    async fn rest(&mut self, ms: u32) -> Result<(), Broken> {
        sleep(Duration::from_millis(ms.into())).await;
        self.log.write(self.key, ms);
        Ok(())
    }

    async fn fail(&mut self) -> Result<(), Broken> {
        Err(Broken)
    }

    async fn burst(&mut self) -> Result<(), Broken> {
        panic!("as ordered")
    }

    async fn work(self, ms: u32) -> Result<u32, Broken> {
        assert!(ms != 1, "as ordered");
        sleep(Duration::from_millis(ms.into())).await;
        self.log.write(self.key, ms);
        if ms == 0 { Err(Broken) } else { Ok(ms) }
    }
}

/// A fleet that makes machines for all keys below a thousand.
pub(crate) fn builder(log: &Log) -> Builder<u32, Crew<Hand>> {
    let log = log.clone();
    Fleet::builder(move |&key| (key < 1_000).then(|| Crew::new(Hand { key, log: log.clone() })))
}
