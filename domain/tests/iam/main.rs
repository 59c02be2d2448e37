//! Whether what `domain::access::iam` says of two policies holds for single requests: policies, changes
//! and requests are drawn, and a plain evaluator answers each request on both sides.
//!
//! `GATEHOUSE_IAM_PAIRS` says how many pairs are drawn, `GATEHOUSE_IAM_SEED` where to begin.
mod change;
mod check;
mod draw;
mod drawn;
mod evaluator;
mod explosions;
mod overlooked;
mod pair;
mod request;
mod unknown;
