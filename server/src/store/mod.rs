//! Postgres: one file an aggregate, and the only place with SQL. Records go in and come out typed.
//! Nothing here decides: who may do what, which state follows and when to retry is the callers'.

// A test may stop at the first surprise.
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]

pub mod audit;
pub mod blueprint;
pub mod change;
pub mod comment;
pub mod decision;
pub mod deployment;
pub mod draft;
pub mod environment;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
pub mod inbox;
pub mod job;
mod listener;
pub mod lock;
mod migration;
pub mod person;
pub mod plan;
mod pool;
pub mod promotion;
pub mod release;
mod role;
mod row;
pub mod rule_set;
pub mod service;
pub mod session;
pub mod stack_event;
pub mod vetting;
pub mod waiver;

pub use error::{Result, StoreError};
pub use listener::{Listener, Notice};
pub use migration::migrate;
pub use pool::{Connection, PooledConnection, Store, Transaction, commit, now};
