//! What holds an environment lets an approved change wait, and nothing is lost by it.
use crate::wire::{State, Wire};
use crate::world::{World, approver};
use app::api::{LockPost, Portal};
use chrono::{DateTime, TimeDelta, Utc};
use domain::change::schedule::Schedule;
use domain::change::window::{FreezeWindow, Period, Scope, Zone};
use domain::change::{ChangeKind, ChangeState, Outcome};
use domain::names::{ChangeId, DeploymentId, SessionId};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use server::authz::Authorizer;
use server::aws::Patience;
use server::jobs::Pace;
use server::service::PortalService;
use server::store;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Has dev frozen from one time to another, for workers that begin from now on.
fn freeze(world: &mut World, from: DateTime<Utc>, to: DateTime<Utc>) {
    let mut configuration = (*world.configuration).clone();
    configuration.freezes.push(FreezeWindow {
        stages: [Stage::Dev].into(),
        scope: Scope::Team("payments".parse().unwrap()),
        period: Period::once(Zone::UTC, from.naive_utc(), to.naive_utc()).unwrap(),
        reason: "Year-end close".to_owned(),
        owner: "Finance".to_owned(),
    });
    world.configuration = Arc::new(configuration);
}

async fn began(world: &World, deployment: DeploymentId) -> Option<DateTime<Utc>> {
    let mut connection = world.store.acquire().await.unwrap();
    let deployment = store::deployment::get(&mut connection, deployment).await;
    deployment.unwrap().unwrap().started_at
}

/// For two seconds nothing happens but that the change stays approved, and nothing looks like trouble.
async fn stays_approved(world: &World, id: ChangeId, deployment: DeploymentId) {
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let state = world.change(id).await.state;
        assert!(matches!(state, ChangeState::Approved { .. }), "{state:#?}");
        assert_eq!(world.job_says(id).await, None);
        assert_eq!(began(world, deployment).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_stage_waits_and_then_runs() {
    let mut world = World::new().await;
    let id = world.ask(&world.template(), &[]).await;
    {
        let _working = world.work().await;
        world.waits(id).await;
    }
    let end = Utc::now() + TimeDelta::seconds(6);
    freeze(&mut world, end - TimeDelta::hours(1), end);
    let _working = world.work().await;
    let deployment = world.approve(id).await;
    stays_approved(&world, id, deployment).await;
    world.succeeds(id, Outcome::Deployed).await;
    assert!(began(&world, deployment).await.unwrap() >= end);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_begins_after_the_check_holds() {
    let mut world = World::new().await;
    let id = world.ask(&world.template(), &[]).await;
    {
        let _working = world.work().await;
        world.waits(id).await;
    }
    // The worker finds nothing frozen and asks AWS; before that has answered, it is.
    let wire = Wire::to(world.endpoint.trim_start_matches("http://")).await;
    let endpoint = format!("http://{}", wire.begin);
    let gateway = world.gateway_to(&endpoint, Patience::default()).await;
    wire.becomes(State::Slow);
    let from = Utc::now() + TimeDelta::milliseconds(1500);
    let end = from + TimeDelta::seconds(8);
    freeze(&mut world, from, end);
    let deployment = world.approve(id).await;
    let _working = world.work_with(world.store.clone(), gateway, Pace::default());
    world.succeeds(id, Outcome::Deployed).await;
    assert!(began(&world, deployment).await.unwrap() >= end);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_holds_the_end_of_an_environment_and_lets_a_waiting_change_be_taken_back() {
    let mut world = World::new().await;
    {
        let _working = world.work().await;
        world.live("1").await;
    }
    let end = Utc::now() + TimeDelta::days(1);
    freeze(&mut world, end - TimeDelta::days(2), end);
    let _working = world.work().await;
    let id = world.ask_for(ChangeKind::Decommission, None).await;
    world.waits(id).await;
    let deployment = world.approve(id).await;
    stays_approved(&world, id, deployment).await;
    assert!(world.live_stack().await.is_some());
    world.close(id, domain::change::Closing::Cancelled).await;
    world.until(id, ChangeState::is_over).await;
    assert!(world.live_stack().await.is_some());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_environment_lets_a_change_wait_and_unlocking_wakes_it() {
    let world = World::new().await;
    let portal = PortalService::new(
        world.store.clone(),
        world.configuration.clone(),
        Arc::new(Authorizer::new().unwrap()),
    );
    let who = Principal {
        subject: approver(),
        name: "Adam".to_owned(),
        session: SessionId(Uuid::now_v7()),
        grants: vec![Grant::Platform],
        authenticated_at: None,
    };
    let _working = world.work().await;
    let id = world.ask(&world.template(), &[]).await;
    world.waits(id).await;
    let team: domain::names::TeamName = "payments".parse().unwrap();
    let post = LockPost {
        team: team.clone(),
        service: world.service.clone(),
        stage: Stage::Dev,
        reason: "Stocktaking".to_owned(),
    };
    portal.lock(&who, post).await.unwrap();
    let deployment = world.approve(id).await;
    stays_approved(&world, id, deployment).await;
    let number = world.change(id).await.number;
    let (page, _) = portal.change(&who, number, None).await.unwrap();
    let [hold] = page.holds.as_slice() else {
        panic!("{:#?}", page.holds)
    };
    assert_eq!(hold.title, "Waits until the environment is unlocked");
    assert_eq!(hold.why, "Locked by adam just now: Stocktaking");
    assert_eq!(page.failure, None);

    portal
        .unlock(&who, team, world.service.clone(), Stage::Dev)
        .await
        .unwrap();
    let unlocked = Instant::now();
    world
        .until(id, |state| !matches!(state, ChangeState::Approved { .. }))
        .await;
    assert!(unlocked.elapsed() < Duration::from_secs(60), "it slept on");
    world.succeeds(id, Outcome::Deployed).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_for_later_is_approved_before_and_runs_then() {
    let mut world = World::new().await;
    let at = Utc::now() + TimeDelta::seconds(8);
    let zone = Zone::Europe__Berlin;
    world.schedule = Some(Schedule { at, zone });
    let id = world.ask(&world.template(), &[]).await;
    let _working = world.work().await;
    world.waits(id).await;
    let deployment = world.approve(id).await;
    stays_approved(&world, id, deployment).await;
    world.succeeds(id, Outcome::Deployed).await;
    assert!(began(&world, deployment).await.unwrap() >= at);
    world.end().await;
}
