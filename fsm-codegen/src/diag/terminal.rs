//! A face of the diagnostics.
