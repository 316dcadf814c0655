//! The outside world: vendors that the services reach through traits that they own.
//!
//! Everything goes out through [`Client`], which alone knows how long a vendor is waited for, that
//! redirects are not followed, and which addresses are not reached.
//!
//! To add one: its settings in [`settings`], a file here with a type that implements the
//! service's trait and asks through [`Client`], and a choice in the composition root that turns
//! the one into the other. What must not be asked twice says so with `Again::Unsent`.

mod addresses;
mod errcode;
pub mod files;
mod outbound;
pub mod settings;
mod signing;
pub mod sms;
#[cfg(test)]
mod testing;
mod token;
pub mod wechat;
pub mod wecom;

pub use outbound::Client;

/// What is wrong with the settings, for whoever runs the program.
pub type Problem = String;
