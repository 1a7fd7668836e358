//! Visibility, attributes, docs, generics with bounds and a `where` clause, two machines side by side.

#![deny(warnings, missing_docs, unreachable_pub, clippy::pedantic)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fsm_runtime::fsm;

/// Something that turns.
pub trait Motor {
    /// Turns once.
    fn turn(&mut self);
}

/// A motor that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counting(u32);

impl Motor for Counting {
    fn turn(&mut self) {
        self.0 += 1;
    }
}

fsm! {
    /// Turns a motor on request.
    #[derive(PartialOrd)]
    pub(crate) machine Turner<M, const MOST: u32>
    where
        M: Motor + Send + Clone,
    {
        use crate::Motor;
        context { motor: M, turns: u32 }
        /// Asks for a turn.
        event Turn { times: u32 }
        event Rest;
        initial Ready;
        state Ready {
            on Turn if context.turns + event.times <= MOST
                => Turning / turn(&mut context), assign turns = context.turns + event.times;
            on Turn / refuse;
        }
        /// It turns.
        state Turning { on Rest => Ready; }
    }
}

fsm! { machine Lamp { mode sync; initial Off; state Off { on Press => On; } state On { on Press => Off; } } }

struct Hands;

impl turner::Actions<Counting, 3> for Hands {
    async fn turn(&mut self, context: &mut turner::Context<Counting>) {
        context.motor.turn();
    }

    async fn refuse(&mut self) {}
}

struct Nobody;

impl lamp::Actions for Nobody {}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    let context = turner::Context { motor: Counting(0), turns: 0 };
    let mut turner = turner::Turner::<Hands, Counting, 3>::with_context(Hands, context);
    assert!(ready(turner.start()).is_ok());
    assert!(ready(turner.handle(&turner::event::Turn { times: 2 }.into())).is_ok());
    assert!(turner.state().matches("Turning") && turner.context().motor == Counting(1));

    let mut lamp = lamp::Lamp::new(Nobody);
    assert!(lamp.start().is_ok());
    assert!(lamp.handle(&lamp::Event::Press).is_ok());
    assert_eq!(lamp.state().to_string(), "On");
}
