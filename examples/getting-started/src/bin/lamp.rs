//! A lamp without a runtime: `mode sync` makes plain functions, and the program calls them.

use fsm_runtime::fsm;
use lamp::{Event, Lamp, State, event};

/// How bright it is. `pub`, and with the traits that the generated types derive: `Debug`, `Clone`, `PartialEq`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(pub u8);

fsm! {
    pub machine Lamp {
        use super::Level;
        mode sync;
        context { level: Level = Level(1), switched: u32 }
        event Push;
        event Dim { level: Level }

        initial Off;
        state Off {
            on Push => On / assign switched = context.switched + 1;
        }
        state On {
            entry / shine(&context.level);
            on Dim if event.level.0 > 0 / assign level = event.level, shine(&context.level);
            on Push => Off / dark;
        }
    }
}

struct Bulb;

impl lamp::Actions for Bulb {
    fn shine(&mut self, level: &Level) {
        println!("shines at {}", level.0);
    }

    fn dark(&mut self) {
        println!("is dark");
    }
}

fn main() -> Result<(), fsm_runtime::core::Error<fsm_runtime::core::Never>> {
    let mut lamp = Lamp::new(Bulb);
    println!("start: {}", lamp.start()?.name()); // enters `Off`; an event before that is an error
    for event in
        [Event::Push, event::Dim { level: Level(5) }.into(), event::Dim { level: Level(0) }.into(), Event::Push]
    {
        let outcome = lamp.handle(&event)?;
        println!("{event:?}: {}", outcome.name());
    }
    assert_eq!(*lamp.state(), State::Off);
    println!("switched on {} time(s)", lamp.context().switched);
    Ok(())
}
