//! What is done with a machine between two of its steps: to look at it, and to let go of it.
//!
//! Part of [`super::shard`].

use super::Key;
use super::job::Step;
use super::letters::Look;
use super::machines::Body;
use super::shard::Shard;
use super::steps::Way;
use crate::core::{Machine, Service, Status};
use crate::dispatcher::Runnable;
use crate::error::Refused;
use crate::meter::{FleetMetering as _, Metering as _};
use crate::report::Reason;

impl<K: Key, S, G> Shard<K, S, G>
where
    S: Service + Send + 'static,
    S::Machine: Runnable,
    G: Step<S>,
{
    /// Lets somebody see the machine of a key, after the step that is running.
    pub(super) fn look(&mut self, hash: u64, key: &K, look: Look<S::Machine>, within: Option<u32>) {
        match self.machines.find(hash, key) {
            Some(at) => match self.way(at) {
                Way::Wait(_) if within == Some(at) => {
                    (look.into_act())(Err(Refused::Deadlock));
                }
                Way::Wait(slot) => self.flight.put_look_aside(slot, look),
                Way::Step | Way::Refuse(_) => self.show(at, look),
            },
            None => {
                if let Some(look) = self.call_to_see(hash, key, look) {
                    (look.into_act())(Ok(None));
                }
            }
        }
    }

    pub(super) fn show(&self, at: u32, look: Look<S::Machine>) {
        let seen = match self.machines.get(at).map(|entry| &entry.body) {
            Some(Body::Here(service)) => Ok(Some(service.machine())),
            Some(Body::Gone(reason)) => Err(Refused::Closed(*reason)),
            Some(Body::Away(_)) | None => Ok(None),
        };
        (look.into_act())(seen);
    }

    /// Somebody wants a machine to be let go.
    pub(super) fn let_go(&mut self, at: u32) -> bool {
        let ends = !self.keeping.is_on() && matches!(self.way(at), Way::Step);
        let gone = self.forget(at);
        if gone && ends {
            self.desk.meter.steps.ended(Reason::Stopped);
        }
        gone
    }

    /// Lets go of a machine, unless it is in a step, or one of its steps is not durable yet.
    fn forget(&mut self, at: u32) -> bool {
        if matches!(self.way(at), Way::Wait(_)) || self.is_pending(at) {
            return false;
        }
        self.end_beside(at);
        self.waiting.remove(&at);
        self.origins.remove(&at);
        self.troubles.forget(at);
        let comes_back = self.is_written(at);
        let gone = self.machines.remove(at).is_some();
        if gone && comes_back {
            self.desk.tell_passive(1);
        }
        gone
    }

    /// Lets go of machines that are idle, as far as they can leave memory.
    pub(super) fn sweep(&mut self) -> bool {
        let Some(part) = self.idle.part(self.machines.end()) else { return false };
        for at in part {
            let Some(entry) = self.machines.get(at) else { continue };
            let Body::Here(service) = &entry.body else { continue };
            let finished = service.machine().status() == Status::Finished;
            if self.idle.is_idle(entry.used)
                && (finished || self.is_kept(at))
                && self.forget(at)
                && self.keeping.is_on()
            {
                self.desk.meter.passivated();
            }
        }
        true
    }
}
