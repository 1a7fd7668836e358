//! The example of docs/testing.md, word by word.

use crate::order_saga::testing::Scripted;
use crate::order_saga::{Invoke, event};
use crate::shop::ShopError;
use fsm_runtime::assert_trace;

#[test]
fn what_was_reserved_is_released_if_the_customer_cannot_pay() {
    let scripted = Scripted::default();
    let mut saga = scripted.testbed();
    let _ = saga.start().unwrap();
    let _ = saga.handle(event::Place { order: 7, total: 1_200 }).unwrap();

    scripted.tasks.reserve_stock.give(Ok(3));
    let _ = saga.complete(|invoke| matches!(invoke, Invoke::ReserveStock { .. })).unwrap();

    scripted.tasks.charge.give(Err(ShopError { action: "charge" }));
    let result = saga.complete(|invoke| matches!(invoke, Invoke::Charge { .. }));
    let taken = "Booking.Charging --error(charge)--> Compensating.ReleaseStock";
    saga.expect(&result, "transitioned", &["Compensating.ReleaseStock"], &[taken]);

    assert_trace!(
        saga,
        [
            "Idle --Place--> Booking",
            "reserve_stock(7)",
            "Booking.Reserving --done(reserve)--> Booking.Charging",
            "charge(7, 1200)",
            taken,
            "report(ShopError { action: \"charge\" })",
        ]
    );
}
