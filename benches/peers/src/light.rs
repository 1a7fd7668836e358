//! The machine: a traffic light that notes the last number it was told.

use fsm_runtime::Outcome;
use fsm_runtime::fsm;

fsm! {
    /// For handlers that can wait.
    pub machine Light {
        context { last: u64 }
        event Next { number: u64 }
        event Reset;
        initial Red;
        state Red {
            on Next => Green / assign last = event.number;
            on Reset => Red;
        }
        state Green {
            on Next => Amber;
            on Reset => Red;
        }
        state Amber {
            on Next => Red;
            on Reset => Red;
        }
    }
}

fsm! {
    /// The same for frameworks whose handlers are plain functions.
    pub machine SyncLight {
        mode sync;
        context { last: u64 }
        event Next { number: u64 }
        event Reset;
        initial Red;
        state Red {
            on Next => Green / assign last = event.number;
            on Reset => Red;
        }
        state Green {
            on Next => Amber;
            on Reset => Red;
        }
        state Amber {
            on Next => Red;
            on Reset => Red;
        }
    }
}

pub use light::{Event, Light};
pub use sync_light::SyncLight;

/// It has no handlers.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl light::Actions for Nothing {}
impl sync_light::Actions for Nothing {}

/// One event in 16 is another.
#[must_use]
pub fn event(number: u64) -> Event {
    if number.is_multiple_of(16) { Event::Reset } else { Event::Next(light::event::Next { number }) }
}

/// The same for [`SyncLight`].
#[must_use]
pub fn sync_event(number: u64) -> sync_light::Event {
    if number.is_multiple_of(16) {
        sync_light::Event::Reset
    } else {
        sync_light::Event::Next(sync_light::event::Next { number })
    }
}

/// A machine that has been started, with a count of what it has handled.
pub struct Counted {
    light: Light<Nothing>,
    /// How many events it has handled.
    pub handled: u64,
}

impl Counted {
    /// In its initial state.
    ///
    /// # Panics
    /// If the machine cannot start.
    pub async fn start() -> Self {
        let mut light = Light::new(Nothing);
        let _ = light.start().await.expect("it starts");
        Self { light, handled: 0 }
    }

    /// One event, one step; whether the state changed.
    ///
    /// # Panics
    /// If the step fails, which it cannot.
    pub async fn handle(&mut self, event: &Event) -> bool {
        self.handled += 1;
        self.light.handle(event).await.expect("no action fails") == Outcome::Transitioned
    }
}
