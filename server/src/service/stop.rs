//! Withdrawing, cancelling, planning again, repairing.
use super::decide::page_of;
use super::refusal::moved;
use super::{PortalService, unavailable};
use crate::authz::Act;
use crate::store::change::Change;
use crate::store::job::JobKind;
use crate::store::{self, Transaction};
use app::api::views::CancelView;
use app::api::{Form, Location, RepairPost};
use domain::audit::Action;
use domain::change::{ChangeKind, ChangeState, Closing, InvalidTransition};
use domain::names::{ChangeNumber, PlanId};
use domain::person::Principal;
use serde_json::{Value, json};
use uuid::Uuid;

/// A step that a person takes on a change, and the job that carries it on.
struct Step {
    act: Act,
    action: Action,
    next: Result<ChangeState, InvalidTransition>,
    job: Option<(JobKind, Value)>,
}

impl PortalService {
    /// Authorizes the step, saves the state, writes the entry and enqueues the job, all in the
    /// transaction that holds the change.
    async fn take_step(
        &self,
        mut transaction: Transaction,
        who: &Principal,
        change: Change,
        step: Step,
    ) -> Form {
        let number = change.number;
        let policy = match self.allowed(who, step.act, &change, "").await {
            Ok(policy) => policy,
            Err(answer) => return answer,
        };
        let next = match step.next {
            Ok(next) => next,
            Err(refused) => {
                let message = format!("{number} is as it was: {refused}");
                return self.change_says_no(who, number, "", message, "").await;
            }
        };
        store::change::save_state(&mut transaction, change.id, &next)
            .await
            .map_err(unavailable)?;
        if let Some((kind, payload)) = step.job {
            self.enqueue(&mut transaction, kind, &change, payload)
                .await?;
        }
        let mut detail = moved(&change.state, &next);
        if let ChangeState::Repairing { repair, .. } = &next {
            detail["repair"] = json!(repair);
        }
        let entry = self.entry(who, step.action, &change, None, Some(policy), detail);
        store::audit::append(&mut transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        store::commit(transaction).await.map_err(unavailable)?;
        tracing::info!(change = %number, subject = %who.subject, act = ?step.act, "{number} {}", next.words());
        Ok(Location(page_of(number)))
    }

    pub(super) async fn take_withdrawal(&self, who: &Principal, number: ChangeNumber) -> Form {
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        let step = Step {
            act: Act::Withdraw,
            action: Action::Withdrawn,
            next: change.state.clone().close(Closing::Withdrawn),
            job: Some((JobKind::Close, json!({}))),
        };
        self.take_step(transaction, who, change, step).await
    }

    pub(super) async fn take_cancellation(
        &self,
        who: &Principal,
        number: ChangeNumber,
        confirmed: bool,
    ) -> Form {
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        let offered = cancel_view(&change);
        if let Some(refused) = offered
            .as_ref()
            .and_then(|view| view.refused_because.clone())
        {
            return self.change_says_no(who, number, "", refused, "").await;
        }
        let needs_confirmation = offered
            .and_then(|view| view.confirmation)
            .filter(|_| !confirmed);
        if let Some(confirmation) = needs_confirmation {
            let message = format!("Tick “{confirmation}” to stop it");
            return self
                .change_says_no(who, number, "confirmed", message, "")
                .await;
        }
        let running = matches!(change.state, ChangeState::Deploying { .. });
        let step = if running {
            Step {
                act: Act::Cancel,
                action: Action::StopAsked,
                next: change.state.clone().stop(),
                job: None,
            }
        } else {
            Step {
                act: Act::Cancel,
                action: Action::Cancelled,
                next: change.state.clone().close(Closing::Cancelled),
                job: Some((JobKind::Close, json!({}))),
            }
        };
        self.take_step(transaction, who, change, step).await
    }

    pub(super) async fn take_plan_again(&self, who: &Principal, number: ChangeNumber) -> Form {
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        let plan = PlanId(Uuid::now_v7());
        let next = match &change.state {
            // An approved change is planned again only by the worker that finds its stack changed.
            ChangeState::Approved { .. } | ChangeState::Repairing { .. } => {
                Err(InvalidTransition {
                    state: change.state.words(),
                    step: "planned again",
                })
            }
            state => state.clone().plan_again(plan, None),
        };
        let step = Step {
            act: Act::PlanAgain,
            action: Action::PlanAgain,
            next,
            job: Some((JobKind::Plan, json!({ "plan": plan }))),
        };
        self.take_step(transaction, who, change, step).await
    }

    pub(super) async fn take_repair(&self, who: &Principal, post: RepairPost) -> Form {
        let number = post.change;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        if !post.confirmed {
            return self
                .change_says_no(
                    who,
                    number,
                    "confirmed",
                    "Tick the box that says what will happen, then try again",
                    "",
                )
                .await;
        }
        let step = Step {
            act: Act::Repair,
            action: Action::RepairConfirmed,
            next: change.state.clone().repair(post.repair),
            job: Some((JobKind::Repair, json!({}))),
        };
        self.take_step(transaction, who, change, step).await
    }
}

/// How a change can be stopped in its state; `None` where there is nothing to stop.
pub(super) fn cancel_view(change: &Change) -> Option<CancelView> {
    match (&change.state, change.kind) {
        (
            ChangeState::Planning { .. }
            | ChangeState::PlanFailed { .. }
            | ChangeState::Waiting { .. }
            | ChangeState::Approved { .. },
            _,
        ) => Some(CancelView {
            explanation: "Nothing has run yet. Its change set is deleted.".to_owned(),
            confirmation: None,
            refused_because: None,
        }),
        (ChangeState::Deploying { stopping: true, .. }, _) => Some(CancelView {
            explanation: "Stopping has been asked for.".to_owned(),
            confirmation: None,
            refused_because: Some(
                "Stopping has already been asked for; CloudFormation is at it.".to_owned(),
            ),
        }),
        (ChangeState::Deploying { .. }, ChangeKind::Update) => Some(CancelView {
            explanation: "CloudFormation stops and rolls the stack back to how it was.".to_owned(),
            confirmation: None,
            refused_because: None,
        }),
        (ChangeState::Deploying { .. }, ChangeKind::Provision) => Some(CancelView {
            explanation: "CloudFormation can't cancel the creation of a stack; stopping deletes \
                          what has been created so far."
                .to_owned(),
            confirmation: Some("Delete everything this has created so far".to_owned()),
            refused_because: None,
        }),
        (ChangeState::Deploying { .. }, ChangeKind::Decommission) => Some(CancelView {
            explanation: "The stack is being deleted.".to_owned(),
            confirmation: None,
            refused_because: Some(
                "CloudFormation can't stop the deletion of a stack once it has begun.".to_owned(),
            ),
        }),
        _ => None,
    }
}
