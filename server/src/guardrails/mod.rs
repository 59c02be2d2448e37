//! Guardrails: policy as code over rendered templates, and findings from the review of access. The rules stand in
//! `server/policies/guardrails`. Imports the domain only, and reads nothing but what is built in.

mod access;
mod document;
mod evaluate;
mod record;
mod rule;
#[cfg(test)]
mod tests;

pub use access::access_findings;
pub use evaluate::template_findings;

use domain::template::{Resolved, Template};
use std::collections::BTreeMap;

/// A stack's template with its parameters put in.
#[derive(Clone, Copy, Debug)]
pub struct StackToGuard<'a> {
    /// `main`, or a companion's name.
    pub name: &'a str,
    /// The template as written.
    pub template: &'a Template,
    /// The parameters that it is given.
    pub parameters: &'a BTreeMap<String, String>,
    /// What both come to.
    pub resolved: &'a Resolved,
}
