//! The embedded store in processes of its own: killed, locked out, without room, without the right to write.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use fsm_runtime::journal::{Commit, Journal, Millis, Options, StoreError};

use crate::scratch::Scratch;
use crate::step::commit;

/// Set in a child: the directory of the journal.
const DIR: &str = "FSM_JOURNAL_DIR";

/// This test in a process of its own, behind a shell that does something first.
fn child(test: &str, dir: &Path, before: &str) -> Command {
    let mut command = Command::new("sh");
    let exec = format!("{before} exec \"$0\" --exact process::{test} --nocapture --test-threads=1");
    command.args(["-c", &exec]).arg(std::env::current_exe().unwrap()).env(DIR, dir).stderr(Stdio::inherit());
    command
}

fn dir_of_child() -> Option<std::ffi::OsString> {
    std::env::var_os(DIR)
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    const MACHINES: u64 = 5;
    // Small files, so that folding is hit too.
    let options = Options::new().segment(2_000);
    if let Some(dir) = dir_of_child() {
        let mut store = options.open(dir).unwrap().into_store();
        let mut sequence = store.load(b"0").unwrap().map_or(0, |machine| machine.sequence);
        loop {
            sequence += 1;
            let batch: Vec<_> = (0..MACHINES)
                .map(|machine| Commit {
                    state: vec![u8::try_from(sequence % 251).unwrap(); 500],
                    wake: Some(Millis(sequence)),
                    outbox: vec![sequence.to_string().into()],
                    ..commit(&machine.to_string(), sequence)
                })
                .collect();
            let sent = store.commit(&batch).unwrap();
            store.delivered(&sent[1..]).unwrap();
            println!("acknowledged {sequence}");
        }
    }

    let kills = std::env::var("JOURNAL_KILLS").map_or(10, |kills| kills.parse().unwrap());
    let scratch = Scratch::new();
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut child = child("what_was_acknowledged_is_there_after_a_kill", scratch.path(), "");
        let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut number =
            || lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
        // Each child goes on from a few steps to many.
        for _ in 0..=kill * 7 % 40 {
            acknowledged = number().unwrap();
        }
        child.kill().unwrap();
        while let Some(number) = number() {
            acknowledged = number;
        }
        child.wait().unwrap();

        let mut store = options.open(scratch.path()).unwrap().into_store();
        let sequence = store.load(b"0").unwrap().unwrap().sequence;
        assert!(sequence == acknowledged || sequence == acknowledged + 1, "{sequence} of {acknowledged}");
        for machine in 0..MACHINES {
            let key = machine.to_string();
            let machine = store.load(key.as_bytes()).unwrap().unwrap();
            assert_eq!(machine.sequence, sequence);
            assert_eq!(machine.state, vec![u8::try_from(sequence % 251).unwrap(); 500]);
            assert_eq!(machine.messages.last(), commit(&key, sequence).message.as_ref());
            assert!(machine.messages.windows(2).all(|pair| pair[0] != pair[1]));
        }
        assert_eq!(store.due(Millis::MAX, 100).unwrap().len(), 5);
        // The first message of each step waits for ever; of the last steps, whose confirmation may be lost, all.
        let waiting = store.outbox(0, usize::MAX).unwrap();
        let of_first = waiting.iter().filter(|message| message.key == b"0").map(|message| message.sequence);
        assert!(of_first.eq(1..=sequence));
        assert!(waiting.iter().all(|message| message.key == b"0" || message.sequence > sequence - 2));
        let rest: Vec<_> =
            waiting.iter().filter(|message| message.key != b"0").map(|message| message.position).collect();
        store.delivered(&rest).unwrap();
    }
}

#[test]
fn another_process_is_told_who_has_it() {
    if let Some(dir) = dir_of_child() {
        let error = Journal::open(dir).unwrap_err();
        let owner = std::env::var("FSM_OWNER").unwrap();
        assert!(matches!(&error, StoreError::Locked { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("in use by process {owner}; end that process first")), "{error}");
        return;
    }
    let scratch = Scratch::new();
    let _store = scratch.store();
    let mut child = child("another_process_is_told_who_has_it", scratch.path(), "");
    assert!(child.env("FSM_OWNER", std::process::id().to_string()).status().unwrap().success());
}

/// Commits until there is no room, and looks whether all that was acknowledged is there.
fn fill(dir: &Path) {
    let ballast = dir.with_file_name("ballast");
    fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let mut store = Journal::open(dir).unwrap().into_store();
    let mut acknowledged = 0;
    let error = loop {
        match store.commit(&[Commit { state: vec![3; 100_000], ..commit("a", acknowledged + 1) }]) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("make room and start again"), "{error}");
    assert!(acknowledged > 5);
    // Nobody knows what the disk holds of the last one, so nothing more is taken.
    let error = store.commit(&[commit("a", acknowledged + 1)]).unwrap_err();
    assert!(matches!(&error, StoreError::Broken { .. }), "{error:?}");
    drop(store);

    fs::remove_file(ballast).unwrap();
    let mut store = Journal::open(dir).unwrap().into_store();
    // What was not acknowledged may be there all the same.
    let sequence = store.load(b"a").unwrap().unwrap().sequence;
    assert!(sequence == acknowledged || sequence == acknowledged + 1, "{sequence} of {acknowledged}");
    store.commit(&[commit("a", sequence + 1)]).unwrap();
}

#[test]
fn a_file_that_may_not_grow_is_an_error() {
    if let Some(dir) = dir_of_child() {
        return fill(Path::new(&dir));
    }
    let scratch = Scratch::new();
    // In blocks of 512 bytes; the signal that comes with it is ignored.
    let child = child(
        "a_file_that_may_not_grow_is_an_error",
        &scratch.path().join("journal"),
        "trap '' XFSZ; ulimit -f 10000;",
    )
    .status();
    assert!(child.unwrap().success());
}

#[test]
fn a_full_disk_is_an_error() {
    if let Some(dir) = dir_of_child() {
        return fill(Path::new(&dir));
    }
    let scratch = Scratch::new();
    // A file system of its own needs rights that not everybody has; a file that may not grow is an error of the same kind.
    let mount = "mount -t tmpfs -o size=8m tmpfs \"${FSM_JOURNAL_DIR%/*}\" || exit 77;";
    let script = child("a_full_disk_is_an_error", &scratch.path().join("journal"), mount);
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount"]).arg(script.get_program()).args(script.get_args());
    let status = command.env(DIR, scratch.path().join("journal")).status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => {}
        Ok(Some(1 | 77)) | Err(_) if !may_mount() => {}
        status => panic!("{status:?}"),
    }
}

fn may_mount() -> bool {
    let probe =
        Command::new("unshare").args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    probe.is_ok_and(|output| output.status.success())
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error() {
    if let Some(dir) = dir_of_child() {
        for dir in [Path::new(&dir).join("new"), dir.into()] {
            let error = Journal::open(dir).unwrap_err();
            assert!(matches!(&error, StoreError::ReadOnly { .. }), "{error:?}");
            assert!(error.to_string().contains("give this process the right to"), "{error}");
        }
        return;
    }
    let scratch = Scratch::new();
    let dir = scratch.path().join("journal");
    drop(Journal::open(&dir).unwrap());
    let read_only = |path: &Path| {
        let mut rights = fs::metadata(path).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(path, rights).unwrap();
    };
    for entry in fs::read_dir(&dir).unwrap() {
        read_only(&entry.unwrap().path());
    }
    read_only(&dir);
    let test = "a_directory_that_cannot_be_written_is_an_error";
    let mut child = child(test, &dir, "");
    if fs::write(dir.join("probe"), "").is_ok() {
        // To root nothing is read-only: somebody else tries, with a copy of this program that he may read.
        let program = scratch.path().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let args = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        child = Command::new("setpriv");
        child.args(args).arg(program).args(["--exact", &format!("process::{test}"), "--nocapture"]).env(DIR, &dir);
    }
    let status = child.status().unwrap();
    let mut rights = fs::metadata(&dir).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
    fs::set_permissions(&dir, rights).unwrap();
    assert!(status.success());
}
