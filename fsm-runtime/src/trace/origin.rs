//! Where a message comes from: its id, and the trace that it belongs to.
//!
//! [`Origin`] travels with a message that was sent by [`crate::Handle::traced`], in the place where otherwise only an asker
//! stands, so that a plain message is no larger for it. [`TraceParent`] is the header of the W3C's Trace Context.

use std::error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use tracing::Span;

/// Where a message comes from, as far as its sender tells.
///
/// ```
/// use fsm_runtime::trace::Origin;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let origin = Origin::new().id("order-17").trace(header.parse()?);
/// assert_eq!(origin.trace_parent().unwrap().to_string(), header);
/// # Ok::<(), fsm_runtime::trace::InvalidTraceParent>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Origin {
    id: Option<Arc<str>>,
    trace: Option<TraceParent>,
    state: Option<Arc<str>>,
    span: Option<Span>,
}

impl Origin {
    /// Nothing is told.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The span of the caller as the parent of what the message sets off.
    #[must_use]
    pub fn current() -> Self {
        Self { span: Some(Span::current()).filter(|span| !span.is_none()), ..Self::default() }
    }

    /// The message's own id: that of a broker, of a request.
    #[must_use]
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The trace that it belongs to: `traceparent`, parsed.
    #[must_use]
    pub fn trace(mut self, trace: TraceParent) -> Self {
        self.trace = Some(trace);
        self
    }

    /// What stands in `tracestate`, to be handed on as it is.
    #[must_use]
    pub fn trace_state(mut self, state: impl Into<Arc<str>>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// The message's own id.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The trace that it belongs to.
    #[must_use]
    pub const fn trace_parent(&self) -> Option<TraceParent> {
        self.trace
    }

    /// What stood in `tracestate`.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The span that is the parent of what the message sets off.
    pub(crate) const fn span(&self) -> Option<&Span> {
        self.span.as_ref()
    }
}

/// A place in a distributed trace: the header `traceparent` of the
/// [W3C's Trace Context](https://www.w3.org/TR/trace-context/).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

impl TraceParent {
    /// `None` where one of the ids is 0, which stands for none.
    #[must_use]
    pub const fn new(trace_id: u128, parent_id: u64, sampled: bool) -> Option<Self> {
        if trace_id == 0 || parent_id == 0 {
            return None;
        }
        Some(Self { trace_id, parent_id, flags: sampled as u8 })
    }

    /// The trace's id.
    #[must_use]
    pub const fn trace_id(self) -> TraceId {
        TraceId(self.trace_id)
    }

    /// The id of the span that sent the message.
    #[must_use]
    pub const fn parent_id(self) -> u64 {
        self.parent_id
    }

    /// Whether whoever sent it records the trace.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.flags & 1 == 1
    }
}

/// The id of a trace; shown as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for TraceParent {
    /// As in the header, in the version that is known here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace_id, parent_id, flags } = self;
        write!(f, "00-{trace_id:032x}-{parent_id:016x}-{flags:02x}")
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    /// Reads the header. Of a version that is not known here what version 00 has counts, and what else may follow is left out.
    fn from_str(header: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = header.split('-');
        let version = digits(parts.next(), 2).filter(|version| *version != 0xff).ok_or(InvalidTraceParent::Version)?;
        let trace_id = digits(parts.next(), 32).filter(|id| *id != 0).ok_or(InvalidTraceParent::TraceId)?;
        let parent_id = digits(parts.next(), 16).filter(|id| *id != 0).ok_or(InvalidTraceParent::ParentId)?;
        let flags = digits(parts.next(), 2).ok_or(InvalidTraceParent::Flags)?;
        if version == 0 && parts.next().is_some() {
            return Err(InvalidTraceParent::TooLong);
        }
        let parent_id = u64::try_from(parent_id).map_err(|_| InvalidTraceParent::ParentId)?;
        let flags = u8::try_from(flags).map_err(|_| InvalidTraceParent::Flags)?;
        // Version 00 knows two flags; the others are to be 0 in what is handed on.
        Ok(Self { trace_id, parent_id, flags: flags & 0b11 })
    }
}

/// Exactly so many hexadecimal digits, in lower case.
fn digits(part: Option<&str>, count: usize) -> Option<u128> {
    let part = part.filter(|part| part.len() == count)?;
    let lower = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if lower { u128::from_str_radix(part, 16).ok() } else { None }
}

/// Why a text is no `traceparent`. A message that comes with one is best sent without a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidTraceParent {
    /// It does not begin with a version: two digits, not `ff`.
    Version,
    /// The trace's id is not 32 digits, or all of them are 0.
    TraceId,
    /// The parent's id is not 16 digits, or all of them are 0.
    ParentId,
    /// The flags are not two digits.
    Flags,
    /// Something follows that version 00 does not have.
    TooLong,
}

impl fmt::Display for InvalidTraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a traceparent: ")?;
        f.write_str(match self {
            Self::Version => "it begins with a version of two digits, `00`",
            Self::TraceId => "the trace's id has 32 digits, of which one is not 0",
            Self::ParentId => "the parent's id has 16 digits, of which one is not 0",
            Self::Flags => "the flags have two digits",
            Self::TooLong => "nothing follows the flags in version 00",
        })?;
        f.write_str("; all digits are hexadecimal in lower case, with `-` between the four parts")
    }
}

impl error::Error for InvalidTraceParent {}

#[cfg(test)]
mod tests {
    use super::{InvalidTraceParent, TraceParent};

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written() {
        let parent: TraceParent = HEADER.parse().expect("the W3C's own example");
        assert_eq!(parent.to_string(), HEADER);
        assert_eq!(parent.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((parent.parent_id(), parent.is_sampled()), (0x00f0_67aa_0ba9_02b7, true));
        assert_eq!(TraceParent::new(parent.trace_id().0, parent.parent_id(), true), Some(parent));
        assert_eq!((TraceParent::new(0, 1, true), TraceParent::new(1, 0, true)), (None, None));
    }

    #[test]
    fn a_later_version_may_have_more() {
        let later: TraceParent = format!("cc{}-what-the-future-brings", &HEADER[2..]).parse().expect("a later version");
        assert_eq!(later.to_string(), HEADER);
        let flags: TraceParent = format!("{}ff", &HEADER[..53]).parse().expect("flags that are not known");
        assert_eq!(flags.to_string(), format!("{}03", &HEADER[..53]));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        use InvalidTraceParent::{Flags, ParentId, TooLong, TraceId, Version};
        let zeros = HEADER.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32));
        let no_parent = HEADER.replace("00f067aa0ba902b7", &"0".repeat(16));
        for (header, error) in [
            ("", Version),
            ("0", Version),
            ("+0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Version),
            (&HEADER.replace("00-4", "ff-4"), Version),
            (&HEADER[..20], TraceId),
            (&HEADER.to_uppercase(), TraceId),
            (&zeros, TraceId),
            (&no_parent, ParentId),
            (&HEADER[..40], ParentId),
            (&HEADER[..52], Flags),
            (&HEADER.replace("-01", "-0é"), Flags),
            (&format!("{HEADER}-"), TooLong),
        ] {
            assert_eq!(header.parse::<TraceParent>(), Err(error), "{header}");
        }
        assert_eq!(
            TooLong.to_string(),
            "not a traceparent: nothing follows the flags in version 00; all digits are hexadecimal in lower case, with \
             `-` between the four parts"
        );
    }
}
