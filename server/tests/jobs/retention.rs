//! Jobs that ended long ago.
use crate::world::World;
use domain::audit::Action;
use domain::change::ChangeState;
use server::jobs::Pace;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn workers_delete_old_jobs_of_changes_that_are_over_and_no_history() {
    let world = World::new().await;
    let (done, open) = {
        let _working = world.work().await;
        let done = world.ask(&world.template(), &[("Delay", "1")]).await;
        world.deploys(done).await;
        let open = world.ask(&world.template(), &[("Delay", "2")]).await;
        world.waits(open).await;
        world.until_idle().await;
        (done, open)
    };
    assert_eq!(world.jobs_of(done).await, 2);
    let pace = Pace {
        sweep: Duration::from_millis(100),
        ..Pace::default()
    };
    let _working = world.work_with(world.store.clone(), world.gateway().await, pace);
    world.let_jobs_age(29).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.jobs_of(done).await, 2);
    world.let_jobs_age(31).await;
    while world.jobs_of(done).await > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(world.audited(done, Action::DeploymentSucceeded).await, 1);
    assert!(matches!(
        world.change(done).await.state,
        ChangeState::Succeeded { .. }
    ));
    // What is open may still have to be closed, which looks for its plans.
    assert_eq!(world.jobs_of(open).await, 1);
    world.end().await;
}
