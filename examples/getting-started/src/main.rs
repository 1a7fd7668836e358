//! A door as a service: it lives on messages, and its actions can wait and fail.

use std::error::Error;
use std::fmt;

use door::{Door, Event, event};

fsm_runtime::include_fsm!("door");

/// What an action fails with: the spec's `error:`. `pub`, because the types of the generated module name it.
#[derive(Debug)]
pub struct Jammed;

impl fmt::Display for Jammed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bolt is jammed")
    }
}

impl Error for Jammed {}

/// Does what the spec names. With an `error:` each action gives a `Result<(), _>`; without one it gives nothing.
struct Bolt {
    turns: u32,
}

impl door::Actions for Bolt {
    fn authorised(&self, badge: u32) -> bool {
        badge < 100
    }

    async fn greet(&mut self, badge: u32) -> Result<(), Jammed> {
        println!("hello, {badge}");
        Ok(())
    }

    async fn unlock(&mut self) -> Result<(), Jammed> {
        self.turns += 1;
        if self.turns > 2 { Err(Jammed) } else { Ok(()) }
    }

    async fn lock(&mut self) -> Result<(), Jammed> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let door =
        fsm_runtime::options().on_transition(|transition| println!("{transition}")).spawn(Door::new(Bolt { turns: 0 }));

    door.send(event::Open { badge: 7 }).await?; // waits for room in the mailbox, and not for the door
    door.send(Event::Close).await?;
    let outcome = door.ask(event::Open { badge: 700 }).await?; // waits until the event was handled
    println!("a wrong badge: {}", outcome.name());
    door.send(event::Open { badge: 8 }).await?;
    door.send(Event::Close).await?;
    if let Err(error) = door.ask(event::Open { badge: 9 }).await {
        println!("at last: {error}");
    }
    println!("{}", door.shutdown().await);
    Ok(())
}
