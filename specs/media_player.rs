// The machine of `media_player.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A player of tracks with a volume, interrupted by calls and waking its owner.
    pub machine MediaPlayer {
        unhandled ignore;
        context { track: u32 = 1, tracks: u32 = 3, volume: u8 = 40 }
        event Power, Play, Pause, Stop, Next, Previous, Mute, VolumeUp;
        event VolumeDown, Ended, Stalled, Buffered, CallStarted, CallEnded, Alarm;
        /// Switch the display
        action backlight;
        /// Show the logo
        action greet;
        /// Start the output of this track where it stood
        action play;
        /// Stop the output and keep the position
        action halt;
        /// Set the amplifier
        action set_volume;
        /// Cut the amplifier off or switch it on
        action mute;
        /// Say that the network is too slow
        action complain;

        initial Standby;
        /// On standby; the clock goes on.
        state Standby {
            on Power => Powered.Resume;
            on Alarm => [Powered.Playback.Active.Playing, Powered.Volume.Audible] / assign volume = 20;
        }

        parallel Powered {
            entry / backlight(true);
            exit / backlight(false);
            on Power => Standby;
            /// Whatever it does, it plays softly
            on Alarm => [.Playback.Active.Playing, .Volume.Audible] / assign volume = 20;

            /// As it was switched off; the first time, silent.
            deep history Resume => [Playback.Stopped, Volume.Audible] / greet;

            state Playback {
                initial Stopped;
                state Stopped {
                    on Play => Active;
                }

                /// A track is loaded.
                state Active {
                    on Stop => Stopped;
                    on Next if context.track < context.tracks => .Playing / assign track = context.track + 1;
                    on Previous if context.track > 1 => .Playing / assign track = context.track - 1;
                    on CallStarted => Interrupted;

                    initial Playing;
                    state Playing {
                        tags sounding;
                        entry / play(context.track);
                        exit / halt;
                        on Pause => Paused;
                        on Stalled => Buffering;
                        on Ended if context.track < context.tracks => reenter Playing / assign track = context.track + 1;
                        on Ended => Stopped / assign track = 1;
                    }

                    state Paused {
                        on Play => Playing;
                        after 10min => Stopped;
                    }

                    state Buffering {
                        on Buffered => Playing;
                        on Pause => Paused;
                        after 30s => Stopped / complain;
                    }

                    history Last => Paused;
                }

                /// A call has the loudspeaker.
                state Interrupted {
                    on CallEnded => Active.Last;
                    on Stop => Stopped;
                }
            }

            state Volume {
                on VolumeUp if context.volume <= 95 => .Audible / assign volume = context.volume + 5;
                on VolumeDown if context.volume >= 5 => .Audible / assign volume = context.volume - 5;

                initial Audible;
                state Audible {
                    entry / set_volume(context.volume);
                    on Mute => Muted;
                }

                state Muted {
                    entry / mute(true);
                    exit / mute(false);
                    on Mute => Audible;
                }
            }
        }
    }
}
