//! Random work on the embedded store, closed and opened again in between, compared with the store in memory.

use fsm_runtime::journal::{Commit, Due, Memory, MessageId, Millis, Options, Store};
use proptest::prelude::*;

use crate::scratch::Scratch;

#[derive(Debug, Clone)]
enum Work {
    Commit(Vec<(u8, Step)>),
    Deliver(u64),
    Compact,
    Reopen,
}

#[derive(Debug, Clone)]
struct Step {
    message: Option<u8>,
    state: Vec<u8>,
    wake: Option<u8>,
    outbox: Vec<u8>,
    ended: bool,
}

fn work() -> impl Strategy<Value = Work> {
    let state = proptest::collection::vec(any::<u8>(), 0..200);
    let outbox = proptest::collection::vec(any::<u8>(), 0..3);
    let step = (any::<Option<u8>>(), state, any::<Option<u8>>(), outbox, proptest::bool::weighted(0.1));
    let step = step.prop_map(|(message, state, wake, outbox, ended)| Step { message, state, wake, outbox, ended });
    prop_oneof![
        8 => proptest::collection::vec((0u8..12, step), 1..20).prop_map(Work::Commit),
        2 => any::<u64>().prop_map(Work::Deliver),
        1 => Just(Work::Compact),
        2 => Just(Work::Reopen),
    ]
}

fn commits(steps: Vec<(u8, Step)>, sequences: &mut [u64; 12]) -> Vec<Commit> {
    let commit = |(key, step): (u8, Step)| {
        let sequence = &mut sequences[usize::from(key)];
        *sequence += 1;
        let Step { message, state, wake, outbox, ended } = step;
        Commit {
            key: vec![key],
            sequence: *sequence,
            message: message.map(|id| MessageId(id.into())),
            at: Millis(*sequence),
            event: vec![key; 5],
            state,
            wake: wake.map(|wake| Millis(wake.into())),
            outbox: outbox.into_iter().map(|byte| vec![byte]).collect(),
            ended,
        }
    };
    steps.into_iter().map(commit).collect()
}

fn same(store: &mut dyn Store, model: &mut Memory) {
    for key in 0u8..12 {
        assert_eq!(store.load(&[key]).unwrap(), model.load(&[key]).unwrap());
    }
    for by in [Millis::MAX, Millis(128)] {
        let (mut due, mut expected) = (store.due(by, 100).unwrap(), model.due(by, 100).unwrap());
        assert!(due.is_sorted_by_key(|due| due.wake));
        due.sort();
        expected.sort();
        assert_eq!(due, expected);
        // Which of those that are due at the same time come first is the store's to say.
        let wakes = |due: Vec<Due>| due.into_iter().map(|due| due.wake).collect::<Vec<_>>();
        assert_eq!(wakes(store.due(by, 3).unwrap()), wakes(model.due(by, 3).unwrap()));
    }
    for (after, limit) in [(0, 10_000), (5, 3)] {
        assert_eq!(store.outbox(after, limit).unwrap(), model.outbox(after, limit).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_embedded_store_is_what_a_store_in_memory_would_be(all in proptest::collection::vec(work(), 1..40)) {
        let scratch = Scratch::new();
        // Many files, so that one is begun often.
        let options = Options::new().window(5).segment(700);
        let mut store = scratch.open(options);
        let mut model = Memory::with_window(5);
        let mut sequences = [0; 12];
        for work in all {
            match work {
                Work::Commit(steps) => {
                    let batch = commits(steps, &mut sequences);
                    prop_assert_eq!(store.commit(&batch).unwrap(), model.commit(&batch).unwrap());
                }
                Work::Deliver(choice) => {
                    let waiting = model.outbox(0, 1_000).unwrap();
                    let positions: Vec<_> = waiting.iter().map(|out| out.position).filter(|at| (choice >> (at % 64)) & 1 == 1).collect();
                    store.delivered(&positions).unwrap();
                    model.delivered(&positions).unwrap();
                }
                Work::Compact => store.compact().unwrap(),
                Work::Reopen => {
                    drop(store);
                    store = scratch.open(options);
                }
            }
            same(store.as_mut(), &mut model);
        }
    }
}
