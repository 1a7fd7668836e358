//! The ways, each in a file of its own.

mod actix;
mod channels;
mod fsm;
mod kameo;
mod ractor;

pub use actix::Actix;
pub use channels::{Chunks, Flume, Mpsc};
pub use fsm::Fsm;
pub use kameo::Kameo;
pub use ractor::Ractor;

use crate::peer::{self, Stage};

/// A way with what is measured of it.
pub struct Contender {
    /// What the table calls it.
    pub name: &'static str,
    /// On which threads, with which capacity, so many senders, so many events each.
    pub tell: fn(&Stage, usize, u64, u64),
    /// The same for one asker.
    pub ask: Option<fn(&Stage, usize, u64)>,
}

/// All of them; fsm-runtime comes first, and what the others are compared with second.
pub const CONTENDERS: [Contender; 7] = [
    Contender { name: "fsm-runtime", tell: peer::tell::<Fsm>, ask: Some(peer::ask::<Fsm>) },
    Contender { name: "tokio `mpsc`, `recv`", tell: peer::tell::<Mpsc>, ask: Some(peer::ask::<Mpsc>) },
    Contender { name: "tokio `mpsc`, `recv_many` of 64", tell: peer::tell::<Chunks>, ask: None },
    Contender { name: "flume", tell: peer::tell::<Flume>, ask: Some(peer::ask::<Flume>) },
    Contender { name: "ractor", tell: peer::tell::<Ractor>, ask: Some(peer::ask::<Ractor>) },
    Contender { name: "kameo", tell: peer::tell::<Kameo>, ask: Some(peer::ask::<Kameo>) },
    Contender { name: "actix", tell: Actix::tell, ask: Some(Actix::ask) },
];
