//! The steps that people take on a change between its jobs, as the portal takes them.
use crate::world::{World, approver, requester};
use app::api::{AppError, CommentPost, DecidePost, Form, Location, Portal, RepairPost};
use chrono::Utc;
use domain::audit::Action;
use domain::change::{ChangeState, Decision, Outcome, Repair};
use domain::names::{ChangeId, ChangeNumber, DraftId, SessionId, Subject};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use server::jobs::Boundary;
use server::service::PortalService;
use server::store;
use uuid::Uuid;

/// A change that waits for a review, and the portal that it is seen through.
pub struct Seen {
    pub world: World,
    pub portal: PortalService,
    pub id: ChangeId,
    pub number: ChangeNumber,
    pub digest: String,
}

impl Seen {
    pub async fn new() -> Self {
        Self::in_world(World::new().await).await
    }

    pub async fn in_world(world: World) -> Self {
        let id = world.ask(&world.template(), &[("Delay", "1")]).await;
        let plan = {
            let _working = world.work().await;
            world.waits(id).await
        };
        let portal = world.portal();
        let number = world.change(id).await.number;
        let digest = plan.digest.to_string();
        Self {
            world,
            portal,
            id,
            number,
            digest,
        }
    }

    pub fn approval(&self) -> DecidePost {
        DecidePost {
            change: self.number,
            decision: Decision::Approve,
            digest: self.digest.clone(),
            comment: " looks good ".to_owned(),
        }
    }

    pub fn page(&self) -> String {
        format!("/changes/{}", self.number)
    }

    pub async fn state(&self) -> ChangeState {
        self.world.change(self.id).await.state
    }

    /// What the form that was sent back holds: what was typed, the field and the words beside it.
    pub async fn sent_back(&self, who: &Principal, answer: Form) -> (String, String, String) {
        let Location(path) = answer.unwrap();
        let (page, draft) = path.split_once("?draft=").unwrap();
        assert_eq!(page, self.page());
        let mut connection = self.world.store.acquire().await.unwrap();
        let kept = store::draft::get(
            &mut connection,
            DraftId(draft.parse().unwrap()),
            &who.subject,
        );
        let (values, problems) = kept.await.unwrap().unwrap();
        let [problem] = problems.as_slice() else {
            panic!("{problems:?}")
        };
        let typed = values.get("comment").cloned().unwrap_or_default();
        (typed, problem.field.clone(), problem.message.clone())
    }
}

pub fn person(subject: Subject, grants: Vec<Grant>) -> Principal {
    Principal {
        name: subject.to_string(),
        subject,
        session: SessionId(Uuid::now_v7()),
        grants,
        authenticated_at: Some(Utc::now()),
    }
}

pub fn rita() -> Principal {
    let team = "payments".parse().unwrap();
    person(requester(), vec![Grant::Developer { team }])
}

pub fn adam() -> Principal {
    let (team, stages) = ("payments".parse().unwrap(), vec![Stage::Dev]);
    person(approver(), vec![Grant::Approver { team, stages }])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_on_the_page_and_in_the_history() {
    let seen = Seen::new().await;
    let (before, rita, adam) = (seen.state().await, rita(), adam());
    let answer = seen.portal.decide(&rita, seen.approval()).await;
    let (typed, field, _) = seen.sent_back(&rita, answer).await;
    assert_eq!((typed.as_str(), field.as_str()), ("looks good", ""));
    assert_eq!(seen.world.audited(seen.id, Action::Refused).await, 1);
    // Before anything is said of what state it is in.
    let answer = seen.portal.cancel(&adam, seen.number, true).await;
    seen.sent_back(&adam, answer).await;
    assert_eq!(seen.world.audited(seen.id, Action::Refused).await, 2);
    assert_eq!(seen.state().await, before);

    let nobody = person("eve".parse().unwrap(), Vec::new());
    let answer = seen.portal.withdraw(&nobody, seen.number).await;
    assert!(
        matches!(answer, Err(AppError::NotFound { .. })),
        "{answer:?}"
    );
    seen.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_taken_once_on_the_plan_that_was_on_show() {
    let seen = Seen::new().await;
    let (rita, adam) = (rita(), adam());
    let mut stale = seen.approval();
    stale.digest = "0".repeat(64);
    let answer = seen.portal.decide(&adam, stale).await;
    let (_, _, words) = seen.sent_back(&adam, answer).await;
    assert!(words.contains("has changed since"), "{words}");
    let mut silent = seen.approval();
    (silent.decision, silent.comment) = (Decision::Reject, " ".to_owned());
    let answer = seen.portal.decide(&adam, silent).await;
    assert_eq!(seen.sent_back(&adam, answer).await.1, "comment");

    let answer = seen.portal.decide(&adam, seen.approval()).await;
    assert_eq!(answer.unwrap().0, seen.page());
    assert!(matches!(seen.state().await, ChangeState::Approved { .. }));
    assert_eq!(seen.world.audited(seen.id, Action::Approved).await, 1);
    let answer = seen.portal.decide(&adam, seen.approval()).await;
    let (_, _, words) = seen.sent_back(&adam, answer).await;
    assert!(words.contains("nothing to decide on"), "{words}");
    let comment = CommentPost {
        change: seen.number,
        body: "well done".to_owned(),
    };
    let answer = seen.portal.comment(&adam, comment).await;
    assert_eq!(answer.unwrap().0, format!("{}#discussion", seen.page()));

    // What runs is stopped once, and only after it is said that what was made is deleted.
    seen.world.dies_at(Boundary::DeployStarted).await;
    let answer = seen.portal.cancel(&rita, seen.number, false).await;
    assert_eq!(seen.sent_back(&rita, answer).await.1, "confirmed");
    let answer = seen.portal.cancel(&rita, seen.number, true).await;
    assert_eq!(answer.unwrap().0, seen.page());
    let answer = seen.portal.cancel(&rita, seen.number, true).await;
    let (_, _, words) = seen.sent_back(&rita, answer).await;
    assert!(words.contains("already been asked for"), "{words}");
    assert_eq!(seen.world.audited(seen.id, Action::StopAsked).await, 1);
    seen.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_state_does_not_allow_changes_nothing() {
    let seen = Seen::new().await;
    let (before, rita) = (seen.state().await, rita());
    let repair = |confirmed| RepairPost {
        change: seen.number,
        repair: Repair::CleanUp,
        confirmed,
    };
    let answer = seen.portal.repair(&rita, repair(false)).await;
    assert_eq!(seen.sent_back(&rita, answer).await.1, "confirmed");
    let answer = seen.portal.repair(&rita, repair(true)).await;
    let (_, _, words) = seen.sent_back(&rita, answer).await;
    assert!(words.contains("is as it was"), "{words}");
    assert_eq!(seen.state().await, before);
    let _working = seen.world.work().await;
    seen.portal.decide(&adam(), seen.approval()).await.unwrap();
    seen.world.succeeds(seen.id, Outcome::Deployed).await;
    let answer = seen.portal.withdraw(&rita, seen.number).await;
    let (_, _, words) = seen.sent_back(&rita, answer).await;
    assert!(words.contains("is as it was"), "{words}");
    seen.world.end().await;
}
