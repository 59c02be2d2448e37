//! The worker: claims jobs, keeps their leases, and settles how they ended.
use super::run::{Ended, JobError, Means, Run};
use super::{clear, close, deploy, plan, recount, repair};
use crate::aws::Gateway;
use crate::configuration::Configuration;
use crate::store::job::{Job, JobKind, MAX_ATTEMPTS, Retry};
use crate::store::{self, Listener, Store, StoreError};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

/// How a worker paces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Jobs at the same time.
    pub jobs: usize,
    /// A worker that is silent for so long has lost its jobs.
    pub lease: Duration,
    /// Between two looks for jobs that nobody told of.
    pub poll: Duration,
    /// Between two looks for jobs of workers that fell silent.
    pub reap: Duration,
    /// Before a failed job is tried for the second time; it doubles.
    pub retry: Duration,
    /// How long jobs may go on after the worker is asked to stop.
    pub grace: Duration,
    /// Between two looks for jobs that ended so long ago that nobody asks for them any more.
    pub sweep: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            jobs: 4,
            lease: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            reap: Duration::from_secs(5),
            retry: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            sweep: Duration::from_secs(600),
        }
    }
}

/// How long a job waits that must not be given up, once it has failed as often as others may.
const PATIENT_RETRY: Duration = Duration::from_secs(60);

/// For how many days jobs that have ended are kept, unless told otherwise.
pub const RETENTION_DAYS: u16 = 30;

/// Ended jobs deleted at a time: quickly done, so that nobody waits for it.
const SWEPT: u32 = 500;

/// Takes jobs from the queue and runs them. Any number of workers may share a database.
#[derive(Clone)]
pub struct Worker {
    means: Means,
    pace: Pace,
    retention: Duration,
    owner: String,
}

impl Worker {
    /// A worker that has not started yet.
    pub fn new(store: Store, gateway: Gateway, configuration: Arc<Configuration>) -> Self {
        Self {
            means: Means {
                store,
                gateway,
                configuration,
                shutdown: CancellationToken::new(),
            },
            pace: Pace::default(),
            retention: days(RETENTION_DAYS),
            owner: format!("{}-{}", std::process::id(), Uuid::now_v7()),
        }
    }

    /// The same worker at another pace.
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same worker, which keeps ended jobs for so many days.
    pub fn keeping_jobs_for_days(mut self, retention: u16) -> Self {
        self.retention = days(retention);
        self
    }

    /// Works until `stop` is cancelled; then claims nothing more, lets jobs come to a place where
    /// they can be handed back, and returns. Jobs that take longer than the grace period are dropped
    /// and handed back: each of their steps can be repeated.
    pub async fn run(mut self, stop: CancellationToken) {
        self.means.shutdown = stop.child_token();
        let mut jobs = JoinSet::new();
        let mut listener = None;
        let mut reap_at = tokio::time::Instant::now();
        let mut sweep_at = reap_at;
        let mut counted = false;
        while !stop.is_cancelled() {
            counted = counted || self.recount().await;
            if tokio::time::Instant::now() >= reap_at {
                self.reap().await;
                reap_at = tokio::time::Instant::now() + self.pace.reap;
            }
            // After a full batch there is more, and jobs that wait come between.
            if tokio::time::Instant::now() >= sweep_at && self.sweep().await < SWEPT.into() {
                sweep_at = tokio::time::Instant::now() + self.pace.sweep;
            }
            while jobs.len() < self.pace.jobs {
                match store::job::claim(&self.means.store, &self.owner, self.pace.lease).await {
                    Ok(Some(job)) => {
                        let worker = self.clone();
                        jobs.spawn(async move { worker.work(job).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(%error, "can't look for jobs, trying again");
                        break;
                    }
                }
            }
            if listener.is_none() {
                // Looking every second works without it.
                listener = self.means.store.listen("gatehouse_job").await.ok();
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.pace.poll) => {}
                () = heard(&mut listener) => {}
                Some(_) = jobs.join_next(), if !jobs.is_empty() => {}
            }
        }
        if tokio::time::timeout(self.pace.grace, async {
            while jobs.join_next().await.is_some() {}
        })
        .await
        .is_err()
        {
            tracing::warn!(
                jobs = jobs.len(),
                "jobs take too long to stop and are left to the next worker"
            );
            jobs.shutdown().await;
        }
    }

    async fn reap(&self) {
        match store::job::reap(&self.means.store).await {
            Ok(ids) => {
                for job in ids {
                    tracing::warn!(job.id = %job, "job {job} was left by a worker that fell silent; it goes on");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "can't look for jobs that were left, trying again")
            }
        }
    }

    /// Counts again what waits, by the rules in force; gives whether that is done.
    async fn recount(&self) -> bool {
        let rules = &self.means.configuration.rules;
        match recount::recount(&self.means.store, rules).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "can't count again what waits for approval, trying again");
                false
            }
        }
    }

    /// Deletes a batch of jobs that ended long ago; gives how many.
    async fn sweep(&self) -> u64 {
        match store::job::delete_ended(&self.means.store, self.retention, SWEPT).await {
            Ok(deleted) => {
                if deleted > 0 {
                    tracing::info!(deleted, "{deleted} jobs that ended long ago are deleted");
                }
                deleted
            }
            Err(error) => {
                tracing::warn!(%error, "old jobs could not be deleted, trying again later");
                0
            }
        }
    }

    async fn work(self, job: Job) {
        let span = tracing::info_span!(
            "job",
            otel.name = format!("job.{}", job.kind.as_str()),
            job.id = %job.id,
            job.kind = job.kind.as_str(),
            job.attempt = job.attempt,
            change.id = %job.change,
            change = tracing::field::Empty,
            request_id = job.request_id.as_deref(),
        );
        let began = Instant::now();
        let outcome = self.work_in_span(&job).instrument(span).await;
        metrics::counter!("gatehouse_jobs_total", "kind" => job.kind.as_str(), "outcome" => outcome).increment(1);
        metrics::histogram!("gatehouse_job_seconds", "kind" => job.kind.as_str())
            .record(began.elapsed().as_secs_f64());
    }

    /// Runs the job while its lease lasts, and settles how it ended; gives that in one word.
    async fn work_in_span(&self, job: &Job) -> &'static str {
        let run = Run {
            means: &self.means,
            job,
        };
        let result = tokio::select! {
            result = AssertUnwindSafe(self.steps(run)).catch_unwind() => {
                result.unwrap_or_else(|_| Err(JobError::Inconsistent("the job ended in a panic, see the log".to_owned())))
            }
            () = self.beat(job) => Err(JobError::LeaseLost),
            () = self.out_of_grace() => Ok(Ended::HandBack),
        };
        self.settle(run, result).await
    }

    async fn steps(&self, run: Run<'_>) -> Result<Ended, JobError> {
        let change = run.change().await?;
        tracing::Span::current().record("change", change.number.to_string());
        tracing::info!(job.id = %run.job.id, "job {} of {} begins", run.job.kind.as_str(), change.number);
        // Each is large, and only one of them runs.
        match run.job.kind {
            JobKind::Plan => Box::pin(plan::run(run)).await,
            JobKind::Deploy => Box::pin(deploy::run(run)).await,
            JobKind::Repair => Box::pin(repair::run(run)).await,
            JobKind::Close => Box::pin(close::run(run)).await,
            JobKind::Clear => Box::pin(clear::run(run)).await,
        }
    }

    /// Renews the lease until it is lost, or until nothing was heard of the database for so long
    /// that it must be.
    async fn beat(&self, job: &Job) {
        let mut held_until = tokio::time::Instant::now() + self.pace.lease;
        let mut pause = self.pace.lease / 3;
        loop {
            tokio::time::sleep(pause).await;
            let asked_at = tokio::time::Instant::now();
            match store::job::beat(&self.means.store, job, self.pace.lease).await {
                Ok(true) => {
                    held_until = asked_at + self.pace.lease;
                    pause = self.pace.lease / 3;
                }
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "can't renew the lease, trying again");
                    pause = Duration::from_secs(1);
                }
            }
            if tokio::time::Instant::now() >= held_until {
                return;
            }
        }
    }

    async fn out_of_grace(&self) {
        self.means.shutdown.cancelled().await;
        // A moment less than the worker waits, so that there is time to hand back.
        tokio::time::sleep(self.pace.grace * 3 / 4).await;
    }

    /// Says to the queue how the run ended. While the database is gone this is tried until the lease
    /// is over; then the job is taken up by whoever reaps it.
    async fn settle(&self, run: Run<'_>, result: Result<Ended, JobError>) -> &'static str {
        let give_up_at = tokio::time::Instant::now() + self.pace.lease;
        loop {
            let error = match self.try_settle(run, &result).await {
                Ok(outcome) => return outcome,
                Err(error) if error.is_transient() && tokio::time::Instant::now() < give_up_at => {
                    error
                }
                Err(JobError::LeaseLost) => return "lease_lost",
                Err(error) => {
                    tracing::error!(%error, "can't say how the job ended; it will be taken up when its lease is over");
                    return "left";
                }
            };
            tracing::warn!(%error, "can't say how the job ended, trying again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn try_settle(
        &self,
        run: Run<'_>,
        result: &Result<Ended, JobError>,
    ) -> Result<&'static str, JobError> {
        match result {
            Ok(Ended::Done) => Ok("done"),
            Ok(Ended::PutOff) => Ok("deferred"),
            Ok(Ended::HandBack) => {
                let mut connection = self.means.store.acquire().await?;
                store::job::hand_back(&mut connection, run.job).await?;
                tracing::info!("job handed back");
                Ok("handed_back")
            }
            Ok(Ended::Later { delay, because }) => {
                tracing::info!(because, "job waits");
                self.defer(run, because, *delay).await?;
                Ok("deferred")
            }
            Err(JobError::LeaseLost) => {
                tracing::warn!("the lease is lost; the job goes on elsewhere");
                Ok("lease_lost")
            }
            Err(error) => self.failed(run, error).await,
        }
    }

    async fn defer(&self, run: Run<'_>, because: &str, delay: Duration) -> Result<(), StoreError> {
        let mut transaction = self.means.store.begin().await?;
        store::job::note(&mut transaction, run.job, Some(because)).await?;
        store::job::defer(&mut transaction, run.job, delay).await?;
        store::commit(transaction).await
    }

    /// Tries again later; once the attempts are used up, the change says so in the same transaction.
    /// What may have begun at AWS is never given up.
    async fn failed(&self, run: Run<'_>, error: &JobError) -> Result<&'static str, JobError> {
        let words = error.to_string();
        let (mut transaction, change) = match run.begin().await {
            Err(JobError::LeaseLost) => return Ok("lease_lost"),
            begun => begun?,
        };
        let may_give_up = match run.job.kind {
            JobKind::Plan => true,
            JobKind::Deploy => deploy::may_give_up(&change),
            JobKind::Repair | JobKind::Close | JobKind::Clear => false,
        };
        if !may_give_up && run.job.attempt + 1 >= MAX_ATTEMPTS {
            drop(transaction);
            tracing::error!(error = words, "the job keeps failing; it goes on trying");
            self.defer(run, &words, PATIENT_RETRY).await?;
            return Ok("retried");
        }
        let outcome = match store::job::retry(&mut transaction, run.job, &words, self.pace.retry)
            .await?
        {
            Retry::LeaseLost => return Ok("lease_lost"),
            Retry::Again => {
                tracing::warn!(error = words, "the job failed and will be tried again");
                "retried"
            }
            Retry::Dead => {
                tracing::error!(error = words, "the job failed too often and is given up");
                let failure = error.failure();
                match run.job.kind {
                    JobKind::Plan => plan::give_up(run, &mut transaction, change, failure).await?,
                    _ => deploy::give_up(run, &mut transaction, change, failure).await?,
                }
                "dead"
            }
        };
        store::commit(transaction).await?;
        Ok(outcome)
    }
}

fn days(count: u16) -> Duration {
    Duration::from_secs(u64::from(count) * 24 * 3600)
}

/// Waits until there may be a new job; for ever without a listener.
async fn heard(listener: &mut Option<Listener>) {
    match listener {
        Some(listener) => drop(listener.recv().await),
        None => std::future::pending().await,
    }
}
