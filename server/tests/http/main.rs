//! The web side against a real Postgres and an identity provider of the test's own. Needs
//! `DATABASE_URL` of a role that may make databases; `script/test` sets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod addresses;
mod browser;
mod crowd;
mod forgery;
mod freezing;
mod identity_provider;
mod locking;
mod posting;
mod promotion;
mod signing_in;
mod vetting;
mod visitors;
mod world;
