//! One change, whole: what it would do, who decides, what happened.
use super::decide::of_no_use;
use super::refusal::target;
use super::rows::change_row;
use super::stop::cancel_view;
use super::words::{deployment_status, destination, moment, resource_tone, sentence, took};
use super::{PortalService, known, unavailable};
use crate::authz::Act;
use crate::configuration::Configuration;
use crate::store::audit::Recorded;
use crate::store::change::Change;
use crate::store::decision::Decided;
use crate::store::deployment::Deployment;
use crate::store::{self, Connection, StoreError};
use app::api::AppError;
use app::api::views::*;
use chrono::{DateTime, Utc};
use domain::access::AccessReview;
use domain::audit::{Action, Actor};
use domain::blueprint::Manifest;
use domain::change::{
    Approval, Asked, Baseline, Case, ChangeKind, ChangeState, Count, Decision, Failure,
    FailureKind, Group, Operation, Plan, Repair, ReviewedStack, Stuck, may_decide, proven_lately,
};
use domain::names::{ChangeNumber, DraftId, Subject};
use domain::person::Principal;
use domain::stack::{Replacement, ResourceAction, ResourceChange, StackEvent};
use std::collections::{BTreeMap, BTreeSet};

impl PortalService {
    pub(super) async fn show_change(
        &self,
        who: &Principal,
        number: ChangeNumber,
        draft: Option<DraftId>,
    ) -> Result<(ChangePage, Option<PlanView>), AppError> {
        let (typed, problems) = self.draft(who, draft).await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let change = store::change::by_number(&mut connection, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| AppError::NotFound {
                what: number.to_string(),
            })?;
        self.may_see(who, &change.team, &number.to_string()).await?;
        let (mut page, plan) = self
            .assemble(&mut connection, who, change)
            .await
            .map_err(unavailable)?;
        page.problems = problems;
        page.typed = typed.get("comment").cloned().unwrap_or_default();
        Ok((page, plan))
    }

    async fn assemble(
        &self,
        connection: &mut Connection,
        who: &Principal,
        change: Change,
    ) -> Result<(ChangePage, Option<PlanView>), StoreError> {
        let now = self.now();
        let plan = store::plan::latest_of(connection, change.id).await?;
        let decisions = store::decision::of_change(connection, change.id).await?;
        let comments = store::comment::of_change(connection, change.id).await?;
        let history = store::audit::of_change(connection, change.number).await?;
        let deployment = store::deployment::latest_of(connection, change.id).await?;
        let manifest = self.manifest(connection, &change).await?;
        let in_force = parameters_in_force(connection, &change).await?;
        let trouble = store::job::last_error_of(connection, change.id).await?;
        let changed_since = match &plan {
            Some((plan, _)) => changed_since_approval(connection, plan, &decisions).await?,
            None => Vec::new(),
        };
        let deployment = match deployment {
            Some(deployment) => Some(
                deployment_view(
                    connection,
                    &deployment,
                    &change,
                    plan.as_ref(),
                    manifest.as_ref(),
                    now,
                )
                .await?,
            ),
            None => None,
        };
        let plan = plan.filter(|_| is_on_show(&change)).map(|(plan, _)| plan);
        let holds = self.holds_of(connection, &change, now).await?;
        let digest = plan.as_ref().map(|plan| plan.digest.to_string());
        let count = plan
            .as_ref()
            .map(|plan| self.count(&change, plan, &decisions));
        let asked = match &count {
            Some(counted) => Some(
                asked_view(
                    connection,
                    &self.configuration,
                    &change,
                    counted,
                    &decisions,
                    now,
                )
                .await?,
            ),
            None => None,
        };
        let review = ReviewBox {
            asked,
            ..self.review_box(
                who,
                &change,
                digest.as_deref(),
                count.as_ref(),
                &decisions,
                now,
            )
        };
        let shown = match &plan {
            Some(plan) => {
                let findings = &plan.reviewed.findings;
                let findings = self
                    .finding_views(connection, who, &change, findings)
                    .await?;
                Some(plan_view(plan, &in_force, changed_since, findings))
            }
            None => None,
        };
        let page = ChangePage {
            row: change_row(&change, now),
            kind: change.kind,
            reason: change.reason.clone(),
            release: change.release_number.map(|number| number.to_string()),
            blueprint: manifest.map(|manifest| (manifest.title, manifest.version)),
            destination: destination(&change.account, &change.region),
            digest,
            failure: self.failure_view(who, &change, trouble),
            holds,
            review,
            deployment,
            discussion: discussion(&decisions, comments, now),
            timeline: history
                .iter()
                .filter_map(|entry| step(entry, now))
                .collect(),
            problems: Vec::new(),
            typed: String::new(),
            state: change.state,
        };
        Ok((page, shown))
    }

    async fn manifest(
        &self,
        connection: &mut Connection,
        change: &Change,
    ) -> Result<Option<Manifest>, StoreError> {
        let release = match change.release {
            Some(release) => Some(release),
            None => store::environment::get(connection, change.environment)
                .await?
                .and_then(|environment| environment.release),
        };
        let Some(release) = release else {
            return Ok(None);
        };
        let Some(release) = store::release::get(connection, release).await? else {
            return Ok(None);
        };
        Ok(store::blueprint::get(connection, &release.blueprint_digest)
            .await?
            .map(|version| version.manifest))
    }

    fn review_box(
        &self,
        who: &Principal,
        change: &Change,
        digest: Option<&str>,
        count: Option<&(Asked, Count)>,
        decisions: &[Decided],
        now: DateTime<Utc>,
    ) -> ReviewBox {
        let on = target(change);
        let allowed = |act| self.would_allow(who, act, &on).is_ok();
        let waiting = matches!(change.state, ChangeState::Waiting { .. });
        let decision = self.authorizer.decide(who, Act::DecideOn, &on);
        let refused_because = if !decision.allowed {
            Some(
                may_decide(
                    &who.subject,
                    &who.grants,
                    &change.requester,
                    &change.team,
                    change.stage,
                )
                .err()
                .map_or(decision.why, |why| sentence(&why.to_string())),
            )
        } else if waiting {
            None
        } else {
            Some(format!("{} {}.", change.number, change.state.words()))
        };
        let approval_refused_because = count
            .filter(|_| waiting)
            .and_then(|(asked, count)| no_more_use(who, change, asked, count, decisions));
        let proven = proven_lately(change.stage, who.authenticated_at, now);
        let stale = proven
            .err()
            .filter(|_| waiting && refused_because.is_none() && approval_refused_because.is_none());
        let open_to_withdrawal = change
            .state
            .clone()
            .close(domain::change::Closing::Withdrawn)
            .is_ok();
        let may_plan_again = matches!(
            change.state,
            ChangeState::PlanFailed { .. }
                | ChangeState::Blocked { .. }
                | ChangeState::Waiting { .. }
        );
        ReviewBox {
            asked: None,
            given: decisions
                .iter()
                .filter(|decided| digest == Some(decided.digest.as_str()))
                .map(|decided| GivenDecision {
                    person: named(&decided.by, &decided.by_name),
                    words: past(decided.decision).to_owned(),
                    at: moment(decided.at, now),
                    voided: decided.voided_at.is_some(),
                })
                .collect(),
            waiting,
            refused_because,
            sign_in_again_because: stale.map(|why| sentence(&why.to_string())),
            approval_refused_because,
            may_withdraw: open_to_withdrawal && allowed(Act::Withdraw),
            may_plan_again: may_plan_again && allowed(Act::PlanAgain),
            cancel: cancel_view(change).filter(|_| allowed(Act::Cancel)),
            may_comment: allowed(Act::Comment),
        }
    }

    /// What the rules ask for a plan, and how far its approvals go.
    fn count(&self, change: &Change, plan: &Plan, decisions: &[Decided]) -> (Asked, Count) {
        let asked = self.configuration.rules.ask(Case::of(&plan.reviewed));
        let count = asked.count(&plan.digest, &change.requester, &standing(decisions));
        (asked, count)
    }

    fn failure_view(
        &self,
        who: &Principal,
        change: &Change,
        trouble: Option<(String, DateTime<Utc>)>,
    ) -> Option<FailureView> {
        let refused = self.would_allow(who, Act::Repair, &target(change)).err();
        match &change.state {
            ChangeState::PlanFailed { failure, stuck }
            | ChangeState::Failed { failure, stuck, .. } => Some(FailureView {
                title: failure_title(failure).to_owned(),
                message: failure.message.clone(),
                aws: aws_words(failure),
                repairs: stuck
                    .as_ref()
                    .map(|stuck| repairs(stuck, refused))
                    .unwrap_or_default(),
            }),
            state if state.is_moving() => trouble.map(|(message, _)| FailureView {
                title: "This takes longer than it should; Gatehouse keeps trying".to_owned(),
                message,
                aws: None,
                repairs: Vec::new(),
            }),
            _ => None,
        }
    }
}

/// The approvals that have not fallen away.
fn standing(decisions: &[Decided]) -> Vec<Approval> {
    decisions
        .iter()
        .filter(|decided| decided.decision == Decision::Approve && decided.voided_at.is_none())
        .map(|decided| Approval {
            by: decided.by.clone(),
            digest: decided.digest.clone(),
            groups: decided.groups.clone(),
        })
        .collect()
}

/// Why an approval of this person would not bring the change on, if so.
fn no_more_use(
    who: &Principal,
    change: &Change,
    asked: &Asked,
    count: &Count,
    decisions: &[Decided],
) -> Option<String> {
    let approval = Approval {
        by: who.subject.clone(),
        digest: count.digest().clone(),
        groups: Group::of(&who.grants, &change.team, change.stage),
    };
    let refused = asked
        .count_with(&change.requester, &standing(decisions), approval)
        .err()?;
    Some(of_no_use(&refused, &change.team))
}

/// People of a group that are named before the rest is counted.
const NAMED: usize = 5;

async fn asked_view(
    connection: &mut Connection,
    configuration: &Configuration,
    change: &Change,
    (asked, count): &(Asked, Count),
    decisions: &[Decided],
    now: DateTime<Utc>,
) -> Result<AskedView, StoreError> {
    let approvals = standing(decisions);
    let answered = |subject: &Subject| {
        let this = |approval: &&Approval| approval.digest == *count.digest();
        approvals
            .iter()
            .filter(this)
            .any(|approval| approval.by == *subject)
    };
    let mut groups = Vec::new();
    for (group, asks) in &asked.of {
        let places = count.places().iter().filter(|place| place.group == *group);
        let (filled, open): (Vec<_>, Vec<_>) = places.partition(|place| place.by.is_some());
        let mut can_answer = Vec::new();
        if !open.is_empty() {
            let place = (&change.team, change.stage);
            can_answer = known::members(connection, configuration, *group, place, now).await?;
            can_answer.retain(|(subject, _)| *subject != change.requester && !answered(subject));
        }
        let approved_by = filled.iter().filter_map(|place| place.by.as_ref());
        groups.push(AskedGroup {
            words: group.words(*asks, &change.team),
            approved_by: approved_by
                .map(|subject| named(subject, name_of(subject, decisions)))
                .collect(),
            missing: open.len(),
            more: can_answer.len().saturating_sub(NAMED),
            can_answer: can_answer
                .iter()
                .take(NAMED)
                .map(|(subject, name)| named(subject, name))
                .collect(),
        });
    }
    Ok(AskedView {
        words: format!("It takes {}.", asked.words(&change.team)),
        rules: asked.rules.clone(),
        groups,
    })
}

fn name_of<'d>(subject: &Subject, decisions: &'d [Decided]) -> &'d str {
    let given = decisions.iter().find(|decided| decided.by == *subject);
    given.map_or("", |decided| &decided.by_name)
}

/// Whether the latest plan is on show: while the next one is made, there is none.
pub(super) fn is_on_show(change: &Change) -> bool {
    !matches!(change.state, ChangeState::Planning { .. })
}

fn named(subject: &Subject, name: &str) -> PersonName {
    PersonName {
        subject: subject.to_string(),
        name: name.to_owned(),
    }
}

fn past(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::AskForChanges => "asked for changes",
        Decision::Reject => "rejected",
    }
}

/// Parameters by stack.
type ParametersInForce = BTreeMap<String, BTreeMap<String, String>>;

/// How many changes back the one that made the live release is looked for.
const CHANGES_BACK: u32 = 50;

/// The parameters that each stack of the environment was last given, as the plan that made its release put them
/// together; empty once this change's own release is in force, since nothing would differ any more.
async fn parameters_in_force(
    connection: &mut Connection,
    change: &Change,
) -> Result<ParametersInForce, StoreError> {
    let environment = store::environment::get(connection, change.environment).await?;
    let Some(release) = environment.and_then(|environment| environment.release) else {
        return Ok(BTreeMap::new());
    };
    if change.release == Some(release) {
        return Ok(BTreeMap::new());
    }
    let made_by = store::change::of_environment(connection, change.environment, CHANGES_BACK)
        .await?
        .into_iter()
        .find(|earlier| earlier.release == Some(release));
    let Some(made_by) = made_by else {
        return Ok(BTreeMap::new());
    };
    let plan = store::plan::latest_of(connection, made_by.id).await?;
    let stacks = plan.into_iter().flat_map(|(plan, _)| plan.reviewed.stacks);
    Ok(stacks
        .filter_map(|stack| match stack.operation {
            Operation::Deploy { parameters, .. } => Some((stack.name, parameters)),
            _ => None,
        })
        .collect())
}

fn plan_view(
    plan: &Plan,
    in_force: &ParametersInForce,
    changed_since_approval: Vec<String>,
    findings: Vec<FindingView>,
) -> PlanView {
    let mut named = named_in(&plan.reviewed.access);
    if let Baseline::Vetted { whole } = &plan.reviewed.baseline {
        named.extend(named_in(whole));
    }
    PlanView {
        stacks: plan
            .reviewed
            .stacks
            .iter()
            .map(|stack| stack_view(stack, in_force, &named))
            .collect(),
        findings,
        access: plan.reviewed.access.clone(),
        compared_with: plan.reviewed.compared_with(),
        whole: match &plan.reviewed.baseline {
            Baseline::Vetted { whole } => Some(whole.clone()),
            Baseline::Live => None,
        },
        changed_since_approval,
    }
}

/// What a review of access names that may be a resource of a template.
fn named_in(access: &AccessReview) -> BTreeSet<&str> {
    let subjects = access.iam.subjects.iter();
    let subjects = subjects.map(|subject| (&subject.id, &subject.lines));
    let groups = access.network.groups.iter();
    let groups = groups.map(|group| (&group.id, &group.lines));
    subjects
        .chain(groups)
        .flat_map(|(id, lines)| {
            let lines = [&lines.added, &lines.removed, &lines.unchanged];
            let sources = lines.into_iter().flatten().map(|line| &line.source);
            sources.chain([id])
        })
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Logical ids are letters and digits (CloudFormation User Guide, "Resources").
fn is_logical_id(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn stack_view(
    stack: &ReviewedStack,
    in_force: &ParametersInForce,
    named: &BTreeSet<&str>,
) -> StackView {
    let mut view = StackView {
        name: stack.name.clone(),
        stack_name: stack.stack_name.to_string(),
        destination: destination(&stack.account, &stack.region),
        operation: "unchanged".to_owned(),
        groups: Vec::new(),
        removals: Vec::new(),
        parameters: Vec::new(),
        template_lines: None,
        shows: BTreeSet::new(),
        counts: [0; 4],
    };
    match &stack.operation {
        Operation::Nothing => {}
        Operation::Deploy {
            creates,
            template,
            parameters,
            changes,
        } => {
            view.operation = if *creates { "creates" } else { "updates" }.to_owned();
            view.groups = grouped(changes);
            view.counts = counts(changes);
            view.parameters = parameter_changes(parameters, in_force.get(&stack.name));
            view.template_lines = Some(template.lines().count());
            // Names of a companion's resources begin with its name (`domain::access::Access::merge`).
            let prefix = match stack.name.as_str() {
                "main" => String::new(),
                companion => format!("{companion}/"),
            };
            view.shows = named
                .iter()
                .filter(|name| {
                    let resource = name.strip_prefix(&prefix);
                    resource.is_some_and(|id| is_logical_id(id) && template.contains(id))
                })
                .map(|name| (*name).to_owned())
                .collect();
        }
        Operation::Delete { removals } => {
            view.operation = "deletes".to_owned();
            view.counts = [0, 0, 0, removals.len() as u32];
            view.removals.clone_from(removals);
        }
    }
    view
}

fn counts(changes: &[ResourceChange]) -> [u32; 4] {
    let count = |wanted: fn(&ResourceChange) -> bool| {
        changes.iter().filter(|change| wanted(change)).count() as u32
    };
    [
        count(|change| matches!(change.action, ResourceAction::Add | ResourceAction::Import)),
        count(|change| {
            change.action == ResourceAction::Modify && change.replacement == Replacement::No
        }),
        count(|change| {
            change.action == ResourceAction::Modify && change.replacement != Replacement::No
        }),
        count(|change| change.action == ResourceAction::Remove),
    ]
}

/// What a resource type touches, in the order that reviewers read: access first.
const GROUPS: [(&str, &[&str]); 6] = [
    (
        "Access",
        &[
            "AWS::IAM::",
            "AWS::Lambda::Permission",
            "AWS::S3::BucketPolicy",
            "AWS::SQS::QueuePolicy",
            "AWS::SNS::TopicPolicy",
            "AWS::KMS::",
            "AWS::Events::EventBusPolicy",
            "AWS::SecretsManager::ResourcePolicy",
            "AWS::Cognito::",
            "AWS::SSO::",
        ],
    ),
    (
        "Network",
        &[
            "AWS::EC2::",
            "AWS::ElasticLoadBalancingV2::",
            "AWS::WAFv2::",
            "AWS::CloudFront::",
            "AWS::Route53",
        ],
    ),
    (
        "Data",
        &[
            "AWS::DynamoDB::",
            "AWS::RDS::",
            "AWS::S3::",
            "AWS::ElastiCache::",
            "AWS::EFS::",
            "AWS::Backup::",
            "AWS::SecretsManager::",
        ],
    ),
    (
        "Compute and interfaces",
        &[
            "AWS::Lambda::",
            "AWS::ApiGateway",
            "AWS::ECS::",
            "AWS::EKS::",
            "AWS::AutoScaling::",
            "AWS::ApplicationAutoScaling::",
        ],
    ),
    (
        "Messages and events",
        &[
            "AWS::Events::",
            "AWS::SQS::",
            "AWS::SNS::",
            "AWS::Kinesis",
            "AWS::StepFunctions::",
        ],
    ),
    (
        "Monitoring",
        &[
            "AWS::CloudWatch::",
            "AWS::Logs::",
            "AWS::XRay::",
            "AWS::Budgets::",
        ],
    ),
];

fn grouped(changes: &[ResourceChange]) -> Vec<ResourceGroup> {
    let tags = GROUPS.len() + 1;
    let place = |change: &ResourceChange| {
        if change.touches_only_tags() {
            return tags;
        }
        let security_group = change.resource_type.starts_with("AWS::EC2::SecurityGroup");
        if security_group {
            return 0;
        }
        GROUPS
            .iter()
            .position(|(_, prefixes)| {
                prefixes
                    .iter()
                    .any(|prefix| change.resource_type.starts_with(prefix))
            })
            .unwrap_or(GROUPS.len())
    };
    (0..=tags)
        .map(|index| ResourceGroup {
            title: match GROUPS.get(index) {
                Some((title, _)) => title,
                None if index == tags => "Only tags change",
                None => "Other",
            }
            .to_owned(),
            folded: index == tags,
            changes: changes
                .iter()
                .filter(|change| place(change) == index)
                .cloned()
                .collect(),
        })
        .filter(|group| !group.changes.is_empty())
        .collect()
}

fn parameter_changes(
    to_come: &BTreeMap<String, String>,
    in_force: Option<&BTreeMap<String, String>>,
) -> Vec<ParameterChange> {
    to_come
        .iter()
        .map(|(name, value)| ParameterChange {
            name: name.clone(),
            before: in_force.and_then(|values| values.get(name)).cloned(),
            after: Some(value.clone()),
        })
        .collect()
}

/// What differs between the plan on show and the one that the latest voided approval named.
async fn changed_since_approval(
    connection: &mut Connection,
    plan: &Plan,
    decisions: &[Decided],
) -> Result<Vec<String>, StoreError> {
    let voided = decisions
        .iter()
        .rev()
        .find(|decided| decided.voided_at.is_some() && decided.decision == Decision::Approve);
    let Some(voided) = voided else {
        return Ok(Vec::new());
    };
    let Some((earlier, _)) = store::plan::get(connection, voided.plan).await? else {
        return Ok(Vec::new());
    };
    Ok(differences(&earlier, plan))
}

fn differences(earlier: &Plan, later: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (&earlier.reviewed, &later.reviewed);
    if before.blueprint_digest != after.blueprint_digest {
        found.push(format!(
            "The blueprint is {} now; it was {}.",
            after.blueprint_version, before.blueprint_version
        ));
    }
    if before.compared_with() != after.compared_with() {
        found.push(format!(
            "Its access is compared with {} now; it was compared with {}.",
            after.compared_with(),
            before.compared_with()
        ));
    }
    if before.access != after.access {
        found.push("What it does to access is different.".to_owned());
    }
    if before.findings != after.findings {
        found.push("What guardrails found, or what is waived of it, is different.".to_owned());
    }
    for stack in &after.stacks {
        match before.stacks.iter().find(|other| other.name == stack.name) {
            None => found.push(format!(
                "The stack {} is new in the plan.",
                stack.stack_name
            )),
            Some(other) => found.extend(stack_differences(other, stack)),
        }
    }
    found
}

fn stack_differences(before: &ReviewedStack, after: &ReviewedStack) -> Vec<String> {
    let mut found = Vec::new();
    let name = &after.stack_name;
    if (&before.account, &before.region) != (&after.account, &after.region) {
        found.push(format!("{name} goes to another account or region."));
    }
    match (&before.operation, &after.operation) {
        (
            Operation::Deploy {
                template: old_template,
                parameters: old_parameters,
                changes: old_changes,
                ..
            },
            Operation::Deploy {
                template,
                parameters,
                changes,
                ..
            },
        ) => {
            if old_template != template {
                found.push(format!("The template of {name} is different."));
            }
            for (key, value) in parameters {
                if old_parameters.get(key) != Some(value) {
                    found.push(format!("{key} of {name} is {value} now."));
                }
            }
            let touched =
                |changes: &[ResourceChange]| -> BTreeSet<(String, ResourceAction, Replacement)> {
                    changes
                        .iter()
                        .map(|change| {
                            (change.logical_id.clone(), change.action, change.replacement)
                        })
                        .collect()
                };
            let (old, new) = (touched(old_changes), touched(changes));
            for (logical_id, action, _) in new.difference(&old) {
                found.push(format!(
                    "{name} now does this too: {action:?} {logical_id}."
                ));
            }
            for (logical_id, action, _) in old.difference(&new) {
                found.push(format!(
                    "{name} no longer does this: {action:?} {logical_id}."
                ));
            }
        }
        (old, new) if old != new => found.push(format!("What happens to {name} is different.")),
        _ => {}
    }
    found
}

fn failure_title(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::Template => "The template can't be used",
        FailureKind::Role => "Gatehouse can't work in this account",
        FailureKind::ForeignStack => "A stack of this name exists outside Gatehouse",
        FailureKind::StackState => "The stack is in a state that takes no change",
        FailureKind::Aws => "AWS refused",
        FailureKind::AwsUnavailable => "AWS did not answer for too long",
        FailureKind::RolledBack => "A resource failed, and CloudFormation rolled back",
        FailureKind::Stopped => "It was stopped",
    }
}

fn aws_words(failure: &Failure) -> Option<String> {
    match (&failure.aws_code, &failure.aws_request_id) {
        (Some(code), Some(request)) => Some(format!("{code} · AWS request {request}")),
        (Some(code), None) => Some(code.clone()),
        (None, Some(request)) => Some(format!("AWS request {request}")),
        (None, None) => None,
    }
}

/// The ways out of a dead end, most careful first.
fn repairs(stuck: &Stuck, refused_because: Option<String>) -> Vec<RepairView> {
    let view =
        |repair, label: &str, explanation: &str, confirmation: &str, resources: &[String]| {
            RepairView {
                repair,
                label: label.to_owned(),
                explanation: explanation.to_owned(),
                confirmation: confirmation.to_owned(),
                resources: resources.to_vec(),
                refused_because: refused_because.clone(),
            }
        };
    match stuck {
        Stuck::Dead { status } => vec![view(
            Repair::DeleteDeadStack,
            "Delete the dead stack",
            &format!(
                "The stack is {status}. CloudFormation takes no change set for it any more; it can \
                 only be deleted. Afterwards the change is planned again, or another can be asked for."
            ),
            "Delete this stack and whatever is left in it",
            &[],
        )],
        Stuck::Abandoned => vec![view(
            Repair::CleanUp,
            "Clean up the empty stack",
            "The stack is REVIEW_IN_PROGRESS: a change set was made for it and never ran, so it \
             holds nothing.",
            "Delete this empty stack",
            &[],
        )],
        Stuck::RollbackFailed { resources } => vec![view(
            Repair::ContinueRollback { skip: Vec::new() },
            "Continue the rollback",
            "An update failed and CloudFormation could not roll it back. Mend what AWS names, then \
             continue. A resource that is skipped stays as it is, and CloudFormation counts it as \
             rolled back.",
            "Continue the rollback, skipping only what is ticked",
            resources,
        )],
        Stuck::DeleteFailed { resources } => vec![view(
            Repair::DeleteRetaining { retain: Vec::new() },
            "Delete the rest",
            "Some resources could not be deleted. Mend what AWS names and delete again, or keep \
             some: a kept resource stays in the account and belongs to no stack any more.",
            "Delete the stack, keeping only what is ticked",
            resources,
        )],
    }
}

async fn deployment_view(
    connection: &mut Connection,
    deployment: &Deployment,
    change: &Change,
    plan: Option<&(Plan, DateTime<Utc>)>,
    manifest: Option<&Manifest>,
    now: DateTime<Utc>,
) -> Result<DeploymentView, StoreError> {
    let events = store::stack_event::of_deployment(connection, deployment.id).await?;
    let stacks = store::environment::stacks(connection, change.environment).await?;
    let own: BTreeSet<String> = stacks
        .iter()
        .map(|stack| stack.stack_name.to_string())
        .collect();
    let resources = latest_by_resource(&events, &own);
    let planned = plan.map_or(0, |(plan, _)| planned_resources(plan));
    let finished = resources
        .iter()
        .filter(|resource| !resource.status.ends_with("_IN_PROGRESS"))
        .count() as u32;
    let total = planned.max(resources.len() as u32);
    let succeeded = deployment.state == store::deployment::DeploymentState::Succeeded;
    let outputs = stacks
        .iter()
        .filter(|_| succeeded && change.kind != ChangeKind::Decommission)
        .flat_map(|stack| output_views(&stack.outputs, manifest))
        .collect();
    Ok(DeploymentView {
        status: deployment_status(deployment.state),
        started: deployment.started_at.map(|at| moment(at, now)),
        took: deployment
            .started_at
            .map(|started| took(deployment.ended_at.unwrap_or(now) - started)),
        resources,
        progress: (finished, total),
        events: events
            .iter()
            .map(|(_, event)| EventView {
                at: moment(event.at, now),
                logical_id: event.logical_id.clone(),
                resource_type: event.resource_type.clone(),
                status: event.status.clone(),
                reason: event.reason.clone(),
            })
            .collect(),
        outputs,
    })
}

fn planned_resources(plan: &Plan) -> u32 {
    plan.reviewed
        .stacks
        .iter()
        .map(|stack| match &stack.operation {
            Operation::Deploy { changes, .. } => changes.len() as u32,
            Operation::Delete { removals } => removals.len() as u32,
            Operation::Nothing => 0,
        })
        .sum()
}

/// Each resource with its latest status, in the order they were started. A failure's reason stays
/// beside its resource, also after the resource was rolled back.
fn latest_by_resource(
    events: &[(String, StackEvent)],
    own: &BTreeSet<String>,
) -> Vec<ResourceProgress> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut latest: BTreeMap<(&str, &str), ResourceProgress> = BTreeMap::new();
    for (stack, event) in events {
        let is_stack =
            event.resource_type == "AWS::CloudFormation::Stack" && own.contains(&event.logical_id);
        if is_stack {
            continue;
        }
        let key = (stack.as_str(), event.logical_id.as_str());
        let reason = event
            .status
            .ends_with("_FAILED")
            .then(|| event.reason.clone())
            .flatten();
        let progress = latest.entry(key).or_insert_with(|| {
            order.push(key);
            ResourceProgress {
                logical_id: event.logical_id.clone(),
                resource_type: event.resource_type.clone(),
                status: String::new(),
                tone: Tone::Wait,
                reason: None,
            }
        });
        progress.status.clone_from(&event.status);
        progress.reason = progress.reason.take().or(reason);
        progress.tone = if progress.reason.is_some() {
            Tone::Grow
        } else {
            resource_tone(&event.status)
        };
    }
    order.iter().filter_map(|key| latest.remove(key)).collect()
}

/// Outputs with what the manifest says of them.
pub(super) fn output_views(
    outputs: &BTreeMap<String, String>,
    manifest: Option<&Manifest>,
) -> Vec<OutputView> {
    outputs
        .iter()
        .map(|(key, value)| {
            let described = manifest.and_then(|manifest| manifest.outputs.get(key));
            OutputView {
                key: key.clone(),
                label: described.map_or_else(|| key.clone(), |output| output.label.clone()),
                description: described
                    .map(|output| output.description.clone())
                    .unwrap_or_default(),
                value: value.clone(),
            }
        })
        .collect()
}

fn discussion(
    decisions: &[Decided],
    comments: Vec<store::comment::Comment>,
    now: DateTime<Utc>,
) -> Vec<Remark> {
    let decided = decisions.iter().map(|decided| {
        (
            decided.at,
            Remark {
                person: named(&decided.by, &decided.by_name),
                words: past(decided.decision).to_owned(),
                body: decided.comment.clone(),
                at: moment(decided.at, now),
            },
        )
    });
    let commented = comments.into_iter().map(|comment| {
        (
            comment.at,
            Remark {
                person: named(&comment.by, &comment.by_name),
                words: "commented".to_owned(),
                body: comment.body,
                at: moment(comment.at, now),
            },
        )
    });
    let mut all: Vec<_> = decided.chain(commented).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, remark)| remark).collect()
}

/// One step of the way, in words. Refusals are for the history, not for this page.
fn step(recorded: &Recorded, now: DateTime<Utc>) -> Option<TimelineEntry> {
    let left_behind = recorded.entry.detail["left_behind"]
        .as_array()
        .is_some_and(|reasons| !reasons.is_empty());
    let what = match recorded.entry.action {
        Action::ChangeAsked => "Asked",
        Action::PromotionAsked => "Promotion asked for",
        Action::RollbackAsked => "Rollback asked for",
        Action::ChangePlanned => "Planned",
        Action::ChangeBlocked => "Stopped by a finding",
        Action::WaiverAsked => "A waiver was asked for",
        Action::WaiverGranted => "A waiver was granted",
        Action::WaiverRefused => "A waiver was refused",
        Action::WaiverEnded => "A waiver was ended",
        Action::PlanFailed => "No plan could be made",
        Action::PlanAgain => "Planned again",
        Action::Approved => "Approved",
        Action::ApprovalVoided => "An approval fell away: the plan has changed",
        Action::Rejected => "Rejected",
        Action::ChangesRequested => "Changes asked for",
        Action::Withdrawn => "Withdrawn",
        Action::Cancelled => "Cancelled",
        Action::Closed if left_behind => "Closed, but something of it is left at AWS",
        Action::Closed => "Closed: nothing of it is left at AWS",
        Action::Cleared if left_behind => "Something of it could not be deleted at AWS",
        Action::Cleared => "Cleared up: no change set of it is left at AWS",
        Action::NoApprovalAsked => "No approval asked for",
        Action::ApprovalsMissing => "Sent back: the rules ask for more approvals now",
        Action::RepairConfirmed => "Repair confirmed",
        Action::Repaired => "Repaired",
        Action::DeploymentStarted => "Deployment started",
        Action::StopAsked => "Stop asked for",
        Action::DeploymentSucceeded => "Deployment succeeded",
        Action::DeploymentFailed => "Deployment failed",
        _ => return None,
    };
    let words = match (&recorded.entry.actor, &recorded.actor_name) {
        (Actor::Person { .. }, Some(name)) => format!("{what} by {name}"),
        _ => what.to_owned(),
    };
    Some(TimelineEntry {
        words,
        at: moment(recorded.at, now),
    })
}
