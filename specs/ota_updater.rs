// The machine of `ota_updater.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// Checks, downloads, verifies, installs, and goes back if the new firmware is not well.
    pub machine OtaUpdater {
        version 3;
        use crate::net::NetError;
        error NetError;
        unhandled defer;
        defer_capacity 8;
        context { installed: u32, offered: u32, received: u32, battery: u8 = 100, consent: bool }
        event Check, Consent, Abort;
        event Progress { bytes: u32 }
        event Battery { percent: u8 }
        event Booted { version: u32 }
        message Available { version: u32 }
        message Installed { version: u32 }
        message Failed { version: u32, received: u32 }
        /// Erase the inactive slot
        action erase;
        /// Tell the bootloader to try the inactive slot once
        action mark_pending;
        /// Tell the bootloader to stay with this slot
        action confirm;
        /// Boot
        action reboot;
        /// A trial that hangs is ended by the watchdog
        action feed_watchdog;
        /// Send the error to the status tracker
        action report;
        delay check_interval = 6h;
        delay retry_after;
        delay trial = 10min;

        on Battery / assign battery = event.percent;
        on Progress;
        on Abort;

        initial Idle;
        state Idle {
            on Check => Checking;
            on Consent;
            every check_interval => Checking;
        }

        /// The manifest is fetched; the task answers with the version that the server has.
        state Checking {
            invoke fetch_manifest(context.installed) -> u32 as manifest {
                done if event.output > context.installed => Downloading / assign { offered = event.output, received = 0, consent = false }, emit Available { version: context.offered };
                done => Idle;
                error => Idle / report(&event.error);
            }
        }

        /// The image is written to the inactive slot as it comes.
        state Downloading {
            tags busy;
            data { attempt: u8 = 0 }
            invoke download(context.offered, context.received) -> u32 as download {
                done => Verifying / assign received = event.output;
                error if state.attempt < 4 => Backoff { attempt: state.attempt + 1 } / report(&event.error);
                error => Idle / report(&event.error), emit Failed { version: context.offered, received: context.received };
            }
            on Progress / assign received = event.bytes, log "{event.bytes} bytes of {context.offered}";
            on Abort => Idle / erase;
        }

        /// Before the next attempt, which goes on where the last one stopped.
        state Backoff {
            data { attempt: u8 }
            on Abort => Idle / erase;
            after retry_after => Downloading { attempt: state.attempt };
        }

        /// Image and manifest are checked side by side; both must hold.
        parallel Verifying {
            tags busy;
            done => Ready;

            state Image {
                initial Hashing;
                /// The digest of what was written, against that of the manifest.
                state Hashing {
                    invoke check_digest(context.offered) -> bool as digest {
                        done if event.output => Whole;
                        done => Idle / erase, emit Failed { version: context.offered, received: context.received };
                        error => Idle / report(&event.error), erase;
                    }
                }

                final Whole;
            }

            state Manifest {
                initial Reading;
                /// Its signature, and its conditions on vendor and class of the device (RFC 9124).
                state Reading {
                    invoke check_manifest(context.offered) -> bool as signature {
                        done if event.output => Authentic;
                        done => Idle / erase, emit Failed { version: context.offered, received: context.received };
                        error => Idle / report(&event.error), erase;
                    }
                }

                final Authentic;
            }
        }

        /// Waits for consent and for a battery that lasts.
        state Ready {
            on Consent / assign consent = true;
            on Abort => Idle / erase;
            always if context.consent && context.battery >= 30 => Installing;
        }

        /// From here on there is no way back but a reboot into the old firmware.
        state Installing {
            tags busy;
            entry / mark_pending, reboot;
            on Booted if event.version == context.offered => Trial;
            /// The bootloader did not accept the image
            on Booted => Idle / emit Failed { version: context.offered, received: context.received };
            /// The bootloader's flags cannot be written, or the reboot was refused
            on error => Idle / report(&event.error), erase;
        }

        /// The new firmware runs and is not yet confirmed.
        state Trial {
            tags busy;
            invoke self_test {
                done => Idle / confirm, assign installed = context.offered, emit Installed { version: context.installed };
                error => Reverting / report(&event.error);
            }
            /// It died before it was confirmed, and the old firmware is back
            on Booted => Idle / emit Failed { version: context.offered, received: context.received };
            /// A self-test that does not end has failed
            after trial => Reverting;
            every 1min / feed_watchdog;
        }

        /// An unconfirmed slot is left by rebooting.
        state Reverting {
            entry / reboot;
            on Booted => Idle / erase, emit Failed { version: context.offered, received: context.received };
        }
    }
}
