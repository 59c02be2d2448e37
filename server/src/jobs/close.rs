//! Closing: takes what the plans left at AWS, and only then says that the change is closed.
use super::boundary::Boundary;
use super::run::{Ended, JobError, Run};
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
    // Where a role is shut, nothing can be executed either: the deploy job looks at the change's state
    // first.
    let taken = run.take_away(&change, true).await?;
    let (mut transaction, change) = run.begin().await?;
    let Ok(state) = change.state.clone().closed() else {
        return run.finish(transaction).await;
    };
    store::change::save_state(&mut transaction, change.id, &state).await?;
    taken.forget_stacks(&mut transaction, &change).await?;
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
    let detail = json!({ "as": closing, "left_behind": taken.left_behind });
    run.audit(&mut transaction, &change, Action::Closed, None, detail)
        .await?;
    let ended = run.finish(transaction).await?;
    Boundary::CloseSaved.pass();
    Ok(ended)
}
