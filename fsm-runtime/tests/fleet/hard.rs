//! What is hard on a shard: keys and events whose own code panics, and machines that are large.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use fsm_runtime::{AskError, Fleet, Outcome, Reason, fsm};

/// A key that cannot be compared with itself if it is this one.
const FATAL: u64 = 666;

#[derive(Debug, Clone)]
struct Key(u64);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        assert!(self.0 != FATAL || other.0 != FATAL, "as ordered");
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// What cannot be dropped if it is lit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bomb {
    lit: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!std::mem::take(&mut self.lit), "as ordered");
    }
}

fsm! {
    machine Light {
        event Next { bomb: crate::hard::Bomb }
        initial Red;
        state Red { on Next => Green; }
        state Green { on Next => Red / shine(); }
    }
}

fn next(lit: bool) -> light::event::Next {
    light::event::Next { bomb: Bomb { lit } }
}

/// Handlers of twice that size.
struct Lamp<const N: usize>([u8; N], [u8; N]);

impl<const N: usize> light::Actions for Lamp<N> {
    async fn shine(&mut self) {
        self.1[N - 1] += 1;
    }
}

type Lights = Fleet<Key, light::Machine>;
type Dead = Arc<Mutex<Vec<u64>>>;

fn spawn(dead: &Dead) -> Lights {
    let dead = Arc::clone(dead);
    Fleet::builder(|_: &Key| Some(light::Light::new(Lamp([0; 1], [0; 1]))))
        .shards(1)
        .dead_letters(move |key: &Key, _| dead.lock().unwrap().push(key.0))
        .spawn()
}

#[tokio::test]
async fn a_key_that_panics_ends_its_shard_and_all_its_events_are_accounted_for() {
    for asked in [false, true] {
        let dead = Dead::default();
        let fleet = spawn(&dead);
        let keys = [0, 1, 2, FATAL];
        fleet.send_batch(keys.map(|key| (Key(key), next(false)))).await.unwrap();
        assert_eq!(fleet.ask(Key(0), next(false)).await, Ok(Outcome::Transitioned));
        let mut sent = 5;
        if asked {
            assert_eq!(fleet.ask(Key(FATAL), next(false)).await, Err(AskError::Lost(Reason::Aborted)));
        } else {
            let batch = [0, 1, FATAL, 0, 1].map(|key| (Key(key), next(false)));
            fleet.send_batch(batch).await.unwrap();
            sent += 5;
        }
        let report = fleet.shutdown().await;
        assert_eq!(report.reason, Reason::Aborted);
        assert_eq!(report.handled + report.dropped, sent + u64::from(asked), "{report}");
        assert_eq!(*dead.lock().unwrap(), if asked { vec![FATAL] } else { vec![FATAL, 0, 1] });
    }
}

#[tokio::test]
async fn an_event_that_panics_when_it_is_dropped_concerns_its_own_machine_alone() {
    for asked in [false, true] {
        let fleet = spawn(&Dead::default());
        fleet.send_batch([0, 1, 2].map(|key| (Key(key), next(false)))).await.unwrap();
        if asked {
            assert_eq!(fleet.ask(Key(1), next(true)).await, Ok(Outcome::Transitioned));
        } else {
            fleet.send_batch([(Key(0), next(false)), (Key(1), next(true)), (Key(2), next(false))]).await.unwrap();
        }
        assert_eq!(fleet.ask(Key(0), next(false)).await, Ok(Outcome::Transitioned));
        let report = fleet.shutdown().await;
        assert_eq!((report.reason, report.panicked, report.machines), (Reason::Shutdown, 1, 3));
        assert_eq!(report.handled, if asked { 5 } else { 7 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_machine_may_be_large() {
    let fleet = Fleet::builder(|_: &u64| Some(light::Light::new(Lamp([0; 16 << 10], [0; 16 << 10])))).shards(1).spawn();
    for key in 0..20 {
        assert_eq!(fleet.ask(key, next(false)).await, Ok(Outcome::Transitioned));
    }
    assert_eq!(fleet.shutdown().await.machines, 20);
}
