// The machine of `http2_stream.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A stream of an HTTP/2 connection as in RFC 9113, section 5.1.
    pub machine Http2Stream {
        mode sync;
        unhandled error;
        context { received: u64 }
        event reserve.local, reserve.remote;
        event send.HEADERS { end_stream: bool }
        event send.DATA { length: u64, end_stream: bool }
        event send.PRIORITY;
        event send.RST_STREAM { error: u32 }
        event send.PUSH_PROMISE;
        event send.WINDOW_UPDATE { increment: u32 }
        event send.END_STREAM;
        event recv.HEADERS { end_stream: bool }
        event recv.DATA { length: u64, end_stream: bool }
        event recv.PRIORITY;
        event recv.RST_STREAM { error: u32 }
        event recv.PUSH_PROMISE;
        event recv.WINDOW_UPDATE { increment: u32 }
        event recv.END_STREAM, skipped, "caught-up", release;
        /// Write the frame
        action transmit;
        /// Hand the field section to the application
        action receive_fields;
        /// Hand the content to the application, take it from the windows
        action receive_data;
        /// Reserve the promised stream, which is another machine
        action receive_promise;
        /// Tell the application with which code the peer has given up
        action receive_reset;
        /// The peer grants credit: 6.9.1
        action grow_window;
        /// Update the compression state, count DATA towards the connection window, nothing else: 5.1
        action discard;
        /// The stream counts towards SETTINGS_MAX_CONCURRENT_STREAMS: 5.1.2
        action count;
        /// It no longer does
        action uncount;
        /// Send RST_STREAM with this code: 5.4.2
        action stream_error;
        /// Send GOAWAY with this code and close the connection: 5.4.1
        action connection_error;
        /// This endpoint is the server
        guard server;

        on send.PRIORITY / transmit;
        on recv.PRIORITY;
        /// Section 5.1, last rule; a frame that is not expressly permitted is a PROTOCOL_ERROR
        on recv.* => .failed / connection_error(0x1u32);

        initial idle;
        /// All streams start here.
        state idle {
            /// As a client; a server answers on the client's stream or on a promised one
            on send.HEADERS if !server => active / transmit, if event.end_stream { raise send.END_STREAM };
            /// As a server; what a server opens was promised before
            on recv.HEADERS if server => active / receive_fields, if event.end_stream { raise recv.END_STREAM };
            /// Only a server may send PUSH_PROMISE
            on reserve.local if server => "reserved-local";
            on reserve.remote if !server => "reserved-remote";
            /// Section 8.4; a client cannot push
            on reserve.remote => failed / connection_error(0x1u32);
            on skipped => closed.forgotten;
        }

        /// Promised by this endpoint, a server.
        state "reserved-local" {
            on send.HEADERS => "active.half-closed-remote" / transmit, if event.end_stream { raise send.END_STREAM };
            on send.RST_STREAM => closed.reset / transmit;
            on recv.RST_STREAM => "closed.reset-by-peer" / receive_reset(event.error);
            on recv.WINDOW_UPDATE / grow_window(event.increment);
        }

        /// Promised by the peer.
        state "reserved-remote" {
            on recv.HEADERS => "active.half-closed-local" / receive_fields, if event.end_stream { raise recv.END_STREAM };
            on recv.RST_STREAM => "closed.reset-by-peer" / receive_reset(event.error);
            on send.RST_STREAM => closed.reset / transmit;
            on send.WINDOW_UPDATE / transmit;
        }

        /// Frames flow in at least one direction.
        state active {
            tags counted;
            entry / count;
            exit / uncount;
            on send.RST_STREAM => closed.reset / transmit;
            on recv.RST_STREAM => "closed.reset-by-peer" / receive_reset(event.error);
            on send.WINDOW_UPDATE / transmit;
            on recv.WINDOW_UPDATE / grow_window(event.increment);

            initial open;
            /// Both peers can send frames of any type.
            state open {
                tags readable, writable;
                /// Interim responses and trailers: 8.1
                on send.HEADERS / transmit, if event.end_stream { raise send.END_STREAM };
                on send.DATA / transmit, if event.end_stream { raise send.END_STREAM };
                on send.PUSH_PROMISE if server / transmit;
                on send.END_STREAM => "half-closed-local";
                on recv.HEADERS / receive_fields, if event.end_stream { raise recv.END_STREAM };
                on recv.DATA / receive_data(event.length), assign received = context.received + event.length, if event.end_stream { raise recv.END_STREAM };
                on recv.PUSH_PROMISE if !server / receive_promise;
                on recv.END_STREAM => "half-closed-remote";
            }

            /// This endpoint has ended its side; it may still grant credit, or give up.
            state "half-closed-local" {
                tags readable;
                on recv.HEADERS / receive_fields, if event.end_stream { raise recv.END_STREAM };
                on recv.DATA / receive_data(event.length), assign received = context.received + event.length, if event.end_stream { raise recv.END_STREAM };
                on recv.PUSH_PROMISE if !server / receive_promise;
                on recv.WINDOW_UPDATE;
                on recv.END_STREAM => closed.ended;
            }

            /// The peer has ended its side.
            state "half-closed-remote" {
                tags writable;
                on send.HEADERS / transmit, if event.end_stream { raise send.END_STREAM };
                on send.DATA / transmit, if event.end_stream { raise send.END_STREAM };
                on send.PUSH_PROMISE if server / transmit;
                on send.END_STREAM => closed.ended;
                on recv.PRIORITY;
                on recv.WINDOW_UPDATE / grow_window(event.increment);
                on recv.RST_STREAM => "closed.reset-by-peer" / receive_reset(event.error);
                /// Anything else is a stream error of type STREAM_CLOSED
                on recv.* => closed.reset / stream_error(0x5u32);
            }
        }

        /// The terminal state of figure 2; what may still arrive depends on how it was reached.
        state closed {
            on "caught-up" => .forgotten;
            on release => gone;

            initial ended;
            /// Both sides have sent END_STREAM.
            state ended {
                on recv.PRIORITY;
                on recv.WINDOW_UPDATE;
                on recv.RST_STREAM;
                /// Section 5.1 and 5.4.1, STREAM_CLOSED
                on recv.* => failed / connection_error(0x5u32);
            }

            /// This endpoint has sent RST_STREAM; the peer may not have seen it yet.
            state reset {
                on recv.PRIORITY;
                on recv.* / discard;
            }

            /// The peer has sent RST_STREAM, after which it may send PRIORITY only.
            state "reset-by-peer" {
                on recv.PRIORITY;
                /// Section 5.1, STREAM_CLOSED
                on recv.* => failed / connection_error(0x5u32);
            }

            /// The peer knows that the stream is closed, or never opened it; every frame but PRIORITY is an error.
            state forgotten;
        }

        /// A connection error has closed the connection and this stream with it.
        final failed;

        /// The stream is closed and nobody refers to it.
        final gone;
    }
}
