//! Who may do what: which policies a template gives to whom, and whether two sets of them allow
//! the same requests. What packets may pass is in `network`.

mod model;

pub use model::{Boundary, Document, Held, Policy, Subject, Unwritten};
