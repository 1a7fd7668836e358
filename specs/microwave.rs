// The machine of `microwave.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A microwave oven with a quick start, ten power levels and a child lock.
    pub parallel machine Microwave {
        mode sync;
        context { remaining: u32, power: u8 = 10, phase: u8 }
        event DoorOpened, DoorClosed;
        event Set { seconds: u32 }
        event Power { level: u8 }
        event Start, Stop, Lock;
        message Finished;
        /// Switch the high voltage
        action magnetron;
        /// Switch the turntable and the fan
        action turntable;
        /// Switch the lamp
        action lamp;
        /// Show minutes and seconds
        action show_time;
        /// Show the time of day
        action show_clock;
        /// Say that it is done
        action beep;

        state Door {
            initial Closed;
            state Closed {
                on DoorOpened => Open;
            }

            state Open {
                on DoorClosed => Closed;
            }
        }

        state Oven {
            initial Idle;
            /// Nothing is set.
            state Idle {
                entry / assign remaining = 0, show_clock;
                on Set if event.seconds > 0 && event.seconds < 6000 => Ready / assign { remaining = event.seconds, power = 10 };
                /// Quick start: half a minute at full power
                on Start if in(Door.Closed) => Cooking / assign { remaining = 30, power = 10 };
                on Lock => Locked;
            }

            /// A time is set.
            state Ready {
                entry / show_time(context.remaining);
                on Set if event.seconds > 0 && event.seconds < 6000 / assign remaining = event.seconds, show_time(context.remaining);
                on Power if event.level > 0 && event.level < 11 / assign power = event.level;
                on Start if in(Door.Closed) => Cooking;
                on Stop => Idle;
                after 2min => Idle;
            }

            /// The time runs.
            state Cooking {
                tags busy;
                entry / turntable(true);
                exit / turntable(false);
                on DoorOpened => Paused;
                on Stop => Paused;
                /// Another half minute
                on Start if context.remaining < 5970 / assign remaining = context.remaining + 30, show_time(context.remaining);
                always if context.remaining == 0 => Done;
                every 1s / assign { remaining = context.remaining - 1, phase = (context.phase + 1) % 10 }, show_time(context.remaining);

                initial Heating / assign phase = 0;
                state Heating {
                    tags radiating;
                    entry / magnetron(true);
                    exit / magnetron(false);
                    always if context.phase >= context.power => Resting;
                }

                state Resting {
                    always if context.phase < context.power && context.remaining > 0 => Heating;
                }

                history Last => Heating;
            }

            /// The time stands still.
            state Paused {
                on Start if in(Door.Closed) => Cooking.Last;
                on Stop => Idle;
                after 5min => Idle;
            }

            /// It can be taken out.
            state Done {
                entry / beep, emit Finished;
                on DoorOpened => Idle;
                on Stop => Idle;
                after 5min => Idle;
                every 1min / beep;
            }

            /// The child lock: no key does anything until it is lifted.
            state Locked {
                on Lock => Idle;
                on *;
            }
        }

        state Lamp {
            initial Dark;
            state Dark {
                entry / lamp(false);
                always if in(Door.Open) || in(Oven.Cooking) => Lit;
            }

            state Lit {
                entry / lamp(true);
                always if !(in(Door.Open) || in(Oven.Cooking)) => Dark;
            }
        }
    }
}
