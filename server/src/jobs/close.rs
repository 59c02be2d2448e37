//! Closing: takes what the plans left at AWS, and only then says that the change is closed.
use super::boundary::Boundary;
use super::clearing::delete_change_sets;
use super::run::{Ended, JobError, Run, account_failure, role_failure};
use crate::aws::AwsErrorKind;
use crate::store;
use crate::store::deployment::DeploymentState;
use domain::audit::Action;
use domain::change::ChangeState;
use serde_json::json;

/// Closes the change, if it still is to be closed.
pub(super) async fn run(run: Run<'_>) -> Result<Ended, JobError> {
    let change = run.change().await?;
    let ChangeState::Closing { closing } = change.state else {
        return run.finish_alone().await;
    };
    let stacks = run.stacks(&change).await?;
    let plans = run.plans_begun().await?;
    // Where a role is shut, nothing can be deleted, and nothing executed either: the deploy job looks
    // at the change's state first. The history says what was left behind.
    let mut left_behind = Vec::new();
    let mut gone = Vec::new();
    match run.account(&change.account) {
        None => left_behind.push(account_failure(&change.account).message),
        Some(account) => {
            let mut made_for_us = Vec::new();
            for stack in &stacks {
                match run.plan_session(account, &stack.region, &change).await {
                    Ok(session) => {
                        if delete_change_sets(&session, &stack.stack_name, &plans).await?
                            || stack.stack_id.is_some()
                        {
                            made_for_us.push(stack);
                        }
                    }
                    Err(error) if error.is_transient() => return Err(error.into()),
                    Err(error) => {
                        left_behind.push(role_failure(account, &account.plan_role, &error).message)
                    }
                }
            }
            Boundary::CloseChangeSetsGone.pass();
            for stack in made_for_us {
                match run.delete_empty_stack(account, &change, stack).await {
                    Ok(true) => gone.push(stack.name.clone()),
                    Ok(false) => {}
                    Err(JobError::Aws(error)) if error.kind == AwsErrorKind::AccessDenied => {
                        left_behind
                            .push(role_failure(account, &account.execute_role, &error).message);
                    }
                    Err(error) => return Err(error),
                }
            }
            Boundary::CloseStackGone.pass();
        }
    }
    let (mut transaction, change) = run.begin().await?;
    let Ok(state) = change.state.clone().closed() else {
        return run.finish(transaction).await;
    };
    store::change::save_state(&mut transaction, change.id, &state).await?;
    for stack in &gone {
        store::environment::set_stack_id(&mut transaction, change.environment, stack, None).await?;
    }
    let deployment = store::deployment::latest_of(&mut transaction, change.id).await?;
    if let Some(queued) =
        deployment.filter(|deployment| deployment.state == DeploymentState::Queued)
    {
        store::deployment::finish(
            &mut transaction,
            queued.id,
            DeploymentState::Cancelled,
            None,
        )
        .await?;
    }
    let detail = json!({ "as": closing, "left_behind": left_behind });
    run.audit(&mut transaction, &change, Action::Closed, None, detail)
        .await?;
    let ended = run.finish(transaction).await?;
    Boundary::CloseSaved.pass();
    Ok(ended)
}
