//! Assuming a role in a target account, with the ExternalId and the names of who asked and why.
use super::call::{Operation, call};
use super::error::{AwsError, AwsErrorKind};
use aws_sdk_sts::config::Credentials;
use aws_sdk_sts::types::Tag;
use domain::account::Account;
use domain::change::sha256;
use domain::names::{ChangeNumber, Region, Subject};
use std::time::SystemTime;

/// For whom and for what Gatehouse acts at AWS; CloudTrail shows both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Who asked for the change.
    pub requester: Subject,
    /// The change.
    pub change: ChangeNumber,
}

/// How a role is assumed. Kept by a session, which assumes it again before its credentials expire.
#[derive(Clone, Debug)]
pub(super) struct Role {
    account: String,
    arn: String,
    external_id: String,
    session_name: String,
    source_identity: String,
    change: String,
}

impl Role {
    pub(super) fn of_change(account: &Account, arn: &str, acting: &Acting) -> Self {
        Self {
            account: account.id.to_string(),
            arn: arn.to_owned(),
            external_id: account.external_id.clone(),
            session_name: format!("gatehouse-{}", acting.change),
            source_identity: source_identity(&acting.requester),
            change: acting.change.to_string(),
        }
    }

    /// Assumed to see whether it can be; sends all that a change's session sends, since a trust
    /// policy may allow the role and yet not its tags or its source identity.
    pub(super) fn of_trial(account: &Account, arn: &str, external_id: &str) -> Self {
        Self {
            account: account.id.to_string(),
            arn: arn.to_owned(),
            external_id: external_id.to_owned(),
            session_name: "gatehouse-doctor".to_owned(),
            source_identity: "gatehouse-doctor".to_owned(),
            change: "doctor".to_owned(),
        }
    }

    /// Assumes the role for an hour, the most that a chained role may have (IAM User Guide, "Role
    /// chaining").
    pub(super) async fn assume(
        &self,
        base: &aws_config::SdkConfig,
        region: &Region,
    ) -> Result<Credentials, AwsError> {
        let config = aws_sdk_sts::config::Builder::from(base)
            .region(aws_sdk_sts::config::Region::new(region.to_string()))
            .build();
        let request = aws_sdk_sts::Client::from_conf(config)
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.session_name)
            .external_id(&self.external_id)
            .source_identity(&self.source_identity)
            .set_tags(Some(vec![
                tag("requester", &self.source_identity)?,
                tag("change", &self.change)?,
            ]))
            .send();
        let answer = call(
            Operation::AssumeRole,
            &self.account,
            &self.arn,
            Box::pin(request),
        )
        .await
        .map_err(|error| self.named(error))?;
        let Some(given) = answer.credentials else {
            return Err(incomplete("AWS gave no credentials"));
        };
        let expires = SystemTime::try_from(given.expiration)
            .map_err(|_| incomplete("AWS gave credentials that expire at no time"))?;
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(expires),
            "gatehouse",
        ))
    }

    /// AWS answers alike when the role is missing, when the ExternalId is wrong and when the trust
    /// policy lacks something, so that nobody can probe for roles.
    fn named(&self, mut error: AwsError) -> AwsError {
        if error.kind == AwsErrorKind::AccessDenied {
            error.message = format!(
                "{}. The role {} must exist, trust Gatehouse's own principal for sts:AssumeRole, \
                 sts:TagSession and sts:SetSourceIdentity, and ask for the ExternalId that is configured \
                 for account {}",
                error.message.trim_end_matches('.'),
                self.arn,
                self.account
            );
        }
        error
    }
}

fn incomplete(message: &str) -> AwsError {
    AwsError::found(Operation::AssumeRole, AwsErrorKind::Other, message)
}

fn tag(key: &str, value: &str) -> Result<Tag, AwsError> {
    Tag::builder()
        .key(key)
        .value(value)
        .build()
        .map_err(|error| incomplete(&error.to_string()))
}

/// The subject as STS takes it: 2 to 64 of `[\w+=,.@-]` (STS API Reference, `SourceIdentity`). One
/// that doesn't fit keeps what fits and gets a digest, so that no two people become one.
fn source_identity(subject: &Subject) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let text = subject.as_str();
    if (2..=64).contains(&text.len()) && text.chars().all(fits) {
        return text.to_owned();
    }
    let kept: String = text
        .chars()
        .take(47)
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    let digest = sha256(text.as_bytes()).to_string();
    format!("{kept}-{}", digest.get(..16).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_identity_is_one_that_sts_takes() {
        let identity = |text: &str| source_identity(&text.parse().unwrap());
        assert_eq!(identity("dana@example.com"), "dana@example.com");
        let long = "x".repeat(255);
        for text in ["a", "auth0|1234", "auth0/1234", "Zoë", long.as_str()] {
            let identity = identity(text);
            assert!((2..=64).contains(&identity.len()), "{identity}");
            assert!(
                identity
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)),
                "{identity}"
            );
        }
        assert_ne!(identity("auth0|1234"), identity("auth0/1234"));
    }
}
