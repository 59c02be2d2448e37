//! Promoting a release: what runs at the next stage against what would come, and the form to ask for it.

mod load;
mod page;
mod promote;

pub use page::PromotionPage;
