//! Tests of the analyses as a whole; those of one part stand beside it.

pub(super) mod builder;
mod charts;
mod claims;
mod comparisons;
#[cfg(feature = "yaml")]
mod endless;
mod growth;
mod messages;
mod oracle;
mod random;
mod worlds;
