//! Deleting what plans left at AWS: their change sets, and a stack that was only ever under review.
use super::boundary::Boundary;
use super::run::{JobError, Run, account_failure, role_failure};
use crate::aws::{Act, AwsError, AwsErrorKind, ChangeSetName, ClientToken, Session};
use crate::store;
use crate::store::change::Change;
use crate::store::environment::EnvironmentStack;
use crate::store::job::JobKind;
use domain::account::Account;
use domain::names::{PlanId, StackName};
use std::time::Duration;

/// How long AWS may take to delete a stack without resources.
const GONE_WITHIN: Duration = Duration::from_secs(60);

/// What was taken away from AWS.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Names of the stacks that are no more.
    gone: Vec<String>,
    /// Why something had to be left where it was, in words for the history.
    pub(super) left_behind: Vec<String>,
}

impl Taken {
    /// Records that the stacks that are gone are none of ours any more.
    pub(super) async fn forget_stacks(
        &self,
        connection: &mut store::Connection,
        change: &Change,
    ) -> Result<(), JobError> {
        for stack in &self.gone {
            store::environment::set_stack_id(connection, change.environment, stack, None).await?;
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Deletes every change set that the change's plans made, and where asked to, the stacks that were
    /// only under review for them. Where a role is shut nothing can be deleted; that is not an error.
    pub(super) async fn take_away(
        &self,
        change: &Change,
        empty_stacks_too: bool,
    ) -> Result<Taken, JobError> {
        let mut taken = Taken::default();
        let Some(account) = self.account(&change.account) else {
            taken
                .left_behind
                .push(account_failure(&change.account).message);
            return Ok(taken);
        };
        let stacks = self.stacks(change).await?;
        let plans = self.plans_begun().await?;
        let mut made_for_us = Vec::new();
        for stack in &stacks {
            match self.plan_session(account, &stack.region, change).await {
                Ok(session) => {
                    if delete_change_sets(&session, &stack.stack_name, &plans).await?
                        || stack.stack_id.is_some()
                    {
                        made_for_us.push(stack);
                    }
                }
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(error) => taken
                    .left_behind
                    .push(role_failure(account, &account.plan_role, &error).message),
            }
        }
        Boundary::TakenChangeSets.pass();
        for stack in made_for_us.into_iter().filter(|_| empty_stacks_too) {
            match self.delete_empty_stack(account, change, stack).await {
                Ok(true) => taken.gone.push(stack.name.clone()),
                Ok(false) => {}
                Err(JobError::Aws(error)) if error.kind == AwsErrorKind::AccessDenied => taken
                    .left_behind
                    .push(role_failure(account, &account.execute_role, &error).message),
                Err(error) => return Err(error),
            }
        }
        Boundary::TakenStacks.pass();
        Ok(taken)
    }

    /// Every plan that was ever begun for the change, also those that were never saved.
    pub(super) async fn plans_begun(&self) -> Result<Vec<PlanId>, JobError> {
        let mut connection = self.store().acquire().await?;
        let payloads =
            store::job::payloads_of(&mut connection, self.job.change, JobKind::Plan).await?;
        Ok(payloads
            .into_iter()
            .filter_map(|payload| serde_json::from_value::<super::run::PlanPayload>(payload).ok())
            .map(|payload| payload.plan)
            .collect())
    }

    /// The environment's stacks, in the order they run.
    pub(super) async fn stacks(&self, change: &Change) -> Result<Vec<EnvironmentStack>, JobError> {
        let mut connection = self.store().acquire().await?;
        Ok(store::environment::stacks(&mut connection, change.environment).await?)
    }

    /// Deletes a stack that is under review for nothing any more and waits until it is gone, since its
    /// name can't be used before. Only one that is ours may be given. Says whether there is no such
    /// stack any more.
    async fn delete_empty_stack(
        &self,
        account: &Account,
        change: &Change,
        stack: &EnvironmentStack,
    ) -> Result<bool, JobError> {
        let session = self.execute_session(account, &stack.region, change).await?;
        let Some(live) = session.describe_stack(&stack.stack_name).await? else {
            return Ok(true);
        };
        let deleting = live.status.0 == "DELETE_IN_PROGRESS";
        if live.status.0 != "REVIEW_IN_PROGRESS" && !deleting {
            return Ok(false);
        }
        if !deleting {
            if !session.resources(&live.stack_id).await?.is_empty() {
                return Ok(false);
            }
            let nth = u32::from(stack.position.unsigned_abs());
            let token = ClientToken::of_job(self.job.id, Act::Delete, nth);
            session.delete_stack(&live.stack_id, &[], &token).await?;
        }
        let give_up_at = tokio::time::Instant::now() + GONE_WITHIN;
        while session.describe_stack(&stack.stack_name).await?.is_some() {
            if tokio::time::Instant::now() > give_up_at {
                return Err(JobError::Unclear(format!(
                    "AWS has not deleted the empty stack {} yet",
                    stack.stack_name
                )));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(true)
    }
}

/// Deletes the change sets that these plans have on a stack. Says whether there was one: a stack
/// under review that holds one of them was made for it.
pub(super) async fn delete_change_sets<R>(
    session: &Session<R>,
    stack: &StackName,
    plans: &[PlanId],
) -> Result<bool, AwsError> {
    let mut found = false;
    for plan in plans {
        if let Some(change_set) = change_set_of(session, stack, *plan).await? {
            session.delete_change_set(&change_set).await?;
            found = true;
        }
    }
    Ok(found)
}

/// The ARN of the plan's change set on that stack, if there is one.
pub(super) async fn change_set_of<R>(
    session: &Session<R>,
    stack: &StackName,
    plan: PlanId,
) -> Result<Option<String>, AwsError> {
    match session
        .find_change_set(stack, &ChangeSetName::of_plan(plan))
        .await
    {
        Ok(change_set) => Ok(Some(change_set.change_set_id)),
        Err(error) if error.kind == AwsErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
