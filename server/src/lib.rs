//! The Gatehouse process.

pub mod aws;
