// The machine of `tcp.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// A TCP connection as in RFC 9293, section 3.3.2 (figure 5) and section 3.10.
    /// `SYN`, `SYN-ACK`, `ACK`, `FIN-ACK`, … are segments with exactly these control bits.
    ///
    pub machine Tcp {
        context { passive: bool = false }
        event "OPEN-PASSIVE";
        event "OPEN-ACTIVE" { remote: core::net::SocketAddr }
        event SEND { length: u32 }
        event CLOSE, ABORT;
        event SYN { seq: u32 }
        event "SYN-ACK" { seq: u32, ack: u32 }
        event ACK { ack: u32 }
        event FIN;
        event "FIN-ACK" { seq: u32, ack: u32 }
        event RST { ack_bit: bool, ack: u32 }
        event "USER-TIMEOUT", "TIME-WAIT-TIMEOUT";
        /// Create a transmission control block and select an ISS
        action create_tcb;
        /// Answer outstanding calls, flush all queues, delete the TCB
        action delete_tcb;
        /// Store the remote socket in the TCB
        action set_remote;
        /// Back to what the passive OPEN said; flush the retransmission queue
        action reset_tcb;
        /// RCV.NXT := SEG.SEQ + 1, IRS := SEG.SEQ
        action receive_syn;
        /// SND.UNA := SEG.ACK, update the send window, clear the retransmission queue
        action receive_ack;
        /// RCV.NXT := SEG.SEQ + 1, tell the user "connection closing"
        action receive_fin;
        /// <SEQ=ISS><CTL=SYN>
        action send_syn;
        /// <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
        action send_syn_ack;
        /// <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
        action send_ack;
        /// The same, throttled as in RFC 5961, section 7
        action send_challenge_ack;
        /// After all preceding SENDs: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>
        action send_fin;
        /// Answer a segment with ACK: <SEQ=SEG.ACK><CTL=RST>
        action send_rst;
        /// Answer a segment without ACK: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
        action send_rst_ack;
        /// <SEQ=SND.NXT><CTL=RST>
        action send_abort;
        /// Segmentise the buffer and send it
        action send_data;
        /// Keep the buffer until ESTABLISHED
        action queue_data;
        /// Keep the CLOSE until ESTABLISHED
        action queue_close;
        /// Start the time-wait timer: 2 MSL
        action start_time_wait;
        /// Stop the time-wait timer
        action stop_time_wait;
        /// Answer the call with "error: …"
        action fail_call;
        /// Tell the user, without having been asked
        action signal;
        /// SND.UNA < SEG.ACK =< SND.NXT: something in flight, our SYN for one, is acknowledged
        guard acceptable;
        /// Our FIN was sent and SEG.ACK covers it
        guard acknowledges_fin;
        /// The passive OPEN named a remote socket
        guard remote_specified;
        /// SENDs were issued or data waits to be sent
        guard sends_pending;

        on "OPEN-PASSIVE" / fail_call("connection already exists");
        on "OPEN-ACTIVE" / fail_call("connection already exists");
        on SEND / fail_call("connection closing");
        on CLOSE / fail_call("connection closing");
        /// Section 3.10.5
        on ABORT => .CLOSED / send_abort, signal("connection reset"), delete_tcb;
        /// Section 3.10.7.4, fourth check, as in RFC 5961
        on SYN / send_challenge_ack;
        /// Section 3.10.7.4, fourth check, as in RFC 5961
        on "SYN-ACK" / send_challenge_ack;
        on FIN;
        /// Section 3.10.7.4, eighth check; the peer has sent its FIN again, the state remains
        on "FIN-ACK" / send_ack;
        /// Section 3.10.7.4, second check
        on RST => .CLOSED / signal("connection reset"), delete_tcb;
        /// Section 3.10.8
        on "USER-TIMEOUT" => .CLOSED / signal("connection aborted due to user timeout"), delete_tcb;

        initial CLOSED;
        /// No connection state at all (3.3.2); segments are answered as in 3.10.7.1.
        state CLOSED {
            on "OPEN-PASSIVE" => LISTEN / create_tcb, assign passive = true;
            on "OPEN-ACTIVE" => "SYN-SENT" / create_tcb, set_remote(&event.remote), send_syn, assign passive = false;
            on SEND / fail_call("connection does not exist");
            on CLOSE / fail_call("connection does not exist");
            on ABORT / fail_call("connection does not exist");
            on SYN / send_rst_ack;
            on "SYN-ACK" / send_rst(event.ack);
            on ACK / send_rst(event.ack);
            on FIN / send_rst_ack;
            on "FIN-ACK" / send_rst(event.ack);
            on RST;
            on "USER-TIMEOUT";
        }

        /// Waiting for a connection request from any remote TCP peer and port (3.3.2, 3.10.7.2).
        state LISTEN {
            on "OPEN-ACTIVE" => "SYN-SENT" / set_remote(&event.remote), send_syn, assign passive = false;
            on SEND if remote_specified => "SYN-SENT" / send_syn, queue_data(event.length), assign passive = false;
            on SEND / fail_call("remote socket unspecified");
            on CLOSE => CLOSED / delete_tcb;
            on ABORT => CLOSED / delete_tcb;
            on SYN => "SYN-RECEIVED" / receive_syn(event.seq), send_syn_ack;
            on "SYN-ACK" / send_rst(event.ack);
            on ACK / send_rst(event.ack);
            on "FIN-ACK" / send_rst(event.ack);
            on RST;
        }

        /// Waiting for a matching connection request after having sent one (3.3.2, 3.10.7.3).
        state "SYN-SENT" {
            on SEND / queue_data(event.length);
            on CLOSE => CLOSED / delete_tcb;
            on ABORT => CLOSED / signal("connection reset"), delete_tcb;
            /// Simultaneous open, figure 7
            on SYN => "SYN-RECEIVED" / receive_syn(event.seq), send_syn_ack;
            on "SYN-ACK" if acceptable(event.ack) => ESTABLISHED / receive_syn(event.seq), receive_ack(event.ack), send_ack;
            on "SYN-ACK" / send_rst(event.ack);
            on ACK if !acceptable(event.ack) / send_rst(event.ack);
            /// Fifth check; neither SYN nor RST, the segment is dropped
            on ACK;
            on "FIN-ACK" if !acceptable(event.ack) / send_rst(event.ack);
            /// Fifth check; neither SYN nor RST, the segment is dropped
            on "FIN-ACK";
            /// Second check; the peer refuses our SYN
            on RST if event.ack_bit && acceptable(event.ack) => CLOSED / signal("connection reset"), delete_tcb;
            /// Second check; an RST that does not answer our SYN is dropped
            on RST;
        }

        /// Waiting for the acknowledgment of our SYN; both SYNs are known (3.3.2, 3.10.7.4).
        state "SYN-RECEIVED" {
            on SEND / queue_data(event.length);
            on CLOSE if !sends_pending => "FIN-WAIT-1" / send_fin;
            on CLOSE / queue_close;
            /// Fourth check; after an active OPEN a challenge ACK is sent
            on SYN if context.passive => LISTEN / reset_tcb;
            on "SYN-ACK" if context.passive => LISTEN / reset_tcb;
            /// Simultaneous open, figure 7
            on "SYN-ACK" if acceptable(event.ack) => ESTABLISHED / receive_ack(event.ack);
            on ACK if acceptable(event.ack) => ESTABLISHED / receive_ack(event.ack);
            on ACK / send_rst(event.ack);
            /// The ACK leads to ESTABLISHED, the FIN on to CLOSE-WAIT
            on "FIN-ACK" if acceptable(event.ack) => "CLOSE-WAIT" / receive_ack(event.ack), receive_fin(event.seq), send_ack;
            on "FIN-ACK" / send_rst(event.ack);
            /// Second check; after a passive OPEN the user need not be informed
            on RST if context.passive => LISTEN / reset_tcb;
            /// Second check; after an active OPEN
            on RST => CLOSED / signal("connection refused"), delete_tcb;
        }

        /// An open connection, the normal state of the data transfer phase (3.3.2).
        state ESTABLISHED {
            tags synchronized;
            on SEND / send_data(event.length);
            on CLOSE => "FIN-WAIT-1" / send_fin;
            on ACK / receive_ack(event.ack);
            on "FIN-ACK" => "CLOSE-WAIT" / receive_ack(event.ack), receive_fin(event.seq), send_ack;
        }

        /// Our FIN is sent; waiting for its acknowledgment, or for the FIN of the peer (3.3.2).
        state "FIN-WAIT-1" {
            tags synchronized;
            on ACK if acknowledges_fin(event.ack) => "FIN-WAIT-2" / receive_ack(event.ack);
            on ACK / receive_ack(event.ack);
            on "FIN-ACK" if acknowledges_fin(event.ack) => "TIME-WAIT" / receive_ack(event.ack), receive_fin(event.seq), send_ack;
            /// Simultaneous close, figure 13
            on "FIN-ACK" => CLOSING / receive_ack(event.ack), receive_fin(event.seq), send_ack;
        }

        /// Our FIN is acknowledged; waiting for the FIN of the peer (3.3.2).
        state "FIN-WAIT-2" {
            tags synchronized;
            on ACK / receive_ack(event.ack);
            on "FIN-ACK" => "TIME-WAIT" / receive_ack(event.ack), receive_fin(event.seq), send_ack;
        }

        /// The peer has closed; waiting for the CLOSE of the local user (3.3.2).
        state "CLOSE-WAIT" {
            tags synchronized;
            on SEND / send_data(event.length);
            on CLOSE => "LAST-ACK" / send_fin;
            on ACK / receive_ack(event.ack);
        }

        /// Both have sent a FIN; waiting for the acknowledgment of ours (3.3.2).
        state CLOSING {
            tags synchronized;
            on ABORT => CLOSED / delete_tcb;
            on ACK if acknowledges_fin(event.ack) => "TIME-WAIT" / receive_ack(event.ack);
            /// Fifth check; otherwise the segment is ignored
            on ACK;
            on RST => CLOSED / delete_tcb;
        }

        /// The peer has closed and so have we; waiting for the acknowledgment of our FIN (3.3.2).
        state "LAST-ACK" {
            tags synchronized;
            on ABORT => CLOSED / delete_tcb;
            on ACK if acknowledges_fin(event.ack) => CLOSED / delete_tcb;
            /// Fifth check; our FIN is not yet acknowledged
            on ACK;
            on RST => CLOSED / delete_tcb;
        }

        /// Waiting for 2 MSL, until the peer surely has the acknowledgment of its FIN (3.3.2).
        state "TIME-WAIT" {
            tags synchronized;
            entry / start_time_wait;
            exit / stop_time_wait;
            on ABORT => CLOSED / delete_tcb;
            on ACK;
            /// Eighth check; acknowledge the FIN again and restart the timeout
            on "FIN-ACK" => reenter "TIME-WAIT" / send_ack;
            on RST => CLOSED / delete_tcb;
            on "TIME-WAIT-TIMEOUT" => CLOSED / delete_tcb;
        }
    }
}
