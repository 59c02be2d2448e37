//! Stacks as they stand: status, parameters, outputs, template, resources.
use super::call::Operation;
use super::error::{AwsError, AwsErrorKind};
use super::page::Pages;
use super::session::Session;
use aws_sdk_cloudformation::primitives::DateTime as AwsDateTime;
use aws_sdk_cloudformation::types;
use chrono::{DateTime, Utc};
use domain::names::StackName;
use domain::stack::{LiveResource, LiveStack, StackStatus};
use std::collections::BTreeMap;

impl<R> Session<R> {
    /// The stack of that name; `None` if there is none. A deleted stack has no name any more and is
    /// found by its id only.
    pub async fn describe_stack(&self, stack: &StackName) -> Result<Option<LiveStack>, AwsError> {
        self.read_stack(stack.as_str()).await
    }

    /// The stack with that ARN, also when it is deleted (for 90 days); `None` if AWS knows of none.
    pub async fn describe_stack_by_id(
        &self,
        stack_id: &str,
    ) -> Result<Option<LiveStack>, AwsError> {
        self.read_stack(stack_id).await
    }

    /// The stack's template as it was sent, before transforms; `None` for a stack that is only
    /// under review and has none yet.
    pub async fn template(&self, stack: &LiveStack) -> Result<Option<String>, AwsError> {
        if stack.status.0 == "REVIEW_IN_PROGRESS" {
            return Ok(None);
        }
        let request = self
            .cloudformation()
            .await?
            .get_template()
            .stack_name(&stack.stack_id)
            .template_stage(types::TemplateStage::Original)
            .send();
        let answer = self
            .call(Operation::GetTemplate, &stack.stack_id, Box::pin(request))
            .await?;
        Ok(answer.template_body)
    }

    /// Every resource of the stack, by its ARN, all pages. Those deleted are left out.
    pub async fn resources(&self, stack_id: &str) -> Result<Vec<LiveResource>, AwsError> {
        let client = self.cloudformation().await?;
        let mut resources = Vec::new();
        let mut pages = Pages::of(Operation::ListStackResources);
        loop {
            let request = client
                .list_stack_resources()
                .stack_name(stack_id)
                .set_next_token(pages.token())
                .send();
            let page = self
                .call(Operation::ListStackResources, stack_id, Box::pin(request))
                .await?;
            resources.extend(
                page.stack_resource_summaries()
                    .iter()
                    .filter(|resource| {
                        resource.resource_status() != Some(&types::ResourceStatus::DeleteComplete)
                    })
                    .map(live_resource),
            );
            if !pages.turn(page.next_token())? {
                return Ok(resources);
            }
        }
    }

    async fn read_stack(&self, name_or_id: &str) -> Result<Option<LiveStack>, AwsError> {
        let request = self
            .cloudformation()
            .await?
            .describe_stacks()
            .stack_name(name_or_id)
            .send();
        match self
            .call(Operation::DescribeStack, name_or_id, Box::pin(request))
            .await
        {
            Ok(answer) => Ok(answer
                .stacks
                .unwrap_or_default()
                .into_iter()
                .next()
                .map(live_stack)),
            Err(error) if error.kind == AwsErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn live_stack(stack: types::Stack) -> LiveStack {
    let changed_at = stack
        .last_updated_time
        .or(stack.creation_time)
        .map(time)
        .unwrap_or_default();
    LiveStack {
        stack_id: stack.stack_id.unwrap_or_default(),
        status: StackStatus(
            stack
                .stack_status
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
        ),
        status_reason: stack
            .stack_status_reason
            .filter(|reason| !reason.is_empty()),
        changed_at,
        parameters: parameters(stack.parameters.unwrap_or_default()),
        tags: tags(stack.tags.unwrap_or_default()),
        outputs: stack
            .outputs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|output| {
                Some((output.output_key?, output.output_value.unwrap_or_default()))
            })
            .collect(),
        termination_protection: stack.enable_termination_protection.unwrap_or_default(),
    }
}

fn live_resource(resource: &types::StackResourceSummary) -> LiveResource {
    LiveResource {
        logical_id: resource
            .logical_resource_id()
            .unwrap_or_default()
            .to_owned(),
        physical_id: resource
            .physical_resource_id()
            .unwrap_or_default()
            .to_owned(),
        resource_type: resource.resource_type().unwrap_or_default().to_owned(),
        status: resource
            .resource_status()
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
    }
}

pub(super) fn parameters(parameters: Vec<types::Parameter>) -> BTreeMap<String, String> {
    parameters
        .into_iter()
        .filter_map(|parameter| {
            Some((
                parameter.parameter_key?,
                parameter.parameter_value.unwrap_or_default(),
            ))
        })
        .collect()
}

pub(super) fn tags(tags: Vec<types::Tag>) -> BTreeMap<String, String> {
    tags.into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

pub(super) fn time(at: AwsDateTime) -> DateTime<Utc> {
    DateTime::from_timestamp(at.secs(), at.subsec_nanos()).unwrap_or_default()
}

/// AWS leaves out what there isn't; an empty text means the same.
pub(super) fn present(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
