//! AWS: roles in target accounts, change sets, stacks and their events. The only place with an AWS SDK.
//! Nothing here knows of the database, of jobs or of who may do what.

mod artifact;
mod call;
mod change_set;
mod deployment;
mod error;
mod events;
mod gateway;
mod page;
mod role;
mod session;
mod stack;
#[cfg(test)]
mod tests;
mod token;

pub use call::Operation;
pub use change_set::{
    ChangeSet, ChangeSetExecution, ChangeSetKind, ChangeSetName, ChangeSetRef, ChangeSetRequest,
    ChangeSetStatus,
};
pub use error::{AwsError, AwsErrorKind};
pub use events::Since;
pub use gateway::{Gateway, Patience};
pub use role::Acting;
pub use session::{ExecuteSession, Executing, PlanSession, Planning, Session};
pub use token::{Act, ClientToken};
