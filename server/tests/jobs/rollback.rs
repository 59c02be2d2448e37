//! Going back to an earlier release.
use crate::world::World;
use domain::change::{ChangeKind, Operation, Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_is_planned_and_deployed_like_any_other_change() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    world.deploys(id).await;
    let first = world.environment().await.release;
    let id = world.ask(&world.template(), &[("Delay", "2")]).await;
    world.deploys(id).await;
    assert_ne!(world.environment().await.release, first);

    let id = world.ask_for(ChangeKind::Rollback, first).await;
    world.deploys(id).await;
    let plan = world.plan(id).await;
    assert_eq!(plan.reviewed.kind, ChangeKind::Rollback);
    let Operation::Deploy {
        creates: false,
        parameters,
        changes,
        ..
    } = &plan.reviewed.stacks[0].operation
    else {
        panic!("{:?}", plan.reviewed.stacks[0].operation);
    };
    assert_eq!(parameters["Delay"], "1");
    assert!(!changes.is_empty());
    world.succeeds(id, Outcome::Deployed).await;
    assert_eq!(world.environment().await.release, first);
    world.end().await;
}
