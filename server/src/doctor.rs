//! `gatehouse doctor`: tries everything that Gatehouse needs from elsewhere, and says in words what to
//! mend.
use crate::aws::{AwsError, AwsErrorKind, Gateway};
use crate::configuration::Configuration;
use crate::http::IdentityProvider;
use crate::store::Store;
use domain::account::Account;
use std::fmt;

/// What one try showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub what: String,
    /// What is wrong and what to mend; `None` when all is well.
    pub wrong: Option<String>,
}

impl Finding {
    fn of<E: fmt::Display>(what: impl Into<String>, tried: Result<(), E>) -> Self {
        Self {
            what: what.into(),
            wrong: tried.err().map(|error| error.to_string()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            None => write!(f, "ok     {}", self.what),
            Some(wrong) => write!(f, "WRONG  {}\n       {wrong}", self.what),
        }
    }
}

/// Tries the database, as the role that the server works as.
pub async fn database(url: &str) -> Vec<Finding> {
    let store = match Store::connect(url, 1).await {
        Ok(store) => store,
        Err(error) => {
            let wrong = format!("{error}. Start Postgres, or mend DATABASE_URL");
            return vec![Finding::of("the database answers", Err(wrong))];
        }
    };
    let migrated = match store.pending_migrations().await {
        Ok(false) => Ok(()),
        Ok(true) => Err("migrations are missing. Run gatehouse migrate".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    let is_migrated = migrated.is_ok();
    let mut findings = vec![
        Finding::of("the database answers", store.ping().await),
        Finding::of("the database has every migration", migrated),
    ];
    if is_migrated {
        findings.push(Finding::of(
            "the database role can't rewrite history",
            store.refuse_owner().await,
        ));
    }
    findings
}

/// Tries the identity provider.
pub async fn identity_provider(configuration: &Configuration) -> Vec<Finding> {
    let issuer = configuration.sign_in.issuer.as_str();
    // Discovery shows no credentials; whether the secret is right shows at the first sign-in.
    let tried = match IdentityProvider::new(
        &configuration.sign_in,
        &configuration.address,
        String::new(),
    ) {
        Ok(provider) => provider.discover().await,
        Err(error) => Err(error),
    };
    let tried = tried.map_err(|error| {
        format!(
            "{error}. {issuer}/.well-known/openid-configuration has to answer and name exactly this issuer"
        )
    });
    vec![Finding::of(
        format!("the identity provider {issuer} describes itself"),
        tried,
    )]
}

/// Tries Gatehouse's own AWS credentials and each account's roles: the right ExternalId has to be
/// accepted, and a wrong one refused.
pub async fn accounts(configuration: &Configuration, gateway: &Gateway) -> Vec<Finding> {
    let mut findings = Vec::new();
    match gateway.caller().await {
        Ok(caller) => findings.push(Finding::of(
            format!("AWS knows Gatehouse as {caller}"),
            Ok::<_, AwsError>(()),
        )),
        Err(error) => {
            let wrong = format!(
                "{error}. Give Gatehouse credentials as the AWS SDKs read them: an instance or task role, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            );
            findings.push(Finding::of("AWS knows Gatehouse", Err(wrong)));
            return findings;
        }
    }
    for account in &configuration.accounts {
        for (name, role) in [
            ("plan", &account.plan_role),
            ("execute", &account.execute_role),
        ] {
            findings.extend(role_findings(gateway, account, name, role).await);
        }
    }
    findings
}

async fn role_findings(
    gateway: &Gateway,
    account: &Account,
    name: &str,
    role: &str,
) -> [Finding; 2] {
    let of = format!("account {} ({})", account.id, account.name);
    let right = gateway.try_role(account, role, &account.external_id).await;
    let open = right.is_ok();
    let right = right.map_err(|error| {
        format!(
            "{error}. Deploy docs/roles/target-account.yaml there with this account's external-id"
        )
    });
    // Random, so that nobody can have configured it.
    let wrong_id = format!("wrong-{}", uuid::Uuid::new_v4());
    let wrong = match gateway.try_role(account, role, &wrong_id).await {
        Ok(()) => Err(format!(
            "{role} lets Gatehouse in with any ExternalId, so another customer of whoever runs Gatehouse could be served with it. Add the sts:ExternalId condition of docs/roles/target-account.yaml to its trust policy"
        )),
        Err(error) if error.kind == AwsErrorKind::AccessDenied && open => Ok(()),
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            Err("this can't be told while the right ExternalId is refused too".to_owned())
        }
        Err(error) => Err(error.to_string()),
    };
    [
        Finding::of(format!("{of}: the {name} role takes its ExternalId"), right),
        Finding::of(
            format!("{of}: the {name} role refuses another ExternalId"),
            wrong,
        ),
    ]
}
