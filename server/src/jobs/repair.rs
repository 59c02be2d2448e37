//! Repairing: the confirmed way out of a dead end, watched to its end.
use super::boundary::Boundary;
use super::describing::failure_of;
use super::run::{Ended, JobError, Run, account_failure, aws_failure, failure};
use super::standing;
use super::watch::Watch;
use crate::aws::{Act, AwsError, ClientToken, ExecuteSession};
use crate::store;
use crate::store::change::Change;
use crate::store::environment::EnvironmentStack;
use crate::store::job::JobKind;
use domain::audit::Action;
use domain::change::{ChangeKind, ChangeState, Failure, FailureKind, Outcome, Repair, Stuck};
use domain::names::{DeploymentId, PlanId};
use domain::stack::{LiveStack, StackEvent, StackStatus};
use serde_json::json;
use uuid::Uuid;

/// Carries out the repair that the change is in.
pub(super) async fn run(run: Run<'_>) -> Result<Ended, JobError> {
    let change = run.change().await?;
    let ChangeState::Repairing { repair, deployment } = change.state.clone() else {
        return run.finish_alone().await;
    };
    let work = Work {
        run,
        change,
        repair,
        deployment,
    };
    match Box::pin(work.repair()).await {
        Ok(gone) => work.save(Ok(gone)).await,
        Err(NotRepaired::Ended(ended)) => Ok(ended),
        Err(NotRepaired::Failed(failure, stuck)) => work.save(Err((failure, stuck))).await,
        Err(NotRepaired::Error(error)) => Err(error),
    }
}

enum NotRepaired {
    Failed(Failure, Option<Stuck>),
    /// The run ends here, and the job goes on later or somewhere else.
    Ended(Ended),
    Error(JobError),
}

impl<E: Into<JobError>> From<E> for NotRepaired {
    fn from(error: E) -> Self {
        NotRepaired::Error(error.into())
    }
}

struct Work<'a> {
    run: Run<'a>,
    change: Change,
    repair: Repair,
    /// The deployment that got stuck; none when planning found the stack stuck.
    deployment: Option<DeploymentId>,
}

impl Work<'_> {
    /// Repairs each stack that needs it. Gives the names of those that are gone.
    async fn repair(&self) -> Result<Vec<String>, NotRepaired> {
        let Some(account) = self.run.account(&self.change.account) else {
            return Err(NotRepaired::Failed(
                account_failure(&self.change.account),
                None,
            ));
        };
        let mut stacks = self.run.stacks(&self.change).await?;
        if self.change.kind == ChangeKind::Decommission {
            stacks.reverse();
        }
        let mut gone = Vec::new();
        for stack in &stacks {
            let session = self
                .run
                .execute_session(account, &stack.region, &self.change)
                .await?;
            let live = match &stack.stack_id {
                Some(id) => session.describe_stack_by_id(id).await?,
                None => session.describe_stack(&stack.stack_name).await?,
            };
            let Some(live) = live else {
                gone.push(stack.name.clone());
                continue;
            };
            let nth = u32::from(stack.position.unsigned_abs());
            let token = ClientToken::of_job(self.run.job.id, self.act(), nth);
            if !session.has_event_with_token(&live.stack_id, &token).await? {
                if live.status.0 == "DELETE_COMPLETE" {
                    gone.push(stack.name.clone());
                    continue;
                }
                if !self.needs(&live) {
                    continue;
                }
                if let Err(error) = self.request(&session, &live, &token).await {
                    return Err(self.refused(&session, &live, error).await);
                }
            }
            Boundary::RepairAccepted.pass();
            if self.watch(&session, stack, &live, &token).await? == "DELETE_COMPLETE" {
                gone.push(stack.name.clone());
            }
        }
        Boundary::RepairEnded.pass();
        Ok(gone)
    }

    fn act(&self) -> Act {
        match self.repair {
            Repair::ContinueRollback { .. } => Act::Continue,
            _ => Act::Delete,
        }
    }

    /// Whether the repair is for a stack that stands so.
    fn needs(&self, live: &LiveStack) -> bool {
        let status = live.status.0.as_str();
        match &self.repair {
            Repair::DeleteDeadStack => matches!(
                status,
                "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED"
            ),
            Repair::CleanUp => status == "REVIEW_IN_PROGRESS",
            Repair::ContinueRollback { .. } => status == "UPDATE_ROLLBACK_FAILED",
            // The rest of an approved decommission goes on behind the stack that got stuck.
            Repair::DeleteRetaining { .. } => status == "DELETE_FAILED" || self.goes_on_deleting(),
        }
    }

    fn goes_on_deleting(&self) -> bool {
        self.change.kind == ChangeKind::Decommission && self.deployment.is_some()
    }

    async fn request(
        &self,
        session: &ExecuteSession,
        live: &LiveStack,
        token: &ClientToken,
    ) -> Result<(), AwsError> {
        let stack_id = &live.stack_id;
        match &self.repair {
            Repair::ContinueRollback { skip } => {
                session.continue_rollback(stack_id, skip, token).await?
            }
            Repair::DeleteRetaining { retain } if live.status.0 == "DELETE_FAILED" => {
                let resources = session.resources(stack_id).await?;
                let is_here =
                    |id: &&String| resources.iter().any(|resource| resource.logical_id == **id);
                let retain: Vec<_> = retain.iter().filter(is_here).cloned().collect();
                session.delete_stack(stack_id, &retain, token).await?
            }
            _ => session.delete_stack(stack_id, &[], token).await?,
        };
        Ok(())
    }

    async fn refused(
        &self,
        session: &ExecuteSession,
        live: &LiveStack,
        error: AwsError,
    ) -> NotRepaired {
        if error.is_transient() {
            return error.into();
        }
        match standing::stuck(session, live).await {
            Ok(stuck) => NotRepaired::Failed(aws_failure(&error), stuck),
            Err(error) => error.into(),
        }
    }

    /// Watches the repair of one stack to its end; gives the status it ended in.
    async fn watch(
        &self,
        session: &ExecuteSession,
        stack: &EnvironmentStack,
        live: &LiveStack,
        token: &ClientToken,
    ) -> Result<String, NotRepaired> {
        let mut watch = Watch::new(session, &live.stack_id, token, None);
        let mut seen = Vec::new();
        loop {
            let events = watch.poll().await?;
            self.keep(&stack.name, &events).await?;
            seen.extend(events);
            if let Some(status) = watch.ended() {
                return self.judge(session, stack, live, status, &seen).await;
            }
            if self.run.means.shutdown.is_cancelled() {
                return Err(NotRepaired::Ended(Ended::HandBack));
            }
            tokio::select! {
                () = tokio::time::sleep(watch.pause()) => {}
                () = self.run.means.shutdown.cancelled() => {}
            }
        }
    }

    async fn keep(&self, stack: &str, events: &[StackEvent]) -> Result<(), NotRepaired> {
        if events.is_empty() {
            return Ok(());
        }
        let mut transaction = self.run.store().begin().await?;
        if !store::job::hold(&mut transaction, self.run.job).await? {
            return Err(JobError::LeaseLost.into());
        }
        store::job::note(&mut transaction, self.run.job, None).await?;
        if let Some(deployment) = self.deployment {
            store::stack_event::append(&mut transaction, deployment, stack, events).await?;
        }
        store::commit(transaction).await?;
        Ok(())
    }

    async fn judge(
        &self,
        session: &ExecuteSession,
        stack: &EnvironmentStack,
        live: &LiveStack,
        status: &StackStatus,
        events: &[StackEvent],
    ) -> Result<String, NotRepaired> {
        let wanted = match self.repair {
            Repair::ContinueRollback { .. } => "UPDATE_ROLLBACK_COMPLETE",
            _ => "DELETE_COMPLETE",
        };
        if status.0 == wanted {
            return Ok(status.0.clone());
        }
        let failure = failure_of(
            stack.stack_name.as_str(),
            &live.stack_id,
            status,
            events,
            false,
        );
        let now = session.describe_stack_by_id(&live.stack_id).await?;
        let stuck = match &now {
            Some(now) => standing::stuck(session, now).await?,
            None => None,
        };
        Err(NotRepaired::Failed(failure, stuck))
    }

    /// Records what came of the repair, with all that follows, in one transaction.
    async fn save(
        &self,
        ended: Result<Vec<String>, (Failure, Option<Stuck>)>,
    ) -> Result<Ended, JobError> {
        let run = self.run;
        let (mut transaction, change) = run.begin().await?;
        if !matches!(change.state, ChangeState::Repairing { .. }) {
            return run.finish(transaction).await;
        }
        let (reason, worked) = match &ended {
            Ok(_) => (None, true),
            Err((failure, _)) => (Some(failure.message.clone()), false),
        };
        let detail =
            json!({ "repair": self.repair, "deployment": self.deployment, "worked": worked });
        run.audit(&mut transaction, &change, Action::Repaired, reason, detail)
            .await?;
        for gone in ended.iter().flatten() {
            store::environment::set_stack_id(&mut transaction, change.environment, gone, None)
                .await?;
        }
        let state = change.state.clone();
        let state = match (ended, self.deployment) {
            (Ok(_), None) => {
                let plan = PlanId(Uuid::now_v7());
                let payload = json!({ "plan": plan });
                run.enqueue(&mut transaction, JobKind::Plan, &change, payload)
                    .await?;
                state.plan_again(plan, Some("The stack was put right.".to_owned()))
            }
            (Err((failure, stuck)), None) => state.repair_failed(failure, stuck),
            (Ok(_), Some(deployment)) if self.goes_on_deleting() => {
                store::environment::set_decommissioned(&mut transaction, change.environment)
                    .await?;
                state.succeeded(deployment, Outcome::Decommissioned)
            }
            (Ok(_), Some(deployment)) => {
                // What the change was for still failed, and why is still worth reading.
                let first = store::deployment::get(&mut transaction, deployment).await?;
                let failure = first
                    .and_then(|deployment| deployment.failure)
                    .unwrap_or_else(|| {
                        failure(
                            FailureKind::RolledBack,
                            "The deployment failed; the stack was put right since.",
                        )
                    });
                state.failed(deployment, failure, None)
            }
            (Err((failure, stuck)), Some(deployment)) => state.failed(deployment, failure, stuck),
        };
        let state = state.map_err(|error| JobError::Inconsistent(error.to_string()))?;
        store::change::save_state(&mut transaction, change.id, &state).await?;
        run.finish(transaction).await
    }
}
