//! Environments of more than one stack.
use crate::world::{World, requester};
use domain::change::{ChangeKind, ChangeState, FailureKind, Operation, Outcome, Plan};
use domain::names::{ChangeId, ChangeNumber, StackName};
use domain::stack::LiveStack;
use server::aws::Acting;

const EDGE_REGION: &str = "us-east-1";

fn edge(world: &World) -> String {
    format!(
        "Resources:\n  Edge{}: {{Type: AWS::SNS::Topic}}\n",
        world.id
    )
}

async fn ask_for_both(world: &World, delay: &str) -> ChangeId {
    let (main, edge) = (world.template(), edge(world));
    let stacks = [
        ("main", None, main.as_str()),
        ("edge", Some(EDGE_REGION), edge.as_str()),
    ];
    world.ask_stacks(&stacks, &[("Delay", delay)]).await
}

/// The plan that the change waits with.
async fn planned(world: &World, id: ChangeId) -> Plan {
    let state = world.settled(id).await;
    assert!(matches!(state, ChangeState::Waiting { .. }), "{state:#?}");
    world.plan(id).await
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

async fn succeeds(world: &World, id: ChangeId, outcome: Outcome) {
    world.approve(id).await;
    assert_eq!(world.settled(id).await, ChangeState::Succeeded { outcome });
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
    let plan = planned(&world, id).await;
    assert_eq!(
        operations(&plan),
        [("main", "creates"), ("edge", "creates")]
    );
    assert_eq!(plan.reviewed.stacks[1].region.to_string(), EDGE_REGION);
    succeeds(&world, id, Outcome::Deployed).await;
    assert!(live_edge(&world).await.unwrap().status.succeeded());

    let id = world.ask_for(ChangeKind::Decommission, None).await;
    let plan = planned(&world, id).await;
    assert_eq!(
        operations(&plan),
        [("edge", "deletes"), ("main", "deletes")]
    );
    succeeds(&world, id, Outcome::Decommissioned).await;
    assert_eq!(live_edge(&world).await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_that_a_release_drops_is_deleted() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = ask_for_both(&world, "1").await;
    planned(&world, id).await;
    succeeds(&world, id, Outcome::Deployed).await;
    let id = world.ask(&world.template(), &[("Delay", "2")]).await;
    let plan = planned(&world, id).await;
    assert_eq!(
        operations(&plan),
        [("main", "updates"), ("edge", "deletes")]
    );
    succeeds(&world, id, Outcome::Deployed).await;
    assert_eq!(live_edge(&world).await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_that_fails_leaves_the_main_stack_as_deployed_and_can_be_asked_for_again() {
    let world = World::new().await;
    let _working = world.work().await;
    world.fail("Edge", "create", 1).await;
    let id = ask_for_both(&world, "1").await;
    planned(&world, id).await;
    world.approve(id).await;
    let ChangeState::Failed { failure, .. } = world.settled(id).await else {
        panic!("{:#?}", world.change(id).await.state)
    };
    assert_eq!(failure.kind, FailureKind::RolledBack);
    assert!(
        failure.message.contains(&format!("Edge{}", world.id)),
        "{}",
        failure.message
    );
    let main = world
        .plan_session()
        .await
        .describe_stack(&world.stack_name())
        .await
        .unwrap();
    assert!(main.unwrap().status.succeeded());
    world.end().await;
}
