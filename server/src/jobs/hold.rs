//! Waiting while something holds an environment. Who waits has asked nothing of AWS yet.
use super::run::{Ended, JobError, Run};
use crate::hold::{frozen, place, until_in_words, why_frozen};
use crate::store::change::Change;
use crate::store::{self, Transaction};
use std::time::Duration;

/// What holds is looked at again after so long, since another configuration may be in force by then. Unlocking
/// wakes the job before.
const LOOK_AGAIN: Duration = Duration::from_secs(120);

/// Gives the transaction back where nothing holds the environment, by the database's clock; it is the one to
/// start in. Otherwise the job is put off, and the transaction is over.
pub(super) async fn pass(
    run: Run<'_>,
    mut transaction: Transaction,
    change: &Change,
) -> Result<Result<Transaction, Ended>, JobError> {
    store::lock::hold_environment(&mut transaction, change.environment).await?;
    if let Some(lock) = store::lock::of(&mut transaction, change.environment).await? {
        tracing::info!(change = %change.number, by = %lock.by, "{} waits: its environment is locked", change.number);
        return put_off(run, transaction, LOOK_AGAIN).await;
    }
    let now = store::now(&mut transaction).await?;
    if let Some(schedule) = change.schedule
        && let Ok(left) = (schedule.at - now).to_std()
        && !left.is_zero()
    {
        tracing::info!(change = %change.number, "{} waits until {}", change.number, schedule.words(now));
        return put_off(run, transaction, left).await;
    }
    let Some(held) = frozen(&run.means.configuration, place(change), now) else {
        return Ok(Ok(transaction));
    };
    let left = held.until.and_then(|until| (until - now).to_std().ok());
    let delay = left.map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN));
    let until = until_in_words(&held, now);
    tracing::info!(change = %change.number, "{} waits {until}: {}", change.number, why_frozen(held.window));
    put_off(run, transaction, delay).await
}

/// Puts the job off in the transaction that saw the hold: whoever lifts it then finds a job to wake.
async fn put_off(
    run: Run<'_>,
    mut transaction: Transaction,
    delay: Duration,
) -> Result<Result<Transaction, Ended>, JobError> {
    // The change's page says what it waits for by itself, so that a job that waits has no trouble to tell.
    store::job::note(&mut transaction, run.job, None).await?;
    store::job::defer(&mut transaction, run.job, delay).await?;
    store::commit(transaction).await?;
    Ok(Err(Ended::PutOff))
}
