//! What the editor opens.

use fsm_runtime::fsm;

/// How bright.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Level {
    /// Of a hundred.
    pub percent: u8,
}

fsm! {
    pub machine Lamp {
        use crate::Level;
        context { level: Level, presses: u32 = 0 }
        event Press { by: u8 }
        event Off;

        initial Dark;
        /// Nobody sees anything.
        state Dark {
            on Press if context.presses < 3 => Bright / shine(event.by, &context.level);
        }
        state Bright {
            on Off => Dark / assign presses = context.presses + 1;
        }
    }
}

/// Whoever switches it.
pub struct Hands;

impl lamp::Actions for Hands {
    async fn shine(&mut self, by: u8, level: &Level) {
        println!("{by} of {}", level.percent);
    }
}

/// What a program says of it.
pub fn look(context: &mut lamp::Context) -> (lamp::State, lamp::Event) {
    context.presses += 1;
    (lamp::State::Dark, lamp::Event::Press(lamp::event::Press { by: 1 }))
}
