//! A batch as PostgreSQL takes it: column by column.
//!
//! Part of [`super`]. Numbers are signed there, and rows are sealed with a checksum.

use std::collections::BTreeMap;

use super::super::Commit;
use super::super::wire::{MachineRef, put_machine, seal};

/// The columns of the steps of a batch.
pub(super) struct Steps<'a> {
    pub(super) keys: Vec<&'a [u8]>,
    pub(super) sequences: Vec<i64>,
    pub(super) ids: Vec<Option<Vec<u8>>>,
    /// Keys of machines whose old steps are to be forgotten: now and then.
    pub(super) tidy: Vec<&'a [u8]>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(batch: &'a [Commit], window: i64) -> Self {
        let is_turn = |commit: &&Commit| signed(commit.sequence) % window.clamp(16, 1_024) == 0;
        Self {
            tidy: batch.iter().filter(is_turn).map(|commit| commit.key.as_slice()).collect(),
            keys: batch.iter().map(|commit| commit.key.as_slice()).collect(),
            sequences: batch.iter().map(|commit| signed(commit.sequence)).collect(),
            ids: batch.iter().map(|commit| commit.message.map(|id| id.0.to_le_bytes().to_vec())).collect(),
        }
    }
}

/// The columns of its machines, each as its last step left it.
pub(super) struct Machines<'a> {
    pub(super) keys: Vec<&'a [u8]>,
    pub(super) sequences: Vec<i64>,
    pub(super) wakes: Vec<Option<i64>>,
    pub(super) ends: Vec<Option<i64>>,
    pub(super) rows: Vec<Vec<u8>>,
}

impl<'a> Machines<'a> {
    pub(super) fn of(batch: &'a [Commit]) -> Self {
        let last: BTreeMap<&[u8], &Commit> = batch.iter().map(|commit| (commit.key.as_slice(), commit)).collect();
        let row = |commit: &Commit| {
            let Commit { sequence, at, wake, ended, event, state, .. } = commit;
            let (sequence, at, wake, ended) = (*sequence, *at, *wake, *ended);
            let machine = MachineRef { sequence, at, event, state, wake, ended, messages: &[] };
            sealed(|to| put_machine(to, &machine, &[]))
        };
        Self {
            keys: last.keys().copied().collect(),
            sequences: last.values().map(|commit| signed(commit.sequence)).collect(),
            wakes: last.values().map(|commit| commit.wake.map(|wake| signed(wake.0))).collect(),
            ends: last.values().map(|commit| commit.ended.then_some(signed(commit.at.0))).collect(),
            rows: last.values().map(|commit| row(commit)).collect(),
        }
    }
}

/// The columns of its messages.
pub(super) struct Messages<'a> {
    pub(super) keys: Vec<&'a [u8]>,
    pub(super) sequences: Vec<i64>,
    pub(super) bytes: Vec<Vec<u8>>,
}

impl<'a> Messages<'a> {
    pub(super) fn of(batch: &'a [Commit]) -> Self {
        let all = || batch.iter().flat_map(|commit| commit.outbox.iter().map(move |bytes| (commit, bytes)));
        Self {
            keys: all().map(|(commit, _)| commit.key.as_slice()).collect(),
            sequences: all().map(|(commit, _)| signed(commit.sequence)).collect(),
            bytes: all().map(|(_, bytes)| sealed(|to| to.extend_from_slice(bytes))).collect(),
        }
    }
}

fn sealed(fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut sealed = Vec::new();
    seal(&mut sealed, fill);
    sealed
}

/// Numbers of the database have a sign. None that it gave is negative, and none that counts something is so large.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
