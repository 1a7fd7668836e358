// The machine of `order_saga.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// Reserve, charge, ship; or undo what was done, in reverse.
    pub machine OrderSaga {
        version 1;
        use crate::shop::ShopError;
        error ShopError;
        output u64;
        context { order: u64, total: u64, reservation: u64, payment: u64, undone: u8 }
        event Place { order: u64, total: u64 }
        event Cancel, Retry;
        message Confirmed { order: u64, reservation: u64, payment: u64, shipment: u64 }
        message NeedsAttention { order: u64 }
        /// Log what went wrong in a service
        action report;
        /// Say that the order was given up, and how many steps were undone
        action tell_customer;
        delay patience = 30s;

        initial Idle;
        state Idle {
            on Place if event.total > 0 => Booking / assign { order = event.order, total = event.total };
            /// Nothing to pay is no order
            on Place => Rejected;
        }

        /// Step after step; the invokes answer with the identifiers of what they have made.
        state Booking {
            initial Reserving;
            /// T1
            state Reserving {
                invoke reserve_stock(context.order) -> u64 as reserve {
                    done => Charging / assign reservation = event.output;
                    error => Rejected / report(&event.error);
                }
                on Cancel => Compensating.ReleaseStock;
                after patience => Compensating.ReleaseStock;
            }

            /// T2
            state Charging {
                invoke charge(context.order, context.total) -> u64 as charge {
                    done => Shipping / assign payment = event.output;
                    error => Compensating.ReleaseStock / report(&event.error);
                }
                on Cancel => Compensating.Refund;
                after patience => Compensating.Refund;
            }

            /// T3
            state Shipping {
                invoke book_shipment(context.order) -> u64 as ship {
                    done => Completed / emit Confirmed { order: context.order, reservation: context.reservation, payment: context.payment, shipment: event.output };
                    error => Compensating.Refund / report(&event.error);
                }
                on Cancel => Compensating.CancelShipment;
                after patience => Compensating.CancelShipment;
            }
        }

        /// C3, C2, C1, from where the saga was broken off.
        state Compensating {
            tags compensating;
            on Cancel;
            done => Rejected / tell_customer(event.output);

            initial CancelShipment;
            /// C3
            state CancelShipment {
                data { tries: u8 = 0 }
                invoke cancel_shipment(context.order, state.tries) as unship {
                    done => Refund / assign undone = context.undone + 1;
                    error if state.tries < 3 => reenter CancelShipment { tries: state.tries + 1 } / report(&event.error);
                    error => Stuck / report(&event.error);
                }
            }

            /// C2
            state Refund {
                data { tries: u8 = 0 }
                invoke refund(context.order, state.tries) as refund {
                    done => ReleaseStock / assign undone = context.undone + 1;
                    error if state.tries < 3 => reenter Refund { tries: state.tries + 1 } / report(&event.error);
                    error => Stuck / report(&event.error);
                }
            }

            /// C1
            state ReleaseStock {
                data { tries: u8 = 0 }
                invoke release_stock(context.order, state.tries) as release {
                    done => Undone / assign undone = context.undone + 1;
                    error if state.tries < 3 => reenter ReleaseStock { tries: state.tries + 1 } / report(&event.error);
                    error => Stuck / report(&event.error);
                }
            }

            /// Nothing is left of the order.
            final Undone {
                output context.undone;
            }

            /// The compensation that failed, and how often it has.
            history Last => CancelShipment;
        }

        /// A compensation has failed four times; somebody has to look, and then it is tried again.
        state Stuck {
            tags compensating;
            entry / emit NeedsAttention { order: context.order };
            on Retry => Compensating.Last;
            on Cancel;
        }

        /// All three steps have happened.
        final Completed {
            output context.total;
        }

        /// Nothing has happened, or everything was undone.
        final Rejected {
            output 0;
        }
    }
}
