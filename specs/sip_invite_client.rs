// The machine of `sip_invite_client.yaml`, as `fsm!` has it: both resolve to the same machine, and both play its scenario.
fsm! {
    /// An INVITE client transaction as in RFC 3261, section 17.1.1, and RFC 6026.
    pub machine SipInviteClient {
        version 2;
        output u16;
        context { reliable: bool, sent: u8, status: u16 }
        event Invite { reliable: bool }
        event Provisional { status: u16 }
        event Success { status: u16 }
        event Failure { status: u16 }
        event TransportError;
        /// Pass the request to the transport layer
        action send_invite;
        /// Build the ACK of 17.1.1.3 and pass it to where the INVITE went
        action send_ack;
        /// Give the response to the TU
        action pass_up;
        /// Tell the TU that the transaction ends without a final response
        action inform_tu;
        delay timer_a_1 = 500ms;
        delay timer_a_2 = 1500ms;
        delay timer_a_3 = 3500ms;
        delay timer_a_4 = 7500ms;
        delay timer_a_5 = 15500ms;
        delay timer_a_6 = 31500ms;
        delay timer_b = 32s;
        delay timer_d = 32s;
        delay timer_m = 32s;

        initial Start;
        /// Not in figure 5; the TU has not yet passed the INVITE.
        state Start {
            on Invite if event.reliable => Calling.Reliable / assign reliable = true;
            on Invite => Calling.Unreliable;
        }

        /// The request is sent, nothing has come back.
        state Calling {
            entry / send_invite, assign sent = 1;
            on Provisional => Proceeding / pass_up(event.status), assign status = event.status;
            on Success => Accepted / pass_up(event.status), assign status = event.status;
            on Failure => Completed / pass_up(event.status), assign status = event.status;
            /// Section 17.1.4; the TU treats it as 503
            on TransportError => Terminated / inform_tu, assign status = 503;
            /// "The client transaction MUST NOT generate an ACK"; the TU treats it as 408
            after timer_b => Terminated / inform_tu, assign status = 408;

            initial Unreliable;
            /// Timer A runs.
            state Unreliable {
                after timer_a_1 / send_invite, assign sent = context.sent + 1;
                after timer_a_2 / send_invite, assign sent = context.sent + 1;
                after timer_a_3 / send_invite, assign sent = context.sent + 1;
                after timer_a_4 / send_invite, assign sent = context.sent + 1;
                after timer_a_5 / send_invite, assign sent = context.sent + 1;
                after timer_a_6 / send_invite, assign sent = context.sent + 1;
            }

            /// The transport retransmits; "the client transaction SHOULD NOT start timer A".
            state Reliable;
        }

        /// A provisional response has come; no retransmission any more, and no time limit but the TU's own.
        state Proceeding {
            on Provisional / pass_up(event.status), assign status = event.status;
            on Success => Accepted / pass_up(event.status), assign status = event.status;
            on Failure => Completed / pass_up(event.status), assign status = event.status;
        }

        /// A final response from 300 to 699 has come; each retransmission of it is answered by an ACK.
        state Completed {
            entry / send_ack;
            on Failure / send_ack;
            on Provisional;
            on Success;
            /// The ACK could not be sent
            on TransportError => Terminated / inform_tu;
            /// Timer D is zero for reliable transports
            always if context.reliable => Terminated;
            after timer_d => Terminated;
        }

        /// A 2xx has come; the TU acknowledges it and all others, and the transaction only passes them up.
        state Accepted {
            on Success / pass_up(event.status);
            on Provisional;
            on Failure;
            on TransportError;
            after timer_m => Terminated;
        }

        /// The transaction is destroyed.
        final Terminated {
            output context.status;
        }
    }
}
