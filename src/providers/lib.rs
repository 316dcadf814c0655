//! The outside world: gateways that the services reach through traits that they own.
//!
//! To add one: a file here with a type that implements the service's trait, and a choice in the
//! settings that `main` turns into it.

pub mod files;
pub mod sms;
