//! What stands where no page is: words for a refused form, an unknown address, a signed-out visitor.

mod page;

pub use page::{SignedOutPage, TroublePage, UnknownPage};
