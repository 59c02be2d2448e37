//! What a deployment asks of a stack: execute, cancel, continue, delete. Each request carries a token,
//! and one that AWS has already taken is not an error.
use super::call::Operation;
use super::error::{AwsError, AwsErrorKind};
use super::session::{Executing, Session};
use super::token::ClientToken;
use aws_sdk_cloudformation::types::DeletionMode;
use std::time::Duration;

/// When to look for the event of a request that may just have been taken.
const EVENTS_MAY_LAG: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_millis(1_500),
];

impl Session<Executing> {
    /// Executes the change set. If AWS refuses because the set was executed or is gone, the stack's
    /// events say whether it ran under this very token.
    pub async fn execute_change_set(
        &self,
        change_set_id: &str,
        stack_id: &str,
        token: &ClientToken,
    ) -> Result<(), AwsError> {
        let request = self
            .cloudformation()
            .await?
            .execute_change_set()
            .change_set_name(change_set_id)
            // A role's policy speaks of stacks: of a set that is gone, its ARN alone names none.
            .stack_name(stack_id)
            .client_request_token(token.as_str())
            .send();
        let answer = self
            .call(
                Operation::ExecuteChangeSet,
                change_set_id,
                Box::pin(request),
            )
            .await;
        self.accepted(answer.map(drop), stack_id, token).await
    }

    /// Asks for the running update to be cancelled; the stack rolls back. Can't stop a create, for
    /// which the stack has to be deleted: kind [`AwsErrorKind::InvalidState`] then.
    pub async fn cancel_update(&self, stack_id: &str, token: &ClientToken) -> Result<(), AwsError> {
        let request = self
            .cloudformation()
            .await?
            .cancel_update_stack()
            .stack_name(stack_id)
            .client_request_token(token.as_str())
            .send();
        let answer = self
            .call(Operation::CancelUpdateStack, stack_id, Box::pin(request))
            .await;
        self.accepted(answer.map(drop), stack_id, token).await
    }

    /// Continues a rollback that failed (`UPDATE_ROLLBACK_FAILED`), leaving the named resources as
    /// they are. Works with the account's service role.
    pub async fn continue_rollback(
        &self,
        stack_id: &str,
        skip: &[String],
        token: &ClientToken,
    ) -> Result<(), AwsError> {
        let request = self
            .cloudformation()
            .await?
            .continue_update_rollback()
            .stack_name(stack_id)
            .role_arn(&self.account().service_role)
            .set_resources_to_skip((!skip.is_empty()).then(|| skip.to_vec()))
            .client_request_token(token.as_str())
            .send();
        let answer = self
            .call(
                Operation::ContinueUpdateRollback,
                stack_id,
                Box::pin(request),
            )
            .await;
        self.accepted(answer.map(drop), stack_id, token).await
    }

    /// Deletes the stack. `retain` names resources to leave behind, which AWS takes for a stack in
    /// `DELETE_FAILED` only. A stack that is already deleted is fine. Works with the account's
    /// service role.
    pub async fn delete_stack(
        &self,
        stack_id: &str,
        retain: &[String],
        token: &ClientToken,
    ) -> Result<(), AwsError> {
        let request = self
            .cloudformation()
            .await?
            .delete_stack()
            .stack_name(stack_id)
            .role_arn(&self.account().service_role)
            .deletion_mode(DeletionMode::Standard)
            .set_retain_resources((!retain.is_empty()).then(|| retain.to_vec()))
            .client_request_token(token.as_str())
            .send();
        let answer = self
            .call(Operation::DeleteStack, stack_id, Box::pin(request))
            .await;
        self.accepted(answer.map(drop), stack_id, token).await
    }

    /// A refusal that only says that the state is no longer the one before the request may be the
    /// trace of an earlier try that got through.
    async fn accepted(
        &self,
        answer: Result<(), AwsError>,
        stack_id: &str,
        token: &ClientToken,
    ) -> Result<(), AwsError> {
        let refusal = match answer {
            Ok(()) => return Ok(()),
            Err(error) if error.token_was_seen() => return Ok(()),
            Err(error) => error,
        };
        if !matches!(
            refusal.kind,
            AwsErrorKind::InvalidState | AwsErrorKind::NotFound
        ) {
            return Err(refusal);
        }
        for pause in EVENTS_MAY_LAG {
            tokio::time::sleep(pause).await;
            match self.has_event_with_token(stack_id, token).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind == AwsErrorKind::NotFound => break,
                Err(error) => return Err(error),
            }
        }
        Err(refusal)
    }
}
