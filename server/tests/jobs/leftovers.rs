//! What a change that ends without success must not leave at AWS: change sets that somebody else could execute, and
//! stacks that were only ever under review.
use crate::wire::{State, Wire};
use crate::world::World;
use domain::audit::Action;
use domain::change::{ChangeState, Closing, FailureKind, Outcome};
use domain::names::{ChangeId, PlanId};
use server::aws::Gateway;
use server::store::job::JobKind;
use std::sync::Arc;

/// Has the deployment of what is asked for given up before it begins. Gives the change, its plan, and the wire that
/// is jammed since.
pub async fn given_up(world: &World, delay: &str) -> (ChangeId, PlanId, Wire, Gateway) {
    let (wire, gateway) = world.wired().await;
    let id = world.ask(&world.template(), &[("Delay", delay)]).await;
    let plan = {
        let _working = world.work_impatiently(&gateway);
        world.waits(id).await.id
    };
    world.approve(id).await;
    wire.becomes(State::Throttled);
    let _working = world.work_impatiently(&gateway);
    let (failure, stuck) = world.fails(id).await;
    assert_eq!(
        (failure.kind, stuck),
        (FailureKind::AwsUnavailable, None),
        "{}",
        failure.message
    );
    (id, plan, wire, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_given_up_leaves_nothing_at_aws() {
    let world = World::new().await;
    let (id, plan, wire, gateway) = given_up(&world, "1").await;
    assert!(world.has_change_set_of(plan).await);
    wire.becomes(State::Whole);
    let _working = world.work_impatiently(&gateway);
    world.until_idle().await;
    assert!(!world.has_change_set_of(plan).await);
    assert_eq!(world.live_stack().await, None);
    assert_eq!(world.stack_id().await, None);
    assert_eq!(world.audited(id, Action::Cleared).await, 1);
    let next = world.ask(&world.template(), &[("Delay", "2")]).await;
    world.deploys(next).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planning_given_up_leaves_nothing_of_the_plan_before() {
    let world = World::new().await;
    let (wire, gateway) = world.wired().await;
    let _working = world.work_impatiently(&gateway);
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    let before = world.waits(id).await.id;
    wire.becomes(State::Throttled);
    world.plan_again(id).await;
    let state = world.settled(id).await;
    assert!(
        matches!(state, ChangeState::PlanFailed { .. }),
        "{state:#?}"
    );
    assert!(world.has_change_set_of(before).await);
    wire.becomes(State::Whole);
    world.until_idle().await;
    assert!(!world.has_change_set_of(before).await);
    assert_eq!(world.live_stack().await, None);
    world.plan_again(id).await;
    world.deploys(id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_given_up_leaves_the_live_stack_as_it_was() {
    let world = World::new().await;
    {
        let _working = world.work().await;
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        world.deploys(id).await;
    }
    let before = world.live_stack().await;
    let (_, plan, wire, gateway) = given_up(&world, "2").await;
    wire.becomes(State::Whole);
    let _working = world.work_impatiently(&gateway);
    world.until_idle().await;
    assert!(!world.has_change_set_of(plan).await);
    assert_eq!(world.live_stack().await, before);
    assert!(world.stack_id().await.is_some());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_up_late_takes_nothing_from_the_next_change() {
    let world = World::new().await;
    let (_, plan, wire, gateway) = given_up(&world, "1").await;
    world.put_off(JobKind::Clear, 3600).await;
    wire.becomes(State::Whole);
    let _working = world.work_impatiently(&gateway);
    let next = world.ask(&world.template(), &[("Delay", "2")]).await;
    let next_plan = world.waits(next).await.id;
    world.put_off(JobKind::Clear, 0).await;
    world.until_idle().await;
    assert!(!world.has_change_set_of(plan).await);
    assert!(world.has_change_set_of(next_plan).await);
    world.approve(next).await;
    world.succeeds(next, Outcome::Deployed).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shut_role_keeps_is_told_and_taken_by_the_next_change() {
    let mut world = World::new().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    let plan = {
        let _working = world.work().await;
        world.waits(id).await.id
    };
    let good = world.configuration.clone();
    let mut shut = (*good).clone();
    for account in &mut shut.accounts {
        account.execute_role = format!("arn:aws:iam::{}:role/gatehouse-none", account.id);
    }
    world.configuration = Arc::new(shut);
    world.approve(id).await;
    {
        let _working = world.work().await;
        let (failure, _) = world.fails(id).await;
        assert_eq!(failure.kind, FailureKind::Role, "{}", failure.message);
        world.until_idle().await;
    }
    // The plan role deletes change sets, the execute role stacks.
    assert!(!world.has_change_set_of(plan).await);
    assert!(world.live_stack().await.is_some());
    let left_behind = world.left_behind(id).await;
    assert!(left_behind.contains("role/gatehouse-none"), "{left_behind}");
    world.configuration = good;
    let next = world.ask(&world.template(), &[("Delay", "2")]).await;
    let _working = world.work().await;
    world.deploys(next).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_replaced_or_closed_leaves_no_change_set() {
    let closings = [
        Closing::Rejected,
        Closing::ChangesRequested,
        Closing::Withdrawn,
        Closing::Cancelled,
    ];
    let world = World::new().await;
    let _working = world.work().await;
    for closing in closings {
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        let first = world.waits(id).await.id;
        world.plan_again(id).await;
        let second = world.waits(id).await.id;
        assert_ne!(first, second);
        assert!(!world.has_change_set_of(first).await);
        assert!(world.has_change_set_of(second).await);
        world.close(id, closing).await;
        assert_eq!(world.settled(id).await, ChangeState::Closed { closing });
        assert!(!world.has_change_set_of(second).await);
        assert_eq!(world.live_stack().await, None);
        assert_eq!(world.stack_id().await, None);
    }
    world.end().await;
}
