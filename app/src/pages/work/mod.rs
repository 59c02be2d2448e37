//! The first page: what waits for the viewer and what they have under way.

mod load;
mod page;

pub use page::WorkPage;
