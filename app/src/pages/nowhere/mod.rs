//! What stands where no page is: words for an unknown address and for a signed-out visitor.

mod page;

pub use page::{SignedOutPage, UnknownPage};
