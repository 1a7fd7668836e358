// The machine of `order.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// An order from the basket to the last refund.
    pub machine Order {
        version 3;
        use crate::shop::ShopError;
        error ShopError;
        context { items: u32, total: u32, attempts: u8, shipped: u32, delivered: u32, paid: u32, refunded: u32 }
        event AddItem { sku: String, quantity: u32, price: u32 }
        event ClearBasket;
        event ChangeAddress { address: String }
        event Checkout;
        event PaymentAuthorised { reference: String, amount: u32 }
        event PaymentDeclined { reason: String }
        event RetryPayment;
        event ParcelShipped { tracking: String, items: u32 }
        event ParcelDelivered { tracking: String, items: u32 }
        event ParcelLost { tracking: String, items: u32 }
        event Cancel { reason: String }
        event RequestReturn { items: u32, amount: u32 }
        event ReturnReceived;
        event ReturnRejected { reason: String }
        event RefundSettled { amount: u32 }
        event RefundFailed { reason: String }
        event RetryRefund, ReturnPeriodOver;
        /// Put the articles aside for this basket
        action reserve;
        /// Give all articles back to the warehouse
        action release_stock;
        /// Change where the parcels go
        action set_address;
        /// Ask the payment provider to authorise the total
        action request_payment;
        /// Keep the provider's reference of the authorisation
        action record_payment;
        /// Give up the authorisation; nothing was captured
        action void_payment;
        /// Take the money
        action capture_payment;
        /// Ask the customer for another means of payment
        action remind;
        /// Send the confirmation with everything that was ordered
        action confirm;
        /// Give the order to the warehouse
        action pick;
        /// Tell the customer about a parcel
        action notify;
        /// Ask the carrier for a lost parcel
        action investigate;
        /// Send a label for the way back
        action send_label;
        /// Tell the customer why
        action explain;
        /// Ask the payment provider to pay back
        action request_refund;
        /// File the order
        action archive;
        /// The warehouse has this many of the article
        guard in_stock;
        /// These articles may be sent back
        guard returnable;

        /// Possible until the last parcel has left
        on ChangeAddress if !(in(.Fulfilment.InTransit) || in(.Delivered) || in(.Returning)) / set_address(&event.address);

        initial Basket;
        /// The customer is still choosing.
        state Basket {
            on AddItem if in_stock(&event.sku, event.quantity) / reserve(&event.sku, event.quantity), assign { items = context.items + event.quantity, total = context.total + event.quantity * event.price };
            on ClearBasket / release_stock, assign { items = 0, total = 0 };
            on Checkout if context.items > 0 => Payment;
            on Cancel => Cancelled / explain(&event.reason);
        }

        /// Nothing leaves before the whole total is authorised.
        state Payment {
            on Cancel => Cancelled / explain(&event.reason);

            initial Authorising;
            /// The payment provider has been asked.
            state Authorising {
                entry / request_payment(context.total);
                on PaymentAuthorised if event.amount == context.total => Fulfilment / record_payment(&event), confirm(&context);
                /// An authorisation of part of the total is given up
                on PaymentAuthorised => Declined / void_payment;
                on PaymentDeclined if context.attempts >= 2 => Cancelled / explain(&event.reason);
                on PaymentDeclined => Declined / assign attempts = context.attempts + 1;
            }

            /// The customer can try another means of payment.
            state Declined {
                entry / remind;
                on RetryPayment => Authorising;
            }
        }

        /// Articles are picked, packed and sent.
        state Fulfilment {
            on ParcelDelivered if event.items <= context.shipped - context.delivered / notify(&event.tracking), assign delivered = context.delivered + event.items;
            /// What is lost is sent again
            on ParcelLost if event.items > 0 && event.items <= context.shipped - context.delivered => .PartlyShipped / investigate(&event.tracking), assign shipped = context.shipped - event.items;

            initial Picking;
            /// Nothing has left; the order can still be cancelled.
            state Picking {
                entry / pick;
                on ParcelShipped if event.items == context.items => InTransit / capture_payment, notify(&event.tracking), assign { shipped = event.items, paid = context.total };
                on ParcelShipped if event.items > 0 && event.items < context.items => PartlyShipped / capture_payment, notify(&event.tracking), assign { shipped = event.items, paid = context.total };
                on Cancel => Cancelled / void_payment, explain(&event.reason);
            }

            /// Some parcels are on their way, others are not.
            state PartlyShipped {
                on ParcelShipped if event.items == context.items - context.shipped => InTransit / notify(&event.tracking), assign shipped = context.items;
                on ParcelShipped if event.items > 0 && event.items < context.items - context.shipped / notify(&event.tracking), assign shipped = context.shipped + event.items;
            }

            /// Every parcel has left the warehouse.
            state InTransit {
                on ParcelDelivered if event.items == context.items - context.delivered => Delivered / notify(&event.tracking), assign delivered = context.items;
            }
        }

        /// Everything has arrived; the period for returns runs.
        state Delivered {
            on RequestReturn if returnable(event.items) && event.amount <= context.paid - context.refunded => Returning / send_label(event.items);
            on ReturnPeriodOver if context.refunded > 0 => PartlyRefunded;
            on ReturnPeriodOver => Completed;
        }

        /// Articles are on their way back, or the money is.
        state Returning {
            initial AwaitingGoods;
            /// The customer has the label.
            state AwaitingGoods {
                on ReturnReceived => Refunding;
                on ReturnRejected => Delivered / explain(&event.reason);
            }

            /// The payment provider pays back.
            state Refunding {
                entry / request_refund;
                on RefundSettled if event.amount == context.paid - context.refunded => Refunded / assign refunded = context.paid;
                on RefundSettled if event.amount > 0 && event.amount < context.paid - context.refunded => Delivered / assign refunded = context.refunded + event.amount;
                on RefundFailed => RefundBlocked / explain(&event.reason);
            }

            /// Somebody in the accounts department has to look at it.
            state RefundBlocked {
                on RetryRefund => Refunding;
            }
        }

        /// Given up before anything was captured.
        final Cancelled {
            entry / release_stock, archive;
        }

        /// Everything that was paid has been paid back.
        final Refunded {
            entry / archive;
        }

        /// Finished, with a part paid back.
        final PartlyRefunded {
            entry / archive;
        }

        /// Finished, and nothing came back.
        final Completed {
            entry / archive;
        }
    }
}
