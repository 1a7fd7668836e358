//! The work that every contender gets: steps of many machines, each with event, snapshot, wake-up, id, now and then a message.

use fsm_runtime::journal::{Commit, MessageId, Millis};

/// How many machines there are.
pub const MACHINES: usize = 100_000;

/// Commits of random machines, always the same ones.
pub struct Work {
    random: u64,
    sequences: Vec<u64>,
}

impl Work {
    pub fn new() -> Self {
        Self { random: 0x9e37_79b9_7f4a_7c15, sequences: vec![0; MACHINES] }
    }

    /// The first step of each machine, in groups.
    pub fn first(&mut self) -> Vec<Vec<Commit>> {
        let all: Vec<_> = (0..MACHINES).map(|machine| self.step(machine)).collect();
        all.chunks(1_000).map(<[Commit]>::to_vec).collect()
    }

    /// The next so many steps.
    pub fn group(&mut self, size: usize) -> Vec<Commit> {
        (0..size)
            .map(|_| {
                let machine = self.random() as usize % MACHINES;
                self.step(machine)
            })
            .collect()
    }

    /// The next step of each second machine, in the order of their keys: what a log leaves to be folded.
    pub fn rows(&mut self) -> Vec<Commit> {
        let odd = self.random() as usize % 2;
        (odd..MACHINES).step_by(2).map(|machine| self.step(machine)).collect()
    }

    fn step(&mut self, machine: usize) -> Commit {
        self.sequences[machine] += 1;
        let sequence = self.sequences[machine];
        let random = self.random();
        let now = 1_790_000_000_000 + sequence;
        let event = format!(r#"{{"Arrived":{{"station":{},"load":{},"at":{now}}}}}"#, random % 500, random % 77);
        let state = format!(
            concat!(
                r#"{{"version":"1.4","hash":{hash},"machine":{{"state":{{"Working":"Moving"}},"context":{{"job":"A-{job}","#,
                r#""station":{station},"load":{load},"retries":0,"distance":{distance}}},"deferred":[],"history":null}},"#,
                r#""remaining":[[30,0],[0,0]],"handled":{sequence}}}"#
            ),
            hash = 0x51f2_77e1_u64 << 30,
            job = random % 1_000_000,
            station = random % 500,
            load = random % 77,
            distance = random % 100_000,
            sequence = sequence,
        );
        Commit {
            key: format!("robot-{machine:08}").into_bytes(),
            sequence,
            message: Some(MessageId(u128::from(random) << 64 | u128::from(self.random()))),
            at: Millis(now),
            event: event.into_bytes(),
            state: state.into_bytes(),
            wake: (random.is_multiple_of(2)).then(|| Millis(now + 30_000 + random % 1_000)),
            outbox: if random.is_multiple_of(4) { vec![vec![b'm'; 100]] } else { Vec::new() },
            ended: false,
        }
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
