//! Asking for an environment, or for a change of one: first what and where, then the values.

mod load;
mod page;
mod send;

pub use page::AskPage;
