//! The way to AWS: configured once from the process environment, opens sessions in target accounts.
use super::call::{Operation, call};
use super::error::AwsError;
use super::role::{Acting, Role};
use super::session::{ExecuteSession, PlanSession, Session};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use domain::account::Account;
use domain::names::Region;
use std::time::Duration;

/// Where STS answers in every account, when the environment names no region.
const REGION_BY_DEFAULT: &str = "us-east-1";

/// How long to wait for AWS and how often to ask again when it throttles, fails or is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Tries of one call, the first included.
    pub attempts: u32,
    /// Longest pause before the second try; it doubles, and chance shortens it.
    pub first_pause: Duration,
    /// Longest pause before any try.
    pub longest_pause: Duration,
    /// For a connection.
    pub connect: Duration,
    /// For one try.
    pub attempt: Duration,
    /// For a call with all its tries.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(8),
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(15),
            whole: Duration::from_secs(60),
        }
    }
}

/// The way to AWS, with Gatehouse's own credentials, which can do nothing but assume roles.
#[derive(Clone, Debug)]
pub struct Gateway {
    base: SdkConfig,
}

impl Gateway {
    /// Reads the SDK's usual environment: `AWS_REGION`, `AWS_ENDPOINT_URL`, credentials from
    /// variables, profile, container or instance (AWS SDKs and Tools Reference Guide). Makes no call.
    pub async fn from_environment() -> Self {
        Self::from_loader(
            aws_config::defaults(BehaviorVersion::latest()),
            Patience::default(),
        )
        .await
    }

    /// A gateway to an AWS that is not AWS's own, with the given access key.
    pub async fn to_endpoint(
        endpoint: &str,
        access_key_id: &str,
        secret_access_key: &str,
        patience: Patience,
    ) -> Self {
        let credentials = aws_sdk_sts::config::Credentials::new(
            access_key_id,
            secret_access_key,
            None,
            None,
            "given",
        );
        Self::from_loader(
            aws_config::defaults(BehaviorVersion::latest())
                .endpoint_url(endpoint)
                .credentials_provider(credentials),
            patience,
        )
        .await
    }

    async fn from_loader(loader: aws_config::ConfigLoader, patience: Patience) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(patience.attempts)
            .with_initial_backoff(patience.first_pause)
            .with_max_backoff(patience.longest_pause);
        let timeout = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.attempt)
            .operation_timeout(patience.whole)
            .build();
        let base = loader
            .retry_config(retry)
            .timeout_config(timeout)
            .load()
            .await;
        let region = base
            .region()
            .cloned()
            .unwrap_or_else(|| aws_config::Region::from_static(REGION_BY_DEFAULT));
        Self {
            base: base.into_builder().region(region).build(),
        }
    }

    /// Assumes the account's plan role. Errors if it can't be assumed.
    pub async fn plan_session(
        &self,
        account: &Account,
        region: &Region,
        acting: &Acting,
    ) -> Result<PlanSession, AwsError> {
        let role = Role::of_change(account, &account.plan_role, acting);
        Session::open(&self.base, account, region, role).await
    }

    /// Assumes the account's execute role. Errors if it can't be assumed.
    pub async fn execute_session(
        &self,
        account: &Account,
        region: &Region,
        acting: &Acting,
    ) -> Result<ExecuteSession, AwsError> {
        let role = Role::of_change(account, &account.execute_role, acting);
        Session::open(&self.base, account, region, role).await
    }

    /// Whether the role can be assumed with this ExternalId, which need not be the configured one.
    pub async fn try_role(
        &self,
        account: &Account,
        role_arn: &str,
        external_id: &str,
    ) -> Result<(), AwsError> {
        Role::of_trial(account, role_arn, external_id)
            .assume(&self.base, &account.region)
            .await
            .map(|_| ())
    }

    /// The ARN of the principal that Gatehouse itself is.
    pub async fn caller(&self) -> Result<String, AwsError> {
        let request = aws_sdk_sts::Client::new(&self.base)
            .get_caller_identity()
            .send();
        let answer = call(Operation::GetCallerIdentity, "", "", Box::pin(request)).await?;
        Ok(answer.arn.unwrap_or_default())
    }
}
