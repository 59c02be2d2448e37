//! One call to AWS: its name, its tracing span, its metric, its error.
use super::error::AwsError;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use std::future::Future;
use std::pin::Pin;
use tracing::Instrument;

/// What Gatehouse asks of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// STS `AssumeRole`.
    AssumeRole,
    /// STS `GetCallerIdentity`.
    GetCallerIdentity,
    /// S3 `PutObject`.
    PutTemplate,
    /// CloudFormation `DescribeStacks`.
    DescribeStack,
    /// CloudFormation `GetTemplate`.
    GetTemplate,
    /// CloudFormation `ListStackResources`.
    ListStackResources,
    /// CloudFormation `DescribeStackEvents`.
    DescribeStackEvents,
    /// CloudFormation `CreateChangeSet`.
    CreateChangeSet,
    /// CloudFormation `DescribeChangeSet`.
    DescribeChangeSet,
    /// CloudFormation `DeleteChangeSet`.
    DeleteChangeSet,
    /// CloudFormation `ExecuteChangeSet`.
    ExecuteChangeSet,
    /// CloudFormation `CancelUpdateStack`.
    CancelUpdateStack,
    /// CloudFormation `ContinueUpdateRollback`.
    ContinueUpdateRollback,
    /// CloudFormation `DeleteStack`.
    DeleteStack,
}

impl Operation {
    /// Its name in traces and metrics, for example `cloudformation.execute_change_set`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::AssumeRole => "sts.assume_role",
            Operation::GetCallerIdentity => "sts.get_caller_identity",
            Operation::PutTemplate => "s3.put_object",
            Operation::DescribeStack => "cloudformation.describe_stacks",
            Operation::GetTemplate => "cloudformation.get_template",
            Operation::ListStackResources => "cloudformation.list_stack_resources",
            Operation::DescribeStackEvents => "cloudformation.describe_stack_events",
            Operation::CreateChangeSet => "cloudformation.create_change_set",
            Operation::DescribeChangeSet => "cloudformation.describe_change_set",
            Operation::DeleteChangeSet => "cloudformation.delete_change_set",
            Operation::ExecuteChangeSet => "cloudformation.execute_change_set",
            Operation::CancelUpdateStack => "cloudformation.cancel_update_stack",
            Operation::ContinueUpdateRollback => "cloudformation.continue_update_rollback",
            Operation::DeleteStack => "cloudformation.delete_stack",
        }
    }

    /// What it does, in words that follow “AWS was asked to”.
    pub fn words(self) -> &'static str {
        match self {
            Operation::AssumeRole => "assume the role",
            Operation::GetCallerIdentity => "say who Gatehouse is",
            Operation::PutTemplate => "store the template in the artifact bucket",
            Operation::DescribeStack => "describe the stack",
            Operation::GetTemplate => "give the template",
            Operation::ListStackResources => "list the stack's resources",
            Operation::DescribeStackEvents => "give the stack's events",
            Operation::CreateChangeSet => "create the change set",
            Operation::DescribeChangeSet => "describe the change set",
            Operation::DeleteChangeSet => "delete the change set",
            Operation::ExecuteChangeSet => "execute the change set",
            Operation::CancelUpdateStack => "cancel the update",
            Operation::ContinueUpdateRollback => "continue the rollback",
            Operation::DeleteStack => "delete the stack",
        }
    }
}

/// Awaits one call under a span named `aws.<operation>` and counts it in
/// `gatehouse_aws_calls_total`. `subject` is the stack, the role or the bucket.
///
/// The SDK's futures take tens of kilobytes each: on the heap they don't add up on the stack of
/// whoever awaits them.
pub(super) async fn call<T, E>(
    operation: Operation,
    account: &str,
    subject: &str,
    request: Pin<Box<impl Future<Output = Result<T, SdkError<E>>>>>,
) -> Result<T, AwsError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let span = tracing::info_span!(
        "aws",
        otel.name = format!("aws.{}", operation.name()),
        operation = operation.name(),
        account,
        subject,
    );
    async {
        let result = request
            .await
            .map_err(|error| AwsError::new(operation, error));
        let outcome = match &result {
            Ok(_) => "ok",
            Err(error) => {
                tracing::debug!(
                    code = error.code.as_deref(),
                    request_id = error.request_id.as_deref(),
                    message = error.message,
                    "AWS refused"
                );
                error.kind.name()
            }
        };
        metrics::counter!(
            "gatehouse_aws_calls_total",
            "operation" => operation.name(),
            "outcome" => outcome,
        )
        .increment(1);
        result
    }
    .instrument(span)
    .await
}
