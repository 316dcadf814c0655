//! The login log and the operation log.

#[cfg(feature = "ssr")]
use crate::calls::Runner;

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[];
