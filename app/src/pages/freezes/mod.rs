//! Freeze windows: those that hold, those that come, those that are over.

mod load;
mod page;

pub use page::FreezesPage;
