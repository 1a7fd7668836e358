// The machine of `traffic_light.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A crosswalk with a push button, as in MUTCD 2009, chapters 4D and 4E.
    pub machine TrafficLight {
        context { walks: u32, seconds: u16 }
        event Button, Flash;
        event Conflict { code: u16 }
        event Resume, Stopped, Cleared;
        /// Switch the vehicular signal to this indication, and all others of it off
        action vehicles;
        /// Switch the pedestrian signal to this indication
        action pedestrians;
        /// Light the pilot light beside the button, or put it out
        action pilot;
        /// Show these seconds below the hand
        action display;
        /// Switch the flashing yellow on or off
        action toggle;
        /// Send the fault to the maintenance desk
        action alert;
        /// The conflict monitor sees no fault
        guard monitor_clear;
        delay startup = 6s;
        delay minimum_green = 15s;
        delay yellow = 4s;
        delay red_clearance = 1s;
        delay walk = 7s;
        delay clearance = 12s;
        delay buffer = 3s;

        initial Operating;
        /// Steady operation.
        parallel Operating {
            on Flash => Flashing;
            on Conflict => Flashing / log "conflict {event.code}", alert(event.code);

            state Vehicles {
                initial Startup;
                /// Red, and nobody may go, after power-up or flashing operation.
                state Startup {
                    entry / vehicles("red");
                    after startup => Green;
                }

                /// Until a pedestrian asks, but not shorter than the minimum.
                state Green {
                    entry / vehicles("green");

                    initial Minimum;
                    state Minimum {
                        after minimum_green => Resting;
                    }

                    state Resting {
                        always if in(Pedestrians.Called) => Yellow;
                    }
                }

                state Yellow {
                    entry / vehicles("yellow");
                    after yellow => RedClearance;
                }

                state RedClearance {
                    entry / vehicles("red");
                    after red_clearance => Red;
                }

                /// The crosswalk belongs to the pedestrians.
                state Red {
                    entry / raise Stopped;
                    on Cleared => Green;
                }
            }

            state Pedestrians {
                initial DontWalk;
                /// A steady hand; nobody has asked.
                state DontWalk {
                    entry / pedestrians("hand");
                    on Button => Called;
                }

                /// A steady hand; the call is registered, pressing again changes nothing.
                state Called {
                    entry / pilot(true);
                    exit / pilot(false);
                    on Button;
                    on Stopped => Walk;
                }

                /// The walking person.
                state Walk {
                    entry / pedestrians("person"), assign walks = context.walks + 1;
                    on Button;
                    after walk => Clearance;
                }

                /// A flashing hand with a countdown; who is in the crosswalk finishes.
                state Clearance {
                    entry / pedestrians("flashing hand"), assign seconds = 12, display(context.seconds);
                    after clearance => Buffer;
                    every 1s if context.seconds > 1 / assign seconds = context.seconds - 1, display(context.seconds);
                    defer Button;
                }

                /// A steady hand while the vehicles still have red.
                state Buffer {
                    entry / pedestrians("hand"), assign seconds = 0;
                    after buffer => DontWalk / raise Cleared;
                    defer Button;
                }
            }
        }

        /// Flashing yellow for vehicles, the pedestrian signal dark; drivers have to look.
        state Flashing {
            entry / vehicles("dark"), pedestrians("dark");
            on Conflict / alert(event.code);
            on Resume if monitor_clear => Operating;
            every 500ms / toggle;
        }
    }
}
