//! Jobs from their first step to their last, against a real Postgres and the local AWS. Fails without them:
//! `script/sandbox -- cargo nextest run -p server --test jobs` starts both.

mod crash;
mod refusals;
mod stuck;
mod wire;
mod world;
