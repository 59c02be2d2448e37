//! Bad input and bad weather: each ends in a clear state on the change, none in a lost or doubled change.
use crate::wire::{State, Wire};
use crate::world::World;
use domain::audit::Action;
use domain::change::{ChangeKind, ChangeState, Closing, Failure, FailureKind, Outcome};
use domain::names::ChangeId;
use server::aws::{Act, ChangeSetKind, ClientToken};
use server::configuration::Configuration;
use server::jobs::Pace;
use std::sync::Arc;
use std::time::Duration;

/// The failure of a change that could not be planned, and is in no dead end.
async fn plan_failure(world: &World, id: ChangeId) -> Failure {
    match world.settled(id).await {
        ChangeState::PlanFailed {
            failure,
            stuck: None,
        } => failure,
        other => panic!("{other:#?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_gatehouse_did_not_make_is_left_alone() {
    let world = World::new().await;
    world
        .change_behind_our_back(ChangeSetKind::Create, world.template())
        .await;
    let before = world.live_stack().await;
    let id = world.ask(&world.template(), &[("Delay", "7")]).await;
    let _working = world.work().await;
    let failure = plan_failure(&world, id).await;
    assert_eq!(failure.kind, FailureKind::ForeignStack);
    assert!(
        failure.message.contains(world.stack_name().as_str()),
        "{}",
        failure.message
    );
    let after = world.live_stack().await;
    assert_eq!(before, after);
    // It can still be taken back, which touches nothing either.
    world.close(id, Closing::Withdrawn).await;
    assert_eq!(
        world.settled(id).await,
        ChangeState::Closed {
            closing: Closing::Withdrawn
        }
    );
    assert_eq!(before, world.live_stack().await);
    world.end().await;
}

fn with_account(world: &mut World, spoil: impl Fn(&mut domain::account::Account)) {
    let mut configuration: Configuration = (*world.configuration).clone();
    configuration.accounts.iter_mut().for_each(spoil);
    world.configuration = Arc::new(configuration);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_assumed_is_said_so() {
    let wrong_id = |account: &mut domain::account::Account| {
        account.external_id = "wrong-but-long-enough-to-be-one".into()
    };
    let no_role = |account: &mut domain::account::Account| {
        account.plan_role = format!("arn:aws:iam::{}:role/gatehouse-none", account.id);
    };
    let spoilers: [&dyn Fn(&mut domain::account::Account); 2] = [&wrong_id, &no_role];
    for spoil in spoilers {
        let mut world = World::new().await;
        let good = world.configuration.clone();
        with_account(&mut world, spoil);
        let id = world.ask(&world.template(), &[]).await;
        let working = world.work().await;
        let failure = plan_failure(&world, id).await;
        assert_eq!(failure.kind, FailureKind::Role);
        for words in [
            world.account().plan_role.as_str(),
            world.account().id.as_str(),
            "gatehouse doctor",
        ] {
            assert!(
                failure.message.contains(words),
                "{words}: {}",
                failure.message
            );
        }
        assert_eq!(failure.aws_code.as_deref(), Some("AccessDenied"));
        drop(working);
        // Mended, it goes on where it was.
        world.configuration = good;
        world.plan_again(id).await;
        let _working = world.work().await;
        world.waits(id).await;
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_no_role_can_plan_can_be_taken_back() {
    let mut world = World::new().await;
    with_account(&mut world, |account| {
        account.external_id = "wrong-but-long-enough-to-be-one".into()
    });
    let id = world.ask(&world.template(), &[]).await;
    let _working = world.work().await;
    plan_failure(&world, id).await;
    world.close(id, Closing::Withdrawn).await;
    assert_eq!(
        world.settled(id).await,
        ChangeState::Closed {
            closing: Closing::Withdrawn
        }
    );
    world.end().await;
}

fn topics(count: usize) -> String {
    let topics: String = (0..count)
        .map(|nth| format!("  T{nth}: {{Type: 'AWS::SNS::Topic'}}\n"))
        .collect();
    format!("Resources:\n{topics}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_breaks_a_rule_names_the_place() {
    let world = World::new().await;
    let _working = world.work().await;
    let cases = [
        ("Resources:\n  Queue: {Type: 'AWS::SQS::Queue', Properties: [}\n".to_owned(), "main.yaml:2:"),
        ("Resources:\n  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Nowhere}}\n".to_owned(), "Nowhere"),
        (topics(501), "500"),
        (format!("# {}\n{}", "x".repeat(1_000_001), topics(1)), "1000000"),
    ];
    for (template, words) in cases {
        let id = world.ask(&template, &[]).await;
        let failure = plan_failure(&world, id).await;
        assert_eq!(failure.kind, FailureKind::Template, "{}", failure.message);
        assert!(failure.message.contains(words), "{}", failure.message);
        assert!(
            failure.message.starts_with("main.yaml"),
            "{}",
            failure.message
        );
        world.close(id, Closing::Withdrawn).await;
        world.until(id, ChangeState::is_over).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_too_long_for_a_request_goes_through_the_bucket() {
    let world = World::new().await;
    let _working = world.work().await;
    let template = format!("# {}\n{}", "x".repeat(60_000), world.template());
    let id = world.ask(&template, &[("Delay", "1")]).await;
    world.deploys(id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_shown_while_it_lasts_and_forgotten_when_it_is_over() {
    let world = World::new().await;
    let (wire, gateway) = world.wired().await;
    wire.becomes(State::Throttled);
    let pace = Pace {
        retry: Duration::from_millis(500),
        ..Pace::default()
    };
    let _working = world.work_with(world.store.clone(), gateway, pace);
    let id = world.ask(&world.template(), &[]).await;
    let said = world.until_job_says(id).await;
    assert!(said.contains("Rate exceeded"), "{said}");
    wire.becomes(State::Whole);
    world.waits(id).await;
    assert_eq!(world.job_says(id).await, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_that_does_not_end_is_a_failure_that_says_so() {
    let world = World::new().await;
    let (wire, gateway) = world.wired().await;
    wire.becomes(State::Throttled);
    let _working = world.work_impatiently(&gateway);
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    let failure = plan_failure(&world, id).await;
    assert_eq!(failure.kind, FailureKind::AwsUnavailable);
    assert!(
        failure.message.contains("Rate exceeded"),
        "{}",
        failure.message
    );
    wire.becomes(State::Whole);
    world.plan_again(id).await;
    world.waits(id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_outlasts_a_role_that_is_shut_while_it_runs() {
    let world = World::new().await;
    let (wire, gateway) = world.wired().await;
    let _working = world.work_impatiently(&gateway);
    // Enough to be at it for some seconds.
    let id = world.ask(&world.long_template(), &[]).await;
    world.waits(id).await;
    world.approve(id).await;
    world.until_events(id).await;
    wire.becomes(State::Denied);
    let said = world.until_job_says(id).await;
    assert!(said.contains("did not allow"), "{said}");
    assert!(matches!(
        world.change(id).await.state,
        ChangeState::Deploying { .. }
    ));
    wire.becomes(State::Whole);
    world.succeeds(id, Outcome::Deployed).await;
    assert_eq!(world.audited(id, Action::DeploymentFailed).await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_outlasts_ten_seconds_without_postgres() {
    let world = World::new().await;
    let wire = Wire::to(&world.database_host()).await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    let store = world.store_over(&wire.begin).await;
    let _working = world.work_with(store, world.gateway().await, Pace::default());
    world.waits(id).await;
    let deployment = world.approve(id).await;
    world
        .until(id, |state| matches!(state, ChangeState::Deploying { .. }))
        .await;
    wire.becomes(State::Cut);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(matches!(
        world.change(id).await.state,
        ChangeState::Deploying { .. }
    ));
    wire.becomes(State::Whole);
    world.succeeds(id, Outcome::Deployed).await;
    let beginnings = world.beginnings(&world.stack_id().await.unwrap()).await;
    assert_eq!(beginnings.len(), 1, "{beginnings:#?}");
    let token = ClientToken::of_deployment(deployment, Act::Execute, 0);
    assert_eq!(beginnings[0].token.as_deref(), Some(token.as_str()));
    assert_eq!(world.audited(id, Action::DeploymentSucceeded).await, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_changed_behind_the_approval_is_planned_again() {
    let world = World::new().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    {
        let _working = world.work().await;
        world.waits(id).await;
    }
    let first = world.plan(id).await;
    world.approve(id).await;
    // Somebody deletes the change set in the console.
    let change_set = first.binding.stacks[0].change_set_id.clone().unwrap();
    world
        .plan_session()
        .await
        .delete_change_set(&change_set)
        .await
        .unwrap();
    let _working = world.work().await;
    // The new plan says the same, so the approval stands and it runs without asking again.
    world.succeeds(id, Outcome::Deployed).await;
    let second = world.plan(id).await;
    assert_ne!(first.id, second.id);
    assert_eq!(first.digest, second.digest);
    assert_eq!(world.audited(id, Action::PlanAgain).await, 1);
    assert_eq!(world.audited(id, Action::ApprovalVoided).await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_says_something_else_loses_its_approval() {
    let world = World::new().await;
    let working = world.work().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    world.deploys(id).await;
    let id = world.ask_for(ChangeKind::Decommission, None).await;
    world.waits(id).await;
    drop(working);
    world.approve(id).await;
    // It loses its topic and the topic's policy.
    let queue = format!(
        "Resources:\n  Queue{}: {{Type: 'AWS::SQS::Queue'}}\n",
        world.id
    );
    world
        .change_behind_our_back(ChangeSetKind::Update, queue)
        .await;
    let _working = world.work().await;
    let state = world
        .until(id, |state| matches!(state, ChangeState::Waiting { .. }))
        .await
        .state;
    let plan = world.plan(id).await;
    assert!(matches!(state, ChangeState::Waiting { plan: shown, .. } if shown == plan.id));
    assert_eq!(world.audited(id, Action::ApprovalVoided).await, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_a_success_that_says_so() {
    let world = World::new().await;
    let _working = world.work().await;
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    world.deploys(id).await;
    let release = world.environment().await.release;
    let id = world.ask_for(ChangeKind::Update, release).await;
    world.succeeds(id, Outcome::NothingToDo).await;
    assert_eq!(world.environment().await.release, release);
    world.end().await;
}
