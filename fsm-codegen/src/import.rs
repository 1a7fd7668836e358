//! Machines written in other languages become specs: `machine.scxml` to the text of a YAML spec.
//!
//! A front door before the front door: what comes out is read by [`crate::frontend::yaml`] like any spec, and belongs to
//! the user from then on. Invariants: an importer never fails, it reports through [`crate::diag`]; there is a text only if
//! it found no error, and then that text is well-formed YAML within the limits of the reader; equal input gives equal text.

pub mod scxml;
mod yaml;

use crate::diag::Diagnostics;

/// What an import gives.
#[derive(Debug)]
pub struct Imported {
    /// The text of the spec; `None` where there is an error.
    pub text: Option<String>,
    /// Everything there is to say, in the order of the source.
    pub diagnostics: Diagnostics,
}
