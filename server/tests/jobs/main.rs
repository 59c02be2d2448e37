//! Jobs from their first step to their last, against a real Postgres and the local AWS. Fails without them:
//! `script/sandbox -- cargo nextest run -p server --test jobs` starts both.

// A test that can't go on fails, and says where.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod approvals;
mod companions;
mod crash;
mod holds;
mod leftovers;
mod refusals;
mod retention;
mod rollback;
mod steps;
mod stuck;
mod vetting;
mod waivers;
mod wire;
mod world;
