// The machine of `elevator_door.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// The car door of a lift.
    pub machine ElevatorDoor {
        context { obstructions: u8, limit: u8 = 3, cycles: u32 }
        event Call, OpenButton, CloseButton, Dwelt, OpenLimit, ClosedLimit;
        event Obstructed { force: u16 }
        event DriveTimeout;
        event FireSwitch { active: bool }
        event Reset { technician: u32 }
        /// Run the motor towards open at full speed
        action drive_open;
        /// Run the motor towards closed with the given energy in joules at most
        action drive_close;
        /// Take the current off the motor
        action stop_drive;
        /// Start the time that the door stands open
        action start_dwell;
        /// Stop it
        action stop_dwell;
        /// Engage the door lock and close the safety chain
        action lock;
        /// Open the safety chain and release the lock
        action unlock;
        /// Announce the opening door
        action chime;
        /// Switch the nudging buzzer
        action buzzer;
        /// Log the reversal, with the force that was met
        action reverse;
        /// Switch landing calls off or on
        action inhibit_calls;
        /// Send a fault to the maintenance company
        action call_service;
        /// The car stands within the unlocking zone of a floor
        guard at_floor;
        /// Nothing interrupts the light curtain
        guard curtain_clear;
        /// The technician may put the door back into service
        guard authorised;

        on FireSwitch if event.active => .Emergency;
        /// The switch was off already
        on FireSwitch;

        initial Service;
        /// Normal operation.
        state Service {
            on DriveTimeout => OutOfOrder;

            initial Closed;
            /// Closed and locked; the car may move.
            state Closed {
                entry / lock;
                exit / unlock;
                on Call if at_floor => Opening / chime;
                on OpenButton if at_floor => Opening;
                on DriveTimeout;
            }

            /// On the way to the open limit.
            state Opening {
                entry / drive_open;
                exit / stop_drive;
                on OpenLimit => Open;
            }

            /// Fully open; passengers come and go.
            state Open {
                entry / start_dwell;
                exit / stop_dwell;
                on Call => reenter Open;
                on OpenButton => reenter Open;
                on Obstructed => reenter Open;
                on Dwelt if context.obstructions >= context.limit => Nudging;
                on Dwelt if curtain_clear => Closing;
                on Dwelt => reenter Open;
                on CloseButton if curtain_clear && context.obstructions < context.limit => Closing;
                on DriveTimeout;
            }

            /// On the way to the closed limit, with at most 10 J.
            state Closing {
                entry / drive_close(10u8);
                exit / stop_drive;
                on Call => Opening;
                on OpenButton => Opening;
                on Obstructed => Opening / reverse(event.force), assign obstructions = context.obstructions + 1;
                on ClosedLimit => Closed / assign { obstructions = 0, cycles = context.cycles + 1 };
            }

            /// Closing with at most 4 J and a buzzer; the light curtain is ignored, force is not.
            state Nudging {
                entry / buzzer(true), drive_close(4u8);
                exit / stop_drive, buzzer(false);
                on OpenButton => Opening;
                on Obstructed if event.force > 150 => Opening / reverse(event.force);
                on ClosedLimit => Closed / assign { obstructions = 0, cycles = context.cycles + 1 };
            }
        }

        /// The fire brigade has the car; buttons and light curtain are dead.
        state Emergency {
            entry / inhibit_calls(true);
            exit / inhibit_calls(false);
            on FireSwitch if not(event.active) && in(.Open) => Service.Open;
            /// The switch counts again once the door is open
            on FireSwitch;
            on DriveTimeout / call_service;

            initial Opening;
            /// Whatever the door was doing, it opens now.
            state Opening {
                entry / unlock, drive_open;
                exit / stop_drive;
                on OpenLimit => Open;
            }

            /// Held open until a firefighter closes it.
            state Open {
                on CloseButton => Closing;
            }

            /// Closes only while the button is pressed.
            state Closing {
                entry / drive_close(10u8);
                exit / stop_drive;
                on OpenButton => Opening;
                on ClosedLimit => Closed;
            }

            /// Closed; the car follows the firefighter's orders.
            state Closed {
                entry / lock;
                on OpenButton if at_floor => Opening;
            }
        }

        /// The door did not arrive; the car stands until a technician has looked at it.
        state OutOfOrder {
            entry / stop_drive, inhibit_calls(true), call_service;
            exit / inhibit_calls(false);
            on Reset if authorised(event.technician) => Service.Opening / assign obstructions = 0;
        }
    }
}
