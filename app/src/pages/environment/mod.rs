//! One environment: what runs there, and how to change or end it.

mod decommission;
mod earlier;
mod load;
mod page;

pub use page::EnvironmentPage;
