//! The approvals inbox: what needs approval, what was decided on, everything; filtered and paged in the address.

mod load;
mod page;

pub use page::ApprovalsPage;
