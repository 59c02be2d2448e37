//! A session: one assumed role in one account and region, for one job.
use super::call::{Operation, call};
use super::error::AwsError;
use super::role::Role;
use aws_sdk_cloudformation::config::retry::RetryPartition;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::config::Credentials;
use domain::account::Account;
use domain::names::Region;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// Credentials with less left than this are renewed before a call.
const RENEWED_BEFORE_EXPIRY: Duration = Duration::from_secs(300);

/// The plan role: creates and reads change sets.
#[derive(Clone, Copy, Debug)]
pub struct Planning;

/// The execute role: executes, cancels, continues and deletes.
#[derive(Clone, Copy, Debug)]
pub struct Executing;

/// A session with an account's plan role.
pub type PlanSession = Session<Planning>;
/// A session with an account's execute role.
pub type ExecuteSession = Session<Executing>;

/// One assumed role in one account and region. What both roles may do is there for both; the rest
/// depends on `R`. Lives for a job; renews its credentials when a long one outlasts them.
#[derive(Clone, Debug)]
pub struct Session<R> {
    base: aws_config::SdkConfig,
    pub(super) account: Account,
    pub(super) region: Region,
    role: Role,
    current: Arc<Mutex<Current>>,
    may: PhantomData<R>,
}

#[derive(Clone, Debug)]
struct Current {
    credentials: Credentials,
    cloudformation: aws_sdk_cloudformation::Client,
}

impl<R> Session<R> {
    pub(super) async fn open(
        base: &aws_config::SdkConfig,
        account: &Account,
        region: &Region,
        role: Role,
    ) -> Result<Self, AwsError> {
        let credentials = role.assume(base, region).await?;
        let current = Current::new(base, account, region, credentials);
        Ok(Self {
            base: base.clone(),
            account: account.clone(),
            region: region.clone(),
            role,
            current: Arc::new(Mutex::new(current)),
            may: PhantomData,
        })
    }

    /// The account it acts in.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The region it acts in.
    pub fn region(&self) -> &Region {
        &self.region
    }

    pub(super) async fn cloudformation(&self) -> Result<aws_sdk_cloudformation::Client, AwsError> {
        Ok(self.current().await?.cloudformation)
    }

    /// A client in the artifact bucket's region, which is the account's home region.
    pub(super) async fn s3(&self) -> Result<aws_sdk_s3::Client, AwsError> {
        let credentials = self.current().await?.credentials;
        let config = aws_sdk_s3::config::Builder::from(&self.base)
            .region(aws_sdk_s3::config::Region::new(
                self.account.region.to_string(),
            ))
            .credentials_provider(credentials)
            // A custom endpoint has no host name for each bucket.
            .force_path_style(self.endpoint().is_some())
            .build();
        Ok(aws_sdk_s3::Client::from_conf(config))
    }

    /// The endpoint that replaces AWS's own, if one is configured.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.base.endpoint_url()
    }

    /// One call in this session's account, see [`call`].
    pub(super) async fn call<T, E>(
        &self,
        operation: Operation,
        subject: &str,
        request: Pin<Box<impl Future<Output = Result<T, SdkError<E>>>>>,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        call(operation, self.account.id.as_str(), subject, request).await
    }

    async fn current(&self) -> Result<Current, AwsError> {
        let mut current = self.current.lock().await;
        let renew_from = SystemTime::now() + RENEWED_BEFORE_EXPIRY;
        if current
            .credentials
            .expiry()
            .is_some_and(|expiry| expiry <= renew_from)
        {
            let credentials = self.role.assume(&self.base, &self.region).await?;
            *current = Current::new(&self.base, &self.account, &self.region, credentials);
        }
        Ok(current.clone())
    }
}

impl Current {
    fn new(
        base: &aws_config::SdkConfig,
        account: &Account,
        region: &Region,
        credentials: Credentials,
    ) -> Self {
        let config = aws_sdk_cloudformation::config::Builder::from(base)
            .region(aws_sdk_cloudformation::config::Region::new(
                region.to_string(),
            ))
            .credentials_provider(credentials.clone())
            // AWS throttles by account and region; one that is throttled must not use up the
            // retries of the others.
            .retry_partition(RetryPartition::new(format!("{}/{region}", account.id)))
            .build();
        Self {
            credentials,
            cloudformation: aws_sdk_cloudformation::Client::from_conf(config),
        }
    }
}

#[cfg(test)]
impl<R> Session<R> {
    /// Makes the credentials look as if they ended soon; gives their access key id.
    pub(super) async fn expire_credentials(&self) -> String {
        let mut current = self.current.lock().await;
        let key = current.credentials.access_key_id().to_owned();
        current.credentials =
            Credentials::new(&key, "ended", None, Some(SystemTime::now()), "test");
        key
    }
}
