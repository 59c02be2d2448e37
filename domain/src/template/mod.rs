//! CloudFormation templates: parsing JSON and YAML, and resolving intrinsic functions for given parameters.
//! Pure: no I/O, no clock, no calls to AWS; what only AWS knows stays a [`Symbol`].

// A test may stop at the first surprise.
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]

mod apart;
mod budget;
mod cidr;
mod conditions;
mod context;
mod dependencies;
mod entries;
mod error;
mod evaluate;
mod foreach;
mod graph;
mod intrinsic;
mod json;
pub mod limits;
mod node;
mod parameters;
mod parse;
mod references;
mod resolve;
mod resource;
mod scalar;
mod suggestion;
mod symbol;
mod tags;
mod text;
mod value;
mod yaml;

#[cfg(test)]
mod tests;

pub use apart::tell_apart;
pub use conditions::{Decision, Logic};
pub use context::{Context, WithoutValue};
pub use entries::Entries;
pub use error::{ParseError, TemplateError};
pub use node::{Entry, Kind, Node, Position};
pub use parameters::{
    Constraints, ParameterDeclaration, ParameterType, ResolvedParameter, ScalarType, SsmType,
};
pub use parse::{Mapping, Template, Transform, parse, parse_values};
pub use resolve::{Output, Resolved, resolve};
pub use resource::{DeletionPolicy, Resource};
pub(crate) use suggestion::did_you_mean;
pub(crate) use symbol::Shape;
pub use symbol::Symbol;
pub use text::Part;
pub use value::Value;
