//! Who may do what: Cedar policies over a strict schema, deny by default. Counting (who else has to
//! approve, when) is domain code, and writing down a refusal is the caller's.

mod act;
mod authorizer;
#[cfg(test)]
mod tests;

pub use act::{Act, Target};
pub use authorizer::{Authorizer, Decision, PolicyError};
