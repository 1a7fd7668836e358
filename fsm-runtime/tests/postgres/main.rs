//! The journal in a real PostgreSQL server, which `setup.sh` beside this file starts: the contract of all stores, two
//! processes with one machine, and rows that are damaged or of a later format.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../journal/contract.rs"]
mod contract;
#[path = "../journal/step.rs"]
mod step;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use fsm_runtime::journal::postgres::{Client, NoTls};
use fsm_runtime::journal::{Commit, Postgres, Store, StoreError};

use contract::Held;
use step::commit;

contract::on!(postgres);

/// The server of `setup.sh`, unless `FSM_POSTGRES` says another.
fn server() -> String {
    std::env::var("FSM_POSTGRES").unwrap_or_else(|_| "host=127.0.0.1 port=54329 user=fsm dbname=postgres".into())
}

/// A schema of one test.
struct Schema(String);

impl Schema {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let schema = Self(format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        schema.say(&format!("CREATE SCHEMA {}", schema.0));
        schema
    }

    fn url(&self) -> String {
        format!("{} options='-c search_path={}'", server(), self.0)
    }

    fn store(&self) -> Postgres {
        Postgres::connect(&self.url()).unwrap()
    }

    fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap_or_else(|error| {
            panic!("no PostgreSQL server ({}): run fsm-runtime/tests/postgres/setup.sh first: {error}", server())
        })
    }

    fn say(&self, sql: &str) {
        self.client().batch_execute(sql).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.say(&format!("DROP SCHEMA {} CASCADE", self.0));
    }
}

fn postgres() -> (Box<dyn Store>, Held) {
    let schema = Schema::new();
    (Box::new(schema.store()), Box::new(schema))
}

#[test]
fn what_was_committed_is_there_for_the_next_process() {
    let schema = Schema::new();
    let mut first = schema.store();
    let sent = first.commit(&[Commit { outbox: vec![b"one".to_vec(), b"two".to_vec()], ..commit("a", 1) }]).unwrap();
    first.delivered(&sent[..1]).unwrap();
    drop(first);
    let mut second = schema.store();
    assert_eq!(second.load(b"a").unwrap().unwrap().state, b"a after 1");
    let waiting = second.outbox(0, 9).unwrap();
    assert_eq!((waiting.len(), waiting[0].position), (1, sent[1]));
}

#[test]
fn of_two_processes_that_run_one_machine_one_is_refused() {
    let schema = Schema::new();
    let (mut one, mut two) = (schema.store(), schema.store());
    one.commit(&[commit("a", 1), commit("a", 2)]).unwrap();
    two.commit(&[commit("a", 3)]).unwrap();
    let stale =
        one.commit(&[Commit { outbox: vec![b"ghost".to_vec()], ..commit("b", 1) }, commit("a", 3)]).unwrap_err();
    assert!(matches!(&stale, StoreError::Stale { key, sequence: 3 } if key == b"a"), "{stale:?}");
    assert!(stale.to_string().contains("another process, or another fleet, runs it too"), "{stale}");
    // Nothing of its batch is there.
    assert_eq!(two.load(b"b").unwrap(), None);
    assert_eq!(two.outbox(0, 9).unwrap(), []);

    // Also where the steps of long ago are forgotten.
    for step in 4..=100 {
        two.commit(&[Commit { message: None, ..commit("a", step) }]).unwrap();
    }
    two.compact().unwrap();
    let stale = one.commit(&[Commit { message: None, ..commit("a", 50) }]).unwrap_err();
    assert!(matches!(stale, StoreError::Stale { sequence: 50, .. }), "{stale:?}");
}

#[test]
fn of_two_processes_that_take_the_same_step_at_the_same_time_one_is_refused() {
    let schema = Schema::new();
    for step in 1..=20 {
        let (mut one, mut two) = (schema.store(), schema.store());
        let both = thread::scope(|scope| {
            let one = scope.spawn(move || one.commit(&[commit("b", step), commit("a", step)]).is_ok());
            let two = scope.spawn(move || two.commit(&[commit("a", step), commit("b", step)]).is_ok());
            [one.join().unwrap(), two.join().unwrap()]
        });
        assert!(both[0] != both[1], "{both:?}");
    }
}

#[test]
fn steps_that_nobody_asks_for_are_forgotten() {
    let schema = Schema::new();
    let mut store = schema.store().window(3);
    let steps = || schema.client().query_one("SELECT count(*) FROM fsm_step", &[]).unwrap().get::<_, i64>(0);
    for step in 1..=100 {
        let message = if step % 2 == 0 { commit("a", step).message } else { None };
        store.commit(&[Commit { message, ..commit("a", step) }]).unwrap();
    }
    // By itself, now and then.
    assert!(steps() < 20);
    let before = store.load(b"a").unwrap();
    store.compact().unwrap();
    assert_eq!(store.load(b"a").unwrap(), before);
    assert_eq!(before.unwrap().messages.len(), 3);
    assert_eq!(steps(), 4);
}

#[test]
fn a_machine_that_ended_can_be_forgotten_after_a_time() {
    let schema = Schema::new();
    let mut store = schema.store().forget(Duration::from_hours(1));
    store.commit(&[Commit { ended: true, ..commit("a", 1) }, commit("b", 1)]).unwrap();
    store.compact().unwrap();
    assert_eq!(store.load(b"a").unwrap(), None);
    assert!(store.load(b"b").unwrap().is_some());
    // It may begin anew.
    store.commit(&[commit("a", 1)]).unwrap();
}

#[test]
fn a_damaged_row_is_an_error_with_its_key() {
    let schema = Schema::new();
    let mut store = schema.store();
    store.commit(&[Commit { outbox: vec![b"one".to_vec()], ..commit("a", 1) }]).unwrap();
    schema.say("UPDATE fsm_machine SET row = set_byte(row, 20, get_byte(row, 20) # 1)");
    schema.say("UPDATE fsm_outbox SET bytes = set_byte(bytes, 8, get_byte(bytes, 8) # 1)");
    let error = store.load(b"a").unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }) && error.to_string().contains("machine `a`"), "{error}");
    let error = store.outbox(0, 9).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_later_format_is_refused() {
    let schema = Schema::new();
    drop(schema.store());
    schema.say("UPDATE fsm_format SET format = 9");
    let error = Postgres::connect(&schema.url()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 9, known: 1, .. }), "{error}");
}

#[test]
fn a_database_that_cannot_be_written_is_an_error() {
    let schema = Schema::new();
    drop(schema.store());
    let url = schema.url().replace("options='", "options='-c default_transaction_read_only=on ");
    let error = Postgres::connect(&url).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let error = Postgres::connect("host=127.0.0.1 port=1 user=fsm").unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error:?}");
}

#[test]
fn a_connection_that_is_lost_breaks_the_store() {
    let schema = Schema::new();
    let mut store = Postgres::connect(&format!("{} application_name=lost", schema.url())).unwrap();
    store.commit(&[commit("a", 1)]).unwrap();
    schema.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'");
    let error = store.commit(&[commit("a", 2)]).unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error:?}");
    let error = store.commit(&[commit("a", 2)]).unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error:?}");
    assert_eq!(schema.store().load(b"a").unwrap().unwrap().sequence, 1);
}

#[tokio::test]
async fn it_can_be_opened_used_and_dropped_where_a_runtime_runs() {
    let schema = tokio::task::spawn_blocking(Schema::new).await.unwrap();
    let mut store = schema.store();
    store.commit(&[commit("a", 1)]).unwrap();
    assert_eq!(store.load(b"a").unwrap().unwrap().sequence, 1);
    drop(store);
    tokio::task::spawn_blocking(|| drop(schema)).await.unwrap();
}
