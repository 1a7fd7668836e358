// The machine of `mqtt_session.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A client's session as in MQTT 5.0, across network connections.
    pub machine MqttSession {
        version 5;
        use crate::net::NetError;
        error NetError;
        context { session: bool, receive_maximum: u16 = 65535, in_flight: u16, packet_id: u16 }
        event Connect;
        event Publish { topic: String, qos: u8 } -> u16;
        event Disconnect { reason: u8 }
        event Connack { reason: u8, session_present: bool, receive_maximum: u16 }
        event Auth { reason: u8 }
        event Acknowledged { packet_id: u16 }
        event Pingresp;
        event ServerDisconnect { reason: u8 }
        event ConnectionLost, Sent, SessionExpired;
        message Online, Offline;
        message Refused { reason: u8 }
        /// CONNECT; Clean Start is 1 unless there is Session State: 3.1.2.4
        action send_connect;
        /// The next AUTH of an enhanced authentication: 4.12
        action continue_authentication;
        /// Unacknowledged PUBLISH and PUBREL with their identifiers, MQTT-4.4.0-1, as far as the server takes them
        action resend;
        /// PUBLISH
        action send_publish;
        /// Tell the user and forget the message
        action complete;
        /// PINGREQ
        action send_pingreq;
        /// DISCONNECT
        action send_disconnect;
        /// Close the network connection
        action close;
        /// Forget all Session State: 4.1
        action discard_session;
        /// Log what went wrong
        action report;
        /// The same CONNECT may succeed later: 0x88 Server unavailable, 0x89 Server busy, 0x8B Server shutting down,
        /// 0x8D Keep Alive timeout, 0x97 Quota exceeded, 0x9F Connection rate exceeded
        ///
        guard worth_retrying;
        delay keep_alive;
        delay ping_timeout = 10s;
        delay connect_timeout = 10s;
        delay session_expiry = 1h;
        delay retry_soon = 1s;
        delay retry_late = 30s;
        delay flush_timeout = 5s;

        /// Section 3.1.2.11.2; the server has forgotten the session and so does the client
        on SessionExpired / discard_session, assign { session = false, in_flight = 0 };

        initial Disconnected;
        /// The user wants no connection.
        state Disconnected {
            on Connect => Opening;
        }

        /// The user wants a connection; the next attempt has to wait, the longer the more have failed.
        state Waiting as waiting {
            data { tries: u32 }
            on Connect => Opening;
            on Disconnect => Disconnected;
            after retry_soon if state.tries <= 3 => Opening { tries: state.tries };
            after retry_late => Opening { tries: state.tries };
            defer Publish;
        }

        /// The network connection is being opened.
        state Opening {
            data { tries: u32 = 0 }
            invoke open_network as network {
                done => Open.Handshake { tries: state.tries };
                error => Waiting { tries: state.tries + 1 } / report(&event.error);
            }
            on Disconnect => Disconnected;
            after connect_timeout => Waiting { tries: state.tries + 1 };
            defer Publish;
        }

        /// There is a network connection.
        state Open {
            exit / close;
            on ConnectionLost => Waiting { tries: 1 };
            /// A packet could not be written
            on error => Waiting { tries: 1 } / report(&event.error);

            initial Handshake;
            /// CONNECT is sent, CONNACK has not come.
            state Handshake {
                data { tries: u32 = 0 }
                entry / send_connect(context.session);
                on Connack if event.reason >= 0x80 && worth_retrying(event.reason) => Waiting { tries: state.tries + 1 };
                on Connack if event.reason >= 0x80 => Disconnected / emit Refused { reason: event.reason };
                /// MQTT-3.2.2-4; the next CONNECT says Clean Start
                on Connack if all(event.session_present, not(context.session)) => Waiting { tries: state.tries + 1 };
                /// MQTT-3.2.2-5; the server has no Session State
                on Connack if all(context.session, not(event.session_present)) => Connected / discard_session, assign { in_flight = 0, receive_maximum = event.receive_maximum };
                on Connack => Connected / assign { session = true, receive_maximum = event.receive_maximum }, if event.session_present { resend } else { log "a new session" };
                on Auth if event.reason == 0x18 / continue_authentication;
                on Disconnect => Disconnected;
                on ConnectionLost => Waiting { tries: state.tries + 1 };
                /// CONNECT could not be written
                on error => Waiting { tries: state.tries + 1 } / report(&event.error);
                after connect_timeout => Waiting { tries: state.tries + 1 };
                defer Publish;
            }

            /// The server has accepted the connection.
            parallel Connected {
                tags online;
                entry / cancel session_expiry, emit Online;
                exit / emit Offline, send SessionExpired after session_expiry as session_expiry;
                on Disconnect => Closing { reason: event.reason };
                on ServerDisconnect if worth_retrying(event.reason) => Waiting { tries: 1 };
                /// Above all 0x8E, Session taken over: two clients would take it from each other for ever
                on ServerDisconnect => Disconnected / emit Refused { reason: event.reason };

                state KeepAlive {
                    initial Quiet;
                    /// MQTT-3.1.2-20; nothing is due.
                    state Quiet {
                        on Sent => reenter Quiet;
                        after keep_alive => Pinging;
                    }

                    /// PINGREQ is sent, PINGRESP has not come.
                    state Pinging {
                        entry / send_pingreq;
                        on Pingresp => Quiet;
                        /// Section 3.1.2.10; the client should close the connection
                        after ping_timeout => Waiting { tries: 1 };
                    }
                }

                state Flow {
                    on Acknowledged if context.in_flight > 0 / complete(event.packet_id), assign in_flight = context.in_flight - 1;

                    initial Free;
                    /// The server takes more.
                    state Free {
                        /// QoS 0 needs no identifier and no quota
                        on Publish if event.qos == 0 / send_publish(&event.topic, 0u16), reply 0, raise Sent;
                        on Publish / assign { in_flight = context.in_flight + 1, packet_id = context.packet_id % 65535 + 1 }, send_publish(&event.topic, context.packet_id), reply context.packet_id, raise Sent;
                        always if context.in_flight >= context.receive_maximum => Full;
                    }

                    /// MQTT-3.3.4-7; only QoS 0 until something is acknowledged.
                    state Full {
                        on Publish if event.qos == 0 / send_publish(&event.topic, 0u16), reply 0, raise Sent;
                        always if context.in_flight < context.receive_maximum => Free;
                        defer Publish;
                    }
                }
            }

            /// MQTT-3.14.4-1 and 2; DISCONNECT is the last packet, then the connection is closed.
            state Closing {
                data { reason: u8 }
                entry / send_disconnect(state.reason);
                invoke flush {
                    done => Disconnected;
                    error => Disconnected;
                }
                on ConnectionLost => Disconnected;
                on error => Disconnected;
                after flush_timeout => Disconnected;
            }
        }
    }
}
