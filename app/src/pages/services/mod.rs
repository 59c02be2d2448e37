//! Services: the list of them, and one with its stages, deployments and releases.

mod list;
mod load_service;
mod load_services;
mod service;

pub use list::ServicesPage;
pub use service::ServicePage;
