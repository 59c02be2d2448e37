//! The Gatehouse process.
