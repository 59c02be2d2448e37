//! Blueprints: what a manifest may say, what values its parameters take, and what is rendered from
//! them. Reading folders and keeping versions is the server's.

mod manifest;
#[cfg(feature = "template")]
mod parse;
#[cfg(feature = "template")]
mod render;
#[cfg(feature = "template")]
mod values;
#[cfg(feature = "template")]
mod vetted;
mod vetting;

pub use manifest::{
    Choice, Derived, Group, Manifest, OutputDescription, Parameter, ParameterType, StackTemplate,
};
#[cfg(feature = "template")]
pub use parse::{ManifestError, parse_manifest};
#[cfg(feature = "template")]
pub use render::{Asked, Rendered, render};
#[cfg(feature = "template")]
pub use values::{check_values, defaults};
#[cfg(feature = "template")]
pub use vetted::{NotShown, Stacks, vetted_values, without_unvetted};
pub use vetting::{CannotVet, Said, Speaker, Vetting, VettingStep};

use serde::{Deserialize, Serialize};

/// What was wrong with one field of a form, in words that stand beside the field and on top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field's name in the form; empty when it is about the form as a whole.
    pub field: String,
    /// What was wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem with one field.
    pub fn at(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// A problem with the form as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::at("", message)
    }
}
