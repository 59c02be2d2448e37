//! Every change that waits for a review, oldest first.

mod load;
mod page;

pub use page::ApprovalsPage;
