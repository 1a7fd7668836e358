//! Plays a test and compares.

use std::time::Duration;

use crate::suite::{Configuration, Step, Test};

/// A machine that can be played, however it is run.
pub trait Player {
    /// Starts the machine.
    fn start(&mut self);
    /// Sends it an event and waits until it is stable.
    fn send(&mut self, event: &str);
    /// Lets time go by; delayed events come when they are due.
    fn advance(&mut self, time: Duration);
    /// The ids of the active atomic states.
    fn configuration(&self) -> Configuration;
}

/// Plays the whole test.
///
/// # Errors
///
/// The first configuration that is not the expected one.
pub fn play(test: &Test, player: &mut impl Player) -> Result<(), String> {
    player.start();
    compare(test, "the start", &player.configuration(), &test.initial)?;
    for (number, Step { after, event, expected }) in (1..).zip(&test.steps) {
        if !after.is_zero() {
            player.advance(*after);
        }
        player.send(event);
        compare(test, &format!("event {number}, `{event}`,"), &player.configuration(), expected)?;
    }
    Ok(())
}

fn compare(test: &Test, when: &str, found: &Configuration, expected: &Configuration) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{}: after {when} the configuration is {found:?}, not {expected:?}", test.name))
}
