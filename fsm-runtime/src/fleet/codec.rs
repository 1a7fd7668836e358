//! How machines of a fleet are written down for its journal: as JSON, in the form of serde's traits.
//!
//! Invariant: what belongs to the user here, serde's traits and the closure for older snapshots, concerns the key that is
//! written or read alone, also where it panics: that is an error as any other.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::core::{Machine, Persist, Service, Status};
use crate::dispatcher::{caught, message};

/// What a timer has left, asked by the timer and its generation.
pub(super) type Left<'a, S> = &'a mut dyn FnMut(<<S as Service>::Machine as Machine>::Timer, u32) -> Duration;

/// Writes and reads what a journal keeps. Errors are text for a log: what is wrong lies in types of the user.
pub(super) trait Codec<K, S: Service>: Send + Sync {
    fn key(&self, key: &K) -> Result<Vec<u8>, String>;
    fn read_key(&self, bytes: &[u8]) -> Result<K, String>;
    fn event(&self, event: &<S::Machine as Machine>::Event) -> Result<Vec<u8>, String>;
    fn message(&self, message: &<S::Machine as Machine>::Message) -> Result<Vec<u8>, String>;
    fn snapshot(&self, service: &S, left: Left<'_, S>) -> Result<Vec<u8>, String>;
    /// `ago` is how long ago the snapshot was made.
    fn restore(&self, service: S, bytes: &[u8], ago: Duration) -> Result<S, String>;
}

/// Reads messages of an outbox.
pub(super) type ReadMessage<M> = fn(&[u8]) -> Result<<M as Machine>::Message, String>;

/// Takes a snapshot up that may be of an older version: the service with its handlers, and the bytes.
pub(super) type Migration<S> = Box<dyn Fn(S, &[u8]) -> Result<S, String> + Send + Sync>;

/// JSON.
pub(super) struct Json<S> {
    pub(super) migration: Option<Migration<S>>,
}

/// A panic of the user's code is an error with its text.
fn told<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    caught(run).unwrap_or_else(|panic| Err(message(&*panic).unwrap_or_else(|| "a panic without a text".to_owned())))
}

fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    told(|| serde_json::to_vec(value).map_err(|error| error.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    told(|| serde_json::from_slice(bytes).map_err(|error| error.to_string()))
}

impl<K, S> Codec<K, S> for Json<S>
where
    K: Serialize + DeserializeOwned,
    S: Persist<Snapshot: Serialize + DeserializeOwned>,
    S::Machine: Machine<Event: Serialize, Message: Serialize>,
{
    fn key(&self, key: &K) -> Result<Vec<u8>, String> {
        write(key)
    }

    fn read_key(&self, bytes: &[u8]) -> Result<K, String> {
        read(bytes)
    }

    fn event(&self, event: &<S::Machine as Machine>::Event) -> Result<Vec<u8>, String> {
        write(event)
    }

    fn message(&self, message: &<S::Machine as Machine>::Message) -> Result<Vec<u8>, String> {
        write(message)
    }

    fn snapshot(&self, service: &S, left: Left<'_, S>) -> Result<Vec<u8>, String> {
        told(|| serde_json::to_vec(&Persist::snapshot(service, left)).map_err(|error| error.to_string()))
    }

    fn restore(&self, service: S, bytes: &[u8], ago: Duration) -> Result<S, String> {
        told(|| {
            let (service, snapshot) = match &self.migration {
                Some(migration) => {
                    let service = migration(service, bytes)?;
                    // One that is not to go on from anywhere has no timers to be late.
                    if service.machine().status() != Status::Suspended {
                        return Ok(service);
                    }
                    let snapshot = service.snapshot(|_, _| Duration::ZERO);
                    (service, snapshot)
                }
                None => (service, serde_json::from_slice(bytes).map_err(|error| error.to_string())?),
            };
            Persist::restore(service, snapshot, ago).map_err(|error| error.to_string())
        })
    }
}
