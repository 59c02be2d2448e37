//! One run of a job: what it works with, how it ends, and the steps that all jobs take alike.
use crate::aws::{Acting, AwsError, ExecuteSession, Gateway, PlanSession};
use crate::configuration::Configuration;
use crate::store::change::Change;
use crate::store::job::{Job, JobKind};
use crate::store::{self, Connection, Store, StoreError, Transaction};
use domain::account::Account;
use domain::audit::{Action, Actor, Entry};
use domain::change::{Failure, FailureKind};
use domain::names::{AccountId, PlanId, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the worker hands to every job.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) store: Store,
    pub(super) gateway: Gateway,
    pub(super) configuration: Arc<Configuration>,
    /// Cancelled when the process is to end: a job that can be taken up by another worker stops.
    pub(super) shutdown: CancellationToken,
}

/// How a run ended without an error.
#[derive(Debug)]
pub(super) enum Ended {
    /// The job is finished, in the transaction that recorded what it did.
    Done,
    /// It stopped at a place where another worker can go on.
    HandBack,
    /// It was put off, in a transaction of its own.
    PutOff,
    /// It waits for something that is nobody's failure.
    Later {
        /// For how long, before it looks again.
        delay: Duration,
        /// What it waits for, in words for the change page.
        because: String,
    },
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum JobError {
    /// AWS refused or failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another worker has the job by now; what this one knows no longer counts.
    #[error("another worker has taken over the job")]
    LeaseLost,
    /// AWS does not show yet what it has taken.
    #[error("{0}")]
    Unclear(String),
    /// What the database holds does not fit together.
    #[error("{0}")]
    Inconsistent(String),
}

impl JobError {
    /// Whether the same run may succeed a little later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            JobError::Aws(error) => error.is_transient(),
            JobError::Store(error) => error.is_transient(),
            JobError::Unclear(_) => true,
            JobError::LeaseLost | JobError::Inconsistent(_) => false,
        }
    }

    /// In words for the change page.
    pub(super) fn failure(&self) -> Failure {
        match self {
            JobError::Aws(error) if error.is_transient() => Failure {
                kind: FailureKind::AwsUnavailable,
                ..aws_failure(error)
            },
            JobError::Aws(error) => aws_failure(error),
            other => Failure {
                kind: FailureKind::Aws,
                message: format!("Gatehouse itself could not go on: {other}"),
                aws_code: None,
                aws_request_id: None,
            },
        }
    }
}

/// AWS's refusal, with its own code, message and request id.
pub(super) fn aws_failure(error: &AwsError) -> Failure {
    Failure {
        kind: FailureKind::Aws,
        message: error.to_string(),
        aws_code: error.code.clone(),
        aws_request_id: error.request_id.clone(),
    }
}

/// A failure that Gatehouse found itself.
pub(super) fn failure(kind: FailureKind, message: impl Into<String>) -> Failure {
    Failure {
        kind,
        message: message.into(),
        aws_code: None,
        aws_request_id: None,
    }
}

/// What a plan job is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlanPayload {
    /// The plan to make.
    pub(super) plan: PlanId,
}

/// One run of one job.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) means: &'a Means,
    pub(super) job: &'a Job,
}

impl Run<'_> {
    pub(super) fn store(&self) -> &Store {
        &self.means.store
    }

    /// The job's payload.
    pub(super) fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_value(self.job.payload.clone()).map_err(|error| {
            JobError::Inconsistent(format!(
                "the payload of job {} is wrong: {error}",
                self.job.id
            ))
        })
    }

    /// The change as it stands, outside any transaction.
    pub(super) async fn change(&self) -> Result<Change, JobError> {
        let mut connection = self.store().acquire().await?;
        let change = store::change::by_id(&mut connection, self.job.change).await?;
        change.ok_or_else(|| self.no_change())
    }

    /// A transaction in which the job is still this worker's and the change can't move otherwise.
    pub(super) async fn begin(&self) -> Result<(Transaction, Change), JobError> {
        let mut transaction = self.store().begin().await?;
        if !store::job::hold(&mut transaction, self.job).await? {
            return Err(JobError::LeaseLost);
        }
        let change = store::change::lock(&mut transaction, self.job.change).await?;
        Ok((transaction, change.ok_or_else(|| self.no_change())?))
    }

    /// Finishes the job with all else that the transaction holds.
    pub(super) async fn finish(&self, mut transaction: Transaction) -> Result<Ended, JobError> {
        if !store::job::finish(&mut transaction, self.job).await? {
            return Err(JobError::LeaseLost);
        }
        store::commit(transaction).await?;
        Ok(Ended::Done)
    }

    /// Finishes a job that has nothing to do any more, because the change has moved on.
    pub(super) async fn finish_alone(&self) -> Result<Ended, JobError> {
        self.finish(self.store().begin().await?).await
    }

    /// Puts a job that follows from this one into the queue.
    pub(super) async fn enqueue(
        &self,
        connection: &mut Connection,
        kind: JobKind,
        change: &Change,
        payload: Value,
    ) -> Result<(), JobError> {
        let request_id = self.job.request_id.as_deref();
        let environment = change.environment;
        store::job::enqueue(
            connection,
            kind,
            change.id,
            payload,
            environment,
            request_id,
        )
        .await?;
        Ok(())
    }

    /// Writes the audit entry of what the job did to the change.
    pub(super) async fn audit(
        &self,
        connection: &mut Connection,
        change: &Change,
        action: Action,
        reason: Option<String>,
        detail: Value,
    ) -> Result<(), JobError> {
        let entry = Entry {
            actor: Actor::Worker,
            action,
            change: Some(change.number),
            thing: environment_name(change),
            reason,
            policy: None,
            request_id: self.job.request_id.clone(),
            detail,
        };
        store::audit::append(connection, &entry, None).await?;
        Ok(())
    }

    /// The account that the change's environment lives in, if it is still configured.
    pub(super) fn account(&self, id: &AccountId) -> Option<&Account> {
        self.means.configuration.account(id)
    }

    /// A session with the account's plan role.
    pub(super) async fn plan_session(
        &self,
        account: &Account,
        region: &Region,
        change: &Change,
    ) -> Result<PlanSession, AwsError> {
        self.means
            .gateway
            .plan_session(account, region, &acting(change))
            .await
    }

    /// A session with the account's execute role.
    pub(super) async fn execute_session(
        &self,
        account: &Account,
        region: &Region,
        change: &Change,
    ) -> Result<ExecuteSession, AwsError> {
        self.means
            .gateway
            .execute_session(account, region, &acting(change))
            .await
    }

    fn no_change(&self) -> JobError {
        JobError::Inconsistent(format!(
            "job {} is of a change that is not there",
            self.job.id
        ))
    }
}

fn acting(change: &Change) -> Acting {
    Acting {
        requester: change.requester.clone(),
        change: change.number,
    }
}

/// `payments/checkout/dev`.
pub(super) fn environment_name(change: &Change) -> String {
    format!("{}/{}/{}", change.team, change.service_name, change.stage)
}

/// Why nothing can be done in an account whose role can't be assumed.
pub(super) fn role_failure(account: &Account, role: &str, error: &AwsError) -> Failure {
    Failure {
        kind: FailureKind::Role,
        message: format!(
            "Gatehouse could not assume the role {role} in account {} ({}). {error}. A platform engineer can find out \
             what is wrong with `gatehouse doctor`, which tries every role and says what to mend; then plan again.",
            account.id, account.name
        ),
        aws_code: error.code.clone(),
        aws_request_id: error.request_id.clone(),
    }
}

/// Why nothing can be done in an account that is not configured.
pub(super) fn account_failure(id: &AccountId) -> Failure {
    failure(
        FailureKind::Role,
        format!(
            "The environment lives in account {id}, which the configuration no longer names. Add an [[account]] with \
             that id, start Gatehouse again, then plan again."
        ),
    )
}
