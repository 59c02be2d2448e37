//! A finding that blocks stops a change before anything is made at AWS; a waiver lets it through, for as long as it is
//! in force.
use crate::steps::{adam, person, rita};
use crate::world::{World, subject};
use app::api::{
    AppError, DecidePost, Form, Location, Portal, WaiverDecisionPost, WaiverEndPost, WaiverFilter,
    WaiverPost,
};
use chrono::{TimeDelta, Utc};
use domain::audit::Action;
use domain::blueprint::Problem;
use domain::change::{ChangeState, Decision, FindingKey, Outcome, Plan, Severity, WaiverState};
use domain::names::{ChangeId, ChangeNumber, DraftId, WaiverNumber};
use domain::person::{Grant, Principal};
use server::service::PortalService;
use server::store;
use std::collections::BTreeMap;

fn sky() -> Principal {
    person(subject("sky"), vec![Grant::Security])
}

/// A template with one finding that blocks.
fn plain_queue(world: &World) -> String {
    let template = world.template();
    let plain = template.replace(
        "{DelaySeconds: !Ref Delay}",
        "{DelaySeconds: !Ref Delay, SqsManagedSseEnabled: false}",
    );
    assert_ne!(plain, template);
    plain
}

/// A change that is stopped, and the portal that it is seen through.
struct Stopped {
    world: World,
    portal: PortalService,
    id: ChangeId,
    number: ChangeNumber,
    plan: Plan,
}

impl Stopped {
    async fn new() -> Stopped {
        let world = World::new().await;
        let id = world.ask(&plain_queue(&world), &[("Delay", "1")]).await;
        let blocked = |state: &ChangeState| matches!(state, ChangeState::Blocked { .. });
        {
            let _working = world.work().await;
            world.until(id, blocked).await;
        }
        Stopped {
            portal: world.portal(),
            number: world.change(id).await.number,
            plan: world.plan(id).await,
            id,
            world,
        }
    }

    fn key(&self) -> FindingKey {
        let mut findings = self.plan.reviewed.findings.iter();
        let blocking = findings.find(|it| it.finding.severity == Severity::Block);
        blocking.unwrap().finding.key.clone()
    }

    fn asking(&self, reason: &str, until: &str) -> WaiverPost {
        WaiverPost {
            change: self.number,
            key: self.key(),
            reason: reason.to_owned(),
            until: until.to_owned(),
        }
    }

    /// Asks for a waiver until tomorrow.
    async fn ask(&self, who: &Principal) -> WaiverNumber {
        let tomorrow = (Utc::now() + TimeDelta::days(1)).date_naive();
        let post = self.asking("It holds no data", &tomorrow.to_string());
        let Location(page) = self.portal.ask_waiver(who, post).await.unwrap();
        page.strip_prefix("/waivers/").unwrap().parse().unwrap()
    }

    async fn decide(
        &self,
        who: &Principal,
        number: WaiverNumber,
        granted: bool,
        words: &str,
    ) -> Form {
        let post = WaiverDecisionPost {
            number,
            granted,
            words: words.to_owned(),
        };
        self.portal.decide_waiver(who, post).await
    }

    /// What a form that was sent back holds.
    async fn sent_back(
        &self,
        who: &Principal,
        answer: Form,
    ) -> (BTreeMap<String, String>, Vec<Problem>) {
        let Location(path) = answer.unwrap();
        let (_, draft) = path.split_once("draft=").unwrap();
        let mut connection = self.world.store.acquire().await.unwrap();
        let id = DraftId(draft.parse().unwrap());
        let kept = store::draft::get(&mut connection, id, &who.subject);
        kept.await.unwrap().unwrap()
    }

    async fn state(&self) -> ChangeState {
        self.world.change(self.id).await.state
    }

    async fn audited(&self, action: Action) -> usize {
        self.world.audited(self.id, action).await
    }

    /// Grants a waiver and waits for the plan that is made with it.
    async fn let_through(&self) -> WaiverNumber {
        let waiver = self.ask(&rita()).await;
        self.decide(&sky(), waiver, true, "").await.unwrap();
        let _working = self.world.work().await;
        self.world.waits(self.id).await;
        waiver
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocking_finding_stops_it_before_a_change_set_is_made() {
    let stopped = Stopped::new().await;
    let (world, plan) = (&stopped.world, &stopped.plan);
    assert_eq!(stopped.key().rule, "queue-is-encrypted");
    assert_eq!(plan.binding.stacks[0].change_set_id, None);
    assert!(!world.has_change_set_of(plan.id).await);
    assert!(world.live_stack().await.is_none());
    assert_eq!(stopped.audited(Action::ChangeBlocked).await, 1);
    let approval = DecidePost {
        change: stopped.number,
        decision: Decision::Approve,
        digest: plan.digest.to_string(),
        comment: String::new(),
    };
    let answer = stopped.portal.decide(&adam(), approval).await;
    let (_, problems) = stopped.sent_back(&adam(), answer).await;
    let words = &problems[0].message;
    assert!(words.contains("is stopped by a finding"), "{words}");
    assert_eq!(stopped.audited(Action::Approved).await, 0);

    let (page, plan) = stopped
        .portal
        .change(&rita(), stopped.number, None)
        .await
        .unwrap();
    assert!(page.review.may_withdraw && page.review.may_plan_again);
    let findings = plan.unwrap().findings;
    assert_eq!(findings[0].finding.severity, Severity::Block);
    assert!(findings[0].may_ask);
    stopped
        .portal
        .withdraw(&rita(), stopped.number)
        .await
        .unwrap();
    let _working = world.work().await;
    let closed = |state: &ChangeState| matches!(state, ChangeState::Closed { .. });
    world.until(stopped.id, closed).await;
    drop(_working);
    stopped.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_waiver_plans_again_and_lets_it_run() {
    let stopped = Stopped::new().await;
    let waiver = stopped.ask(&rita()).await;
    // Asking once is enough.
    let again = stopped.asking("Once more", "2026-01-01");
    let answer = stopped.portal.ask_waiver(&adam(), again).await;
    stopped.sent_back(&adam(), answer).await;

    // Never by who asked, and by nobody but security.
    for (who, words) in [
        (
            person(
                rita().subject,
                vec![Grant::Security, rita().grants[0].clone()],
            ),
            "someone else of security",
        ),
        (adam(), "security role"),
        (
            person(subject("pat"), vec![Grant::Platform]),
            "security role",
        ),
    ] {
        let answer = stopped.decide(&who, waiver, true, "").await;
        let Err(AppError::Forbidden { why }) = answer else {
            panic!("{answer:?}")
        };
        assert!(why.contains(words), "{why}");
    }
    assert_eq!(stopped.audited(Action::Refused).await, 3);
    let stranger = person("eve".parse().unwrap(), Vec::new());
    let answer = stopped.decide(&stranger, waiver, true, "").await;
    assert!(
        matches!(answer, Err(AppError::NotFound { .. })),
        "{answer:?}"
    );

    stopped
        .decide(&sky(), waiver, true, "Until the move")
        .await
        .unwrap();
    assert!(matches!(
        stopped.state().await,
        ChangeState::Planning { .. }
    ));
    let answer = stopped.decide(&sky(), waiver, false, "No").await;
    let (typed, problems) = stopped.sent_back(&sky(), answer).await;
    assert_eq!(typed["words"], "No");
    assert!(
        problems[0].message.contains("granted by now"),
        "{problems:?}"
    );

    let _working = stopped.world.work().await;
    let plan = stopped.world.waits(stopped.id).await;
    let findings = &plan.reviewed.findings;
    let covering = findings.iter().find_map(|it| it.waiver.as_ref()).unwrap();
    assert_eq!(covering.number, waiver);
    assert_ne!(plan.digest, stopped.plan.digest);
    assert!(plan.binding.stacks[0].change_set_id.is_some());
    stopped.world.approve(stopped.id).await;
    stopped.world.succeeds(stopped.id, Outcome::Deployed).await;
    assert_eq!(stopped.audited(Action::WaiverGranted).await, 1);
    let list = stopped
        .portal
        .waivers(&sky(), WaiverFilter::default())
        .await
        .unwrap();
    assert_eq!(list.rows.len(), 1);
    let none = WaiverFilter {
        state: Some(WaiverState::Refused),
        ..WaiverFilter::default()
    };
    assert!(
        stopped
            .portal
            .waivers(&sky(), none)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    drop(_working);
    stopped.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_told_beside_its_fields_and_kept() {
    let stopped = Stopped::new().await;
    let now = Utc::now();
    let far = (now + TimeDelta::days(91)).date_naive().to_string();
    let past = (now - TimeDelta::days(1)).date_naive().to_string();
    let rita = rita();
    for (reason, until, fields) in [
        ("", "", vec!["waiver_reason", "until"]),
        ("Why", "", vec!["until"]),
        ("Why", "soon", vec!["until"]),
        ("Why", &past, vec!["until"]),
        ("Why", &far, vec!["until"]),
    ] {
        let answer = stopped
            .portal
            .ask_waiver(&rita, stopped.asking(reason, until))
            .await;
        let (typed, problems) = stopped.sent_back(&rita, answer).await;
        let found: Vec<_> = problems.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(found, fields, "{reason} {until}");
        assert_eq!(typed["until"], until);
    }
    assert_eq!(stopped.audited(Action::WaiverAsked).await, 0);
    let mut elsewhere = stopped.asking("Why", &now.date_naive().to_string());
    elsewhere.key.resource = "Nothing".to_owned();
    let answer = stopped.portal.ask_waiver(&rita, elsewhere).await;
    assert!(
        matches!(answer, Err(AppError::NotFound { .. })),
        "{answer:?}"
    );

    // Refusing takes words, and leaves it stopped.
    let waiver = stopped.ask(&rita).await;
    let answer = stopped.decide(&sky(), waiver, false, " ").await;
    let (_, problems) = stopped.sent_back(&sky(), answer).await;
    assert_eq!(problems[0].field, "words");
    stopped
        .decide(&sky(), waiver, false, "It does hold data")
        .await
        .unwrap();
    assert!(matches!(stopped.state().await, ChangeState::Blocked { .. }));
    assert_eq!(stopped.audited(Action::WaiverRefused).await, 1);
    let page = stopped.portal.waiver(&rita, waiver, None).await.unwrap();
    assert_eq!(page.said[0].title, "Refused by sky");
    stopped.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_that_expired_sends_it_back_when_it_is_to_start() {
    let stopped = Stopped::new().await;
    stopped.let_through().await;
    stopped.world.approve(stopped.id).await;
    stopped.world.let_waivers_expire().await;
    let _working = stopped.world.work().await;
    let blocked = |state: &ChangeState| matches!(state, ChangeState::Blocked { .. });
    stopped.world.until(stopped.id, blocked).await;
    assert_eq!(stopped.audited(Action::DeploymentStarted).await, 0);
    assert_eq!(stopped.audited(Action::ApprovalVoided).await, 1);
    // Nothing of what was approved is left that could run.
    let made = stopped.world.plan(stopped.id).await;
    assert!(!stopped.world.has_change_set_of(made.id).await);
    assert_eq!(stopped.audited(Action::ChangeBlocked).await, 2);
    drop(_working);
    stopped.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_that_is_ended_early_stops_what_waits() {
    let stopped = Stopped::new().await;
    let waiver = stopped.let_through().await;
    let with = stopped.world.plan(stopped.id).await;
    assert!(stopped.world.has_change_set_of(with.id).await);
    let end = |words: &str| WaiverEndPost {
        number: waiver,
        words: words.to_owned(),
    };
    let answer = stopped.portal.end_waiver(&sky(), end("")).await;
    let (_, problems) = stopped.sent_back(&sky(), answer).await;
    assert_eq!(problems[0].field, "words");
    let answer = stopped.portal.end_waiver(&rita(), end("mine")).await;
    assert!(
        matches!(answer, Err(AppError::Forbidden { .. })),
        "{answer:?}"
    );
    stopped
        .portal
        .end_waiver(&sky(), end("It holds data by now"))
        .await
        .unwrap();
    let _working = stopped.world.work().await;
    let blocked = |state: &ChangeState| matches!(state, ChangeState::Blocked { .. });
    stopped.world.until(stopped.id, blocked).await;
    assert!(!stopped.world.has_change_set_of(with.id).await);
    assert_eq!(stopped.audited(Action::WaiverEnded).await, 1);
    drop(_working);
    stopped.world.end().await;
}
