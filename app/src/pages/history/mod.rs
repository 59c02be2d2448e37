//! Deployments, filtered and paged in the address.

mod load;
mod page;

pub use page::HistoryPage;
