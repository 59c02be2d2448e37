//! What happens without anybody's waiting for it: the worker that takes jobs, and one file a job. Every step can be repeated.
//! No SQL and no AWS SDK here: `store` and `aws` are asked. No transaction spans a call to AWS.

mod boundary;
mod clear;
mod clearing;
mod close;
mod deploy;
mod describing;
mod hold;
mod plan;
mod recount;
mod removal;
mod repair;
mod run;
mod standing;
mod watch;
mod worker;

pub use boundary::Boundary;
pub use worker::{Pace, RETENTION_DAYS, Worker};
