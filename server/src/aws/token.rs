//! Client tokens: AWS takes a request with a token it has seen as the same request.
use domain::names::{DeploymentId, PlanId};
use std::fmt;
use uuid::Uuid;

/// The token of one request. Derived, so that a step that is repeated after a crash sends the same
/// one: letters, digits and hyphens, at most 128 (CloudFormation API Reference, `ClientRequestToken`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientToken(String);

/// What a deployment or a repair asks of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Execute the change set.
    Execute,
    /// Cancel the update.
    Cancel,
    /// Continue the rollback.
    Continue,
    /// Delete the stack.
    Delete,
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Act::Execute => "execute",
            Act::Cancel => "cancel",
            Act::Continue => "continue",
            Act::Delete => "delete",
        }
    }
}

impl ClientToken {
    /// The token of the plan's `nth` change set, counted from 0.
    pub fn of_plan(plan: PlanId, nth: u32) -> Self {
        Self(format!("plan-{plan}-{nth}"))
    }

    /// The token of a deployment's `nth` request of this kind, counted from 0. A request that says
    /// something else, such as another list of resources to skip, needs another number.
    pub fn of_deployment(deployment: DeploymentId, act: Act, nth: u32) -> Self {
        Self(format!("{}-{deployment}-{nth}", act.word()))
    }

    /// The token of a job's `nth` request of this kind, for what a job asks outside a deployment.
    pub fn of_job(job: Uuid, act: Act, nth: u32) -> Self {
        Self(format!("{}-job-{job}-{nth}", act.word()))
    }

    /// The token as AWS gives it back in stack events.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
