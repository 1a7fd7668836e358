//! Real files of the embedded store: torn, damaged, of another format, locked.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fsm_runtime::journal::{Commit, DEFAULT_WINDOW, Journal, Millis, Options, StoreError};

use crate::scratch::Scratch;
use crate::step::commit;

/// Where each group of a file of the log ends, and after how many bytes the first begins.
fn ends(log: &Path) -> Vec<usize> {
    let bytes = fs::read(log).unwrap();
    let mut ends = vec![24];
    loop {
        let end = ends[ends.len() - 1];
        match bytes.get(end..end + 4).map(|length| u32::from_le_bytes(length.try_into().unwrap())) {
            None | Some(0) => return ends,
            Some(length) => ends.push(end + 16 + usize::try_from(length).unwrap()),
        }
    }
}

#[test]
fn what_was_committed_is_there_when_it_is_opened_again() {
    let scratch = Scratch::new();
    scratch.store().commit(&[commit("a", 1), commit("a", 2)]).unwrap();
    let journal = Journal::open(scratch.path()).unwrap();
    assert_eq!(journal.torn(), None);
    assert_eq!(journal.into_store().load(b"a").unwrap().unwrap().state, b"a after 2");
}

#[test]
fn a_group_that_was_cut_short_is_left_out_and_told_of_at_any_length() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    store.commit(&[commit("a", 2), commit("b", 1)]).unwrap();
    drop(store);
    let [_, whole, end] = ends(&scratch.logs()[0]).try_into().unwrap();
    let bytes = fs::read(&scratch.logs()[0]).unwrap();
    assert!(bytes[end..].iter().all(|&byte| byte == 0) && bytes.len() > end);
    // In the head, at the end, and here and there in between.
    for length in (whole + 1..end).filter(|length| length - whole < 18 || end - length < 4 || length % 5 == 0) {
        // Once with the room that was made ahead, once without.
        let mut part = bytes[..length].to_vec();
        if length % 2 == 0 {
            part.resize(bytes.len(), 0);
        }
        fs::write(&scratch.logs()[0], part).unwrap();
        let journal = Journal::open(scratch.path()).unwrap();
        let torn = journal.torn().cloned();
        if bytes[length..end].iter().all(|&byte| byte == 0) && length % 2 == 0 {
            // What is missing are zeros, which are there.
            assert_eq!(torn, None);
            continue;
        }
        let torn = torn.unwrap();
        assert_eq!(torn.place.offset, Some(whole as u64));
        assert!(torn.bytes <= (length - whole) as u64 && torn.bytes > 0);
        let mut store = journal.into_store();
        assert_eq!(store.load(b"a").unwrap().unwrap().sequence, 1);
        assert_eq!(store.load(b"b").unwrap(), None);
        // What comes next goes where it was cut, and opening again finds nothing torn.
        store.commit(&[commit("a", 2)]).unwrap();
        drop(store);
        assert_eq!(Journal::open(scratch.path()).unwrap().torn(), None);
    }
}

#[test]
fn a_damaged_group_with_others_after_it_is_an_error_with_its_place() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    for step in 1..=3 {
        store.commit(&[commit("a", step)]).unwrap();
    }
    drop(store);
    let [_, first, second, _] = ends(&scratch.logs()[0]).try_into().unwrap();
    let bytes = fs::read(&scratch.logs()[0]).unwrap();
    for at in (first..second).filter(|at| at - first < 18 || second - at < 4 || at % 5 == 0) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&scratch.logs()[0], damaged).unwrap();
        let error = Journal::open(scratch.path()).unwrap_err();
        assert!(
            matches!(&error, StoreError::Corrupt { place, .. } if place.offset == Some(first as u64)),
            "{at}: {error}"
        );
    }
    fs::write(&scratch.logs()[0], bytes).unwrap();
    assert_eq!(scratch.store().load(b"a").unwrap().unwrap().sequence, 3);
}

#[test]
fn a_damaged_last_group_is_cut_off_and_told_of() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    store.commit(&[commit("a", 2)]).unwrap();
    drop(store);
    let [_, first, end] = ends(&scratch.logs()[0]).try_into().unwrap();
    let mut bytes = fs::read(&scratch.logs()[0]).unwrap();
    bytes[end - 2] ^= 1;
    fs::write(&scratch.logs()[0], bytes).unwrap();
    let journal = Journal::open(scratch.path()).unwrap();
    assert_eq!(journal.torn().unwrap().place.offset, Some(first as u64));
}

#[test]
fn a_directory_belongs_to_one_journal_at_a_time() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(matches!(&error, StoreError::Locked { owner: Some(owner), .. } if *owner == std::process::id()), "{error}");
    drop(store);
    Journal::open(scratch.path()).unwrap();
}

#[test]
fn a_directory_of_somebody_else_is_left_alone() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("thesis.tex"), "").unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn a_later_format_is_refused() {
    let scratch = Scratch::new();
    scratch.store().commit(&[commit("a", 1)]).unwrap();
    let log = &scratch.logs()[0];
    let mut bytes = fs::read(log).unwrap();
    bytes[8] += 1;
    fs::write(log, bytes).unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");

    fs::write(scratch.path().join("FORMAT"), "fsm-runtime journal, format 7\n").unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 7, known: 1, .. }), "{error}");
}

#[test]
fn a_file_that_was_just_being_made_is_made_again() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    drop(store);
    let next = scratch.path().join("0000000000000002.log");
    for part in [&b""[..], b"fsm-log\0\x01\0", &[0; 24]] {
        // It is noted as the last one when it is whole.
        fs::write(scratch.path().join("LAST"), "0000000000000001.log").unwrap();
        fs::write(&next, part).unwrap();
        let journal = Journal::open(scratch.path()).unwrap();
        assert_eq!(journal.torn().unwrap().place.path, next);
        assert!(journal.into_store().load(b"a").unwrap().is_some());
    }
    scratch.store().commit(&[commit("a", 2)]).unwrap();
    assert_eq!(scratch.store().load(b"a").unwrap().unwrap().sequence, 2);
}

#[test]
fn groups_that_are_missing_are_an_error() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    store.commit(&[commit("a", 2)]).unwrap();
    drop(store);
    fs::rename(&scratch.logs()[0], scratch.path().join("0000000000000003.log")).unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(error.to_string().contains("the groups 1 to 2 are missing"), "{error}");
}

#[test]
fn the_newest_log_is_missed_also_where_nothing_else_tells_of_it() {
    for segments in [1, 3] {
        let scratch = Scratch::new();
        let open = || Options::new().segment(2_000).open(scratch.path());
        let mut store = open().unwrap().into_store();
        let mut sequence = 0;
        while scratch.logs().len() < segments || sequence < 1 {
            sequence += 1;
            store.commit(&[Commit { state: vec![7; 1_000], ..commit("a", sequence) }]).unwrap();
        }
        drop(store);
        let last = scratch.logs().pop().unwrap();
        let bytes = fs::read(&last).unwrap();
        for length in [Some(0), Some(7), None] {
            match length {
                Some(length) => fs::write(&last, &bytes[..length]).unwrap(),
                None => fs::remove_file(&last).unwrap(),
            }
            let error = open().unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{segments}, {length:?}: {error}");
        }
        fs::write(&last, bytes).unwrap();
        // The directory of an earlier version has no such note, and is opened as it is.
        fs::remove_file(scratch.path().join("LAST")).unwrap();
        let mut store = open().unwrap().into_store();
        assert_eq!(store.load(b"a").unwrap().unwrap().sequence, sequence);
        assert!(scratch.path().join("LAST").exists());
    }
}

#[test]
fn a_journal_without_its_format_is_no_empty_directory() {
    let scratch = Scratch::new();
    drop(scratch.store());
    fs::remove_file(scratch.path().join("FORMAT")).unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Journal::open(&file).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn a_log_that_is_folded_is_removed_and_what_it_left_is_kept() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    for step in 1..=100 {
        let outbox = vec![b"sent".to_vec()];
        let sent = store.commit(&[Commit { outbox, state: vec![7; 1_000], ..commit("a", step) }]).unwrap();
        store.delivered(&sent).unwrap();
    }
    let before = fs::metadata(&scratch.logs()[0]).unwrap().len();
    store.compact().unwrap();
    assert!(before > 100_000);
    let [log] = scratch.logs().try_into().unwrap();
    assert!(fs::metadata(log).unwrap().len() < 100);
    drop(store);

    let mut store = scratch.store();
    let machine = store.load(b"a").unwrap().unwrap();
    assert_eq!((machine.sequence, machine.messages.len()), (100, DEFAULT_WINDOW));
    assert_eq!(store.outbox(0, 10).unwrap(), []);
    store.commit(&[commit("a", 101)]).unwrap();
}

#[test]
fn a_damaged_table_is_an_error_and_never_another_answer() {
    let scratch = Scratch::new();
    let key = |machine: u64| format!("machine {machine}");
    let mut store = scratch.store();
    let batch: Vec<_> = (0..50)
        .map(|machine| Commit { wake: Some(Millis(machine)), outbox: vec![vec![5; 20]], ..commit(&key(machine), 1) })
        .collect();
    store.commit(&batch).unwrap();
    store.compact().unwrap();
    let whole =
        (store.load(b"machine 7").unwrap(), store.due(Millis::MAX, 100).unwrap(), store.outbox(0, 100).unwrap());
    drop(store);

    let path = scratch.path().join("machines.redb");
    let bytes = fs::read(&path).unwrap();
    // What differs from the bytes around it is what is used.
    let used: Vec<_> = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
    let mut damaged = 0;
    for at in used.iter().step_by(used.len() / 150 + 1) {
        let mut bytes = bytes.clone();
        bytes[*at] ^= 0x21;
        fs::write(&path, bytes).unwrap();
        let read = Journal::open(scratch.path()).and_then(|journal| {
            let mut store = journal.into_store();
            Ok((store.load(b"machine 7")?, store.due(Millis::MAX, 100)?, store.outbox(0, 100)?))
        });
        match read {
            Ok(read) => assert_eq!(read, whole, "byte {at}"),
            Err(StoreError::Corrupt { place, .. }) => {
                assert_eq!(place.path, path);
                damaged += 1;
            }
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    assert!(damaged > 20, "{damaged} of 150 changes were noticed");

    // Without a look at all of it damage is found when a machine is loaded.
    let mut damaged = 0;
    for at in used.iter().step_by(used.len() / 150 + 1) {
        let mut bytes = bytes.clone();
        bytes[*at] ^= 0x21;
        fs::write(&path, bytes).unwrap();
        let load = || Options::new().verify(false).open(scratch.path())?.into_store().load(b"machine 7");
        match load() {
            Ok(read) => assert_eq!(read, whole.0, "byte {at}"),
            Err(StoreError::Corrupt { .. }) => damaged += 1,
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    assert!(damaged > 0);
}

#[test]
fn the_window_of_ids_is_the_callers_to_choose() {
    let scratch = Scratch::new();
    let options = Options::new().window(2);
    scratch.open(options).commit(&[commit("a", 1), commit("a", 2), commit("a", 3)]).unwrap();
    let kept = scratch.open(options).load(b"a").unwrap().unwrap().messages;
    assert_eq!(kept, [commit("a", 2).message.unwrap(), commit("a", 3).message.unwrap()]);
}

#[test]
fn a_machine_that_ended_can_be_forgotten_after_a_time() {
    let scratch = Scratch::new();
    let mut store = scratch.open(Options::new().forget(Duration::from_hours(1)));
    let ends = |key, at| Commit { ended: true, at, wake: Some(Millis(1)), ..commit(key, 1) };
    store.commit(&[ends("long ago", Millis(5)), ends("just now", Millis::now()), commit("alive", 1)]).unwrap();
    assert!(store.load(b"long ago").unwrap().is_some());
    store.compact().unwrap();
    assert_eq!(store.load(b"long ago").unwrap(), None);
    assert!(store.load(b"just now").unwrap().is_some() && store.load(b"alive").unwrap().is_some());
    assert_eq!(store.due(Millis::MAX, 10).unwrap().len(), 1);
    // It may begin anew.
    store.commit(&[commit("long ago", 1)]).unwrap();
}

#[test]
fn a_log_that_is_missing_is_an_error() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    store.compact().unwrap();
    drop(store);
    fs::remove_file(&scratch.logs()[0]).unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(error.to_string().contains("the files of the log are missing"), "{error}");
}

#[test]
fn a_table_that_is_missing_is_an_error() {
    let scratch = Scratch::new();
    let mut store = scratch.store();
    store.commit(&[commit("a", 1)]).unwrap();
    store.compact().unwrap();
    drop(store);
    fs::remove_file(scratch.path().join("machines.redb")).unwrap();
    let error = Journal::open(scratch.path()).unwrap_err();
    assert!(error.to_string().contains("the groups 1 to 1 are missing"), "{error}");
}

#[test]
fn a_directory_is_made_with_all_above_it() {
    let scratch = Scratch::new();
    let journal = Journal::open(scratch.path().join("a/b/c")).unwrap();
    journal.into_store().commit(&[commit("a", 1)]).unwrap();
}
