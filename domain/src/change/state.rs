//! The state machine. A transition consumes the state and gives the next one, or says why not.
use super::finding::Unblocked;
use super::rule::Met;
use crate::names::{DeploymentId, Digest, PlanId};
use serde::{Deserialize, Serialize};

/// Where a change stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum ChangeState {
    /// A plan is being made.
    Planning {
        /// The plan in the making.
        plan: PlanId,
        /// Why it is planned again, when it is.
        again_because: Option<String>,
    },
    /// No plan could be made. It can be planned again once the cause is gone.
    PlanFailed {
        /// What went wrong.
        failure: Failure,
        /// The stack's dead end, when that is the cause.
        stuck: Option<Stuck>,
    },
    /// A finding stops it: there is a plan to look at, but no change set. A waiver has it planned again.
    Blocked {
        /// The plan on show.
        plan: PlanId,
    },
    /// The plan waits for a reviewer.
    Waiting {
        /// The plan on show.
        plan: PlanId,
        /// What an approval must name.
        review: Digest,
    },
    /// Approved; the deployment waits for its turn.
    Approved {
        /// The plan that will run.
        plan: PlanId,
        /// The deployment that will run it.
        deployment: DeploymentId,
    },
    /// The deployment runs.
    Deploying {
        /// The plan that runs.
        plan: PlanId,
        /// The deployment that runs it.
        deployment: DeploymentId,
        /// Whether someone asked to stop it.
        stopping: bool,
    },
    /// A stuck stack is being put right.
    Repairing {
        /// How.
        repair: Repair,
        /// The deployment that got stuck; none when planning found the stack stuck.
        deployment: Option<DeploymentId>,
    },
    /// Its change set is being deleted; afterwards the change is closed.
    Closing {
        /// As what it will be closed.
        closing: Closing,
    },
    /// Done.
    Succeeded {
        /// What came of it.
        outcome: Outcome,
    },
    /// The deployment did not succeed.
    Failed {
        /// What went wrong.
        failure: Failure,
        /// The stack's dead end and its way out, when there is one.
        stuck: Option<Stuck>,
        /// The deployment that failed.
        deployment: DeploymentId,
    },
    /// Closed without having run.
    Closed {
        /// As what.
        closing: Closing,
    },
}

/// How a change ends that never ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// A reviewer said no.
    Rejected,
    /// A reviewer asked for changes.
    ChangesRequested,
    /// The requester took it back.
    Withdrawn,
    /// It was stopped before it ran.
    Cancelled,
}

/// What came of a change that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The stack was brought to the release.
    Deployed,
    /// The stack was already as the release wants it.
    NothingToDo,
    /// The environment is gone.
    Decommissioned,
}

/// What went wrong, in words for people, with AWS's own where AWS said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// What was wrong, where, and what would be right.
    pub message: String,
    /// AWS's error code.
    pub aws_code: Option<String>,
    /// AWS's request id.
    pub aws_request_id: Option<String>,
}

/// Sorts of failure that the pages word differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The template breaks a rule or a limit.
    Template,
    /// A role can't be assumed.
    Role,
    /// A stack of that name exists that Gatehouse did not make.
    ForeignStack,
    /// The stack's state takes no such operation.
    StackState,
    /// AWS refused or failed.
    Aws,
    /// AWS kept throttling or timing out.
    AwsUnavailable,
    /// A resource failed and the stack rolled back.
    RolledBack,
    /// Someone stopped it.
    Stopped,
}

/// The dead ends that a stack can be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Stuck {
    /// `ROLLBACK_COMPLETE`, `ROLLBACK_FAILED` or `CREATE_FAILED`: takes no change set until deleted.
    Dead {
        /// The status it is in.
        status: String,
    },
    /// An abandoned `REVIEW_IN_PROGRESS` stack that holds nothing.
    Abandoned,
    /// `UPDATE_ROLLBACK_FAILED`: the rollback must be continued.
    RollbackFailed {
        /// Resources that failed to roll back and can be skipped.
        resources: Vec<String>,
    },
    /// `DELETE_FAILED`: the rest can be deleted while these are kept.
    DeleteFailed {
        /// Resources that failed to delete and can be retained.
        resources: Vec<String>,
    },
}

impl Stuck {
    /// The repairs that lead out, most careful first.
    pub fn allows(&self, repair: &Repair) -> bool {
        match (self, repair) {
            (Stuck::Dead { .. }, Repair::DeleteDeadStack) | (Stuck::Abandoned, Repair::CleanUp) => {
                true
            }
            (Stuck::RollbackFailed { resources }, Repair::ContinueRollback { skip }) => {
                skip.iter().all(|id| resources.contains(id))
            }
            (Stuck::DeleteFailed { resources }, Repair::DeleteRetaining { retain }) => {
                retain.iter().all(|id| resources.contains(id))
            }
            _ => false,
        }
    }
}

/// A confirmed, recorded step that puts a stuck stack right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Repair {
    /// Delete a stack that takes no change set any more.
    DeleteDeadStack,
    /// Delete an abandoned, empty stack.
    CleanUp,
    /// Continue an update's rollback.
    ContinueRollback {
        /// Resources to leave as they are.
        skip: Vec<String>,
    },
    /// Delete the stack and keep some of its resources.
    DeleteRetaining {
        /// Resources to keep.
        retain: Vec<String>,
    },
}

/// A step that the change's state does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a change that {state} can't be {step}")]
pub struct InvalidTransition {
    /// The state, in words.
    pub state: &'static str,
    /// The step that was tried.
    pub step: &'static str,
}

impl ChangeState {
    /// The state's name in the database and in addresses.
    pub fn name(&self) -> &'static str {
        match self {
            ChangeState::Planning { .. } => "planning",
            ChangeState::PlanFailed { .. } => "plan_failed",
            ChangeState::Blocked { .. } => "blocked",
            ChangeState::Waiting { .. } => "waiting",
            ChangeState::Approved { .. } => "approved",
            ChangeState::Deploying { .. } => "deploying",
            ChangeState::Repairing { .. } => "repairing",
            ChangeState::Closing { .. } => "closing",
            ChangeState::Succeeded { .. } => "succeeded",
            ChangeState::Failed { .. } => "failed",
            ChangeState::Closed { .. } => "closed",
        }
    }

    /// The state in a few words, to stand after “a change that”.
    pub fn words(&self) -> &'static str {
        match self {
            ChangeState::Planning { .. } => "is being planned",
            ChangeState::PlanFailed { .. } => "could not be planned",
            ChangeState::Blocked { .. } => "is stopped by a finding",
            ChangeState::Waiting { .. } => "waits for a review",
            ChangeState::Approved { .. } => "is approved and waits for its turn",
            ChangeState::Deploying { .. } => "is being deployed",
            ChangeState::Repairing { .. } => "is being repaired",
            ChangeState::Closing { .. } => "is being closed",
            ChangeState::Succeeded { .. } => "has succeeded",
            ChangeState::Failed { .. } => "has failed",
            ChangeState::Closed { .. } => "is closed",
        }
    }

    /// Whether nothing more will happen, and another change of the environment may be asked for.
    /// A failure with a way out stays open until someone takes it or closes the change.
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            ChangeState::Succeeded { .. }
                | ChangeState::Failed { stuck: None, .. }
                | ChangeState::Closed { .. }
        )
    }

    /// Whether something happens without anybody's doing, so that a page should follow it.
    pub fn is_moving(&self) -> bool {
        matches!(
            self,
            ChangeState::Planning { .. }
                | ChangeState::Approved { .. }
                | ChangeState::Deploying { .. }
                | ChangeState::Repairing { .. }
                | ChangeState::Closing { .. }
        )
    }

    fn cannot(&self, step: &'static str) -> InvalidTransition {
        InvalidTransition {
            state: self.words(),
            step,
        }
    }

    /// A plan was made that no finding stops, and waits for a reviewer.
    pub fn planned(
        self,
        made: PlanId,
        review: Digest,
        unblocked: &Unblocked,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Planning { plan, .. } if plan == made && *unblocked.digest() == review => {
                Ok(ChangeState::Waiting { plan, review })
            }
            other => Err(other.cannot("planned")),
        }
    }

    /// A plan was made that a finding stops.
    pub fn planned_as_blocked(self, made: PlanId) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Planning { plan, .. } if plan == made => Ok(ChangeState::Blocked { plan }),
            other => Err(other.cannot("planned")),
        }
    }

    /// A plan was made that no finding stops and whose digest has every approval that is asked for: given earlier, or
    /// none is.
    pub fn planned_as_approved(
        self,
        made: PlanId,
        met: &Met,
        unblocked: &Unblocked,
        deployment: DeploymentId,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Planning { plan, .. }
                if plan == made && met.digest() == unblocked.digest() =>
            {
                Ok(ChangeState::Approved { plan, deployment })
            }
            other => Err(other.cannot("planned")),
        }
    }

    /// The plan found nothing to do.
    pub fn found_nothing_to_do(self, made: PlanId) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Planning { plan, .. } if plan == made => Ok(ChangeState::Succeeded {
                outcome: Outcome::NothingToDo,
            }),
            other => Err(other.cannot("planned")),
        }
    }

    /// No plan could be made.
    pub fn planning_failed(
        self,
        made: PlanId,
        failure: Failure,
        stuck: Option<Stuck>,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Planning { plan, .. } if plan == made => {
                Ok(ChangeState::PlanFailed { failure, stuck })
            }
            other => Err(other.cannot("planned")),
        }
    }

    /// It is planned anew: after a failed plan, on request while it waits, because a waiver came or went, or because
    /// the stack changed behind its approval.
    pub fn plan_again(
        self,
        plan: PlanId,
        because: Option<String>,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::PlanFailed { .. }
            | ChangeState::Blocked { .. }
            | ChangeState::Waiting { .. }
            | ChangeState::Approved { .. }
            | ChangeState::Repairing {
                deployment: None, ..
            } => Ok(ChangeState::Planning {
                plan,
                again_because: because,
            }),
            other => Err(other.cannot("planned again")),
        }
    }

    /// The approvals it needs are there.
    pub fn approved(self, met: &Met, deployment: DeploymentId) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Waiting { plan, review } if review == *met.digest() => {
                Ok(ChangeState::Approved { plan, deployment })
            }
            other => Err(other.cannot("approved")),
        }
    }

    /// The rules that are in force now ask for more approvals than it has.
    pub fn asked_for_more(
        self,
        of: DeploymentId,
        review: Digest,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Approved { plan, deployment } if deployment == of => {
                Ok(ChangeState::Waiting { plan, review })
            }
            other => Err(other.cannot("sent back for approval")),
        }
    }

    /// Its deployment starts, of a digest that no finding stops and that has every approval that is asked for now.
    pub fn started(self, met: &Met, unblocked: &Unblocked) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Approved { plan, deployment } if met.digest() == unblocked.digest() => {
                Ok(ChangeState::Deploying {
                    plan,
                    deployment,
                    stopping: false,
                })
            }
            other => Err(other.cannot("deployed")),
        }
    }

    /// The deployment finds that its change set can't run: the stack changed behind it, or a waiver it needs is over.
    pub fn overtaken(
        self,
        of: DeploymentId,
        plan: PlanId,
        because: String,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Approved { deployment, .. }
            | ChangeState::Deploying { deployment, .. }
                if deployment == of =>
            {
                Ok(ChangeState::Planning {
                    plan,
                    again_because: Some(because),
                })
            }
            other => Err(other.cannot("planned again")),
        }
    }

    /// Someone asks to stop the running deployment.
    pub fn stop(self) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Deploying {
                plan, deployment, ..
            } => Ok(ChangeState::Deploying {
                plan,
                deployment,
                stopping: true,
            }),
            other => Err(other.cannot("stopped")),
        }
    }

    /// It is closed without running: rejected, sent back, withdrawn or cancelled.
    pub fn close(self, closing: Closing) -> Result<Self, InvalidTransition> {
        let step = match closing {
            Closing::Rejected => "rejected",
            Closing::ChangesRequested => "sent back",
            Closing::Withdrawn => "withdrawn",
            Closing::Cancelled => "cancelled",
        };
        let allowed = match &self {
            ChangeState::Waiting { .. } => true,
            ChangeState::PlanFailed { .. }
            | ChangeState::Blocked { .. }
            | ChangeState::Approved { .. }
            | ChangeState::Planning { .. } => {
                matches!(closing, Closing::Withdrawn | Closing::Cancelled)
            }
            _ => false,
        };
        if allowed {
            Ok(ChangeState::Closing { closing })
        } else {
            Err(self.cannot(step))
        }
    }

    /// Its change set is gone.
    pub fn closed(self) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Closing { closing } => Ok(ChangeState::Closed { closing }),
            other => Err(other.cannot("closed")),
        }
    }

    /// The deployment, or the repair after it, reached what the change is for.
    pub fn succeeded(self, of: DeploymentId, outcome: Outcome) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Deploying { deployment, .. }
            | ChangeState::Repairing {
                deployment: Some(deployment),
                ..
            } if deployment == of => Ok(ChangeState::Succeeded { outcome }),
            other => Err(other.cannot("finished")),
        }
    }

    /// The deployment could not begin; or it, or the repair after it, ended otherwise.
    pub fn failed(
        self,
        of: DeploymentId,
        failure: Failure,
        stuck: Option<Stuck>,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Approved { deployment, .. }
            | ChangeState::Deploying { deployment, .. }
            | ChangeState::Repairing {
                deployment: Some(deployment),
                ..
            } if deployment == of => Ok(ChangeState::Failed {
                failure,
                stuck,
                deployment,
            }),
            other => Err(other.cannot("finished")),
        }
    }

    /// A person confirmed a way out of a dead end.
    pub fn repair(self, repair: Repair) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::PlanFailed {
                stuck: Some(ref stuck),
                ..
            } if stuck.allows(&repair) => Ok(ChangeState::Repairing {
                repair,
                deployment: None,
            }),
            ChangeState::Failed {
                stuck: Some(ref stuck),
                deployment,
                ..
            } if stuck.allows(&repair) => Ok(ChangeState::Repairing {
                repair,
                deployment: Some(deployment),
            }),
            other => Err(other.cannot("repaired so")),
        }
    }

    /// A repair found while planning did not work.
    pub fn repair_failed(
        self,
        failure: Failure,
        stuck: Option<Stuck>,
    ) -> Result<Self, InvalidTransition> {
        match self {
            ChangeState::Repairing {
                deployment: None, ..
            } => Ok(ChangeState::PlanFailed { failure, stuck }),
            other => Err(other.cannot("repaired")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::unblocked;
    use super::super::rule::Asked;
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_deployment_whose_stack_changed_goes_back_to_planning() {
        let (plan, next) = (PlanId(Uuid::from_u128(1)), PlanId(Uuid::from_u128(2)));
        let (deployment, other) = (
            DeploymentId(Uuid::from_u128(3)),
            DeploymentId(Uuid::from_u128(4)),
        );
        let approved = ChangeState::Approved { plan, deployment };
        let review: Digest = "a".repeat(64).parse().unwrap();
        let met = Asked::default().count(&review, &"ann".parse().unwrap(), &[]);
        let met = met.met().unwrap();
        let deploying = approved
            .clone()
            .started(&met, &unblocked(&review, &[], &[]).unwrap())
            .unwrap();
        for state in [approved, deploying] {
            assert!(
                state
                    .clone()
                    .overtaken(other, next, "changed".into())
                    .is_err()
            );
            assert_eq!(
                state.overtaken(deployment, next, "changed".into()),
                Ok(ChangeState::Planning {
                    plan: next,
                    again_because: Some("changed".into())
                })
            );
        }
    }
}
