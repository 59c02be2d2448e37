//! Change sets: asked for, awaited, read back whole, deleted.
use super::call::Operation;
use super::error::{AwsError, AwsErrorKind};
use super::page::Pages;
use super::session::{Planning, Session};
use super::stack::{parameters, present, tags};
use super::token::ClientToken;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types;
use domain::names::{InvalidName, PlanId, StackName};
use domain::stack::{Replacement, ResourceAction, ResourceChange};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest template that a request carries itself, in bytes (CloudFormation User Guide,
/// "Quotas"). A longer one goes through the account's artifact bucket.
const INLINE_LIMIT: usize = 51_200;

/// What CloudFormation shows for a `NoEcho` value.
const MASKED: &str = "****";

/// The name of a change set, unique within its stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChangeSetName(String);

impl ChangeSetName {
    /// The name of the plan's change set, the same each time the step is repeated.
    pub fn of_plan(plan: PlanId) -> Self {
        Self(format!("gatehouse-{plan}"))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChangeSetName {
    type Err = InvalidName;

    fn from_str(value: &str) -> Result<Self, InvalidName> {
        let valid = value.len() <= 128
            && value.starts_with(|c: char| c.is_ascii_alphabetic())
            && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !valid {
            return Err(InvalidName {
                value: value.to_owned(),
                kind: "change set name",
                rule: "CloudFormation takes 1 to 128 letters, digits and hyphens, starting with a letter",
            });
        }
        Ok(Self(value.to_owned()))
    }
}

impl fmt::Display for ChangeSetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the change set makes a stack or changes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// Makes a stack, which stays in `REVIEW_IN_PROGRESS` until the set is executed.
    Create,
    /// Changes a stack.
    Update,
}

/// A change set to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// The stack.
    pub stack: StackName,
    /// The set's name.
    pub name: ChangeSetName,
    /// Create or update.
    pub kind: ChangeSetKind,
    /// The whole template. One that is too long for a request goes through the artifact bucket.
    pub template: String,
    /// Whether the template has a transform, which needs `CAPABILITY_AUTO_EXPAND`.
    pub has_transform: bool,
    /// Every parameter's value.
    pub parameters: BTreeMap<String, String>,
    /// Stack tags, at most 50.
    pub tags: BTreeMap<String, String>,
    /// Makes a repeated request the same request.
    pub token: ClientToken,
}

/// Where a change set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetRef {
    /// Its ARN.
    pub change_set_id: String,
    /// The ARN of its stack.
    pub stack_id: String,
}

/// How far AWS is with making a change set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeSetStatus {
    /// AWS is at work on it.
    Pending,
    /// Made; whether it can be executed is said by [`ChangeSetExecution`].
    Ready,
    /// AWS found nothing to change: a success that says so.
    NoChanges,
    /// AWS could not make it.
    Failed {
        /// AWS's own reason.
        reason: String,
    },
    /// Deleted, or being deleted.
    Deleted,
}

/// Whether a change set can be executed, or has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetExecution {
    /// Not now: not ready, or failed.
    Unavailable,
    /// Can be executed.
    Available,
    /// Is being executed.
    InProgress,
    /// Was executed, and the stack did what was asked.
    Complete,
    /// Was executed, and the stack failed or rolled back.
    Failed,
    /// The stack was changed since it was made.
    Obsolete,
}

/// A change set as AWS describes it, all pages together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its ARN.
    pub change_set_id: String,
    /// The ARN of its stack.
    pub stack_id: String,
    /// Its name.
    pub name: String,
    /// Whether it is made.
    pub status: ChangeSetStatus,
    /// Whether it can be executed.
    pub execution: ChangeSetExecution,
    /// What happens to each resource, in AWS's order.
    pub changes: Vec<ResourceChange>,
    /// Parameters, defaults included; `NoEcho` values come masked.
    pub parameters: BTreeMap<String, String>,
    /// Stack tags.
    pub tags: BTreeMap<String, String>,
}

impl Session<Planning> {
    /// Asks for a change set, with the account's service role. A set of that name that is already
    /// there is taken if it says the same (an earlier try got through) and is an error of kind
    /// [`AwsErrorKind::AlreadyExists`] otherwise; so is a stack that exists when one is to be made.
    pub async fn create_change_set(
        &self,
        request: &ChangeSetRequest,
    ) -> Result<ChangeSetRef, AwsError> {
        let mut call_builder = self
            .cloudformation()
            .await?
            .create_change_set()
            .stack_name(request.stack.as_str())
            .change_set_name(request.name.as_str())
            .change_set_type(match request.kind {
                ChangeSetKind::Create => types::ChangeSetType::Create,
                ChangeSetKind::Update => types::ChangeSetType::Update,
            })
            .role_arn(&self.account.service_role)
            .client_token(request.token.as_str())
            .include_nested_stacks(false)
            .capabilities(types::Capability::CapabilityNamedIam)
            .set_parameters(Some(
                request
                    .parameters
                    .iter()
                    .map(|(key, value)| {
                        types::Parameter::builder()
                            .parameter_key(key)
                            .parameter_value(value)
                            .build()
                    })
                    .collect(),
            ))
            .set_tags(Some(
                request
                    .tags
                    .iter()
                    .map(|(key, value)| types::Tag::builder().key(key).value(value).build())
                    .collect(),
            ));
        if request.has_transform {
            call_builder = call_builder.capabilities(types::Capability::CapabilityAutoExpand);
        }
        call_builder = if request.template.len() > INLINE_LIMIT {
            call_builder.template_url(self.put_template(&request.template).await?)
        } else {
            call_builder.template_body(&request.template)
        };
        let answer = self
            .call(
                Operation::CreateChangeSet,
                request.stack.as_str(),
                Box::pin(call_builder.send()),
            )
            .await;
        match answer {
            Ok(made) => match (made.id, made.stack_id) {
                (Some(change_set_id), Some(stack_id)) => Ok(ChangeSetRef {
                    change_set_id,
                    stack_id,
                }),
                _ => Err(AwsError::found(
                    Operation::CreateChangeSet,
                    AwsErrorKind::Other,
                    "AWS gave no id for the change set",
                )),
            },
            Err(error) if error.kind == AwsErrorKind::AlreadyExists => {
                self.existing_change_set(request, error).await
            }
            Err(error) => Err(error),
        }
    }

    /// The set that is already there, if it is the one that was asked for.
    async fn existing_change_set(
        &self,
        request: &ChangeSetRequest,
        refusal: AwsError,
    ) -> Result<ChangeSetRef, AwsError> {
        let existing = match self
            .read_change_set(request.name.as_str(), Some(request.stack.as_str()))
            .await
        {
            Ok(existing) => existing,
            // It is the stack that exists, not the set.
            Err(error) if error.kind == AwsErrorKind::NotFound => return Err(refusal),
            Err(error) => return Err(error),
        };
        let template = self.change_set_template(&existing.change_set_id).await?;
        let difference = difference(request, &existing, &template);
        if let Some(difference) = difference {
            return Err(AwsError {
                message: format!(
                    "a change set {} exists on stack {} with {difference}",
                    request.name, request.stack
                ),
                ..refusal
            });
        }
        Ok(ChangeSetRef {
            change_set_id: existing.change_set_id,
            stack_id: existing.stack_id,
        })
    }
}

/// What makes an existing change set another than the one asked for. Parameters it has beyond those
/// asked for are defaults of the template, which is the same.
fn difference(
    request: &ChangeSetRequest,
    existing: &ChangeSet,
    template: &str,
) -> Option<&'static str> {
    let same_parameters = request.parameters.iter().all(|(key, value)| {
        existing
            .parameters
            .get(key)
            .is_some_and(|found| found == value || found == MASKED)
    });
    if existing.name != request.name.as_str() {
        Some("another name")
    } else if existing.status == ChangeSetStatus::Deleted {
        Some("that name, which is being deleted")
    } else if !same_text(&request.template, template) {
        Some("another template")
    } else if !same_parameters {
        Some("other parameters")
    } else if request.tags != existing.tags {
        Some("other tags")
    } else {
        None
    }
}

/// XML on the way brings line ends into one form and may drop white space at the end.
fn same_text(one: &str, other: &str) -> bool {
    one.trim_end().lines().eq(other.trim_end().lines())
}

impl<R> Session<R> {
    /// The change set as it is now, all pages. An error of kind [`AwsErrorKind::NotFound`] if there
    /// is none, or none any more: a set that was executed is kept by AWS for a while only.
    pub async fn describe_change_set(&self, change_set_id: &str) -> Result<ChangeSet, AwsError> {
        self.read_change_set(change_set_id, None).await
    }

    /// The change set of that name on that stack; errors like [`Session::describe_change_set`].
    pub async fn find_change_set(
        &self,
        stack: &StackName,
        name: &ChangeSetName,
    ) -> Result<ChangeSet, AwsError> {
        self.read_change_set(name.as_str(), Some(stack.as_str()))
            .await
    }

    /// Asks again, ever less often, until AWS has made the change set or `patience` is over; a set
    /// that is still [`ChangeSetStatus::Pending`] then is returned as such.
    pub async fn await_change_set(
        &self,
        change_set_id: &str,
        patience: Duration,
    ) -> Result<ChangeSet, AwsError> {
        let give_up_at = tokio::time::Instant::now() + patience;
        let mut pause = Duration::from_millis(250);
        loop {
            let change_set = self.describe_change_set(change_set_id).await?;
            let over = tokio::time::Instant::now() + pause > give_up_at;
            if change_set.status != ChangeSetStatus::Pending || over {
                return Ok(change_set);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// The template that the change set carries, as it was sent.
    pub async fn change_set_template(&self, change_set_id: &str) -> Result<String, AwsError> {
        let request = self
            .cloudformation()
            .await?
            .get_template()
            .change_set_name(change_set_id)
            .template_stage(types::TemplateStage::Original)
            .send();
        let answer = self
            .call(Operation::GetTemplate, change_set_id, Box::pin(request))
            .await?;
        Ok(answer.template_body.unwrap_or_default())
    }

    /// Deletes the change set, so that it can't be executed any more. One that is gone is fine.
    /// A stack that was only under review for it stays and has to be deleted by itself.
    pub async fn delete_change_set(&self, change_set_id: &str) -> Result<(), AwsError> {
        let request = self
            .cloudformation()
            .await?
            .delete_change_set()
            .change_set_name(change_set_id)
            .send();
        match self
            .call(Operation::DeleteChangeSet, change_set_id, Box::pin(request))
            .await
        {
            Err(error) if error.kind != AwsErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn read_change_set(
        &self,
        name_or_id: &str,
        stack: Option<&str>,
    ) -> Result<ChangeSet, AwsError> {
        let client = self.cloudformation().await?;
        let mut described: Option<ChangeSet> = None;
        let mut pages = Pages::of(Operation::DescribeChangeSet);
        loop {
            let request = client
                .describe_change_set()
                .change_set_name(name_or_id)
                .set_stack_name(stack.map(str::to_owned))
                .set_next_token(pages.token())
                .send();
            let page = self
                .call(
                    Operation::DescribeChangeSet,
                    stack.unwrap_or(name_or_id),
                    Box::pin(request),
                )
                .await?;
            let more = pages.turn(page.next_token())?;
            match &mut described {
                None => described = Some(change_set(page)),
                Some(so_far) => so_far.changes.extend(resource_changes(&page)),
            }
            if !more {
                break;
            }
        }
        described.ok_or_else(|| {
            AwsError::found(
                Operation::DescribeChangeSet,
                AwsErrorKind::NotFound,
                "AWS described no change set",
            )
        })
    }
}

fn change_set(page: DescribeChangeSetOutput) -> ChangeSet {
    let changes = resource_changes(&page);
    ChangeSet {
        status: status(&page),
        execution: execution(page.execution_status.as_ref()),
        changes,
        change_set_id: page.change_set_id.unwrap_or_default(),
        stack_id: page.stack_id.unwrap_or_default(),
        name: page.change_set_name.unwrap_or_default(),
        parameters: parameters(page.parameters.unwrap_or_default()),
        tags: tags(page.tags.unwrap_or_default()),
    }
}

fn status(page: &DescribeChangeSetOutput) -> ChangeSetStatus {
    use types::ChangeSetStatus as Aws;
    let reason = page.status_reason().unwrap_or_default();
    match page.status() {
        Some(Aws::CreateComplete) => ChangeSetStatus::Ready,
        Some(Aws::Failed) if says_no_changes(reason) => ChangeSetStatus::NoChanges,
        Some(Aws::Failed) => ChangeSetStatus::Failed {
            reason: reason.to_owned(),
        },
        Some(
            Aws::DeletePending | Aws::DeleteInProgress | Aws::DeleteComplete | Aws::DeleteFailed,
        ) => ChangeSetStatus::Deleted,
        _ => ChangeSetStatus::Pending,
    }
}

/// CloudFormation says "nothing to change" by failing the set with one of these sentences, which
/// its own command line (`aws cloudformation deploy`) looks for too.
fn says_no_changes(reason: &str) -> bool {
    reason.contains("The submitted information didn't contain changes")
        || reason.contains("No updates are to be performed")
}

fn execution(status: Option<&types::ExecutionStatus>) -> ChangeSetExecution {
    use types::ExecutionStatus as Aws;
    match status {
        Some(Aws::Available) => ChangeSetExecution::Available,
        Some(Aws::ExecuteInProgress) => ChangeSetExecution::InProgress,
        Some(Aws::ExecuteComplete) => ChangeSetExecution::Complete,
        Some(Aws::ExecuteFailed) => ChangeSetExecution::Failed,
        Some(Aws::Obsolete) => ChangeSetExecution::Obsolete,
        _ => ChangeSetExecution::Unavailable,
    }
}

fn resource_changes(page: &DescribeChangeSetOutput) -> Vec<ResourceChange> {
    page.changes()
        .iter()
        .filter_map(types::Change::resource_change)
        .map(resource_change)
        .collect()
}

fn resource_change(change: &types::ResourceChange) -> ResourceChange {
    let action = match change.action() {
        Some(types::ChangeAction::Add) => ResourceAction::Add,
        Some(types::ChangeAction::Modify) => ResourceAction::Modify,
        Some(types::ChangeAction::Remove) => ResourceAction::Remove,
        Some(types::ChangeAction::Import) => ResourceAction::Import,
        _ => ResourceAction::Dynamic,
    };
    let replacement = match (change.replacement(), action) {
        (Some(types::Replacement::True), _) => Replacement::Yes,
        (Some(types::Replacement::False), _) => Replacement::No,
        (Some(_), _) | (None, ResourceAction::Modify | ResourceAction::Dynamic) => {
            Replacement::Conditional
        }
        (None, _) => Replacement::No,
    };
    let mut changed: Vec<String> = change.details().iter().filter_map(changed).collect();
    changed.sort();
    changed.dedup();
    ResourceChange {
        action,
        logical_id: change.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: present(change.physical_resource_id()),
        resource_type: change.resource_type().unwrap_or_default().to_owned(),
        replacement,
        changed,
        policy_action: change
            .policy_action()
            .map(|policy| policy.as_str().to_owned()),
    }
}

/// The property's name, or the attribute (`Tags`, `Metadata`, …) when it isn't a property.
fn changed(detail: &types::ResourceChangeDetail) -> Option<String> {
    let target = detail.target()?;
    present(target.name()).or_else(|| {
        target
            .attribute()
            .map(|attribute| attribute.as_str().to_owned())
    })
}
