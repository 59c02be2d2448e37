//! The catalogue, one blueprint with all that is worth knowing before asking for it, and one version of it with what
//! platform and security have to know before it is offered.

mod answer;
mod blueprint;
mod catalogue;
mod load_blueprint;
mod load_catalogue;
mod load_version;
mod propose;
mod version;
mod version_access;
mod version_parts;
mod vetting_steps;
mod vettings;
mod withdraw;

pub use blueprint::BlueprintPage;
pub use catalogue::{BlueprintsPage, unvetted_table};
pub use version::VersionPage;
