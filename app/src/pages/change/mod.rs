//! One change: what it does, who must say yes, what came of it. One file a part of the page, and
//! one a server function.

pub mod access;
mod cancel;
mod comment;
mod decide;
mod deployment;
mod discussion;
mod failure;
mod follow;
mod load;
mod load_template;
mod page;
mod parts;
mod plan;
mod plan_again;
mod removals;
mod repair;
mod resources;
mod review;
mod steps;
mod template;
mod verdict;
mod withdraw;

pub use page::ChangePage;
pub use template::TemplatePage;
