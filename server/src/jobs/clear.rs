//! Clearing up: takes what a failed deployment or a planning given up left at AWS, where somebody else could execute it.
use super::boundary::Boundary;
use super::run::{Ended, JobError, Run};
use crate::store;
use domain::audit::Action;
use domain::change::ChangeState;
use serde_json::json;

/// Clears up after the change, unless a plan of it may still run, or closing it clears up.
pub(super) async fn run(run: Run<'_>) -> Result<Ended, JobError> {
    let change = run.change().await?;
    let not_now = matches!(
        change.state,
        ChangeState::Planning { .. }
            | ChangeState::Waiting { .. }
            | ChangeState::Approved { .. }
            | ChangeState::Deploying { .. }
            | ChangeState::Closing { .. }
            | ChangeState::Closed { .. }
    );
    if not_now {
        return run.finish_alone().await;
    }
    let mut connection = run.store().acquire().await?;
    let open = store::change::open_of(&mut connection, change.environment).await?;
    drop(connection);
    // A change that was asked for since may have planned for the stack that is under review. No plan of
    // it begins now: one job of an environment runs at a time.
    let stacks_are_ours = open.is_none_or(|open| open.id == change.id);
    let taken = run.take_away(&change, stacks_are_ours).await?;
    let (mut transaction, change) = run.begin().await?;
    taken.forget_stacks(&mut transaction, &change).await?;
    let detail = json!({ "left_behind": taken.left_behind });
    run.audit(&mut transaction, &change, Action::Cleared, None, detail)
        .await?;
    let ended = run.finish(transaction).await?;
    Boundary::ClearSaved.pass();
    Ok(ended)
}
