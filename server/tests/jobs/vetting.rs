//! A new environment is compared with what its blueprint version was vetted with.
use crate::world::{World, requester};
use domain::access::Verdict;
use domain::audit::Action;
use domain::blueprint::{Said, Speaker, Vetting};
use domain::change::{Baseline, ChangeState, Outcome, Rules};
use domain::names::{ChangeId, Digest, VettingId};
use server::store;
use uuid::Uuid;

const WORDS: &str = "what version 1 was vetted with at dev";

/// Gatehouse's own rules: at dev nobody is asked as long as access is not widened.
async fn world() -> World {
    let mut world = World::new().await;
    world.rule(Rules::shipped());
    world
}

/// A queue that SNS may send to, and at any other delay than the default's may receive from.
fn template(world: &World) -> String {
    let more = "          - !If
            - More
            - Effect: Allow
              Principal: {Service: sns.amazonaws.com}
              Action: sqs:ReceiveMessage
              Resource: !GetAtt Queue__ID__.Arn
            - !Ref AWS::NoValue
Outputs:";
    let more = more.replace("__ID__", &world.id);
    let conditions = "Conditions:\n  More: !Not [!Equals [!Ref Delay, \"0\"]]\nResources:";
    world
        .template()
        .replace("Outputs:", &more)
        .replace("Resources:\n", &format!("{conditions}\n"))
}

async fn ask(world: &World, delay: &str) -> ChangeId {
    world.ask(&template(world), &[("Delay", delay)]).await
}

async fn version_of(world: &World, id: ChangeId) -> Digest {
    let release = world.change(id).await.release.unwrap();
    let mut connection = world.store.acquire().await.unwrap();
    let release = store::release::get(&mut connection, release).await.unwrap();
    release.unwrap().blueprint_digest
}

/// Has the version that the change brings vetted.
async fn vet(world: &World, id: ChangeId) {
    let digest = version_of(world, id).await;
    let vetting = Vetting::by_configuration("It is listed", chrono::Utc::now());
    let mut connection = world.store.acquire().await.unwrap();
    let id = VettingId(Uuid::now_v7());
    store::vetting::insert(&mut connection, id, &digest, &vetting)
        .await
        .unwrap();
}

async fn withdraw(world: &World, id: ChangeId) {
    let digest = version_of(world, id).await;
    let mut connection = world.store.acquire().await.unwrap();
    let kept = store::vetting::latest(&mut connection, &digest).await;
    let kept = kept.unwrap().unwrap();
    let said = Said {
        by: Speaker::Person(requester()),
        words: "A hole".to_owned(),
        at: chrono::Utc::now(),
    };
    let withdrawn = kept.vetting.withdraw(said).unwrap();
    store::vetting::save(&mut connection, kept.id, &withdrawn)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_vetted_deploys_by_itself() {
    let world = world().await;
    let id = ask(&world, "0").await;
    vet(&world, id).await;
    let _working = world.work().await;
    world.succeeds(id, Outcome::Deployed).await;
    assert_eq!(world.audited(id, Action::NoApprovalAsked).await, 1);
    let reviewed = world.plan(id).await.reviewed;
    assert_eq!(reviewed.access.verdict, Verdict::Equivalent);
    assert_eq!(reviewed.compared_with(), WORDS);
    let Baseline::Vetted { whole } = &reviewed.baseline else {
        panic!("{:?}", reviewed.baseline)
    };
    assert_eq!(whole.verdict, Verdict::Widened);

    // From then on what runs is what counts.
    let id = ask(&world, "5").await;
    let plan = world.waits(id).await;
    assert_eq!(plan.reviewed.compared_with(), "what runs now");
    assert_eq!(plan.reviewed.access.verdict, Verdict::Widened);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_adds_counts_as_widened() {
    let world = world().await;
    let id = ask(&world, "5").await;
    vet(&world, id).await;
    let _working = world.work().await;
    let plan = world.waits(id).await;
    assert_eq!(plan.reviewed.access.verdict, Verdict::Widened);
    assert_eq!(plan.reviewed.compared_with(), WORDS);
    let gained = serde_json::to_string(&plan.reviewed.access.iam.subjects).unwrap();
    assert!(gained.contains("sqs:ReceiveMessage"), "{gained}");
    let lines = &plan.reviewed.access.iam.subjects[0].lines;
    assert_eq!(lines.added.len(), 1, "{lines:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_vetted_is_compared_with_nothing() {
    let world = world().await;
    let id = ask(&world, "0").await;
    let _working = world.work().await;
    let plan = world.waits(id).await;
    assert_eq!(plan.reviewed.baseline, Baseline::Live);
    assert_eq!(plan.reviewed.access.verdict, Verdict::Widened);
    assert!(plan.reviewed.compared_with().starts_with("nothing"));
    world.end().await;
}

/// What is approved over a vetted version does not run once the version is vetted no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_withdrawn_sends_its_changes_back() {
    let world = world().await;
    let id = ask(&world, "5").await;
    vet(&world, id).await;
    let before = {
        let _working = world.work().await;
        world.waits(id).await
    };
    world.approve(id).await;
    withdraw(&world, id).await;
    let _working = world.work().await;
    let waits = |state: &ChangeState| matches!(state, ChangeState::Waiting { .. });
    world.until(id, waits).await;
    let after = world.plan(id).await;
    assert_ne!(before.digest, after.digest);
    assert_eq!(after.reviewed.baseline, Baseline::Live);
    assert_eq!(world.audited(id, Action::DeploymentStarted).await, 0);
    assert_eq!(world.audited(id, Action::ApprovalVoided).await, 1);
    world.end().await;
}
