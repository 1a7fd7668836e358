//! What every store has to keep, on each of them.

use fsm_runtime::journal::{Commit, Due, MessageId, Millis, Store, StoreError};

use crate::step::commit;

/// What keeps a store's files as long as the test runs.
pub(crate) type Held = Box<dyn std::any::Any>;

/// The tests of this file, each on a store that a function of that name gives.
macro_rules! on {
    ($($store:ident),*) => {
        $(mod $store {
            $crate::contract::each! { $store:
                a_machine_is_what_it_was_when_it_was_last_committed,
                a_batch_may_hold_several_steps_of_a_machine,
                a_batch_may_be_empty,
                a_step_that_was_made_already_is_refused_with_its_whole_batch,
                machines_are_due_in_the_order_of_their_times,
                messages_wait_until_they_are_confirmed,
                the_ids_of_the_last_messages_are_kept,
                keys_events_and_states_may_be_any_bytes,
                a_machine_that_ended_is_still_known,
                a_store_that_says_how_many_machines_it_keeps_counts_each_once,
            }
        })*
    };
}

macro_rules! each {
    ($store:ident: $($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            let (mut store, _held) = super::$store();
            $crate::contract::$name(&mut store);
        })*
    };
}

pub(crate) use {each, on};

pub(crate) fn a_machine_is_what_it_was_when_it_was_last_committed(store: &mut Box<dyn Store>) {
    assert_eq!(store.load(b"a").unwrap(), None);
    store.commit(&[commit("a", 1), commit("b", 1)]).unwrap();
    store.commit(&[commit("a", 2)]).unwrap();

    let a = store.load(b"a").unwrap().unwrap();
    assert_eq!(
        (a.sequence, a.at, a.event.as_slice(), a.state.as_slice()),
        (2, Millis(1_002), &b"event 2"[..], &b"a after 2"[..])
    );
    let b = store.load(b"b").unwrap().unwrap();
    assert_eq!((b.sequence, b.state.as_slice(), b.wake, b.ended), (1, &b"b after 1"[..], None, false));
    assert_eq!(store.load(b"c").unwrap(), None);
}

pub(crate) fn a_batch_may_hold_several_steps_of_a_machine(store: &mut Box<dyn Store>) {
    let batch: Vec<_> = (1..=5).flat_map(|step| [commit("a", step), commit("b", step)]).collect();
    store.commit(&batch).unwrap();
    for key in ["a", "b"] {
        assert_eq!(store.load(key.as_bytes()).unwrap().unwrap().sequence, 5);
    }
}

pub(crate) fn a_batch_may_be_empty(store: &mut Box<dyn Store>) {
    assert_eq!(store.commit(&[]).unwrap(), [0; 0]);
    store.commit(&[commit("a", 1)]).unwrap();
    assert_eq!(store.commit(&[]).unwrap(), [0; 0]);
    assert_eq!(store.load(b"a").unwrap().unwrap().sequence, 1);
}

pub(crate) fn a_step_that_was_made_already_is_refused_with_its_whole_batch(store: &mut Box<dyn Store>) {
    store.commit(&[commit("a", 1), commit("a", 2)]).unwrap();
    let stale = store.commit(&[commit("b", 1), commit("a", 2)]).unwrap_err();
    assert!(matches!(&stale, StoreError::Stale { key, sequence: 2 } if key == b"a"), "{stale}");
    assert_eq!(store.load(b"b").unwrap(), None);
}

pub(crate) fn machines_are_due_in_the_order_of_their_times(store: &mut Box<dyn Store>) {
    let due = |key: &str, sequence, wake: Option<u64>| Commit { wake: wake.map(Millis), ..commit(key, sequence) };
    store.commit(&[due("a", 1, Some(30)), due("b", 1, Some(10)), due("c", 1, None), due("d", 1, Some(20))]).unwrap();
    let keys = |due: Vec<Due>| due.into_iter().map(|due| String::from_utf8(due.key).unwrap()).collect::<Vec<_>>();
    assert_eq!(keys(store.due(Millis(20), 10).unwrap()), ["b", "d"]);
    assert_eq!(keys(store.due(Millis(9), 10).unwrap()), [""; 0]);
    assert_eq!(keys(store.due(Millis::MAX, 1).unwrap()), ["b"]);
    assert_eq!(store.due(Millis::MAX, 0).unwrap(), []);

    // Each step says anew when its machine is due.
    store.commit(&[due("b", 2, None), due("c", 2, Some(5)), due("a", 2, Some(15))]).unwrap();
    assert_eq!(keys(store.due(Millis::MAX, 10).unwrap()), ["c", "a", "d"]);
    assert_eq!(store.load(b"c").unwrap().unwrap().wake, Some(Millis(5)));
}

pub(crate) fn messages_wait_until_they_are_confirmed(store: &mut Box<dyn Store>) {
    let sends = |key: &str, sequence, texts: &[&str]| Commit {
        outbox: texts.iter().map(|text| text.as_bytes().to_vec()).collect(),
        ..commit(key, sequence)
    };
    let first = store.commit(&[sends("a", 1, &["one", "two"]), sends("b", 1, &[]), sends("b", 2, &["three"])]).unwrap();
    let second = store.commit(&[sends("a", 2, &["four"])]).unwrap();
    assert_eq!((first.len(), second.len()), (3, 1));
    let positions: Vec<_> = first.into_iter().chain(second).collect();
    assert!(positions.is_sorted() && positions[0] >= 1);

    let waiting = store.outbox(0, 10).unwrap();
    let told: Vec<_> =
        waiting.iter().map(|out| (out.position, out.key.as_slice(), out.sequence, out.bytes.as_slice())).collect();
    let expected: [(u64, &[u8], u64, &[u8]); 4] = [
        (positions[0], b"a", 1, b"one"),
        (positions[1], b"a", 1, b"two"),
        (positions[2], b"b", 2, b"three"),
        (positions[3], b"a", 2, b"four"),
    ];
    assert_eq!(told, expected);
    assert_eq!(store.outbox(positions[1], 1).unwrap(), waiting[2..3]);
    assert_eq!(store.outbox(positions[3], 10).unwrap(), []);
    assert_eq!(store.outbox(u64::MAX, 10).unwrap(), []);

    store.delivered(&[positions[0], positions[2], positions[0], 1_000_000]).unwrap();
    assert_eq!(store.outbox(0, 10).unwrap(), [waiting[1].clone(), waiting[3].clone()]);
}

pub(crate) fn the_ids_of_the_last_messages_are_kept(store: &mut Box<dyn Store>) {
    let id = |number: u64| MessageId(number.into());
    let with = |sequence, message| Commit { message, ..commit("a", sequence) };
    store.commit(&[with(1, Some(id(1))), with(2, None), with(3, Some(id(3)))]).unwrap();
    assert_eq!(store.load(b"a").unwrap().unwrap().messages, [id(1), id(3)]);

    let window = fsm_runtime::journal::DEFAULT_WINDOW as u64;
    for step in 4..=window + 10 {
        store.commit(&[with(step, Some(id(step)))]).unwrap();
    }
    let kept = store.load(b"a").unwrap().unwrap().messages;
    assert_eq!(kept, (11..=window + 10).map(id).collect::<Vec<_>>());
}

pub(crate) fn keys_events_and_states_may_be_any_bytes(store: &mut Box<dyn Store>) {
    let all: Vec<u8> = (0..=255).collect();
    let odd = Commit {
        key: all.clone(),
        sequence: 1,
        message: Some(MessageId(u128::MAX)),
        at: Millis(u64::from(u32::MAX) * 1_000),
        event: Vec::new(),
        state: vec![0; 100_000],
        wake: Some(Millis(i64::MAX as u64)),
        outbox: vec![Vec::new(), all.clone()],
        ended: false,
    };
    let empty = Commit { key: Vec::new(), sequence: 1, ..Commit::default() };
    store.commit(&[odd.clone(), empty]).unwrap();
    let machine = store.load(&all).unwrap().unwrap();
    assert_eq!((machine.state, machine.wake, machine.messages), (odd.state, odd.wake, vec![MessageId(u128::MAX)]));
    assert_eq!(store.load(b"").unwrap().unwrap().state, b"");
    let bytes: Vec<_> = store.outbox(0, 9).unwrap().into_iter().map(|out| out.bytes).collect();
    assert_eq!(bytes, [Vec::new(), all]);
}

pub(crate) fn a_machine_that_ended_is_still_known(store: &mut Box<dyn Store>) {
    store.commit(&[Commit { ended: true, ..commit("a", 1) }]).unwrap();
    store.compact().unwrap();
    assert!(store.load(b"a").unwrap().unwrap().ended);
}

pub(crate) fn a_store_that_says_how_many_machines_it_keeps_counts_each_once(store: &mut Box<dyn Store>) {
    let Some(before) = store.machines().unwrap() else { return };
    assert_eq!(before, 0);
    store.commit(&[commit("a", 1), commit("b", 1)]).unwrap();
    store.commit(&[Commit { ended: true, ..commit("b", 2) }]).unwrap();
    assert_eq!(store.machines().unwrap(), Some(2));
    // Some are where they are folded to, some are in the log, and one is in both.
    store.compact().unwrap();
    store.commit(&[commit("a", 2), commit("c", 1)]).unwrap();
    assert_eq!(store.machines().unwrap(), Some(3));
}
