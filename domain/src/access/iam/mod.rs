//! Who may do what: which policies a template gives to whom, and whether two sets of them allow
//! the same requests. What packets may pass is in `network`.

mod bits;
mod budget;
mod certainty;
mod classes;
pub(super) mod collect;
mod compare;
mod condition_value;
mod escalation;
mod glob;
mod judge;
mod known_actions;
mod model;
mod points;
mod policy;
mod principal;
mod problem;
mod request;
pub(super) mod review;
mod search;
mod statement;
mod statements;
mod test;
mod unknown;
mod words;
mod worlds;

pub use judge::{Judgement, Limit, judge, judge_documents};
pub use model::{Boundary, Document, Held, Policy, Unwritten};
pub use policy::DocumentKind;
