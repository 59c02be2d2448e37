//! Stacks that get stuck, and their ways out.
use crate::world::World;
use domain::change::{ChangeKind, ChangeState, FailureKind, Outcome, Repair, Stuck};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_create_leaves_a_dead_stack_that_is_deleted_before_the_next_plan() {
    let world = World::new().await;
    let _working = world.work().await;
    world.fail("Queue", "create", 1).await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    world.waits(id).await;
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!(failure.kind, FailureKind::RolledBack);
    assert!(
        failure.message.contains(&format!("Queue{}", world.id)),
        "{}",
        failure.message
    );
    assert!(
        failure.message.contains("Made to fail at create"),
        "{}",
        failure.message
    );
    assert_eq!(
        stuck,
        Some(Stuck::Dead {
            status: "ROLLBACK_COMPLETE".into()
        })
    );
    world.repair(id, Repair::DeleteDeadStack).await;
    let (same, stuck) = world.fails(id).await;
    assert_eq!((same, stuck), (failure, None));
    assert_eq!(world.stack_id().await, None);
    // The name is free again.
    world.live("2").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_stack_met_while_planning_is_deleted_and_planned_again() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    world.waits(id).await;
    // Somebody executes the change set in the console, and the creation fails.
    world.fail("Queue", "create", 1).await;
    let binding = world.plan(id).await.binding.stacks.remove(0);
    let (change_set, stack) = (binding.change_set_id.unwrap(), binding.stack_id.unwrap());
    world.execute_behind_our_back(&change_set, &stack).await;
    world.plan_again(id).await;
    match world.settled(id).await {
        ChangeState::PlanFailed { failure, stuck } => {
            assert_eq!(failure.kind, FailureKind::StackState);
            assert_eq!(
                stuck,
                Some(Stuck::Dead {
                    status: "ROLLBACK_COMPLETE".into()
                })
            );
        }
        other => panic!("{other:#?}"),
    }
    world.repair(id, Repair::DeleteDeadStack).await;
    world.deploys(id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_fails_goes_on_without_what_failed() {
    let world = World::new().await;
    let _working = world.work().await;
    world.live("1").await;
    world.fail("Queue", "delete", 1).await;
    let id = world.ask_for(ChangeKind::Decommission, None).await;
    world.waits(id).await;
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!(
        stuck,
        Some(Stuck::DeleteFailed {
            resources: vec![format!("Queue{}", world.id)]
        })
    );
    assert!(
        failure.message.contains("Made to fail at delete"),
        "{}",
        failure.message
    );
    let retain = vec![format!("Queue{}", world.id)];
    world.repair(id, Repair::DeleteRetaining { retain }).await;
    world.succeeds(id, Outcome::Decommissioned).await;
    assert_eq!(world.environment().await.release, None);
    let gone = world.live_stack().await;
    assert_eq!(gone, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_update_goes_back_to_what_was() {
    let world = World::new().await;
    let _working = world.work().await;
    world.live("1").await;
    let release = world.environment().await.release;
    world.fail("Queue", "update", 1).await;
    let id = world.ask(&world.template(), &[("Delay", "2")]).await;
    world.waits(id).await;
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!((failure.kind, stuck), (FailureKind::RolledBack, None));
    assert_eq!(world.environment().await.release, release);
    world.live("3").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_rollback_is_continued_without_what_failed() {
    let world = World::new().await;
    let _working = world.work().await;
    world.live("1").await;
    // The topic's policy comes last, so the queue is changed by then and has to go back.
    world.fail("Policy", "update", 1).await;
    world.fail("Queue", "rollback", 1).await;
    let template = world
        .template()
        .replace("sqs:SendMessage", "sqs:SendMessage*");
    let id = world.ask(&template, &[("Delay", "2")]).await;
    world.waits(id).await;
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert!(
        failure.message.contains("Made to fail at update"),
        "{}",
        failure.message
    );
    let queue = format!("Queue{}", world.id);
    assert_eq!(
        stuck,
        Some(Stuck::RollbackFailed {
            resources: vec![queue.clone()]
        })
    );
    world
        .repair(id, Repair::ContinueRollback { skip: vec![queue] })
        .await;
    let (same, stuck) = world.fails(id).await;
    assert_eq!((same, stuck), (failure, None));
    world.live("4").await;
    world.end().await;
}

/// Asks for this template, and for its deployment to stop while it is at it.
async fn stopped(world: &World, template: &str) {
    let id = world.ask(template, &[]).await;
    world.waits(id).await;
    world.approve(id).await;
    world.until_events(id).await;
    world.stop(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!(
        (failure.kind, stuck),
        (FailureKind::Stopped, None),
        "{}",
        failure.message
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_create_is_deleted() {
    let world = World::new().await;
    let _working = world.work().await;
    stopped(&world, &world.long_template()).await;
    assert_eq!(world.stack_id().await, None);
    assert_eq!(world.live_stack().await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_update_is_cancelled() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = world.ask(&world.long_template(), &[]).await;
    world.deploys(id).await;
    let release = world.environment().await.release;
    let named = world
        .long_template()
        .replace("Topic'}", "Topic', Properties: {DisplayName: Other}}");
    stopped(&world, &named).await;
    let live = world.live_stack().await.unwrap();
    assert_eq!(live.status.0, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.environment().await.release, release);
    world.end().await;
}
