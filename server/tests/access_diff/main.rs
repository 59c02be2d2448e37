//! The commands `diff` and `policy-diff` as a shell runs them: exit status, both formats, and what bad input gets.
//! They need neither a database nor AWS.

// A test that can't go on fails, and says where.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod folder;
mod form;
mod policies;
mod schema;
mod templates;
