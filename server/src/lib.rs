//! The Gatehouse process.

pub mod aws;
pub mod configuration;
pub mod store;
