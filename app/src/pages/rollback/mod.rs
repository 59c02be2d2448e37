//! Rolling back: what runs against the release to go back to, and the form to ask for it.

mod load;
mod page;
mod roll_back;

pub use page::RollbackPage;
