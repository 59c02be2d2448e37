//! As many approvals of as many groups as the rules ask for, and nothing runs without them.
use crate::steps::{Seen, adam, person, rita};
use crate::world::{World, subject};
use app::api::Portal;
use domain::audit::Action;
use domain::change::{ChangeState, Group, Outcome, Rule, Rules};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use server::store::change::{Reviewer, count_waiting_for};
use std::time::Duration;

fn asking(asks: &[(Group, u8)]) -> Rules {
    Rules(vec![Rule {
        name: "a rule".to_owned(),
        stages: vec![Stage::Dev],
        kinds: Vec::new(),
        access: None,
        findings: None,
        asks: asks.iter().copied().collect(),
    }])
}

fn pat() -> Principal {
    person(subject("pat"), vec![Grant::Platform])
}

fn sky() -> Principal {
    person(subject("sky"), vec![Grant::Platform, Grant::Security])
}

/// How many changes wait for somebody of platform.
async fn wait_for_platform(world: &World, who: &Principal) -> u32 {
    let mut connection = world.store.acquire().await.unwrap();
    let reviewer = Reviewer {
        subject: &who.subject,
        approves: Vec::new(),
        platform: true,
        security: false,
    };
    count_waiting_for(&mut connection, &reviewer).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_group_answers_and_nobody_twice() {
    let mut world = World::new().await;
    world.rule(asking(&[(Group::Approver, 1), (Group::Platform, 1)]));
    let seen = Seen::in_world(world).await;
    assert_eq!(wait_for_platform(&seen.world, &pat()).await, 1);
    // The requester never counts, whatever else they are.
    let mut rita = rita();
    rita.grants.push(Grant::Platform);
    let answer = seen.portal.decide(&rita, seen.approval()).await;
    let (_, _, words) = seen.sent_back(&rita, answer).await;
    assert!(words.contains("someone else"), "{words}");

    seen.portal.decide(&pat(), seen.approval()).await.unwrap();
    assert!(matches!(seen.state().await, ChangeState::Waiting { .. }));
    assert_eq!(wait_for_platform(&seen.world, &sky()).await, 0);
    let answer = seen.portal.decide(&pat(), seen.approval()).await;
    let (_, _, words) = seen.sent_back(&pat(), answer).await;
    assert!(words.contains("already"), "{words}");
    // Whose approval is of no use is told so.
    let answer = seen.portal.decide(&sky(), seen.approval()).await;
    let (_, _, words) = seen.sent_back(&sky(), answer).await;
    assert!(words.contains("one approver of payments"), "{words}");

    seen.portal.decide(&adam(), seen.approval()).await.unwrap();
    assert!(matches!(seen.state().await, ChangeState::Approved { .. }));
    assert_eq!(seen.world.audited(seen.id, Action::Approved).await, 2);
    let _working = seen.world.work().await;
    seen.world.succeeds(seen.id, Outcome::Deployed).await;
    seen.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_asked_it_deploys_by_itself() {
    let mut world = World::new().await;
    world.rule(asking(&[]));
    let id = world.ask(&world.template(), &[("Delay", "1")]).await;
    let _working = world.work().await;
    world.succeeds(id, Outcome::Deployed).await;
    assert_eq!(world.audited(id, Action::NoApprovalAsked).await, 1);
    assert_eq!(world.audited(id, Action::Approved).await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_ask_for_more_meanwhile_hold_up_what_was_approved() {
    let mut seen = Seen::new().await;
    seen.portal.decide(&adam(), seen.approval()).await.unwrap();
    assert!(matches!(seen.state().await, ChangeState::Approved { .. }));
    seen.world
        .rule(asking(&[(Group::Approver, 1), (Group::Security, 1)]));
    {
        let _working = seen.world.work().await;
        let waits = |state: &ChangeState| matches!(state, ChangeState::Waiting { .. });
        seen.world.until(seen.id, waits).await;
    }
    assert_eq!(
        seen.world.audited(seen.id, Action::ApprovalsMissing).await,
        1
    );
    assert_eq!(
        seen.world.audited(seen.id, Action::DeploymentStarted).await,
        0
    );
    // What was approved before still counts.
    let portal = seen.world.portal();
    portal.decide(&sky(), seen.approval()).await.unwrap();
    let _working = seen.world.work().await;
    seen.world.succeeds(seen.id, Outcome::Deployed).await;
    seen.world.end().await;
}

/// Two press at once: both approvals count, and one deployment comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn two_approvals_at_once_make_one_deployment() {
    let mut world = World::new().await;
    world.rule(asking(&[(Group::Approver, 1), (Group::Platform, 1)]));
    let seen = Seen::in_world(world).await;
    let (adam, pat) = (adam(), pat());
    let (one, other) = tokio::join!(
        seen.portal.decide(&adam, seen.approval()),
        seen.portal.decide(&pat, seen.approval()),
    );
    assert_eq!(one.unwrap().0, seen.page());
    assert_eq!(other.unwrap().0, seen.page());
    let _working = seen.world.work().await;
    seen.world.succeeds(seen.id, Outcome::Deployed).await;
    assert_eq!(
        seen.world.audited(seen.id, Action::DeploymentStarted).await,
        1
    );
    seen.world.end().await;
}

/// Rules change while nothing runs: a worker that starts shows each change to those who are asked now.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_to_whom_the_rules_ask_now() {
    let mut seen = Seen::new().await;
    assert_eq!(wait_for_platform(&seen.world, &pat()).await, 0);
    seen.world
        .rule(asking(&[(Group::Approver, 1), (Group::Platform, 1)]));
    {
        let _working = seen.world.work().await;
        while wait_for_platform(&seen.world, &pat()).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(seen.world.audited(seen.id, Action::PlanAgain).await, 0);
    assert!(matches!(seen.state().await, ChangeState::Waiting { .. }));

    // What needs nobody any more goes on.
    seen.world.rule(asking(&[]));
    let _working = seen.world.work().await;
    let succeeded = |state: &ChangeState| matches!(state, ChangeState::Succeeded { .. });
    seen.world.until(seen.id, succeeded).await;
    assert_eq!(seen.world.audited(seen.id, Action::PlanAgain).await, 1);
    assert_eq!(
        seen.world.audited(seen.id, Action::NoApprovalAsked).await,
        1
    );
    seen.world.end().await;
}
