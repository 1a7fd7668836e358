//! Another example of docs/testing.md, word by word.

use crate::turnstile::testing::Scripted;
use crate::turnstile::{Event, event};
use fsm_runtime::testing::proptest::prelude::*;

proptest! {
    #[test]
    fn nobody_pays_more_than_the_fare_and_whoever_pays_passes_once(
        events in prop::collection::vec(any::<Event>(), 0..50),
    ) {
        let mut turnstile = Scripted::default().testbed();
        let _ = turnstile.start().unwrap();
        let mut coins = 0;
        for event in events {
            coins += u64::from(matches!(event, Event::Coin(event::Coin { .. })));
            let _ = turnstile.handle(event).unwrap();
            let context = turnstile.service().machine().context();
            prop_assert!(context.paid < context.fare);
            prop_assert!(context.passages <= coins);
        }
    }
}
