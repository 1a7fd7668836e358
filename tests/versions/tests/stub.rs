//! The stub that `fsmc diff --stub` writes is Rust, and lacks nothing but what somebody has to decide.

use fsm_runtime::core::Stored;
use versions::one_step::delivery::{self, Delivery};
use versions::second;

/// The stub, with the decisions below it.
#[allow(
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "a stub stands in a module that may be public, and hands over what need not be `Copy`"
)]
mod migration {
    include!(concat!(env!("OUT_DIR"), "/stub.rs"));

    use delivery::state::delivering::Van;

    fn decide_context_tries() -> u8 {
        5
    }

    fn decide_where_in_state_delivering(old: v2::state::Delivering) -> delivery::state::Delivering {
        let door = match old {
            v2::state::Delivering::Calling => delivery::state::delivering::Door::Calling,
            v2::state::Delivering::Handing => delivery::state::delivering::Door::Handing,
        };
        delivery::state::Delivering { door, van: Van::Open }
    }

    fn decide_history_delivering_last(_: Option<u8>) -> Option<delivery::state::Delivering> {
        None
    }

    fn decide_timer_delivering_van_after_20min() -> Option<std::time::Duration> {
        None
    }

    fn decide_event_done() -> Option<delivery::Event> {
        None
    }

    fn decide_event_remind(_: v2::event::Remind) -> Option<delivery::Event> {
        None
    }
}

struct Json(String);

impl Stored for Json {
    type Error = serde_json::Error;

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Self::Error> {
        serde_json::from_str(&self.0)
    }
}

#[derive(Debug, Clone)]
struct Hands;

impl second::delivery::Actions for Hands {
    fn call_in(&mut self) {}
}

impl delivery::Actions for Hands {
    fn call_in(&mut self) {}
    fn navigate(self) {}
}

#[test]
fn a_stub_with_its_decisions_carries_everything_over() {
    use second::delivery::Event;
    let context = second::delivery::Context { parcels: 4, courier: "Bob".to_owned() };
    let mut machine = second::delivery::Delivery::with_context(Hands, context);
    assert!(machine.start().is_ok());
    for event in [Event::Go, Event::Arrive, second::delivery::event::Ring { times: 1 }.into()] {
        assert!(machine.handle(&event).is_ok());
    }
    let stored = Json(serde_json::to_string(&machine.snapshot(|_, _| std::time::Duration::ZERO)).expect("JSON"));
    let restored = Delivery::restore_any(Hands, &stored, &migration::Migration).expect("there is a way");
    assert_eq!(restored.state().to_string(), "Delivering.Door.Handing, Delivering.Van.Open");
    assert_eq!(*restored.context(), delivery::Context { parcels: 4, courier: "Bob".to_owned(), tries: 5 });
}
