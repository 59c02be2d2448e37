//! The catalogue, and one blueprint with all that is worth knowing before asking for it.

mod blueprint;
mod catalogue;
mod load_blueprint;
mod load_catalogue;

pub use blueprint::BlueprintPage;
pub use catalogue::BlueprintsPage;
