//! Two at once, again and again, against a real Postgres: whoever comes second sees what the first has done.
use super::PortalService;
use crate::authz::Authorizer;
use crate::configuration::Configuration;
use crate::store::job::{JobKind, claim, enqueue};
use crate::store::{Store, change, commit, deployment, fixture, fixture::name, lock};
use app::api::{DecidePost, Form, LockPost, Portal};
use domain::change::{ChangeState, Decision, Group, Rule, Rules};
use domain::names::{
    ChangeId, ChangeNumber, DeploymentId, Digest, EnvironmentId, PlanId, SessionId,
};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ROUNDS: usize = 100;

/// A portal whose rule asks for so many approvals.
fn portal(store: &Store, asks: &[(Group, u8)]) -> PortalService {
    let good = include_str!("../configuration/good.toml");
    let mut configuration = Configuration::parse("good.toml", good).unwrap();
    configuration.rules = Rules(vec![Rule {
        name: "a rule".to_owned(),
        stages: vec![Stage::Dev],
        kinds: Vec::new(),
        access: None,
        findings: None,
        asks: asks.iter().copied().collect(),
    }]);
    let authorizer = Authorizer::new().unwrap();
    PortalService::new(store.clone(), Arc::new(configuration), Arc::new(authorizer))
}

async fn somebody(store: &Store, called: &str, grants: Vec<Grant>) -> Principal {
    let mut connection = store.acquire().await.unwrap();
    Principal {
        subject: fixture::person(&mut connection, called).await,
        name: called.to_owned(),
        session: SessionId(Uuid::now_v7()),
        grants,
        authenticated_at: None,
    }
}

fn approves() -> Vec<Grant> {
    vec![Grant::Approver {
        team: name("payments"),
        stages: vec![Stage::Dev],
    }]
}

/// A change of its own environment that waits for a review.
struct Waiting {
    id: ChangeId,
    number: ChangeNumber,
    environment: EnvironmentId,
    service: String,
    plan: PlanId,
    review: Digest,
}

impl Waiting {
    async fn new(store: &Store, round: usize) -> Self {
        let mut connection = store.acquire().await.unwrap();
        let service = format!("s{round}");
        let of = fixture::service(&mut connection, "payments", &service).await;
        let environment = fixture::environment(&mut connection, of, Stage::Dev).await;
        let ada = fixture::person(&mut connection, "ada").await;
        let place = ("payments", Stage::Dev);
        let state = fixture::waiting();
        let (id, number) = fixture::change(&mut connection, environment, place, &ada, &state)
            .await
            .unwrap();
        let (plan, review) = fixture::kept_plan(&mut connection, id, &service).await;
        let state = ChangeState::Waiting {
            plan,
            review: review.clone(),
        };
        change::save_state(&mut connection, id, &state)
            .await
            .unwrap();
        Self {
            id,
            number,
            environment,
            service,
            plan,
            review,
        }
    }

    async fn approve(&self, portal: &PortalService, who: &Principal) -> bool {
        let post = DecidePost {
            change: self.number,
            decision: Decision::Approve,
            digest: self.review.to_string(),
            comment: String::new(),
        };
        taken(&portal.decide(who, post).await)
    }

    async fn state(&self, store: &Store) -> ChangeState {
        let mut connection = store.acquire().await.unwrap();
        let found = change::by_id(&mut connection, self.id).await.unwrap();
        found.unwrap().state
    }

    /// Deployments and jobs that came of it.
    async fn came_of_it(&self, pool: &PgPool) -> (i64, Vec<String>) {
        let deployments = sqlx::query_scalar!(
            r#"select count(*) as "count!" from deployment where change = $1"#,
            self.id.0
        );
        let jobs = sqlx::query_scalar!("select kind from job where change = $1", self.id.0);
        (
            deployments.fetch_one(pool).await.unwrap(),
            jobs.fetch_all(pool).await.unwrap(),
        )
    }
}

/// Whether a post was taken; a refused one goes back to a kept form.
fn taken(answer: &Form) -> bool {
    !answer.as_ref().unwrap().0.contains("draft=")
}

#[sqlx::test(migrations = "../migrations")]
async fn two_approvers_at_once_make_one_deployment(pool: PgPool) {
    let store = Store::from(pool.clone());
    let bob = somebody(&store, "bob", approves()).await;
    let cem = somebody(&store, "cem", approves()).await;
    let pat = somebody(&store, "pat", vec![Grant::Platform]).await;
    let either = portal(&store, &[(Group::Approver, 1)]);
    let both = portal(&store, &[(Group::Approver, 1), (Group::Platform, 1)]);
    for round in 0..ROUNDS {
        let one = Waiting::new(&store, 2 * round).await;
        let (first, second) = tokio::join!(one.approve(&either, &bob), one.approve(&either, &cem));
        assert!(first != second, "one of them comes too late");
        let other = Waiting::new(&store, 2 * round + 1).await;
        let (first, second) = tokio::join!(other.approve(&both, &bob), other.approve(&both, &pat));
        assert!(first && second, "both are needed");
        for change in [one, other] {
            let state = change.state(&store).await;
            assert!(matches!(state, ChangeState::Approved { .. }), "{state:?}");
            let deploys = (1, vec![JobKind::Deploy.as_str().to_owned()]);
            assert_eq!(change.came_of_it(&pool).await, deploys);
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn an_approval_and_a_new_plan_at_once_leave_one_of_them(pool: PgPool) {
    let store = Store::from(pool.clone());
    let bob = somebody(&store, "bob", approves()).await;
    let pat = somebody(&store, "pat", vec![Grant::Platform]).await;
    let portal = portal(&store, &[(Group::Approver, 1)]);
    for round in 0..ROUNDS {
        let change = Waiting::new(&store, round).await;
        // Whoever is named first has a small start.
        let (approved, planned) = if round % 2 == 0 {
            tokio::join!(change.approve(&portal, &bob), async {
                taken(&portal.plan_again(&pat, change.number).await)
            })
        } else {
            let (planned, approved) = tokio::join!(
                async { taken(&portal.plan_again(&pat, change.number).await) },
                change.approve(&portal, &bob)
            );
            (approved, planned)
        };
        assert!(approved != planned, "the second finds another state");
        let (state, came_of_it) = (change.state(&store).await, change.came_of_it(&pool).await);
        if approved {
            assert!(matches!(state, ChangeState::Approved { plan, .. } if plan == change.plan));
            assert_eq!(came_of_it, (1, vec![JobKind::Deploy.as_str().to_owned()]));
        } else {
            assert!(matches!(state, ChangeState::Planning { plan, .. } if plan != change.plan));
            assert_eq!(came_of_it, (0, vec![JobKind::Plan.as_str().to_owned()]));
        }
    }
}

/// What the deploy job does in the transaction that starts a deployment, with a pause where a lock could slip in;
/// gives when it was about to be final, unless it found a lock.
async fn start(
    store: &Store,
    environment: EnvironmentId,
    deployment: DeploymentId,
) -> Option<Instant> {
    let mut transaction = store.begin().await.unwrap();
    lock::hold_environment(&mut transaction, environment)
        .await
        .unwrap();
    let locked = lock::of(&mut transaction, environment).await.unwrap();
    if locked.is_some() {
        return None;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert!(
        deployment::start(&mut transaction, deployment)
            .await
            .unwrap()
    );
    let at = Instant::now();
    commit(transaction).await.unwrap();
    Some(at)
}

#[sqlx::test(migrations = "../migrations")]
async fn nothing_starts_once_somebody_was_told_that_it_is_locked(pool: PgPool) {
    let store = Store::from(pool);
    let bob = somebody(&store, "bob", approves()).await;
    let pat = somebody(&store, "pat", vec![Grant::Platform]).await;
    let portal = portal(&store, &[(Group::Approver, 1)]);
    for round in 0..ROUNDS {
        let change = Waiting::new(&store, round).await;
        assert!(change.approve(&portal, &bob).await);
        let ChangeState::Approved { deployment, .. } = change.state(&store).await else {
            panic!("not approved");
        };
        let post = LockPost {
            team: name("payments"),
            service: name(&change.service),
            stage: Stage::Dev,
            reason: "Stocktaking".to_owned(),
        };
        let (started, told) = tokio::join!(start(&store, change.environment, deployment), async {
            assert!(taken(&portal.lock(&pat, post).await));
            Instant::now()
        });
        assert!(started.is_none_or(|at| at < told), "round {round}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn two_replicas_never_take_the_same_job(pool: PgPool) {
    let store = Store::from(pool.clone());
    for round in 0..ROUNDS {
        let change = Waiting::new(&store, round).await;
        let mut connection = store.acquire().await.unwrap();
        let payload = serde_json::json!({});
        enqueue(
            &mut connection,
            JobKind::Plan,
            change.id,
            payload,
            change.environment,
            None,
        )
        .await
        .unwrap();
        drop(connection);
        let lease = Duration::from_secs(60);
        let (one, other) = tokio::join!(
            claim(&store, "one replica", lease),
            claim(&store, "another replica", lease)
        );
        let claimed: Vec<_> = [one.unwrap(), other.unwrap()]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(claimed.len(), 1, "round {round}");
        assert_eq!(claimed[0].change, change.id);
    }
}
