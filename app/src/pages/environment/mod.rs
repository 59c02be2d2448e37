//! One environment: what runs there, and how to change or end it.

mod decommission;
mod earlier;
mod load;
mod lock;
mod locking;
mod page;
mod unlock;

pub use page::EnvironmentPage;
