//! The pure rules of Gatehouse: no I/O, no clock, no randomness, no async. Builds for wasm32 too.
//! Whatever touches the database, AWS, HTTP or time lives in `server`.

pub mod access;
pub mod account;
pub mod audit;
pub mod blueprint;
pub mod change;
pub mod characters;
pub mod names;
pub mod person;
pub mod stack;
pub mod stage;
#[cfg(feature = "template")]
pub mod template;
