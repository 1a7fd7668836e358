// The machine of `turnstile.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A turnstile that takes coins.
    pub machine Turnstile {
        mode sync;
        context { fare: u32 = 250, paid: u32, passages: u64 }
        event Coin { cents: u32 }
        event Push, Cancel;
        event Service { badge: u32 }
        /// Drop the bolt
        action lock;
        /// Lift the bolt
        action unlock;
        /// Show how much is still to pay
        action show;
        /// Give coins back
        action refund;
        /// Sound the buzzer
        action alarm;
        /// Green for go or red for stop
        action lamp;
        /// The badge belongs to the staff
        guard authorised;

        on Service if authorised(event.badge) => .OutOfService / refund(context.paid);

        initial Locked;
        /// The bolt is down.
        state Locked {
            entry / lamp(false);
            on Coin if event.cents >= context.fare - context.paid => Unlocked / assign paid = 0;
            on Coin / assign paid = context.paid + event.cents, show(context.paid, context.fare);
            on Cancel if context.paid > 0 / refund(context.paid), assign paid = 0;
            on Push / alarm;
        }

        /// One person may pass.
        state Unlocked {
            entry / unlock, lamp(true);
            exit / lock;
            on Coin / refund(event.cents);
            on Push => Locked / assign passages = context.passages + 1;
        }

        /// The bolt is down and coins fall through until the key is turned again.
        state OutOfService {
            entry / assign paid = 0;
            on Coin / refund(event.cents);
            on Service if authorised(event.badge) => Locked;
        }
    }
}
