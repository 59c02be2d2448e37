//! Planning: from a release to change sets, and from those to what reviewers are shown.
use super::boundary::Boundary;
use super::clearing::{Taken, change_set_of, delete_change_sets};
use super::removal::removals;
use super::run::{
    Ended, JobError, PlanPayload, Run, account_failure, aws_failure, environment_name, failure,
    role_failure,
};
use super::standing::{self, Standing};
use crate::aws::{
    AwsErrorKind, ChangeSet, ChangeSetKind, ChangeSetName, ChangeSetRequest, ChangeSetStatus,
    ClientToken, PlanSession,
};
use crate::guardrails::{StackToGuard, access_findings, template_findings};
use crate::rendering::{Read, Wanted, wanted};
use crate::store;
use crate::store::blueprint::BlueprintVersion;
use crate::store::change::Change;
use crate::store::environment::{Environment, EnvironmentStack};
use crate::store::job::JobKind;
use crate::store::release::Release;
use domain::access::{Access, AccessReview, RULE_VERSION, review};
use domain::account::Account;
use domain::audit::Action;
use domain::blueprint::{Asked, render, vetted_values, without_unvetted};
use domain::change::{
    Baseline, Binding, Case, ChangeKind, ChangeState, Failure, FailureKind, Finding, Operation,
    Plan, Reviewed, ReviewedStack, StackBinding, Stuck, WaiverInForce, review_digest, reviewed,
    unblocked,
};
use domain::names::{DeploymentId, PlanId, Region, StackName};
use domain::stack::LiveStack;
use domain::template::{Context, WithoutValue, parse};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

/// How long AWS may take over a change set before the job lets others go first.
const CHANGE_SET_PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at something that takes its time.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Makes the plan that the job names, if the change still waits for it.
pub(super) async fn run(run: Run<'_>) -> Result<Ended, JobError> {
    let PlanPayload { plan } = run.payload()?;
    let change = run.change().await?;
    if !is_planning(&change, plan) {
        return run.finish_alone().await;
    }
    let work = Work::load(run, plan, change).await?;
    match Box::pin(work.make()).await {
        Ok(Made::Plan(plan)) => Box::pin(work.save(*plan)).await,
        Ok(Made::Later(because)) => Ok(Ended::Later {
            delay: LOOK_AGAIN,
            because,
        }),
        Ok(Made::Refused { failure, stuck }) => work.refuse(failure, stuck).await,
        Err(JobError::Aws(error)) if !error.is_transient() => {
            work.refuse(aws_failure(&error), None).await
        }
        Err(error) => Err(error),
    }
}

/// Ends the planning because its job gives up, in the job's own last transaction.
pub(super) async fn give_up(
    run: Run<'_>,
    connection: &mut store::Connection,
    change: Change,
    failure: Failure,
) -> Result<(), JobError> {
    let PlanPayload { plan } = run.payload()?;
    if is_planning(&change, plan) {
        // AWS may be the reason why it failed, so what is there is another job's.
        run.enqueue(connection, JobKind::Clear, &change, json!({}))
            .await?;
    }
    record_failure(run, connection, change, plan, failure, None).await
}

fn is_planning(change: &Change, made: PlanId) -> bool {
    matches!(&change.state, ChangeState::Planning { plan, .. } if *plan == made)
}

async fn record_failure(
    run: Run<'_>,
    connection: &mut store::Connection,
    change: Change,
    plan: PlanId,
    failure: Failure,
    stuck: Option<Stuck>,
) -> Result<(), JobError> {
    // Withdrawn or planned again meanwhile: nobody waits for this plan any more.
    if !is_planning(&change, plan) {
        return Ok(());
    }
    let message = failure.message.clone();
    let detail = json!({ "plan": plan, "kind": failure.kind, "stuck": stuck });
    let state = change.state.clone().planning_failed(plan, failure, stuck);
    let state = state.map_err(|error| JobError::Inconsistent(error.to_string()))?;
    store::change::save_state(connection, change.id, &state).await?;
    run.audit(
        connection,
        &change,
        Action::PlanFailed,
        Some(message),
        detail,
    )
    .await
}

/// What came of planning.
enum Made {
    Plan(Box<Plan>),
    /// Something else has to end first.
    Later(String),
    /// No plan can be made.
    Refused {
        failure: Failure,
        stuck: Option<Stuck>,
    },
}

/// Why one stack, and with it the whole plan, can't be planned now.
enum NoPlan {
    Later(String),
    Refused {
        failure: Failure,
        stuck: Option<Stuck>,
    },
    Failed(JobError),
}

impl<E: Into<JobError>> From<E> for NoPlan {
    fn from(error: E) -> Self {
        NoPlan::Failed(error.into())
    }
}

fn refused(kind: FailureKind, message: impl Into<String>) -> NoPlan {
    NoPlan::Refused {
        failure: failure(kind, message),
        stuck: None,
    }
}

/// One planning, with all that the database knows of it.
struct Work<'a> {
    run: Run<'a>,
    plan: PlanId,
    change: Change,
    environment: Environment,
    /// The release to bring it to; for a decommission the one that runs, or the latest.
    release: Release,
    blueprint: BlueprintVersion,
    /// Whether the version is vetted.
    vetted: bool,
    /// The stacks noted so far.
    stacks: Vec<EnvironmentStack>,
    /// Every plan begun for this change, this one included.
    begun: Vec<PlanId>,
}

/// A stack to be deployed, with what stands there now. Nothing was asked of AWS yet but to look.
struct Looked<'w> {
    wanted: &'w Wanted,
    session: PlanSession,
    kind: ChangeSetKind,
    live: Option<LiveStack>,
    standing: Option<Read>,
    /// What a stack that is to be made was vetted with: the same with the stage's own defaults.
    vetted: Option<Read>,
}

impl Looked<'_> {
    fn before(&self) -> Access {
        access_of(self.standing.as_ref())
    }

    fn after(&self) -> Access {
        self.wanted.read.access_after(self.standing.as_ref())
    }

    fn deploys(&self, changes: Vec<domain::stack::ResourceChange>) -> Operation {
        Operation::Deploy {
            creates: self.kind == ChangeSetKind::Create,
            template: self.wanted.source.clone(),
            parameters: self.wanted.rendered.parameters.clone(),
            changes: sorted(changes),
        }
    }

    fn planned(
        &self,
        account: &Account,
        operation: Operation,
        binding: StackBinding,
        after: Access,
    ) -> Planned {
        let rendered = &self.wanted.rendered;
        let vetted = self.vetted.as_ref();
        Planned {
            over_vetted: vetted.map(|vetted| {
                let asked = self.wanted.read.access_after(Some(vetted));
                (access_of(Some(vetted)), asked)
            }),
            before: self.before(),
            after,
            reviewed: ReviewedStack {
                name: rendered.name.clone(),
                account: account.id.clone(),
                region: rendered.region.clone(),
                stack_name: rendered.stack_name.clone(),
                operation,
                tags: rendered.tags.clone(),
            },
            binding,
        }
    }

    /// As far as it is known before there is a change set.
    fn foreseen(&self, account: &Account) -> Planned {
        let binding = binding(None, self.live.as_ref());
        self.planned(account, self.deploys(Vec::new()), binding, self.after())
    }
}

/// What is planned for one stack.
#[derive(Clone)]
struct Planned {
    reviewed: ReviewedStack,
    binding: StackBinding,
    before: Access,
    after: Access,
    /// The same for a stack that does not exist yet, compared with what the version was vetted with.
    over_vetted: Option<(Access, Access)>,
}

/// Whose access grows and shrinks, and compared with what.
#[derive(Clone)]
struct Compared {
    access: AccessReview,
    baseline: Baseline,
}

impl Compared {
    /// Over all stacks. What was vetted counts only where no stack exists yet: what runs counts as soon as there is
    /// some.
    fn over(planned: &[Planned]) -> Compared {
        let (mut before, mut after) = (Access::default(), Access::default());
        let mut over_vetted = Some((Access::default(), Access::default()));
        for one in planned {
            let name = &one.reviewed.name;
            before.add_stack(name, one.before.clone());
            after.add_stack(name, one.after.clone());
            over_vetted = over_vetted.zip(one.over_vetted.clone()).map(
                |((mut old, mut new), (vetted, asked))| {
                    old.add_stack(name, vetted);
                    new.add_stack(name, asked);
                    (old, new)
                },
            );
        }
        let compared = review(&before, &after);
        match over_vetted.filter(|_| !planned.is_empty()) {
            Some((vetted, asked)) => Compared {
                access: review(&vetted, &asked),
                baseline: Baseline::Vetted {
                    whole: Box::new(compared),
                },
            },
            None => Compared {
                access: compared,
                baseline: Baseline::Live,
            },
        }
    }
}

impl<'a> Work<'a> {
    async fn load(run: Run<'a>, plan: PlanId, change: Change) -> Result<Work<'a>, JobError> {
        let mut connection = run.store().acquire().await?;
        let missing =
            |what: &str| JobError::Inconsistent(format!("{} has no {what}", change.number));
        let environment = store::environment::get(&mut connection, change.environment)
            .await?
            .ok_or_else(|| missing("environment"))?;
        let release = match change.release.or(environment.release) {
            Some(id) => store::release::get(&mut connection, id).await?,
            None => {
                let latest = store::release::of_service(&mut connection, change.service, 1).await?;
                latest.into_iter().next()
            }
        }
        .ok_or_else(|| missing("release"))?;
        let blueprint = store::blueprint::get(&mut connection, &release.blueprint_digest)
            .await?
            .ok_or_else(|| missing("blueprint version"))?;
        let vetted = store::vetting::is_accepted(&mut connection, &blueprint.digest).await?;
        let stacks = store::environment::stacks(&mut connection, change.environment).await?;
        drop(connection);
        let begun = run.plans_begun().await?;
        Ok(Work {
            run,
            plan,
            change,
            environment,
            release,
            blueprint,
            vetted,
            stacks,
            begun,
        })
    }

    async fn make(&self) -> Result<Made, JobError> {
        match self.plan_stacks().await {
            Ok(plan) => Ok(Made::Plan(Box::new(plan))),
            Err(NoPlan::Later(because)) => Ok(Made::Later(because)),
            Err(NoPlan::Refused { failure, stuck }) => Ok(Made::Refused { failure, stuck }),
            Err(NoPlan::Failed(error)) => Err(error),
        }
    }

    fn account(&self) -> Result<&'a Account, NoPlan> {
        let id = &self.environment.account;
        let account = self.run.means.configuration.account(id);
        account.ok_or_else(|| NoPlan::Refused {
            failure: account_failure(id),
            stuck: None,
        })
    }

    async fn plan_stacks(&self) -> Result<Plan, NoPlan> {
        let account = self.account()?;
        if self.change.kind == ChangeKind::Decommission {
            self.refuse_if_protected(&self.release.parameters)?;
            let deleted = self.plan_deletes(account, &[]).await?;
            Boundary::PlanChangeSetsMade.pass();
            let compared = Compared::over(&deleted);
            return Ok(self.whole(deleted, compared, Vec::new(), &[])?);
        }
        // An environment stays in the region that it was made in.
        let placed = Account {
            region: self.environment.region.clone(),
            ..account.clone()
        };
        let asked = self.asked(&placed)?;
        let wanted = wanted(&self.blueprint.manifest, &self.blueprint.files, &asked)
            .map_err(|words| refused(FailureKind::Template, words))?;
        self.note_stacks(&wanted).await?;
        let found = self.template_findings(&wanted).await;
        let in_force = self.waivers_in_force().await?;
        let mut looked = Vec::new();
        for wanted in &wanted {
            let session = self.session(account, &wanted.rendered.region).await?;
            looked.push(Box::pin(self.look(session, wanted, &asked)).await?);
        }
        // Companions that the release no longer has.
        let deleted = self.plan_deletes(account, &wanted).await?;
        let foreseen = looked.iter().map(|looked| looked.foreseen(account));
        let foreseen: Vec<_> = foreseen.chain(deleted.iter().cloned()).collect();
        let compared = Compared::over(&foreseen);
        let plan = self.whole(foreseen, compared.clone(), found.clone(), &in_force)?;
        if unblocked(&plan.digest, &plan.reviewed.findings, &in_force).is_err() {
            return Ok(plan);
        }
        let mut planned = Vec::new();
        for looked in &looked {
            planned.push(Box::pin(self.plan_deploy(account, looked)).await?);
        }
        Boundary::PlanChangeSetsMade.pass();
        planned.extend(deleted);
        // What is already so is reviewed as unchanged, whatever its template says.
        let unchanged = |planned: &Planned| planned.reviewed.operation == Operation::Nothing;
        let compared = if planned.iter().any(unchanged) {
            Compared::over(&planned)
        } else {
            compared
        };
        Ok(self.whole(planned, compared, found, &in_force)?)
    }

    /// Deletes, what was made last first, since it may use what was made before; not those that are still wanted.
    async fn plan_deletes(
        &self,
        account: &Account,
        still: &[Wanted],
    ) -> Result<Vec<Planned>, NoPlan> {
        let mut planned = Vec::new();
        for stack in self.stacks.iter().rev() {
            let wanted = still.iter().any(|it| it.rendered.name == stack.name);
            if wanted || stack.stack_id.is_none() {
                continue;
            }
            let session = self.session(account, &stack.region).await?;
            planned.push(Box::pin(self.plan_delete(account, &session, stack)).await?);
        }
        Ok(planned)
    }

    async fn template_findings(&self, wanted: &[Wanted]) -> Vec<Finding> {
        let mut found = Vec::new();
        for wanted in wanted {
            let stack = StackToGuard {
                name: &wanted.rendered.name,
                template: &wanted.read.template,
                parameters: &wanted.rendered.parameters,
                resolved: &wanted.read.resolved,
            };
            found.extend(template_findings(self.change.stage, stack).await);
        }
        found
    }

    async fn waivers_in_force(&self) -> Result<Vec<WaiverInForce>, JobError> {
        let mut connection = self.run.store().acquire().await?;
        Ok(store::waiver::in_force(&mut connection, self.change.environment).await?)
    }

    async fn session(&self, account: &Account, region: &Region) -> Result<PlanSession, NoPlan> {
        let session = self.run.plan_session(account, region, &self.change).await;
        let session = session.map_err(|error| {
            if error.is_transient() {
                NoPlan::from(error)
            } else {
                NoPlan::Refused {
                    failure: role_failure(account, &account.plan_role, &error),
                    stuck: None,
                }
            }
        })?;
        Boundary::PlanRoleAssumed.pass();
        Ok(session)
    }

    /// What the blueprint is rendered for.
    fn asked<'w>(&'w self, account: &'w Account) -> Result<Asked<'w>, NoPlan> {
        let cost_centre = self
            .run
            .means
            .configuration
            .team(&self.change.team)
            .map(|team| team.cost_centre.as_str())
            .ok_or_else(|| {
                refused(
                    FailureKind::Template,
                    format!(
                        "The team {} is no longer in the configuration, so its cost centre is not known. Add a [[team]] \
                         of that name, start Gatehouse again, then plan again.",
                        self.change.team
                    ),
                )
            })?;
        Ok(Asked {
            team: &self.change.team,
            cost_centre,
            service: &self.change.service_name,
            stage: self.change.stage,
            account,
            release: self.release.number,
            values: &self.release.parameters,
        })
    }

    /// A stack as it was vetted at this stage; none where it compares with nothing, because the version is not vetted
    /// or its defaults don't even resolve.
    fn read_vetted(&self, wanted: &Wanted, asked: &Asked<'_>) -> Option<Read> {
        if !self.vetted {
            return None;
        }
        let manifest = &self.blueprint.manifest;
        let stack = manifest
            .stacks
            .iter()
            .find(|stack| stack.name == wanted.rendered.name)?;
        let values = vetted_values(manifest, self.change.stage);
        let asked = Asked {
            values: &values,
            ..asked.clone()
        };
        let template = &wanted.read.template;
        let declared: Vec<String> = template.parameters.keys().cloned().collect();
        let rendered = render(manifest, stack, &declared, &asked).ok()?;
        let context = Context {
            without_value: WithoutValue::Unknown,
            ..self.context(&rendered.region, &rendered.stack_name, &rendered.parameters)
        };
        let template = without_unvetted(template.clone(), manifest, &values);
        Read::new(template, context).ok()
    }

    fn context(
        &self,
        region: &Region,
        stack_name: &StackName,
        parameters: &BTreeMap<String, String>,
    ) -> Context {
        Context {
            parameters: parameters.clone(),
            ..Context::new(
                self.environment.account.as_str(),
                region.as_str(),
                stack_name.as_str(),
            )
        }
    }

    /// Notes down which stacks there will be, so that whoever closes the change knows where to look.
    async fn note_stacks(&self, wanted: &[Wanted]) -> Result<(), JobError> {
        let (mut transaction, change) = self.run.begin().await?;
        for (position, wanted) in wanted.iter().enumerate() {
            let stack = EnvironmentStack {
                name: wanted.rendered.name.clone(),
                position: i16::try_from(position).unwrap_or(i16::MAX),
                region: wanted.rendered.region.clone(),
                stack_name: wanted.rendered.stack_name.clone(),
                stack_id: None,
                outputs: BTreeMap::new(),
            };
            store::environment::save_stack(&mut transaction, change.environment, &stack).await?;
        }
        store::commit(transaction).await?;
        Boundary::PlanStacksNoted.pass();
        Ok(())
    }

    /// Whether Gatehouse made the live stack: it is the one that was recorded, or one under review
    /// that holds a change set of this change.
    async fn is_ours(
        &self,
        session: &PlanSession,
        live: &LiveStack,
        name: &str,
        stack_name: &StackName,
    ) -> Result<bool, NoPlan> {
        let recorded = self.stacks.iter().find(|stack| stack.name == name);
        if recorded.is_some_and(|stack| stack.stack_id.as_deref() == Some(live.stack_id.as_str())) {
            return Ok(true);
        }
        if live.status.0 != "REVIEW_IN_PROGRESS" {
            return Ok(false);
        }
        for plan in &self.begun {
            if change_set_of(session, stack_name, *plan).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What stands where a stack is to be deployed.
    async fn look<'w>(
        &self,
        session: PlanSession,
        wanted: &'w Wanted,
        asked: &Asked<'_>,
    ) -> Result<Looked<'w>, NoPlan> {
        let rendered = &wanted.rendered;
        let live = session.describe_stack(&rendered.stack_name).await?;
        let ours = match &live {
            Some(live) => {
                self.is_ours(&session, live, &rendered.name, &rendered.stack_name)
                    .await?
            }
            None => true,
        };
        let stuck = match &live {
            Some(live) => standing::stuck(&session, live).await?,
            None => None,
        };
        let kind = match standing::for_change_set(&rendered.stack_name, live.as_ref(), ours, stuck)
        {
            Standing::ToCreate => ChangeSetKind::Create,
            Standing::ToUpdate => ChangeSetKind::Update,
            Standing::Busy => return Err(busy(&rendered.stack_name)),
            Standing::Refused { failure, stuck } => {
                return Err(NoPlan::Refused { failure, stuck });
            }
        };
        let standing = match &live {
            Some(live) if kind == ChangeSetKind::Update => {
                self.live_template(&session, live, &rendered.region, &rendered.stack_name)
                    .await?
            }
            _ => None,
        };
        let makes = matches!(
            self.change.kind,
            ChangeKind::Provision | ChangeKind::Promote
        );
        let vetted = if makes && kind == ChangeSetKind::Create {
            self.read_vetted(wanted, asked)
        } else {
            None
        };
        Ok(Looked {
            wanted,
            session,
            kind,
            live,
            standing,
            vetted,
        })
    }

    async fn plan_deploy(&self, account: &Account, looked: &Looked<'_>) -> Result<Planned, NoPlan> {
        let Looked {
            wanted,
            session,
            kind,
            ..
        } = looked;
        let rendered = &wanted.rendered;
        let change_set = Box::pin(self.change_set(session, wanted, *kind)).await?;
        let (operation, change_set_id) = match change_set.status {
            ChangeSetStatus::Ready => (
                looked.deploys(change_set.changes),
                Some(change_set.change_set_id),
            ),
            ChangeSetStatus::NoChanges => {
                session.delete_change_set(&change_set.change_set_id).await?;
                (Operation::Nothing, None)
            }
            ChangeSetStatus::Failed { reason } => {
                return Err(refused(
                    FailureKind::Aws,
                    format!(
                        "AWS could not make the change set for {}: {reason}",
                        rendered.stack_name
                    ),
                ));
            }
            ChangeSetStatus::Pending => {
                return Err(NoPlan::Later(format!(
                    "AWS is still making the change set for {}.",
                    rendered.stack_name
                )));
            }
            ChangeSetStatus::Deleted => {
                return Err(NoPlan::Later(format!(
                    "AWS is deleting an earlier change set of {}.",
                    rendered.stack_name
                )));
            }
        };
        // A create makes a stack under review, whose state is part of the binding.
        let live = session.describe_stack(&rendered.stack_name).await?;
        let after = if operation == Operation::Nothing {
            looked.before()
        } else {
            looked.after()
        };
        let binding = binding(change_set_id, live.as_ref());
        Ok(looked.planned(account, operation, binding, after))
    }

    /// The plan's change set for a stack: asked for, or found from an earlier try, and awaited.
    async fn change_set(
        &self,
        session: &PlanSession,
        wanted: &Wanted,
        kind: ChangeSetKind,
    ) -> Result<ChangeSet, NoPlan> {
        let rendered = &wanted.rendered;
        let nth = self
            .blueprint
            .manifest
            .stacks
            .iter()
            .position(|stack| stack.name == rendered.name);
        let request = ChangeSetRequest {
            stack: rendered.stack_name.clone(),
            name: ChangeSetName::of_plan(self.plan),
            kind,
            template: wanted.source.clone(),
            has_transform: !wanted.read.template.transforms.is_empty(),
            parameters: rendered.parameters.clone(),
            tags: rendered.tags.clone(),
            token: ClientToken::of_plan(
                self.plan,
                nth.and_then(|nth| u32::try_from(nth).ok())
                    .unwrap_or_default(),
            ),
        };
        let asked = match session.create_change_set(&request).await {
            Ok(asked) => asked,
            // A stack under review that takes no change set is of no use to anybody.
            Err(error)
                if kind == ChangeSetKind::Create
                    && matches!(
                        error.kind,
                        AwsErrorKind::AlreadyExists | AwsErrorKind::InvalidState
                    ) =>
            {
                return Err(NoPlan::Refused {
                    failure: Failure {
                        kind: FailureKind::StackState,
                        message: format!(
                            "Stack {} is under review and takes no new change set: {error}. It holds no resources: clean \
                             it up, then it can be planned anew.",
                            rendered.stack_name
                        ),
                        aws_code: error.code,
                        aws_request_id: error.request_id,
                    },
                    stuck: Some(Stuck::Abandoned),
                });
            }
            Err(error) => return Err(error.into()),
        };
        Boundary::PlanChangeSetAsked.pass();
        Ok(session
            .await_change_set(&asked.change_set_id, CHANGE_SET_PATIENCE)
            .await?)
    }

    async fn plan_delete(
        &self,
        account: &Account,
        session: &PlanSession,
        stack: &EnvironmentStack,
    ) -> Result<Planned, NoPlan> {
        let live = session.describe_stack(&stack.stack_name).await?;
        let (operation, before) = match &live {
            None => (Operation::Nothing, Access::default()),
            Some(live) => {
                let ours = self
                    .is_ours(session, live, &stack.name, &stack.stack_name)
                    .await?;
                let resources = session.resources(&live.stack_id).await?;
                let stuck = standing::stuck(session, live).await?;
                match standing::for_delete(&stack.stack_name, live, ours, stuck) {
                    Standing::Busy => return Err(busy(&stack.stack_name)),
                    Standing::Refused { failure, stuck } => {
                        return Err(NoPlan::Refused { failure, stuck });
                    }
                    Standing::ToCreate | Standing::ToUpdate => {}
                }
                let template = self
                    .live_template(session, live, &stack.region, &stack.stack_name)
                    .await?;
                if self.change.kind == ChangeKind::Decommission {
                    self.refuse_if_protected(&live.parameters)?;
                }
                let access = access_of(template.as_ref());
                (
                    Operation::Delete {
                        removals: removals(resources, template.as_ref().map(|read| &read.resolved)),
                    },
                    access,
                )
            }
        };
        Ok(Planned {
            reviewed: ReviewedStack {
                name: stack.name.clone(),
                account: account.id.clone(),
                region: stack.region.clone(),
                stack_name: stack.stack_name.clone(),
                operation,
                tags: live
                    .as_ref()
                    .map(|live| live.tags.clone())
                    .unwrap_or_default(),
            },
            binding: binding(None, live.as_ref()),
            before,
            after: Access::default(),
            over_vetted: None,
        })
    }

    /// The live stack's template with its parameters put in; none for a stack that has none yet.
    async fn live_template(
        &self,
        session: &PlanSession,
        live: &LiveStack,
        region: &Region,
        stack_name: &StackName,
    ) -> Result<Option<Read>, NoPlan> {
        let Some(source) = session.template(live).await? else {
            return Ok(None);
        };
        // Named so that nobody looks for the mistake in the blueprint.
        let file = format!("the live template of {stack_name}");
        let template = parse(&file, &source)
            .map_err(|error| refused(FailureKind::Template, error.to_string()))?;
        // AWS lists parameters that it fills in from SSM with their names, as they were given.
        let context = self.context(region, stack_name, &live.parameters);
        let read = Read::new(template, context);
        read.map(Some)
            .map_err(|words| refused(FailureKind::Template, words))
    }

    /// Asking for a decommission is refused already while a parameter protects the environment; a
    /// deployment may have turned it on since.
    fn refuse_if_protected(&self, values: &BTreeMap<String, String>) -> Result<(), NoPlan> {
        let protecting = self
            .blueprint
            .manifest
            .parameters
            .iter()
            .find(|(name, parameter)| {
                parameter.protects && values.get(*name).is_some_and(|value| value == "true")
            });
        match protecting {
            // An environment in which nothing ever ran has nothing to protect.
            Some((name, parameter)) if self.environment.release.is_some() => Err(refused(
                FailureKind::StackState,
                format!(
                    "{} ({name}) is on for {}, so it can't be decommissioned. Ask for an update that turns it off, and \
                     decommission once that has been deployed.",
                    parameter.label,
                    environment_name(&self.change)
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Puts the stacks together into a plan.
    fn whole(
        &self,
        planned: Vec<Planned>,
        Compared { access, baseline }: Compared,
        mut found: Vec<Finding>,
        in_force: &[WaiverInForce],
    ) -> Result<Plan, JobError> {
        let (stacks, bindings): (Vec<_>, Vec<_>) = planned
            .into_iter()
            .map(|one| (one.reviewed, one.binding))
            .unzip();
        if self.change.kind != ChangeKind::Decommission {
            // Security's word for a version is no waiver, so for a new environment all that it opens is looked at.
            let against_live = match &baseline {
                Baseline::Vetted { whole } => whole,
                Baseline::Live => &access,
            };
            found.extend(access_findings(against_live, &stacks));
        }
        let reviewed = Reviewed {
            kind: self.change.kind,
            environment: environment_name(&self.change),
            stage: self.change.stage,
            blueprint: self.blueprint.name.clone(),
            blueprint_version: self.blueprint.version.clone(),
            blueprint_digest: self.blueprint.digest.clone(),
            stacks,
            access,
            baseline,
            findings: reviewed(found, in_force),
            rule_version: RULE_VERSION,
        };
        let digest = review_digest(&reviewed).map_err(|error| {
            JobError::Inconsistent(format!("the plan can't be digested: {error}"))
        })?;
        Ok(Plan {
            id: self.plan,
            reviewed,
            digest,
            binding: Binding { stacks: bindings },
        })
    }

    /// Saves the plan, with what follows from it, and the end of the job, in one transaction.
    async fn save(&self, plan: Plan) -> Result<Ended, JobError> {
        self.delete_superseded(&plan).await?;
        Boundary::PlanWhole.pass();
        let run = self.run;
        let (mut transaction, change) = run.begin().await?;
        if !is_planning(&change, plan.id) {
            return run.finish(transaction).await;
        }
        let in_force = store::waiver::in_force(&mut transaction, change.environment).await?;
        let findings = &plan.reviewed.findings;
        let unblocked = unblocked(&plan.digest, findings, &in_force);
        if unblocked.is_ok() && lacks_change_set(&plan) {
            // What stopped it has been waived meanwhile, so there is to be a change set after all.
            return Ok(Ended::Later {
                delay: Duration::ZERO,
                because: "A waiver was granted meanwhile.".to_owned(),
            });
        }
        store::plan::insert(&mut transaction, change.id, &plan).await?;
        for (stack, binding) in plan.reviewed.stacks.iter().zip(&plan.binding.stacks) {
            let name = &stack.name;
            store::environment::set_stack_id(
                &mut transaction,
                change.environment,
                name,
                binding.stack_id.as_deref(),
            )
            .await?;
        }
        for voided in
            store::decision::void_other_than(&mut transaction, change.id, &plan.digest).await?
        {
            let detail = json!({ "approved_by": voided.by, "digest": voided.digest, "plan": plan.id, "now": plan.digest });
            let reason = "The plan changed after it was approved.".to_owned();
            run.audit(
                &mut transaction,
                &change,
                Action::ApprovalVoided,
                Some(reason),
                detail,
            )
            .await?;
        }
        let nothing = plan
            .reviewed
            .stacks
            .iter()
            .all(|stack| stack.operation == Operation::Nothing);
        let asked = run.means.configuration.rules.ask(Case::of(&plan.reviewed));
        let approvals =
            store::decision::standing_approvals(&mut transaction, change.id, &plan.digest).await?;
        let count = asked.count(&plan.digest, &change.requester, &approvals);
        let detail = json!({
            "plan": plan.id, "digest": plan.digest, "nothing_to_do": nothing, "asked": asked,
            "compared_with": plan.reviewed.compared_with(),
        });
        run.audit(
            &mut transaction,
            &change,
            Action::ChangePlanned,
            None,
            detail,
        )
        .await?;
        let waits_for = match &unblocked {
            Ok(_) => count.missing(),
            Err(stopping) => {
                let reason = why_blocked(stopping);
                let keys: Vec<_> = stopping.iter().map(|finding| &finding.key).collect();
                let detail = json!({ "plan": plan.id, "digest": plan.digest, "findings": keys });
                run.audit(
                    &mut transaction,
                    &change,
                    Action::ChangeBlocked,
                    Some(reason),
                    detail,
                )
                .await?;
                BTreeSet::new()
            }
        };
        store::change::set_waits_for(&mut transaction, change.id, &waits_for).await?;
        let state = change.state.clone();
        let state = match (unblocked, count.met()) {
            (Err(_), _) => state.planned_as_blocked(plan.id),
            (Ok(_), _) if nothing => {
                match (change.kind, change.release) {
                    (ChangeKind::Decommission, _) => {
                        store::environment::set_decommissioned(
                            &mut transaction,
                            change.environment,
                        )
                        .await?;
                    }
                    (_, Some(release)) => {
                        store::environment::set_live(&mut transaction, change.environment, release)
                            .await?;
                    }
                    (_, None) => {}
                }
                state.found_nothing_to_do(plan.id)
            }
            (Ok(unblocked), Some(met)) => {
                let deployment = DeploymentId(Uuid::now_v7());
                store::deployment::insert(
                    &mut transaction,
                    deployment,
                    change.id,
                    plan.id,
                    approvals.last().map(|approval| &approval.by),
                )
                .await?;
                run.enqueue(
                    &mut transaction,
                    JobKind::Deploy,
                    &change,
                    json!({ "deployment": deployment }),
                )
                .await?;
                if asked.of.is_empty() {
                    let rules = asked.rules.join(", ");
                    let reason = format!("No approval is asked for, by rule: {rules}.");
                    let detail = json!({ "plan": plan.id, "digest": plan.digest });
                    run.audit(
                        &mut transaction,
                        &change,
                        Action::NoApprovalAsked,
                        Some(reason),
                        detail,
                    )
                    .await?;
                }
                state.planned_as_approved(plan.id, &met, &unblocked, deployment)
            }
            (Ok(unblocked), None) => state.planned(plan.id, plan.digest.clone(), &unblocked),
        };
        let state = state.map_err(|error| JobError::Inconsistent(error.to_string()))?;
        store::change::save_state(&mut transaction, change.id, &state).await?;
        let ended = run.finish(transaction).await?;
        Boundary::PlanSaved.pass();
        Ok(ended)
    }

    /// Deletes the change sets of earlier plans of this change, so that nothing but what is on show
    /// can ever be executed.
    async fn delete_superseded(&self, plan: &Plan) -> Result<(), JobError> {
        let earlier = self.earlier();
        if earlier.is_empty() {
            return Ok(());
        }
        let Some(account) = self.run.account(&self.environment.account) else {
            return Ok(());
        };
        for stack in &plan.reviewed.stacks {
            let session = self
                .run
                .plan_session(account, &stack.region, &self.change)
                .await?;
            delete_change_sets(&session, &stack.stack_name, &earlier).await?;
        }
        Ok(())
    }

    fn earlier(&self) -> Vec<PlanId> {
        self.begun
            .iter()
            .copied()
            .filter(|begun| *begun != self.plan)
            .collect()
    }

    /// Records that there is no plan, after taking away what the try left at AWS.
    async fn refuse(&self, failure: Failure, stuck: Option<Stuck>) -> Result<Ended, JobError> {
        // What is left where a role is shut is looked for again when the change is closed.
        let taken = match failure.kind {
            FailureKind::Role | FailureKind::ForeignStack => Taken::default(),
            _ => self.run.take_away(&self.change, stuck.is_none()).await?,
        };
        let (mut transaction, change) = self.run.begin().await?;
        taken.forget_stacks(&mut transaction, &change).await?;
        record_failure(
            self.run,
            &mut transaction,
            change,
            self.plan,
            failure,
            stuck,
        )
        .await?;
        let ended = self.run.finish(transaction).await?;
        Boundary::PlanSaved.pass();
        Ok(ended)
    }
}

/// Whether a stack is to be deployed that no change set was made for.
fn lacks_change_set(plan: &Plan) -> bool {
    let stacks = plan.reviewed.stacks.iter().zip(&plan.binding.stacks);
    stacks.into_iter().any(|(stack, binding)| {
        matches!(stack.operation, Operation::Deploy { .. }) && binding.change_set_id.is_none()
    })
}

/// `It is stopped by: Queues are encrypted (Orders).`
fn why_blocked(stopping: &[&Finding]) -> String {
    let each: Vec<_> = stopping
        .iter()
        .map(|finding| match finding.key.resource.as_str() {
            "" => finding.title.clone(),
            resource => format!("{} ({resource})", finding.title),
        })
        .collect();
    format!("It is stopped by: {}.", each.join("; "))
}

fn access_of(read: Option<&Read>) -> Access {
    read.map(|read| Access::read(&read.resolved))
        .unwrap_or_default()
}

fn busy(stack: &StackName) -> NoPlan {
    NoPlan::Later(format!(
        "CloudFormation is still at work on stack {stack}; planning goes on when it is done."
    ))
}

/// AWS lists changes in no fixed order, and the digest must not depend on it.
fn sorted(mut changes: Vec<domain::stack::ResourceChange>) -> Vec<domain::stack::ResourceChange> {
    changes.sort_by(|a, b| (&a.logical_id, a.action).cmp(&(&b.logical_id, b.action)));
    changes
}

fn binding(change_set_id: Option<String>, live: Option<&LiveStack>) -> StackBinding {
    StackBinding {
        change_set_id,
        stack_id: live.map(|live| live.stack_id.clone()),
        status: live.map(|live| live.status.0.clone()),
        changed_at: live.map(|live| live.changed_at),
    }
}
