//! The composition root of Menshen: settings → storage → services → router, and the command line.
//!
//! It is a library beside the binary so that tests and benchmarks put the same parts together.

pub mod cli;
pub mod compose;
mod outfit;
mod serve;
pub mod settings;
pub mod site;
