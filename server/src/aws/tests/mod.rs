//! The gateway against a local AWS that checks what AWS checks (`end2end/sandbox`). Fails without one:
//! `script/sandbox -- cargo nextest run -p server aws` starts it.

mod change_sets;
mod deployments;
mod faults;
mod pages;
mod roles;
mod wire;

use super::*;
use domain::account::Account;
use domain::names::{ChangeNumber, DeploymentId, PlanId, StackName};
use domain::stack::LiveStack;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// The local AWS, and the first of its prepared accounts.
struct Sandbox {
    endpoint: String,
    access_key_id: String,
    secret_access_key: String,
    account: Account,
}

#[derive(serde::Deserialize)]
struct Configuration {
    account: Vec<Account>,
}

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run this test under `script/sandbox --`, which starts a local AWS"
        )
    })
}

impl Sandbox {
    fn running() -> Self {
        let configuration =
            std::fs::read_to_string(setting("GATEHOUSE_TEST_CONFIGURATION")).unwrap();
        let configuration: Configuration = toml::from_str(&configuration).unwrap();
        Self {
            endpoint: setting("GATEHOUSE_TEST_AWS_ENDPOINT"),
            access_key_id: setting("GATEHOUSE_TEST_AWS_ACCESS_KEY_ID"),
            secret_access_key: setting("GATEHOUSE_TEST_AWS_SECRET_ACCESS_KEY"),
            account: configuration.account.into_iter().next().unwrap(),
        }
    }

    async fn gateway(&self) -> Gateway {
        self.gateway_by(&self.endpoint, Patience::default()).await
    }

    async fn gateway_by(&self, endpoint: &str, patience: Patience) -> Gateway {
        Gateway::to_endpoint(
            endpoint,
            &self.access_key_id,
            &self.secret_access_key,
            patience,
        )
        .await
    }

    async fn plan(&self) -> PlanSession {
        self.plan_by(&self.gateway().await).await.unwrap()
    }

    async fn plan_by(&self, gateway: &Gateway) -> Result<PlanSession, AwsError> {
        gateway
            .plan_session(&self.account, &self.account.region, &acting())
            .await
    }

    async fn execute(&self) -> ExecuteSession {
        self.execute_by(&self.gateway().await).await.unwrap()
    }

    async fn execute_by(&self, gateway: &Gateway) -> Result<ExecuteSession, AwsError> {
        gateway
            .execute_session(&self.account, &self.account.region, &acting())
            .await
    }
}

fn acting() -> Acting {
    Acting {
        requester: "dana@example.com".parse().unwrap(),
        change: ChangeNumber(42),
    }
}

/// A stack name that no other test has.
fn stack_name(test: &str) -> StackName {
    format!("gatehouse-t-{test}-{}", Uuid::new_v4().simple())
        .parse()
        .unwrap()
}

fn a_plan() -> PlanId {
    PlanId(Uuid::now_v7())
}

fn a_token(act: Act) -> ClientToken {
    ClientToken::of_deployment(DeploymentId(Uuid::now_v7()), act, 0)
}

/// A template of one queue, whose delay is a parameter.
fn queue() -> String {
    serde_json::json!({
        "Parameters": {
            "Delay": { "Type": "Number", "Default": "1" },
            "Kept": { "Type": "Number", "Default": "3600" },
        },
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "DelaySeconds": { "Ref": "Delay" },
                    "MessageRetentionPeriod": { "Ref": "Kept" },
                },
            },
        },
        "Outputs": { "QueueArn": { "Value": { "Fn::GetAtt": ["Queue", "Arn"] } } },
    })
    .to_string()
}

/// A template of `count` topics, each with a display name of `padding` letters.
fn topics(count: usize, padding: usize) -> String {
    let resources: serde_json::Map<_, _> = (0..count)
        .map(|n| {
            let topic = serde_json::json!({
                "Type": "AWS::SNS::Topic",
                "Metadata": { "Filler": "x".repeat(padding) },
                "Properties": { "DisplayName": format!("Topic {n}") },
            });
            (format!("Topic{n}"), topic)
        })
        .collect();
    serde_json::json!({ "Resources": resources }).to_string()
}

fn request(stack: &StackName, kind: ChangeSetKind, template: String) -> ChangeSetRequest {
    let plan = a_plan();
    ChangeSetRequest {
        stack: stack.clone(),
        name: ChangeSetName::of_plan(plan),
        kind,
        template,
        has_transform: false,
        parameters: BTreeMap::new(),
        tags: BTreeMap::from([("gatehouse:team".to_owned(), "payments".to_owned())]),
        token: ClientToken::of_plan(plan, 0),
    }
}

async fn made(plan: &PlanSession, request: &ChangeSetRequest) -> ChangeSet {
    let made = plan.create_change_set(request).await.unwrap();
    plan.await_change_set(&made.change_set_id, Duration::from_secs(30))
        .await
        .unwrap()
}

/// Plans and executes; gives the stack once nothing happens to it any more.
async fn deployed(
    plan: &PlanSession,
    execute: &ExecuteSession,
    request: &ChangeSetRequest,
) -> LiveStack {
    let change_set = made(plan, request).await;
    assert_eq!(change_set.status, ChangeSetStatus::Ready);
    execute
        .execute_change_set(
            &change_set.change_set_id,
            &change_set.stack_id,
            &a_token(Act::Execute),
        )
        .await
        .unwrap();
    settled(execute, &change_set.stack_id).await
}

async fn settled(execute: &ExecuteSession, stack_id: &str) -> LiveStack {
    for _ in 0..600 {
        let stack = execute
            .describe_stack_by_id(stack_id)
            .await
            .unwrap()
            .unwrap();
        if !stack.status.in_progress() {
            return stack;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{stack_id} is still being worked on");
}
