//! Kills the process at every boundary between two steps, starts it again, and looks whether the change comes
//! to the same end with its change set run once. `GATEHOUSE_CRASH_ROUNDS` repeats it.
use crate::leftovers::given_up;
use crate::world::World;
use domain::audit::Action;
use domain::change::{ChangeKind, ChangeState, Closing, Outcome, Repair};
use domain::names::{ChangeId, DeploymentId};
use server::aws::{Act, ClientToken};
use server::jobs::Boundary;
use server::store::job::JobKind;
use std::time::Duration;

fn rounds() -> usize {
    std::env::var("GATEHOUSE_CRASH_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

/// The boundaries whose names start so.
fn boundaries(job: &str) -> Vec<Boundary> {
    let found: Vec<_> = Boundary::ALL
        .into_iter()
        .filter(|boundary| boundary.name().starts_with(job))
        .collect();
    assert!(!found.is_empty());
    found
}

/// A worker that dies at the boundary, and after it one that does not.
async fn crash_at(world: &World, boundary: Boundary, id: ChangeId) -> ChangeState {
    world.dies_at(boundary).await;
    let worker = world.spawn_worker(None);
    let state = world.settled(id).await;
    // Whatever is left in the queue has its chance to do harm.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    drop(worker);
    assert_eq!(world.change(id).await.state, state, "{}", boundary.name());
    state
}

/// The stack began one operation under the deployment's token, and none under any other since `before`.
async fn ran_once(
    world: &World,
    stack_id: &str,
    deployment: DeploymentId,
    act: Act,
    before: usize,
    what: &str,
) {
    let beginnings = world.beginnings(stack_id).await;
    let token = ClientToken::of_deployment(deployment, act, 0);
    let ours = beginnings
        .iter()
        .filter(|event| event.token.as_deref() == Some(token.as_str()));
    assert_eq!(ours.count(), 1, "{what}: {beginnings:#?}");
    assert_eq!(beginnings.len(), before + 1, "{what}: {beginnings:#?}");
}

async fn planned(world: &World, id: ChangeId) {
    let _working = world.work().await;
    world.waits(id).await;
}

async fn deployed(world: &World, id: ChangeId, outcome: Outcome) {
    let _working = world.work().await;
    world.succeeds(id, outcome).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_planning_changes_nothing() {
    for boundary in boundaries("plan.").repeat(rounds()) {
        let world = World::new().await;
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        let state = crash_at(&world, boundary, id).await;
        assert!(
            matches!(state, ChangeState::Waiting { .. }),
            "{}: {state:#?}",
            boundary.name()
        );
        assert_eq!(
            world.audited(id, Action::ChangePlanned).await,
            1,
            "{}",
            boundary.name()
        );
        let deployment = world.approve(id).await;
        deployed(&world, id, Outcome::Deployed).await;
        let stack_id = world.stack_id().await.unwrap();
        ran_once(
            &world,
            &stack_id,
            deployment,
            Act::Execute,
            0,
            boundary.name(),
        )
        .await;
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_deploying_runs_the_change_set_once() {
    for boundary in boundaries("deploy.").repeat(rounds()) {
        let world = World::new().await;
        // First a stack that is created, then the same stack updated.
        for (delay, before) in [("1", 0), ("2", 1)] {
            let what = format!("{} with delay {delay}", boundary.name());
            let id = world.ask(&world.template(), &[("Delay", delay)]).await;
            planned(&world, id).await;
            let deployment = world.approve(id).await;
            let state = crash_at(&world, boundary, id).await;
            assert_eq!(
                state,
                ChangeState::Succeeded {
                    outcome: Outcome::Deployed
                },
                "{what}"
            );
            let stack_id = world.stack_id().await.unwrap();
            ran_once(&world, &stack_id, deployment, Act::Execute, before, &what).await;
            for action in [Action::DeploymentStarted, Action::DeploymentSucceeded] {
                assert_eq!(world.audited(id, action).await, 1, "{what}");
            }
            assert_eq!(
                world.environment().await.release,
                world.change(id).await.release,
                "{what}"
            );
        }
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_decommissioning_deletes_the_stack_once() {
    for boundary in boundaries("deploy.").repeat(rounds()) {
        let world = World::new().await;
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        planned(&world, id).await;
        world.approve(id).await;
        deployed(&world, id, Outcome::Deployed).await;
        let stack_id = world.stack_id().await.unwrap();
        let id = world.ask_for(ChangeKind::Decommission, None).await;
        planned(&world, id).await;
        let deployment = world.approve(id).await;
        let state = crash_at(&world, boundary, id).await;
        assert_eq!(
            state,
            ChangeState::Succeeded {
                outcome: Outcome::Decommissioned
            },
            "{}",
            boundary.name()
        );
        ran_once(
            &world,
            &stack_id,
            deployment,
            Act::Delete,
            1,
            boundary.name(),
        )
        .await;
        assert_eq!(world.stack_id().await, None);
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_closing_leaves_nothing_behind() {
    let passed = [boundaries("taken."), boundaries("close.")].concat();
    for boundary in passed.repeat(rounds()) {
        let world = World::new().await;
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        planned(&world, id).await;
        world.close(id, Closing::Withdrawn).await;
        let state = crash_at(&world, boundary, id).await;
        assert_eq!(
            state,
            ChangeState::Closed {
                closing: Closing::Withdrawn
            },
            "{}",
            boundary.name()
        );
        assert_eq!(
            world.audited(id, Action::Closed).await,
            1,
            "{}",
            boundary.name()
        );
        let live = world.live_stack().await;
        assert_eq!(live, None, "{}", boundary.name());
        assert_eq!(world.stack_id().await, None, "{}", boundary.name());
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_clearing_up_leaves_nothing_behind() {
    let passed = [boundaries("taken."), boundaries("clear.")].concat();
    for boundary in passed.repeat(rounds()) {
        let world = World::new().await;
        // The wire stays jammed: only the workers that begin now can clear up.
        let (id, plan, ..) = given_up(&world, "1").await;
        world.put_off(JobKind::Clear, 0).await;
        world.dies_at(boundary).await;
        let _working = world.work().await;
        world.until_idle().await;
        assert!(!world.has_change_set_of(plan).await, "{}", boundary.name());
        assert_eq!(world.live_stack().await, None, "{}", boundary.name());
        assert_eq!(world.stack_id().await, None, "{}", boundary.name());
        assert_eq!(
            world.audited(id, Action::Cleared).await,
            1,
            "{}",
            boundary.name()
        );
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_repairing_repairs_once() {
    for boundary in boundaries("repair.").repeat(rounds()) {
        let world = World::new().await;
        world.fail("Queue", "create", 1).await;
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        planned(&world, id).await;
        world.approve(id).await;
        {
            let _working = world.work().await;
            let state = world.settled(id).await;
            assert!(
                matches!(state, ChangeState::Failed { stuck: Some(_), .. }),
                "{state:#?}"
            );
        }
        let stack_id = world.stack_id().await.unwrap();
        world.repair(id, Repair::DeleteDeadStack).await;
        let state = crash_at(&world, boundary, id).await;
        assert!(
            matches!(state, ChangeState::Failed { stuck: None, .. }),
            "{}: {state:#?}",
            boundary.name()
        );
        assert_eq!(
            world.audited(id, Action::Repaired).await,
            1,
            "{}",
            boundary.name()
        );
        let beginnings = world.beginnings(&stack_id).await;
        let deletes = beginnings
            .iter()
            .filter(|event| event.status == "DELETE_IN_PROGRESS");
        assert_eq!(deletes.count(), 1, "{}: {beginnings:#?}", boundary.name());
        world.end().await;
    }
}
