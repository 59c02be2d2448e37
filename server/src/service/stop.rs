//! Withdrawing, cancelling, planning again, repairing.
use super::PortalService;
use super::refusal::moved;
use super::step::{Held, NotTaken, page_of};
use crate::authz::Act;
use crate::store;
use crate::store::change::Change;
use crate::store::job::JobKind;
use app::api::views::CancelView;
use app::api::{Form, Location, RepairPost};
use domain::audit::Action;
use domain::change::{ChangeKind, ChangeState, Closing, InvalidTransition};
use domain::names::{ChangeNumber, PlanId};
use domain::person::Principal;
use serde_json::{Value, json};
use uuid::Uuid;

/// What becomes of a change, and the job that carries it on.
struct Step {
    action: Action,
    next: Result<ChangeState, InvalidTransition>,
    job: Option<(JobKind, Value)>,
}

impl PortalService {
    /// Takes the step that is chosen for the change as it stands under its lock: saves the state, writes the
    /// entry and enqueues the job, all in one transaction.
    async fn take_step(
        &self,
        who: &Principal,
        act: Act,
        number: ChangeNumber,
        choose: impl FnOnce(&Change) -> Result<Step, NotTaken> + Send,
    ) -> Form {
        let taken = self.record_step(who, act, number, choose).await;
        self.answer(who, number, "", taken).await
    }

    async fn record_step(
        &self,
        who: &Principal,
        act: Act,
        number: ChangeNumber,
        choose: impl FnOnce(&Change) -> Result<Step, NotTaken> + Send,
    ) -> Result<Location, NotTaken> {
        let Held {
            mut transaction,
            change,
            policy,
        } = self.hold(who, act, number).await?;
        let step = choose(&change)?;
        let next = step
            .next
            .map_err(|refused| NotTaken::because(format!("{number} is as it was: {refused}")))?;
        store::change::save_state(&mut transaction, change.id, &next).await?;
        if let Some((kind, payload)) = step.job {
            self.enqueue(&mut transaction, kind, &change, payload)
                .await?;
        }
        let mut detail = moved(&change.state, &next);
        if let ChangeState::Repairing { repair, .. } = &next {
            detail["repair"] = json!(repair);
        }
        let entry = self.entry(who, step.action, &change, None, Some(policy), detail);
        store::audit::append(&mut transaction, &entry, Some(who.session)).await?;
        store::commit(transaction).await?;
        tracing::info!(change = %number, subject = %who.subject, act = ?act, "{number} {}", next.words());
        Ok(Location(page_of(number)))
    }

    pub(super) async fn take_withdrawal(&self, who: &Principal, number: ChangeNumber) -> Form {
        self.take_step(who, Act::Withdraw, number, |change| {
            Ok(Step {
                action: Action::Withdrawn,
                next: change.state.clone().close(Closing::Withdrawn),
                job: Some((JobKind::Close, json!({}))),
            })
        })
        .await
    }

    pub(super) async fn take_cancellation(
        &self,
        who: &Principal,
        number: ChangeNumber,
        confirmed: bool,
    ) -> Form {
        self.take_step(who, Act::Cancel, number, |change| {
            let offered = cancel_view(change);
            if let Some(refused) = offered
                .as_ref()
                .and_then(|view| view.refused_because.clone())
            {
                return Err(NotTaken::because(refused));
            }
            let needs_confirmation = offered
                .and_then(|view| view.confirmation)
                .filter(|_| !confirmed);
            if let Some(confirmation) = needs_confirmation {
                let words = format!("Tick “{confirmation}” to stop it");
                return Err(NotTaken::beside("confirmed", words));
            }
            let running = matches!(change.state, ChangeState::Deploying { .. });
            Ok(if running {
                Step {
                    action: Action::StopAsked,
                    next: change.state.clone().stop(),
                    job: None,
                }
            } else {
                Step {
                    action: Action::Cancelled,
                    next: change.state.clone().close(Closing::Cancelled),
                    job: Some((JobKind::Close, json!({}))),
                }
            })
        })
        .await
    }

    pub(super) async fn take_plan_again(&self, who: &Principal, number: ChangeNumber) -> Form {
        self.take_step(who, Act::PlanAgain, number, |change| {
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
            Ok(Step {
                action: Action::PlanAgain,
                next,
                job: Some((JobKind::Plan, json!({ "plan": plan }))),
            })
        })
        .await
    }

    pub(super) async fn take_repair(&self, who: &Principal, post: RepairPost) -> Form {
        let RepairPost {
            change: number,
            confirmed,
            repair,
        } = post;
        self.take_step(who, Act::Repair, number, |change| {
            if !confirmed {
                return Err(NotTaken::beside(
                    "confirmed",
                    "Tick the box that says what will happen, then try again",
                ));
            }
            Ok(Step {
                action: Action::RepairConfirmed,
                next: change.state.clone().repair(repair),
                job: Some((JobKind::Repair, json!({}))),
            })
        })
        .await
    }
}

/// How a change can be stopped in its state; `None` where there is nothing to stop.
pub(super) fn cancel_view(change: &Change) -> Option<CancelView> {
    let creates = match change.kind {
        ChangeKind::Provision => true,
        ChangeKind::Promote => !change.is_live,
        ChangeKind::Update | ChangeKind::Rollback | ChangeKind::Decommission => false,
    };
    match (&change.state, change.kind) {
        (
            ChangeState::Planning { .. }
            | ChangeState::PlanFailed { .. }
            | ChangeState::Blocked { .. }
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
        (ChangeState::Deploying { .. }, ChangeKind::Decommission) => Some(CancelView {
            explanation: "The stack is being deleted.".to_owned(),
            confirmation: None,
            refused_because: Some(
                "CloudFormation can't stop the deletion of a stack once it has begun.".to_owned(),
            ),
        }),
        (ChangeState::Deploying { .. }, _) if creates => Some(CancelView {
            explanation: "CloudFormation can't cancel the creation of a stack; stopping deletes \
                          what has been created so far."
                .to_owned(),
            confirmation: Some("Delete everything this has created so far".to_owned()),
            refused_because: None,
        }),
        (ChangeState::Deploying { .. }, _) => Some(CancelView {
            explanation: "CloudFormation stops and rolls the stack back to how it was.".to_owned(),
            confirmation: None,
            refused_because: None,
        }),
        _ => None,
    }
}
