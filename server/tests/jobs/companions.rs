//! Environments of more than one stack.
use crate::world::{World, requester};
use domain::change::{ChangeKind, FailureKind, Operation, Outcome, Plan, Repair, Stuck};
use domain::names::{ChangeId, ChangeNumber, StackName};
use domain::stack::LiveStack;
use server::aws::Acting;
use server::jobs::Boundary;

const EDGE_REGION: &str = "us-east-1";

fn edge(world: &World) -> String {
    format!(
        "Resources:\n  Edge{}: {{Type: AWS::SNS::Topic}}\n",
        world.id
    )
}

/// Name, region and template of each.
fn both<'a>(main: &'a str, edge: &'a str) -> [(&'a str, Option<&'a str>, &'a str); 2] {
    [("main", None, main), ("edge", Some(EDGE_REGION), edge)]
}

async fn ask_for_both(world: &World, delay: &str) -> ChangeId {
    let (main, edge) = (world.template(), edge(world));
    world
        .ask_stacks(&both(&main, &edge), &[("Delay", delay)])
        .await
}

async fn live_both(world: &World, delay: &str) {
    let id = ask_for_both(world, delay).await;
    world.deploys(id).await;
}

/// What the plan does to each stack, in order.
fn operations(plan: &Plan) -> Vec<(&str, &str)> {
    plan.reviewed
        .stacks
        .iter()
        .map(|stack| {
            let does = match &stack.operation {
                Operation::Deploy { creates: true, .. } => "creates",
                Operation::Deploy { .. } => "updates",
                Operation::Nothing => "nothing",
                Operation::Delete { .. } => "deletes",
            };
            (stack.name.as_str(), does)
        })
        .collect()
}

async fn live_edge(world: &World) -> Option<LiveStack> {
    let name: StackName = format!("{}-edge", world.stack_name()).parse().unwrap();
    let acting = Acting {
        requester: requester(),
        change: ChangeNumber(1),
    };
    let session = world
        .gateway()
        .await
        .plan_session(world.account(), &EDGE_REGION.parse().unwrap(), &acting)
        .await
        .unwrap();
    session.describe_stack(&name).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_lives_and_ends_with_its_environment() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = ask_for_both(&world, "1").await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("main", "creates"), ("edge", "creates")]
    );
    assert_eq!(plan.reviewed.stacks[1].region.to_string(), EDGE_REGION);
    world.approve(id).await;
    world.succeeds(id, Outcome::Deployed).await;
    assert!(live_edge(&world).await.unwrap().status.succeeded());

    let id = world.ask_for(ChangeKind::Decommission, None).await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("edge", "deletes"), ("main", "deletes")]
    );
    world.approve(id).await;
    world.succeeds(id, Outcome::Decommissioned).await;
    assert_eq!(live_edge(&world).await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_that_a_release_drops_is_deleted() {
    let world = World::new().await;
    let _working = world.work().await;
    live_both(&world, "1").await;
    let id = world.ask(&world.template(), &[("Delay", "2")]).await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("main", "updates"), ("edge", "deletes")]
    );
    world.approve(id).await;
    world.succeeds(id, Outcome::Deployed).await;
    assert_eq!(live_edge(&world).await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_that_fails_is_deleted_and_made_again_beside_the_main_stack() {
    let world = World::new().await;
    let _working = world.work().await;
    world.fail("Edge", "create", 1).await;
    let id = ask_for_both(&world, "1").await;
    world.waits(id).await;
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!(failure.kind, FailureKind::RolledBack);
    assert!(
        failure.message.contains(&format!("Edge{}", world.id)),
        "{}",
        failure.message
    );
    assert!(matches!(stuck, Some(Stuck::Dead { .. })), "{stuck:?}");
    let main = world.live_stack().await.unwrap();
    assert!(main.status.succeeded());

    world.repair(id, Repair::DeleteDeadStack).await;
    assert_eq!(world.fails(id).await, (failure, None));
    assert_eq!(live_edge(&world).await, None);
    // Only the dead stack was touched.
    assert_eq!(world.live_stack().await, Some(main));
    let id = ask_for_both(&world, "1").await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("main", "updates"), ("edge", "creates")]
    );
    world.approve(id).await;
    world.succeeds(id, Outcome::Deployed).await;
    assert!(live_edge(&world).await.unwrap().status.succeeded());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_main_stack_that_fails_leaves_no_companion_under_review() {
    let world = World::new().await;
    let _working = world.work().await;
    world.fail("Queue", "create", 1).await;
    let id = ask_for_both(&world, "1").await;
    world.waits(id).await;
    assert_eq!(
        live_edge(&world).await.unwrap().status.0,
        "REVIEW_IN_PROGRESS"
    );
    world.approve(id).await;
    let (_, stuck) = world.fails(id).await;
    assert!(matches!(stuck, Some(Stuck::Dead { .. })), "{stuck:?}");
    world.until_idle().await;
    assert_eq!(live_edge(&world).await, None);

    world.repair(id, Repair::DeleteDeadStack).await;
    let (_, stuck) = world.fails(id).await;
    assert_eq!(stuck, None);
    live_both(&world, "2").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_main_stack_that_fails_to_roll_back_is_continued_before_its_companion_is_touched() {
    let world = World::new().await;
    let _working = world.work().await;
    live_both(&world, "1").await;
    let edge_before = live_edge(&world).await;
    world.fail("Policy", "update", 1).await;
    world.fail("Queue", "rollback", 1).await;
    let main = world
        .template()
        .replace("sqs:SendMessage", "sqs:SendMessage*");
    let edge = edge(&world).replace(
        "SNS::Topic}",
        "SNS::Topic, Properties: {DisplayName: Edge}}",
    );
    let stacks = both(&main, &edge);
    let id = world.ask_stacks(&stacks, &[("Delay", "2")]).await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("main", "updates"), ("edge", "updates")]
    );
    world.approve(id).await;
    let (failure, stuck) = world.fails(id).await;
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
    assert_eq!(world.fails(id).await, (failure, None));
    assert_eq!(live_edge(&world).await, edge_before);
    let id = world.ask_stacks(&stacks, &[("Delay", "3")]).await;
    world.deploys(id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decommission_that_fails_at_the_companion_goes_on_to_the_main_stack() {
    let world = World::new().await;
    let _working = world.work().await;
    live_both(&world, "1").await;
    world.fail("Edge", "delete", 1).await;
    let id = world.ask_for(ChangeKind::Decommission, None).await;
    world.waits(id).await;
    world.approve(id).await;
    let (_, stuck) = world.fails(id).await;
    let retain = vec![format!("Edge{}", world.id)];
    assert_eq!(
        stuck,
        Some(Stuck::DeleteFailed {
            resources: retain.clone()
        })
    );
    assert!(world.live_stack().await.unwrap().status.succeeded());
    world.repair(id, Repair::DeleteRetaining { retain }).await;
    world.succeeds(id, Outcome::Decommissioned).await;
    assert_eq!(live_edge(&world).await, None);
    assert_eq!(world.live_stack().await, None);
    assert_eq!(world.environment().await.release, None);
    world.end().await;
}

/// Has a worker die at the boundary while it deploys both, so that a wish to stop comes at that moment.
async fn stopped_at(
    world: &World,
    boundary: Boundary,
    stacks: &[(&str, Option<&str>, &str)],
) -> ChangeId {
    let id = world.ask_stacks(stacks, &[]).await;
    {
        let _working = world.work().await;
        world.waits(id).await;
    }
    world.approve(id).await;
    world.dies_at(boundary).await;
    world.stop(id).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_between_two_stacks_keeps_the_first_and_does_not_begin_the_second() {
    let world = World::new().await;
    let (main, edge) = (world.template(), edge(&world));
    let stacks = both(&main, &edge);
    let id = stopped_at(&world, Boundary::DeployEnded, &stacks).await;
    let _working = world.work().await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!((failure.kind, stuck), (FailureKind::Stopped, None));
    assert!(
        failure.message.contains(world.stack_name().as_str()),
        "{}",
        failure.message
    );
    world.until_idle().await;
    assert!(world.live_stack().await.unwrap().status.succeeded());
    assert_eq!(live_edge(&world).await, None);
    assert_eq!(world.environment().await.release, None);
    let id = ask_for_both(&world, "2").await;
    let plan = world.waits(id).await;
    assert_eq!(
        operations(&plan),
        [("main", "updates"), ("edge", "creates")]
    );
    world.approve(id).await;
    world.succeeds(id, Outcome::Deployed).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_while_the_first_of_two_stacks_is_made_leaves_neither() {
    let world = World::new().await;
    let (main, edge) = (world.long_template(), edge(&world));
    let stacks = both(&main, &edge);
    let id = stopped_at(&world, Boundary::DeployMarked, &stacks).await;
    let _working = world.work().await;
    let (failure, stuck) = world.fails(id).await;
    assert_eq!((failure.kind, stuck), (FailureKind::Stopped, None));
    world.until_idle().await;
    assert_eq!(world.live_stack().await, None);
    assert_eq!(live_edge(&world).await, None);
    assert_eq!(world.stack_id().await, None);
    live_both(&world, "2").await;
    world.end().await;
}
