//! A small world of its own for each test: a database, a service, a blueprint of three quick resources, and
//! what people do to a change between its jobs.
use crate::wire::{self, Wire};
use domain::account::Account;
use domain::audit::Action;
use domain::blueprint::{StackTemplate, parse_manifest};
use domain::change::schedule::Schedule;
use domain::change::{
    Case, ChangeKind, ChangeState, Closing, Decision, Failure, Group, Outcome, Plan, Repair, Rules,
    Stuck, sha256,
};
use domain::names::{
    ChangeId, ChangeNumber, DeploymentId, EnvironmentId, PlanId, ReleaseId, ServiceId, ServiceName,
    StackName, Subject, TeamName,
};
use domain::stack::{LiveStack, StackEvent};
use domain::stage::Stage;
use server::authz::Authorizer;
use server::aws::{
    Act, Acting, AwsErrorKind, ChangeSetKind, ChangeSetName, ChangeSetRequest, ClientToken,
    ExecuteSession, Gateway, Patience, PlanSession, Since,
};
use server::configuration::Configuration;
use server::jobs::{Boundary, Pace, Worker};
use server::service::PortalService;
use server::store::blueprint::BlueprintVersion;
use server::store::change::{Change, NewChange};
use server::store::decision::NewDecision;
use server::store::environment::{Environment, NewEnvironment};
use server::store::job::JobKind;
use server::store::{self, Store};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Three quick resources. `__ID__` makes their names the test's own, so that it can have them fail.
pub const TEMPLATE: &str = r#"
Parameters:
  Delay: {Type: Number, Default: "0"}
Resources:
  Queue__ID__:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: !Ref Delay}
  Topic__ID__: {Type: AWS::SNS::Topic}
  Policy__ID__:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue__ID__]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue__ID__.Arn
            Condition: {ArnEquals: {"aws:SourceArn": !Ref Topic__ID__}}
Outputs:
  QueueUrl: {Value: !Ref Queue__ID__}
"#;

const MANIFEST: &str = r#"
name = "small"
title = "Small"
version = "1"
summary = "A queue and a topic."
owner = "platform"
stages = ["dev"]
[[stack]]
name = "main"
template = "template.yaml"
[[group]]
title = "All"
parameters = ["Delay"]
[parameter.Delay]
label = "Delay"
type = "integer"
default = 0
"#;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// `SIGKILL` (signal(7)).
const KILLED: i32 = 9;

pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run this test under `script/sandbox --`, which starts what it needs"
        )
    })
}

pub struct World {
    pub store: Store,
    pub configuration: Arc<Configuration>,
    pub endpoint: String,
    /// Names of this test's own resources end in it.
    pub id: String,
    pub service: ServiceName,
    pub service_id: ServiceId,
    pub environment: EnvironmentId,
    /// When the changes asked for from now on are deployed at the earliest.
    pub schedule: Option<Schedule>,
    owner_url: String,
    app_url: String,
    database: String,
}

/// Workers within the test's own process, until dropped.
pub struct Working(CancellationToken);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

pub fn subject(name: &str) -> Subject {
    name.parse().unwrap()
}

pub fn requester() -> Subject {
    "rita".parse().unwrap()
}

pub fn approver() -> Subject {
    "adam".parse().unwrap()
}

fn team() -> TeamName {
    "payments".parse().unwrap()
}

impl World {
    /// A database of its own with a service that nothing was asked for yet.
    pub async fn new() -> World {
        let uuid = Uuid::now_v7().simple().to_string();
        let id = uuid[24..].to_owned();
        let database = format!("gatehouse_jobs_{uuid}");
        let given = setting("DATABASE_URL");
        let mut admin = PgConnection::connect(&given).await.unwrap();
        admin
            .execute(AssertSqlSafe(format!("create database {database}")))
            .await
            .unwrap();
        admin.close().await.unwrap();
        let (server, query) = match given.split_once('?') {
            Some((url, query)) => (url, format!("?{query}")),
            None => (given.as_str(), String::new()),
        };
        let (server, _) = server.rsplit_once('/').unwrap();
        let owner_url = format!("{server}/{database}{query}");
        store::migrate(&owner_url).await.unwrap();
        // The owner may act as the role that the server works as, and can then do no more than it.
        let join = if query.is_empty() { '?' } else { '&' };
        let app_url = format!("{owner_url}{join}options=-c%20role%3Dgatehouse_app");
        let store = Store::connect(&app_url, 8).await.unwrap();
        let configuration =
            Configuration::read(&PathBuf::from(setting("GATEHOUSE_TEST_CONFIGURATION"))).unwrap();
        let world = World {
            store,
            configuration: Arc::new(configuration),
            endpoint: setting("GATEHOUSE_TEST_AWS_ENDPOINT"),
            service: format!("jobs-{id}").parse().unwrap(),
            id,
            service_id: ServiceId(Uuid::now_v7()),
            environment: EnvironmentId(Uuid::now_v7()),
            schedule: None,
            owner_url,
            app_url,
            database,
        };
        world.found().await;
        world
    }

    async fn found(&self) {
        let mut tx = self.store.begin().await.unwrap();
        for person in [requester(), approver(), subject("pat"), subject("sky")] {
            store::person::upsert(&mut tx, &person, person.as_str(), None, &[])
                .await
                .unwrap();
        }
        let blueprint = "small".parse().unwrap();
        store::service::insert(&mut tx, self.service_id, &team(), &self.service, &blueprint)
            .await
            .unwrap();
        let account = self.account();
        let new = NewEnvironment {
            id: self.environment,
            service: self.service_id,
            stage: Stage::Dev,
            account: &account.id,
            region: &account.region,
        };
        store::environment::insert(&mut tx, new).await.unwrap();
        store::commit(tx).await.unwrap();
    }

    /// From now on these are the approval rules, for workers and portals that are started afterwards in this process.
    pub fn rule(&mut self, rules: Rules) {
        let configuration = Configuration::clone(&self.configuration);
        self.configuration = Arc::new(Configuration {
            rules,
            ..configuration
        });
    }

    /// The portal as people use it.
    pub fn portal(&self) -> PortalService {
        PortalService::new(
            self.store.clone(),
            self.configuration.clone(),
            Arc::new(Authorizer::new().unwrap()),
        )
    }

    /// Takes the database away, after a test that went well.
    pub async fn end(self) {
        self.store.close().await;
        let given = setting("DATABASE_URL");
        let mut admin = PgConnection::connect(&given).await.unwrap();
        // Workers that still run would come back.
        let shut = format!("alter database {} allow_connections false", self.database);
        admin.execute(AssertSqlSafe(shut)).await.unwrap();
        // Not `with (force)`: that may not end autovacuum, which a plain drop does by itself.
        let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where datname = $1 and backend_type = 'client backend'";
        sqlx::query(end)
            .bind(&self.database)
            .execute(&mut admin)
            .await
            .unwrap();
        let drop = format!("drop database {}", self.database);
        admin.execute(AssertSqlSafe(drop)).await.unwrap();
    }

    pub fn account(&self) -> &Account {
        self.configuration.account_for(Stage::Dev).unwrap()
    }

    pub fn stack_name(&self) -> StackName {
        format!("gatehouse-payments-{}-dev", self.service)
            .parse()
            .unwrap()
    }

    pub fn template(&self) -> String {
        TEMPLATE.replace("__ID__", &self.id)
    }

    /// A template that the local AWS is at for some seconds.
    pub fn long_template(&self) -> String {
        let topics: String = (0..50)
            .map(|nth| format!("  T{nth}{}: {{Type: 'AWS::SNS::Topic'}}\n", self.id))
            .collect();
        format!("Resources:\n{topics}")
    }

    // --- The local AWS ---

    pub async fn gateway(&self) -> Gateway {
        self.gateway_to(&self.endpoint, Patience::default()).await
    }

    pub async fn gateway_to(&self, endpoint: &str, patience: Patience) -> Gateway {
        let key = setting("GATEHOUSE_TEST_AWS_ACCESS_KEY_ID");
        let secret = setting("GATEHOUSE_TEST_AWS_SECRET_ACCESS_KEY");
        Gateway::to_endpoint(endpoint, &key, &secret, patience).await
    }

    fn acting(&self) -> Acting {
        Acting {
            requester: requester(),
            change: ChangeNumber(1),
        }
    }

    pub async fn plan_session(&self) -> PlanSession {
        let account = self.account();
        self.gateway()
            .await
            .plan_session(account, &account.region, &self.acting())
            .await
            .unwrap()
    }

    pub async fn execute_session(&self) -> ExecuteSession {
        let account = self.account();
        self.gateway()
            .await
            .execute_session(account, &account.region, &self.acting())
            .await
            .unwrap()
    }

    /// Executes a change set as somebody else would, and waits for the end.
    pub async fn execute_behind_our_back(&self, change_set_id: &str, stack_id: &str) {
        let session = self.execute_session().await;
        let token = ClientToken::of_job(Uuid::now_v7(), Act::Execute, 0);
        session
            .execute_change_set(change_set_id, stack_id, &token)
            .await
            .unwrap();
        while session
            .describe_stack_by_id(stack_id)
            .await
            .unwrap()
            .unwrap()
            .status
            .in_progress()
        {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Makes or changes the main stack as somebody else would: with a change set of another name.
    pub async fn change_behind_our_back(&self, kind: ChangeSetKind, template: String) {
        let session = self.plan_session().await;
        let request = ChangeSetRequest {
            stack: self.stack_name(),
            name: "theirs".parse().unwrap(),
            kind,
            template,
            has_transform: false,
            parameters: Default::default(),
            tags: Default::default(),
            token: ClientToken::of_plan(PlanId(Uuid::now_v7()), 0),
        };
        let made = session.create_change_set(&request).await.unwrap();
        session
            .await_change_set(&made.change_set_id, Duration::from_secs(30))
            .await
            .unwrap();
        self.execute_behind_our_back(&made.change_set_id, &made.stack_id)
            .await;
    }

    /// Has the local AWS fail the next operation on a resource of this test (`end2end/sandbox/faults.py`).
    pub async fn fail(&self, resource: &str, operation: &str, times: u32) {
        let fault = serde_json::json!({
            "logical_id": format!("{resource}{}", self.id), "operation": operation,
            "reason": format!("Made to fail at {operation}"), "times": times,
        });
        wire::post(&self.endpoint, "/_sandbox/fail", &fault).await;
    }

    /// Events of a stack itself that begin an operation, with their tokens.
    pub async fn beginnings(&self, stack_id: &str) -> Vec<StackEvent> {
        let session = self.plan_session().await;
        let events = session
            .events_since(stack_id, Since::Beginning)
            .await
            .unwrap();
        let begins = [
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "DELETE_IN_PROGRESS",
        ];
        events
            .into_iter()
            .filter(|event| event.is_of_stack(stack_id) && begins.contains(&event.status.as_str()))
            .collect()
    }

    // --- People ---

    /// Asks for a release of this template.
    pub async fn ask(&self, template: &str, parameters: &[(&str, &str)]) -> ChangeId {
        self.ask_stacks(&[("main", None, template)], parameters)
            .await
    }

    /// Asks for a release of these stacks (name, region, template), as the portal does: one transaction
    /// with the first job.
    pub async fn ask_stacks(
        &self,
        stacks: &[(&str, Option<&str>, &str)],
        parameters: &[(&str, &str)],
    ) -> ChangeId {
        let live = self.environment().await.release.is_some();
        let mut manifest = parse_manifest("manifest.toml", MANIFEST).unwrap();
        manifest.stacks = stacks
            .iter()
            .map(|(name, region, _)| StackTemplate {
                name: (*name).to_owned(),
                template: format!("{name}.yaml"),
                region: region.map(|region| region.parse().unwrap()),
            })
            .collect();
        let files: BTreeMap<_, _> = stacks
            .iter()
            .map(|(name, _, template)| (format!("{name}.yaml"), (*template).to_owned()))
            .collect();
        let content = serde_json::to_vec(&(&manifest, &files)).unwrap();
        let version = BlueprintVersion {
            digest: sha256(&content),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            manifest,
            files,
            read_at: chrono::Utc::now(),
        };
        let parameters = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let release = ReleaseId(Uuid::now_v7());
        let mut tx = self.store.begin().await.unwrap();
        store::blueprint::insert(&mut tx, &version).await.unwrap();
        store::release::insert_next(
            &mut tx,
            self.service_id,
            release,
            &version.digest,
            &parameters,
            &requester(),
        )
        .await
        .unwrap();
        store::commit(tx).await.unwrap();
        let kind = if live {
            ChangeKind::Update
        } else {
            ChangeKind::Provision
        };
        self.ask_for(kind, Some(release)).await
    }

    pub async fn ask_for(&self, kind: ChangeKind, release: Option<ReleaseId>) -> ChangeId {
        let id = ChangeId(Uuid::now_v7());
        let plan = PlanId(Uuid::now_v7());
        let state = ChangeState::Planning {
            plan,
            again_because: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        let new = NewChange {
            id,
            environment: self.environment,
            kind,
            release,
            reason: "for the test",
            requester: &requester(),
            state: &state,
            team: &team(),
            stage: Stage::Dev,
            schedule: self.schedule,
        };
        store::change::insert(&mut tx, new).await.unwrap();
        let payload = serde_json::json!({ "plan": plan });
        store::job::enqueue(&mut tx, JobKind::Plan, id, payload, self.environment, None)
            .await
            .unwrap();
        store::commit(tx).await.unwrap();
        id
    }

    pub async fn approve(&self, id: ChangeId) -> DeploymentId {
        let mut tx = self.store.begin().await.unwrap();
        let change = store::change::lock(&mut tx, id).await.unwrap().unwrap();
        let ChangeState::Waiting { plan, review } = change.state.clone() else {
            panic!("{:?}", change.state)
        };
        let deployment = DeploymentId(Uuid::now_v7());
        let rules = &self.configuration.rules;
        let groups = [Group::Approver].into();
        let decision = NewDecision {
            plan,
            digest: &review,
            decision: Decision::Approve,
            comment: "",
            by: &approver(),
            groups: &groups,
            rule_set: &store::rule_set::keep(&mut tx, rules).await.unwrap(),
        };
        store::decision::insert(&mut tx, id, decision)
            .await
            .unwrap();
        store::deployment::insert(&mut tx, deployment, id, plan, Some(&approver()))
            .await
            .unwrap();
        let (shown, _) = store::plan::get(&mut tx, plan).await.unwrap().unwrap();
        let approvals = store::decision::standing_approvals(&mut tx, id, &review).await;
        let asked = rules.ask(Case::of(&shown.reviewed));
        let count = asked.count(&review, &change.requester, &approvals.unwrap());
        let state = change.state.approved(&count.met().unwrap(), deployment);
        let state = state.unwrap();
        store::change::save_state(&mut tx, id, &state)
            .await
            .unwrap();
        let payload = serde_json::json!({ "deployment": deployment });
        store::job::enqueue(
            &mut tx,
            JobKind::Deploy,
            id,
            payload,
            self.environment,
            None,
        )
        .await
        .unwrap();
        store::commit(tx).await.unwrap();
        deployment
    }

    pub async fn close(&self, id: ChangeId, closing: Closing) {
        self.step(
            id,
            |state| state.close(closing).unwrap(),
            Some(JobKind::Close),
        )
        .await;
    }

    pub async fn repair(&self, id: ChangeId, repair: Repair) {
        self.step(
            id,
            |state| state.repair(repair).unwrap(),
            Some(JobKind::Repair),
        )
        .await;
    }

    pub async fn stop(&self, id: ChangeId) {
        self.step(id, |state| state.stop().unwrap(), None).await;
    }

    pub async fn plan_again(&self, id: ChangeId) {
        let plan = PlanId(Uuid::now_v7());
        let mut tx = self.store.begin().await.unwrap();
        let change = store::change::lock(&mut tx, id).await.unwrap().unwrap();
        let state = change
            .state
            .plan_again(plan, Some("on request".into()))
            .unwrap();
        store::change::save_state(&mut tx, id, &state)
            .await
            .unwrap();
        let payload = serde_json::json!({ "plan": plan });
        store::job::enqueue(&mut tx, JobKind::Plan, id, payload, self.environment, None)
            .await
            .unwrap();
        store::commit(tx).await.unwrap();
    }

    async fn step(
        &self,
        id: ChangeId,
        step: impl FnOnce(ChangeState) -> ChangeState,
        job: Option<JobKind>,
    ) {
        let mut tx = self.store.begin().await.unwrap();
        let change = store::change::lock(&mut tx, id).await.unwrap().unwrap();
        let state = step(change.state);
        store::change::save_state(&mut tx, id, &state)
            .await
            .unwrap();
        if let Some(job) = job {
            store::job::enqueue(
                &mut tx,
                job,
                id,
                serde_json::json!({}),
                self.environment,
                None,
            )
            .await
            .unwrap();
        }
        store::commit(tx).await.unwrap();
    }

    // --- What became of it ---

    pub async fn change(&self, id: ChangeId) -> Change {
        let mut connection = self.store.acquire().await.unwrap();
        store::change::by_id(&mut connection, id)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn environment(&self) -> Environment {
        let mut connection = self.store.acquire().await.unwrap();
        store::environment::get(&mut connection, self.environment)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn stack_id(&self) -> Option<String> {
        let mut connection = self.store.acquire().await.unwrap();
        let stacks = store::environment::stacks(&mut connection, self.environment)
            .await
            .unwrap();
        stacks.into_iter().next().and_then(|stack| stack.stack_id)
    }

    pub async fn plan(&self, id: ChangeId) -> Plan {
        let mut connection = self.store.acquire().await.unwrap();
        store::plan::latest_of(&mut connection, id)
            .await
            .unwrap()
            .unwrap()
            .0
    }

    /// How often each of these was written into the history of a change.
    pub async fn audited(&self, id: ChangeId, action: Action) -> usize {
        let change = self.change(id).await;
        let mut connection = self.store.acquire().await.unwrap();
        let entries = store::audit::of_change(&mut connection, change.number)
            .await
            .unwrap();
        entries
            .iter()
            .filter(|recorded| recorded.entry.action == action)
            .count()
    }

    /// What the change's history says was left at AWS.
    pub async fn left_behind(&self, id: ChangeId) -> String {
        let change = self.change(id).await;
        let mut connection = self.store.acquire().await.unwrap();
        let entries = store::audit::of_change(&mut connection, change.number)
            .await
            .unwrap();
        let said = entries
            .iter()
            .map(|recorded| recorded.entry.detail["left_behind"].to_string());
        said.collect()
    }

    /// Waits until the change's state is as wanted.
    pub async fn until(&self, id: ChangeId, wanted: impl Fn(&ChangeState) -> bool) -> Change {
        let began = Instant::now();
        loop {
            let change = self.change(id).await;
            if wanted(&change.state) {
                return change;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "still {:#?}; the job says {:?}",
                change.state,
                self.job_says(id).await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The live main stack.
    pub async fn live_stack(&self) -> Option<LiveStack> {
        let session = self.plan_session().await;
        session.describe_stack(&self.stack_name()).await.unwrap()
    }

    /// Whether the plan's change set of the main stack is still at AWS.
    pub async fn has_change_set_of(&self, plan: PlanId) -> bool {
        let session = self.plan_session().await;
        let name = ChangeSetName::of_plan(plan);
        match session.find_change_set(&self.stack_name(), &name).await {
            Ok(_) => true,
            Err(error) if error.kind == AwsErrorKind::NotFound => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until nothing more happens by itself, and gives the state.
    pub async fn settled(&self, id: ChangeId) -> ChangeState {
        self.until(id, |state| !state.is_moving()).await.state
    }

    /// Waits until the change waits for a review, and gives the plan on show.
    pub async fn waits(&self, id: ChangeId) -> Plan {
        let state = self.settled(id).await;
        assert!(matches!(state, ChangeState::Waiting { .. }), "{state:#?}");
        self.plan(id).await
    }

    /// Waits until the change has succeeded, with this outcome.
    pub async fn succeeds(&self, id: ChangeId, outcome: Outcome) {
        assert_eq!(self.settled(id).await, ChangeState::Succeeded { outcome });
    }

    /// Waits until the change has failed, and gives why and the dead end it is in.
    pub async fn fails(&self, id: ChangeId) -> (Failure, Option<Stuck>) {
        match self.settled(id).await {
            ChangeState::Failed { failure, stuck, .. } => (failure, stuck),
            other => panic!("{other:#?}"),
        }
    }

    /// Approves the plan that the change comes to wait with, and waits until it is deployed.
    pub async fn deploys(&self, id: ChangeId) -> DeploymentId {
        self.waits(id).await;
        let deployment = self.approve(id).await;
        self.succeeds(id, Outcome::Deployed).await;
        deployment
    }

    /// Has a release with this delay live.
    pub async fn live(&self, delay: &str) {
        let id = self.ask(&self.template(), &[("Delay", delay)]).await;
        self.deploys(id).await;
    }

    /// Waits until every job has ended.
    pub async fn until_idle(&self) {
        self.until_no_job_is("state in ('ready', 'running')").await;
    }

    async fn until_no_job_is(&self, condition: &str) {
        let began = Instant::now();
        let mut connection = PgConnection::connect(&self.owner_url).await.unwrap();
        loop {
            let sql = format!("select kind, last_error from job where {condition}");
            let left: Vec<(String, Option<String>)> = sqlx::query_as(AssertSqlSafe(sql))
                .fetch_all(&mut connection)
                .await
                .unwrap();
            if left.is_empty() {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "still there: {left:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        connection.close().await.unwrap();
    }

    /// Waits until something was reported of the change's deployment.
    pub async fn until_events(&self, id: ChangeId) {
        let change = self
            .until(id, |state| matches!(state, ChangeState::Deploying { .. }))
            .await;
        let ChangeState::Deploying { deployment, .. } = change.state else {
            panic!("{:#?}", change.state)
        };
        let mut connection = self.store.acquire().await.unwrap();
        while store::stack_event::of_deployment(&mut connection, deployment)
            .await
            .unwrap()
            .is_empty()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn job_says(&self, id: ChangeId) -> Option<String> {
        let mut connection = self.store.acquire().await.unwrap();
        let said = store::job::last_error_of(&mut connection, id)
            .await
            .unwrap();
        said.map(|(words, _)| words)
    }

    /// Waits until the change's job says what it fails at or waits for.
    pub async fn until_job_says(&self, id: ChangeId) -> String {
        let began = Instant::now();
        loop {
            if let Some(said) = self.job_says(id).await {
                return said;
            }
            let state = self.change(id).await.state;
            assert!(began.elapsed() < PATIENCE, "nothing said in {state:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    // --- Workers ---

    /// A worker in this process.
    pub async fn work(&self) -> Working {
        self.work_with(self.store.clone(), self.gateway().await, Pace::default())
    }

    /// A gateway over a wire to the local AWS, without patience.
    pub async fn wired(&self) -> (Wire, Gateway) {
        let wire = Wire::to(self.endpoint.trim_start_matches("http://")).await;
        let patience = Patience {
            attempts: 2,
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(50),
            ..Patience::default()
        };
        let gateway = self
            .gateway_to(&format!("http://{}", wire.begin), patience)
            .await;
        (wire, gateway)
    }

    /// A worker in this process that soon gives up.
    pub fn work_impatiently(&self, gateway: &Gateway) -> Working {
        let pace = Pace {
            retry: Duration::from_millis(20),
            poll: Duration::from_millis(100),
            ..Pace::default()
        };
        self.work_with(self.store.clone(), gateway.clone(), pace)
    }

    pub fn work_with(&self, store: Store, gateway: Gateway, pace: Pace) -> Working {
        let stop = CancellationToken::new();
        let worker = Worker::new(store, gateway, self.configuration.clone()).at_pace(pace);
        tokio::spawn(worker.run(stop.clone()));
        Working(stop)
    }

    /// A store that reaches this database over another host and port.
    pub async fn store_over(&self, begin: &str) -> Store {
        let (before, after) = self.app_url.split_once("://").unwrap();
        let (user, rest) = after.split_once('@').unwrap();
        let (_, path) = rest.split_once('/').unwrap();
        Store::connect(&format!("{before}://{user}@{begin}/{path}"), 8)
            .await
            .unwrap()
    }

    /// Host and port of Postgres.
    pub fn database_host(&self) -> String {
        let (_, after) = self.app_url.split_once('@').unwrap();
        after.split_once('/').unwrap().0.to_owned()
    }

    /// A worker in a process of its own; with a boundary, one that is killed there.
    pub fn spawn_worker(&self, stop_at: Option<&str>) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command
            .arg("worker")
            .env("DATABASE_URL", &self.app_url)
            .env(
                "GATEHOUSE_CONFIGURATION",
                setting("GATEHOUSE_TEST_CONFIGURATION"),
            )
            .env("GATEHOUSE_METRICS_LISTEN", "127.0.0.1:0")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env(
                "AWS_ACCESS_KEY_ID",
                setting("GATEHOUSE_TEST_AWS_ACCESS_KEY_ID"),
            )
            .env(
                "AWS_SECRET_ACCESS_KEY",
                setting("GATEHOUSE_TEST_AWS_SECRET_ACCESS_KEY"),
            )
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if let Some(boundary) = stop_at {
            command.env("GATEHOUSE_STOP_AT", boundary);
        }
        command.spawn().unwrap()
    }

    /// A worker in a process of its own, until it dies at the boundary; its jobs can be taken up at once.
    pub async fn dies_at(&self, boundary: Boundary) {
        let mut doomed = self.spawn_worker(Some(boundary.name()));
        let status = tokio::time::timeout(PATIENCE, doomed.wait())
            .await
            .unwrap_or_else(|_| panic!("{} was never passed", boundary.name()))
            .unwrap();
        assert_eq!(
            status.signal(),
            Some(KILLED),
            "{}: {status}",
            boundary.name()
        );
        self.expire_leases().await;
    }

    /// Lets the lease of a killed worker run out now instead of in fifteen seconds.
    async fn expire_leases(&self) {
        self.as_owner(
            "update job set lease_until = now() - interval '1 second' where state = 'running'",
        )
        .await;
    }

    /// Has jobs of this kind wait for so many seconds from now, once none is at work.
    pub async fn put_off(&self, kind: JobKind, seconds: u32) {
        self.until_no_job_is("state = 'running'").await;
        let sql = format!(
            "update job set run_at = now() + interval '{seconds} seconds'
             where state = 'ready' and kind = '{}'",
            kind.as_str()
        );
        self.as_owner(&sql).await;
    }

    /// Has every job that ended have ended so many days ago.
    /// Has every waiver come to its end.
    pub async fn let_waivers_expire(&self) {
        self.as_owner("update waiver set expires_at = now()").await;
    }

    pub async fn let_jobs_age(&self, days: u32) {
        let sql = format!(
            "update job set ended_at = now() - interval '{days} days' where ended_at is not null"
        );
        self.as_owner(&sql).await;
    }

    /// How many jobs there are of a change.
    pub async fn jobs_of(&self, id: ChangeId) -> i64 {
        let mut connection = PgConnection::connect(&self.owner_url).await.unwrap();
        let count = sqlx::query_scalar("select count(*) from job where change = $1")
            .bind(id.0)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        count
    }

    async fn as_owner(&self, sql: &str) {
        let mut connection = PgConnection::connect(&self.owner_url).await.unwrap();
        connection
            .execute(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}
