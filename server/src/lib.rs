//! The Gatehouse process.

pub mod aws;
pub mod store;
