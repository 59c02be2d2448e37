//! Deploying: runs exactly the plan that was approved, and watches it to its end.
use super::boundary::Boundary;
use super::clearing::delete_change_sets;
use super::describing::failure_of;
use super::hold;
use super::removal::removals;
use super::run::{
    Ended, JobError, Run, account_failure, aws_failure, environment_name, failure, role_failure,
};
use super::standing;
use super::watch::Watch;
use crate::aws::{
    Act, AwsError, AwsErrorKind, ChangeSetExecution, ChangeSetName, ClientToken, ExecuteSession,
};
use crate::store;
use crate::store::change::Change;
use crate::store::deployment::{Deployment, DeploymentState};
use crate::store::job::JobKind;
use domain::account::Account;
use domain::audit::Action;
use domain::change::{
    Asked, Case, ChangeKind, ChangeState, Count, Failure, FailureKind, Finding, Operation, Outcome,
    Plan, ReviewedStack, StackBinding, Stuck, review_digest, unblocked,
};
use domain::names::{DeploymentId, PlanId};
use domain::stack::{LiveStack, StackEvent, StackStatus};
use domain::template::{Context, parse, resolve};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Between two looks at something that takes its time.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long AWS may take to show the token of a request that it has taken.
const TOKEN_WITHIN: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Payload {
    deployment: DeploymentId,
}

/// Runs the deployment that the job names, or goes on with it.
pub(super) async fn run(run: Run<'_>) -> Result<Ended, JobError> {
    let Payload { deployment } = run.payload()?;
    let change = run.change().await?;
    let started = match &change.state {
        ChangeState::Approved {
            deployment: approved,
            ..
        } if *approved == deployment => false,
        ChangeState::Deploying {
            deployment: running,
            ..
        } if *running == deployment => true,
        // Cancelled, withdrawn or planned again: nobody waits for this deployment any more.
        _ => return run.finish_alone().await,
    };
    let work = Work::load(run, deployment, change).await?;
    match Box::pin(work.deploy(started)).await {
        Ok(ended) => Ok(ended),
        Err(NotRun::Failed(failure)) => work.end(Err((failure, None))).await,
        Err(NotRun::Overtaken(because)) => work.plan_again(because).await,
        Err(NotRun::Ended(ended)) => Ok(ended),
        Err(NotRun::Error(error)) if error.is_transient() => Err(error),
        Err(NotRun::Error(JobError::Aws(error))) => {
            work.end(Err((aws_failure(&error), None))).await
        }
        Err(NotRun::Error(error)) => Err(error),
    }
}

/// Whether the job may give up: only while it is sure that nothing was asked of the stacks.
pub(super) fn may_give_up(change: &Change) -> bool {
    !matches!(change.state, ChangeState::Deploying { .. })
}

/// Ends the deployment before it began because its job gives up, in the job's own last transaction.
pub(super) async fn give_up(
    run: Run<'_>,
    connection: &mut store::Connection,
    change: Change,
    failure: Failure,
) -> Result<(), JobError> {
    let Payload { deployment } = run.payload()?;
    match &change.state {
        ChangeState::Approved {
            deployment: approved,
            ..
        } if *approved == deployment => {}
        _ => return Ok(()),
    }
    record_failure(run, connection, &change, deployment, failure, None).await
}

async fn record_failure(
    run: Run<'_>,
    connection: &mut store::Connection,
    change: &Change,
    deployment: DeploymentId,
    failure: Failure,
    stuck: Option<Stuck>,
) -> Result<(), JobError> {
    let detail = json!({ "deployment": deployment, "kind": failure.kind, "stuck": stuck });
    let message = failure.message.clone();
    store::deployment::finish(
        connection,
        deployment,
        DeploymentState::Failed,
        Some(&failure),
    )
    .await?;
    let state = change
        .state
        .clone()
        .failed(deployment, failure, stuck)
        .map_err(|error| JobError::Inconsistent(error.to_string()))?;
    store::change::save_state(connection, change.id, &state).await?;
    // AWS may be the reason why it failed, so what it left there is another job's.
    run.enqueue(connection, JobKind::Clear, change, json!({}))
        .await?;
    run.audit(
        connection,
        change,
        Action::DeploymentFailed,
        Some(message),
        detail,
    )
    .await
}

/// Why a deployment does not go on to its end.
enum NotRun {
    /// It failed before or between the operations.
    Failed(Failure),
    /// The stacks are no longer those that the plan was made against.
    Overtaken(String),
    /// The run ends here, and the job goes on later or somewhere else.
    Ended(Ended),
    Error(JobError),
}

impl<E: Into<JobError>> From<E> for NotRun {
    fn from(error: E) -> Self {
        NotRun::Error(error.into())
    }
}

/// What AWS refuses to tell of an operation that runs, or is over, is no end of it: it is asked again.
fn asked_again(error: AwsError) -> NotRun {
    if error.is_transient() {
        return error.into();
    }
    NotRun::Ended(Ended::Later {
        delay: LOOK_AGAIN,
        because: error.to_string(),
    })
}

/// Outputs by the name of their stack; or what went wrong, and the dead end, if the stack is in one.
type DeploymentEnd = Result<BTreeMap<String, BTreeMap<String, String>>, (Failure, Option<Stuck>)>;

/// How one stack's operation came to its end.
struct StackEnd {
    status: StackStatus,
    events: Vec<StackEvent>,
}

/// One deployment, with all that the database knows of it.
struct Work<'a> {
    run: Run<'a>,
    change: Change,
    deployment: Deployment,
    plan: Plan,
}

/// A stack's part of the plan.
#[derive(Clone, Copy)]
struct Part<'p> {
    nth: u32,
    stack: &'p ReviewedStack,
    binding: &'p StackBinding,
}

impl<'a> Work<'a> {
    async fn load(
        run: Run<'a>,
        deployment: DeploymentId,
        change: Change,
    ) -> Result<Work<'a>, JobError> {
        let mut connection = run.store().acquire().await?;
        let deployment = store::deployment::get(&mut connection, deployment)
            .await?
            .ok_or_else(|| {
                JobError::Inconsistent(format!("{} has no deployment {deployment}", change.number))
            })?;
        let (plan, _) = store::plan::get(&mut connection, deployment.plan)
            .await?
            .ok_or_else(|| {
                JobError::Inconsistent(format!("{} has no plan {}", change.number, deployment.plan))
            })?;
        Ok(Work {
            run,
            change,
            deployment,
            plan,
        })
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let stacks = self
            .plan
            .reviewed
            .stacks
            .iter()
            .zip(&self.plan.binding.stacks);
        (0..).zip(stacks).map(|(nth, (stack, binding))| Part {
            nth,
            stack,
            binding,
        })
    }

    async fn deploy(&self, started: bool) -> Result<Ended, NotRun> {
        if !started {
            // Before anything is asked of AWS; what counts is the look in the transaction that starts.
            let (transaction, change) = self.run.begin().await?;
            self.pass(transaction, &change).await?;
        }
        let account = self.account()?;
        let sessions = self.sessions(account).await?;
        if !started {
            Box::pin(self.check(&sessions)).await?;
            Boundary::DeployChecked.pass();
            self.start().await?;
            Boundary::DeployStarted.pass();
        }
        for part in self.parts() {
            let Some(session) = sessions.get(&part.stack.name) else {
                continue;
            };
            let end = Box::pin(self.run_part(session, part)).await?;
            Boundary::DeployEnded.pass();
            if !end.status.succeeded() || is_lost(part, &end.status) {
                let stopping = self.is_stopping().await?;
                let live = session.describe_stack_by_id(stack_id(part)?).await;
                let stuck = match live.map_err(asked_again)? {
                    Some(live) => standing::stuck(session, &live).await.map_err(asked_again)?,
                    None => None,
                };
                let stack_name = part.stack.stack_name.as_str();
                let failure = failure_of(
                    stack_name,
                    stack_id(part)?,
                    &end.status,
                    &end.events,
                    stopping,
                );
                self.clear_rest(&sessions, part).await?;
                return Ok(self.end(Err((failure, stuck))).await?);
            }
            if part.nth as usize + 1 < self.plan.reviewed.stacks.len() && self.is_stopping().await?
            {
                self.clear_rest(&sessions, part).await?;
                let message = format!(
                    "It was stopped as asked, after stack {} was done and before the next began.",
                    part.stack.stack_name
                );
                return Ok(self
                    .end(Err((failure(FailureKind::Stopped, message), None)))
                    .await?);
            }
        }
        let mut outputs = BTreeMap::new();
        for part in self.parts() {
            if let (Some(session), false) = (sessions.get(&part.stack.name), is_delete(part)) {
                let live = session.describe_stack_by_id(stack_id(part)?).await;
                let live = live.map_err(asked_again)?;
                outputs.insert(
                    part.stack.name.clone(),
                    live.map(|live| live.outputs).unwrap_or_default(),
                );
            }
        }
        Ok(self.end(Ok(outputs)).await?)
    }

    fn account(&self) -> Result<&'a Account, NotRun> {
        let id = &self.change.account;
        let account = self.run.means.configuration.account(id);
        account.ok_or_else(|| self.shut_out(account_failure(id)))
    }

    /// Ends a deployment that has not begun. Once something runs, a role that is shut is no reason to
    /// look away.
    fn shut_out(&self, failure: Failure) -> NotRun {
        match self.change.state {
            ChangeState::Deploying { .. } => NotRun::Ended(Ended::Later {
                delay: LOOK_AGAIN,
                because: failure.message,
            }),
            _ => NotRun::Failed(failure),
        }
    }

    /// A session for each stack that something is done to.
    async fn sessions(
        &self,
        account: &Account,
    ) -> Result<BTreeMap<String, ExecuteSession>, NotRun> {
        let mut sessions = BTreeMap::new();
        for part in self.parts() {
            if part.stack.operation == Operation::Nothing {
                continue;
            }
            let session = self
                .run
                .execute_session(account, &part.stack.region, &self.change)
                .await;
            let session = session.map_err(|error| {
                if error.is_transient() {
                    return NotRun::from(error);
                }
                self.shut_out(role_failure(account, &account.execute_role, &error))
            })?;
            sessions.insert(part.stack.name.clone(), session);
        }
        Ok(sessions)
    }

    /// At the last moment: the plan is the one that was approved, and the stacks are those it was
    /// made against.
    async fn check(&self, sessions: &BTreeMap<String, ExecuteSession>) -> Result<(), NotRun> {
        let digest = review_digest(&self.plan.reviewed).map_err(|error| {
            JobError::Inconsistent(format!("the plan can't be digested: {error}"))
        })?;
        if digest != self.plan.digest {
            return Err(NotRun::Overtaken(
                "The plan that was about to run is not the one that was digested.".to_owned(),
            ));
        }
        for part in self.parts() {
            if let Some(session) = sessions.get(&part.stack.name) {
                self.check_part(session, part).await?;
            }
        }
        Ok(())
    }

    async fn check_part(&self, session: &ExecuteSession, part: Part<'_>) -> Result<(), NotRun> {
        let Part { stack, binding, .. } = part;
        let changed = || {
            NotRun::Overtaken(format!(
                "Stack {} changed after the plan was made, by something other than Gatehouse.",
                stack.stack_name
            ))
        };
        let live = session.describe_stack_by_id(stack_id(part)?);
        match &stack.operation {
            Operation::Deploy { .. } => {
                let (live, execution) = tokio::join!(live, self.execution(session, part));
                if !is_as_bound(live?.as_ref(), binding) {
                    return Err(changed());
                }
                match execution? {
                    Some(ChangeSetExecution::Available) => Ok(()),
                    Some(_) => Err(changed()),
                    None => Err(NotRun::Overtaken(format!(
                        "The change set of stack {} is gone.",
                        stack.stack_name
                    ))),
                }
            }
            Operation::Delete { removals: reviewed } => {
                let live = live.await?;
                if !is_as_bound(live.as_ref(), binding) {
                    return Err(changed());
                }
                let Some(live) = live else { return Ok(()) };
                let resources = session.resources(&live.stack_id).await?;
                let template = self.live_template(session, &live, stack).await?;
                if removals(resources, template.as_ref()) == *reviewed {
                    Ok(())
                } else {
                    Err(changed())
                }
            }
            Operation::Nothing => Ok(()),
        }
    }

    /// How far the plan's change set of a stack is; `None` when it is gone. Asked for by name: who may
    /// see a set that is gone can't be told from its ARN.
    async fn execution(
        &self,
        session: &ExecuteSession,
        part: Part<'_>,
    ) -> Result<Option<ChangeSetExecution>, AwsError> {
        let name = ChangeSetName::of_plan(self.plan.id);
        match session.find_change_set(&part.stack.stack_name, &name).await {
            Ok(change_set) => Ok(Some(change_set.execution)),
            Err(error) if error.kind == AwsErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn live_template(
        &self,
        session: &ExecuteSession,
        live: &LiveStack,
        stack: &ReviewedStack,
    ) -> Result<Option<domain::template::Resolved>, NotRun> {
        let Some(source) = session.template(live).await? else {
            return Ok(None);
        };
        let context = Context {
            parameters: live.parameters.clone(),
            ..Context::new(
                stack.account.as_str(),
                stack.region.as_str(),
                stack.stack_name.as_str(),
            )
        };
        let unreadable = || {
            NotRun::Overtaken(format!(
                "The live template of {} can't be read.",
                stack.stack_name
            ))
        };
        let template = parse(stack.stack_name.as_str(), &source).map_err(|_| unreadable())?;
        resolve(&template, &context)
            .map(Some)
            .map_err(|_| unreadable())
    }

    /// The transaction, where nothing holds the environment; otherwise the job is put off.
    async fn pass(
        &self,
        transaction: store::Transaction,
        change: &Change,
    ) -> Result<store::Transaction, NotRun> {
        let passed = hold::pass(self.run, transaction, change).await?;
        passed.map_err(NotRun::Ended)
    }

    /// Sends the change back for the approvals that the rules ask for by now.
    async fn ask_for_more(
        &self,
        mut transaction: store::Transaction,
        change: &Change,
        asked: &Asked,
        count: &Count,
    ) -> Result<Ended, JobError> {
        let id = self.deployment.id;
        let cancelled = DeploymentState::Cancelled;
        store::deployment::finish(&mut transaction, id, cancelled, None).await?;
        let state = change.state.clone();
        let state = state
            .asked_for_more(id, self.plan.digest.clone())
            .map_err(|error| JobError::Inconsistent(error.to_string()))?;
        store::change::save_state(&mut transaction, change.id, &state).await?;
        store::change::set_waits_for(&mut transaction, change.id, &count.missing()).await?;
        let reason = format!(
            "The rules in force now ask for {}.",
            asked.words(&change.team)
        );
        let detail = json!({ "deployment": id, "asked": asked, "missing": count.missing() });
        self.run
            .audit(
                &mut transaction,
                change,
                Action::ApprovalsMissing,
                Some(reason),
                detail,
            )
            .await?;
        self.run.finish(transaction).await
    }

    /// A plan that was compared with a vetted version holds only while the version is vetted.
    async fn check_vetted(&self, connection: &mut store::Connection) -> Result<(), NotRun> {
        let reviewed = &self.plan.reviewed;
        if reviewed.baseline.is_live()
            || store::vetting::is_accepted(connection, &reviewed.blueprint_digest).await?
        {
            return Ok(());
        }
        Err(NotRun::Overtaken(format!(
            "Version {} of {} is no longer vetted, so its access has to be compared with something else.",
            reviewed.blueprint_version, reviewed.blueprint
        )))
    }

    /// Records that the deployment runs. From here on only the stacks' own end ends it.
    async fn start(&self) -> Result<(), NotRun> {
        let (mut transaction, change) = self.run.begin().await?;
        let state = match change.state.clone() {
            state @ ChangeState::Approved { deployment, .. }
                if deployment == self.deployment.id =>
            {
                state
            }
            _ => return Err(NotRun::Ended(self.run.finish(transaction).await?)),
        };
        let reviewed = &self.plan.reviewed;
        self.check_vetted(&mut transaction).await?;
        let digest = &self.plan.digest;
        let in_force = store::waiver::in_force(&mut transaction, change.environment).await?;
        let unblocked = unblocked(digest, &reviewed.findings, &in_force)
            .map_err(|stopping| NotRun::Overtaken(no_longer_waived(&stopping)))?;
        let asked = self.run.means.configuration.rules.ask(Case::of(reviewed));
        let approvals =
            store::decision::standing_approvals(&mut transaction, change.id, digest).await?;
        let count = asked.count(digest, &change.requester, &approvals);
        let Some(met) = count.met() else {
            let ended = self.ask_for_more(transaction, &change, &asked, &count);
            return Err(NotRun::Ended(ended.await?));
        };
        let mut transaction = self.pass(transaction, &change).await?;
        match store::deployment::start(&mut transaction, self.deployment.id).await {
            Ok(true) => {}
            Ok(false) => {
                let words = format!(
                    "deployment {} has ended before it began",
                    self.deployment.id
                );
                return Err(JobError::Inconsistent(words).into());
            }
            Err(error) if error.is_conflict_over("deployment_one_running") => {
                return Err(NotRun::Ended(Ended::Later {
                    delay: LOOK_AGAIN,
                    because: format!(
                        "Another deployment of {} is running.",
                        environment_name(&change)
                    ),
                }));
            }
            Err(error) => return Err(error.into()),
        }
        let state = state
            .started(&met, &unblocked)
            .map_err(|error| JobError::Inconsistent(error.to_string()))?;
        store::change::save_state(&mut transaction, change.id, &state).await?;
        let detail = json!({ "deployment": self.deployment.id, "plan": self.plan.id, "digest": self.plan.digest });
        self.run
            .audit(
                &mut transaction,
                &change,
                Action::DeploymentStarted,
                None,
                detail,
            )
            .await?;
        store::commit(transaction).await?;
        Ok(())
    }

    /// Starts one stack's operation, or finds that it was started, and watches it to its end.
    async fn run_part(&self, session: &ExecuteSession, part: Part<'_>) -> Result<StackEnd, NotRun> {
        let stack_id = stack_id(part)?;
        let token = match part.stack.operation {
            Operation::Delete { .. } => {
                ClientToken::of_deployment(self.deployment.id, Act::Delete, part.nth)
            }
            _ => ClientToken::of_deployment(self.deployment.id, Act::Execute, part.nth),
        };
        // Once noted as taken there is nothing to ask for, whatever became of it since.
        if !self.deployment.executed.contains(&part.stack.name) {
            self.request(session, part, stack_id, &token).await?;
            Boundary::DeployAccepted.pass();
            let (mut transaction, _) = self.run.begin().await?;
            store::deployment::mark_executed(
                &mut transaction,
                self.deployment.id,
                &part.stack.name,
            )
            .await?;
            store::commit(transaction).await?;
            Boundary::DeployMarked.pass();
        }
        match Box::pin(self.watch(session, part, stack_id, &token)).await {
            Err(NotRun::Error(JobError::Aws(error))) => Err(asked_again(error)),
            ended => ended,
        }
    }

    async fn request(
        &self,
        session: &ExecuteSession,
        part: Part<'_>,
        stack_id: &str,
        token: &ClientToken,
    ) -> Result<(), NotRun> {
        let Some(change_set_id) = &part.binding.change_set_id else {
            // A change set runs once by itself, but a delete that failed would be tried once more.
            let resumed = matches!(self.change.state, ChangeState::Deploying { .. });
            if !(resumed && session.has_event_with_token(stack_id, token).await?) {
                session.delete_stack(stack_id, &[], token).await?;
            }
            return Ok(());
        };
        let refusal = match session
            .execute_change_set(change_set_id, stack_id, token)
            .await
        {
            Ok(_) => return Ok(()),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => error,
        };
        // Where the set is gone, AWS may say only that it is not allowed.
        let can_not_run = matches!(
            refusal.kind,
            AwsErrorKind::InvalidState | AwsErrorKind::NotFound | AwsErrorKind::AccessDenied
        );
        if !can_not_run {
            return Err(refusal.into());
        }
        // AWS refuses, and no event bears our token. Either an earlier request of ours got through a
        // moment ago, and its first event is still on its way, or the set can't run any more.
        let execution = self.execution(session, part).await?;
        let may_be_ours = matches!(
            execution,
            None | Some(
                ChangeSetExecution::InProgress
                    | ChangeSetExecution::Complete
                    | ChangeSetExecution::Failed
            )
        );
        let patience = if may_be_ours {
            TOKEN_WITHIN
        } else {
            Duration::ZERO
        };
        let give_up_at = tokio::time::Instant::now() + patience;
        while tokio::time::Instant::now() < give_up_at {
            if session.has_event_with_token(stack_id, token).await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if execution == Some(ChangeSetExecution::Available) {
            if refusal.kind == AwsErrorKind::AccessDenied {
                return Err(refusal.into());
            }
            return Err(NotRun::Ended(Ended::Later {
                delay: LOOK_AGAIN,
                because: refusal.to_string(),
            }));
        }
        Err(NotRun::Overtaken(format!(
            "AWS would not execute the change set of stack {}, and it has not run: {refusal}",
            part.stack.stack_name
        )))
    }

    /// Watches the operation to its end; hands on a wish to stop; keeps every event.
    async fn watch(
        &self,
        session: &ExecuteSession,
        part: Part<'_>,
        stack_id: &str,
        token: &ClientToken,
    ) -> Result<StackEnd, NotRun> {
        // The clocks of AWS and the database may differ by a little.
        let after = self
            .deployment
            .started_at
            .map(|at| at - chrono::TimeDelta::minutes(10));
        let mut watch = Watch::new(session, stack_id, token, after);
        let mut seen = Vec::new();
        let mut asked_to_stop = false;
        loop {
            let events = watch.poll().await?;
            self.keep(&part.stack.name, &events, seen.is_empty())
                .await?;
            if !events.is_empty() {
                Boundary::DeployObserving.pass();
            }
            seen.extend(events);
            if let Some(status) = watch.ended() {
                return Ok(StackEnd {
                    status: status.clone(),
                    events: seen,
                });
            }
            if self.run.means.shutdown.is_cancelled() {
                return Err(NotRun::Ended(Ended::HandBack));
            }
            if !asked_to_stop && !seen.is_empty() && self.is_stopping().await? {
                self.stop(session, part, stack_id).await?;
                asked_to_stop = true;
            }
            tokio::select! {
                () = tokio::time::sleep(watch.pause()) => {}
                () = self.run.means.shutdown.cancelled() => {}
            }
        }
    }

    async fn keep(&self, stack: &str, events: &[StackEvent], first: bool) -> Result<(), NotRun> {
        if events.is_empty() && !first {
            return Ok(());
        }
        let mut transaction = self.run.store().begin().await?;
        if !store::job::hold(&mut transaction, self.run.job).await? {
            return Err(JobError::LeaseLost.into());
        }
        // What went wrong before is over, so the page need not show it any more.
        store::job::note(&mut transaction, self.run.job, None).await?;
        if !events.is_empty() {
            store::stack_event::append(&mut transaction, self.deployment.id, stack, events).await?;
        }
        store::commit(transaction).await?;
        Ok(())
    }

    async fn is_stopping(&self) -> Result<bool, NotRun> {
        let change = self.run.change().await?;
        Ok(matches!(
            change.state,
            ChangeState::Deploying { stopping: true, .. }
        ))
    }

    /// Asks AWS to stop: an update is cancelled, a create can only be deleted, a delete can't be stopped.
    async fn stop(
        &self,
        session: &ExecuteSession,
        part: Part<'_>,
        stack_id: &str,
    ) -> Result<(), NotRun> {
        let id = self.deployment.id;
        let answer = match &part.stack.operation {
            Operation::Deploy { creates: true, .. } => {
                let token = ClientToken::of_deployment(id, Act::Delete, part.nth);
                session.delete_stack(stack_id, &[], &token).await
            }
            Operation::Deploy { creates: false, .. } => {
                let token = ClientToken::of_deployment(id, Act::Cancel, part.nth);
                session.cancel_update(stack_id, &token).await
            }
            Operation::Nothing | Operation::Delete { .. } => return Ok(()),
        };
        match answer {
            Ok(_) => Ok(()),
            // It is past the point where it could be stopped.
            Err(error) if error.kind == AwsErrorKind::InvalidState => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes the change sets of stacks that will not be reached any more.
    async fn clear_rest(
        &self,
        sessions: &BTreeMap<String, ExecuteSession>,
        failed: Part<'_>,
    ) -> Result<(), NotRun> {
        for part in self.parts().filter(|part| part.nth > failed.nth) {
            if let Some(session) = sessions.get(&part.stack.name) {
                delete_change_sets(session, &part.stack.stack_name, &[self.plan.id]).await?;
            }
        }
        Ok(())
    }

    /// Records how the deployment ended, with all that follows, in one transaction.
    async fn end(&self, ended: DeploymentEnd) -> Result<Ended, JobError> {
        let (mut transaction, change) = self.run.begin().await?;
        let id = self.deployment.id;
        match &change.state {
            ChangeState::Approved { deployment, .. }
            | ChangeState::Deploying { deployment, .. }
                if *deployment == id => {}
            _ => return self.run.finish(transaction).await,
        }
        match ended {
            Err((failure, stuck)) => {
                if failure.kind == FailureKind::Stopped || failure.kind == FailureKind::RolledBack {
                    self.forget_deleted(&mut transaction, &change).await?;
                }
                record_failure(self.run, &mut transaction, &change, id, failure, stuck).await?;
            }
            Ok(outputs) => {
                let outcome = self
                    .record_success(&mut transaction, &change, outputs)
                    .await?;
                store::deployment::finish(&mut transaction, id, DeploymentState::Succeeded, None)
                    .await?;
                let state = change.state.clone().succeeded(id, outcome);
                let state = state.map_err(|error| JobError::Inconsistent(error.to_string()))?;
                store::change::save_state(&mut transaction, change.id, &state).await?;
                let detail = json!({ "deployment": id, "plan": self.plan.id, "outcome": outcome });
                self.run
                    .audit(
                        &mut transaction,
                        &change,
                        Action::DeploymentSucceeded,
                        None,
                        detail,
                    )
                    .await?;
            }
        }
        let ended = self.run.finish(transaction).await?;
        Boundary::DeploySaved.pass();
        Ok(ended)
    }

    async fn record_success(
        &self,
        connection: &mut store::Connection,
        change: &Change,
        outputs: BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Outcome, JobError> {
        for part in self.parts().filter(|part| is_delete(*part)) {
            store::environment::set_stack_id(
                connection,
                change.environment,
                &part.stack.name,
                None,
            )
            .await?;
        }
        for (stack, outputs) in &outputs {
            store::environment::set_outputs(connection, change.environment, stack, outputs).await?;
        }
        match (change.kind, change.release) {
            (ChangeKind::Decommission, _) => {
                store::environment::set_decommissioned(connection, change.environment).await?;
                Ok(Outcome::Decommissioned)
            }
            (_, Some(release)) => {
                store::environment::set_live(connection, change.environment, release).await?;
                Ok(Outcome::Deployed)
            }
            (_, None) => Err(JobError::Inconsistent(format!(
                "{} has no release",
                change.number
            ))),
        }
    }

    /// A stack that was deleted on the way, because its creation was stopped, is none of ours any more.
    async fn forget_deleted(
        &self,
        connection: &mut store::Connection,
        change: &Change,
    ) -> Result<(), JobError> {
        let events = store::stack_event::of_deployment(connection, self.deployment.id).await?;
        for part in self.parts() {
            let gone = part.binding.stack_id.as_ref().is_some_and(|id| {
                let own = events.iter().rev().find(|(_, event)| event.is_of_stack(id));
                own.is_some_and(|(_, event)| event.status == "DELETE_COMPLETE")
            });
            if gone {
                store::environment::set_stack_id(
                    connection,
                    change.environment,
                    &part.stack.name,
                    None,
                )
                .await?;
            }
        }
        Ok(())
    }

    /// Gives the deployment up for a new plan, because its stacks are no longer those it was made for.
    async fn plan_again(&self, because: String) -> Result<Ended, JobError> {
        let run = self.run;
        let (mut transaction, change) = run.begin().await?;
        let id = self.deployment.id;
        let plan = PlanId(Uuid::now_v7());
        let Ok(state) = change.state.clone().overtaken(id, plan, because.clone()) else {
            return run.finish(transaction).await;
        };
        store::change::save_state(&mut transaction, change.id, &state).await?;
        store::deployment::finish(&mut transaction, id, DeploymentState::Cancelled, None).await?;
        run.enqueue(
            &mut transaction,
            JobKind::Plan,
            &change,
            json!({ "plan": plan }),
        )
        .await?;
        let detail = json!({ "deployment": id, "from": self.plan.id, "to": plan });
        run.audit(
            &mut transaction,
            &change,
            Action::PlanAgain,
            Some(because),
            detail,
        )
        .await?;
        run.finish(transaction).await
    }
}

fn no_longer_waived(stopping: &[&Finding]) -> String {
    let each: Vec<_> = stopping
        .iter()
        .map(|finding| format!("“{}” at {}", finding.title, finding.key.resource))
        .collect();
    format!(
        "No waiver is in force any more for what was found: {}.",
        each.join(", ")
    )
}

fn is_delete(part: Part<'_>) -> bool {
    matches!(part.stack.operation, Operation::Delete { .. })
}

/// Whether a stack is gone that was to be created or updated.
fn is_lost(part: Part<'_>, status: &StackStatus) -> bool {
    !is_delete(part) && status.0 == "DELETE_COMPLETE"
}

fn stack_id<'p>(part: Part<'p>) -> Result<&'p str, JobError> {
    part.binding.stack_id.as_deref().ok_or_else(|| {
        JobError::Inconsistent(format!(
            "the plan of stack {} names no stack",
            part.stack.stack_name
        ))
    })
}

fn is_as_bound(live: Option<&LiveStack>, binding: &StackBinding) -> bool {
    live.is_some_and(|live| {
        binding.status.as_deref() == Some(live.status.0.as_str())
            && binding.changed_at == Some(live.changed_at)
    })
}
