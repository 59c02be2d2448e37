//! Signing in and out: OpenID Connect, code flow with PKCE, state and nonce, bound to one browser.
//! One file a step; what can go wrong, and its words, is `failure.rs`.

mod begin;
mod callback;
mod claims;
mod failure;
mod provider;
mod sign_out;

pub(super) use begin::begin;
pub(super) use callback::callback;
pub use provider::{IdentityProvider, ProviderError};
pub(super) use sign_out::sign_out;
