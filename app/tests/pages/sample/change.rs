//! A change at every step of its life.
use super::Sample;
use app::api::views::*;
use domain::blueprint::Problem;
use domain::change::{
    ChangeKind, ChangeState, Closing, Failure, FailureKind, Outcome, Repair, Stuck,
};
use domain::names::{ChangeNumber, DeploymentId, PlanId};
use uuid::Uuid;

const PLAN: PlanId = PlanId(Uuid::nil());
const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::nil());

impl Sample {
    /// The state that a number stands for; none for a change that does not exist.
    fn state(&self, number: u64) -> Option<ChangeState> {
        let failure = Failure {
            kind: FailureKind::RolledBack,
            message: self.t("CustomersTable failed"),
            aws_code: Some(self.t("ValidationError")),
            aws_request_id: Some(self.t("5f8c")),
        };
        let stuck = Stuck::RollbackFailed {
            resources: vec![self.t("Key")],
        };
        Some(match number {
            // One's own, and one that deletes.
            1 | 2 | 5 => ChangeState::Waiting {
                plan: PLAN,
                review: "9f3c".repeat(16).parse().unwrap(),
            },
            3 => ChangeState::Deploying {
                plan: PLAN,
                deployment: DEPLOYMENT,
                stopping: false,
            },
            4 => ChangeState::Failed {
                failure,
                stuck: Some(stuck),
                deployment: DEPLOYMENT,
            },
            6 => ChangeState::Planning {
                plan: PLAN,
                again_because: Some(self.t("The stack was changed meanwhile.")),
            },
            7 => ChangeState::PlanFailed {
                failure,
                stuck: Some(stuck),
            },
            8 => ChangeState::Approved {
                plan: PLAN,
                deployment: DEPLOYMENT,
            },
            9 => ChangeState::Deploying {
                plan: PLAN,
                deployment: DEPLOYMENT,
                stopping: true,
            },
            10 => ChangeState::Repairing {
                repair: Repair::CleanUp,
                deployment: None,
            },
            11 => ChangeState::Closing {
                closing: Closing::Withdrawn,
            },
            12 => ChangeState::Succeeded {
                outcome: Outcome::Deployed,
            },
            13 => ChangeState::Closed {
                closing: Closing::Rejected,
            },
            14 => ChangeState::Succeeded {
                outcome: Outcome::Decommissioned,
            },
            15 => ChangeState::Blocked { plan: PLAN },
            _ => return None,
        })
    }

    /// A change in the state that its number stands for, with its plan.
    pub(super) fn change_page(
        &self,
        number: ChangeNumber,
        refused: bool,
    ) -> Option<(ChangePage, Option<PlanView>)> {
        let state = self.state(u64::try_from(number.0).ok()?)?;
        let deletes = matches!(number.0, 5 | 14);
        let has_run = matches!(
            state,
            ChangeState::Deploying { .. }
                | ChangeState::Failed { .. }
                | ChangeState::Succeeded { .. }
        );
        let failed = matches!(
            state,
            ChangeState::Failed { .. } | ChangeState::PlanFailed { .. }
        );
        let waiting = matches!(state, ChangeState::Waiting { .. });
        let plan = (number.0 != 6).then(|| self.plan(deletes));
        let page = ChangePage {
            row: self.row(&number.to_string(), "Update checkout at dev", Tone::Wait),
            kind: if deletes {
                ChangeKind::Decommission
            } else {
                ChangeKind::Update
            },
            state,
            reason: self.t("New refund flow; needs the refunds table."),
            release: Some(self.t("r4")),
            blueprint: Some((self.t("Customer data platform"), self.t("1.0.0"))),
            destination: self.t("1111 1111 1111 · eu-west-1"),
            digest: plan.is_some().then(|| "9f3c".repeat(16)),
            failure: failed.then(|| self.failure()),
            holds: if has_run { vec![] } else { self.holds() },
            review: self.review(waiting, number.0 == 2),
            deployment: has_run.then(|| self.deployment_view(failed)),
            discussion: self.some(vec![Remark {
                person: self.person("Ada Approver"),
                words: self.t("commented"),
                body: self.t("Why is the key replaced?\nIt holds data."),
                at: self.moment("30 min ago"),
            }]),
            timeline: self.some(vec![TimelineEntry {
                words: self.t("Asked by Dana Developer"),
                at: self.moment("2 h ago"),
            }]),
            problems: if refused {
                vec![self.problem(waiting && number.0 != 2)]
            } else {
                vec![]
            },
            typed: if refused {
                self.t("typed before")
            } else {
                String::new()
            },
        };
        Some((page, plan))
    }

    fn problem(&self, decides: bool) -> Problem {
        let field = if decides { "comment" } else { "body" };
        Problem::at(field, self.t("Say what should change"))
    }

    fn failure(&self) -> FailureView {
        let way = |repair, refused: bool| RepairView {
            repair,
            label: self.t("Continue the rollback"),
            explanation: self.t("CloudFormation tries again."),
            confirmation: self.t("I understand that skipped resources differ"),
            resources: self.some(vec![self.t("Key"), self.t("Table")]),
            refused_because: refused.then(|| self.t("This takes the developer role.")),
        };
        let skip = vec![self.t("Key")];
        FailureView {
            title: self.t("The rollback failed too"),
            message: self.t("Key could not be restored.\nThe stack is UPDATE_ROLLBACK_FAILED."),
            aws: Some(self.t("ValidationError, request 5f8c")),
            repairs: self.some(vec![
                way(Repair::ContinueRollback { skip: skip.clone() }, false),
                way(Repair::DeleteRetaining { retain: skip }, false),
                way(Repair::DeleteDeadStack, true),
            ]),
        }
    }

    fn review(&self, waiting: bool, own: bool) -> ReviewBox {
        ReviewBox {
            asked: Some(AskedView {
                words: self.t("It takes one approver of payments and 2 of security."),
                rules: self.some(vec![self.t("prod"), self.t("prod, access widened")]),
                groups: self.some(vec![
                    AskedGroup {
                        words: self.t("one approver of payments"),
                        approved_by: vec![self.person("Ada Approver")],
                        missing: 0,
                        can_answer: Vec::new(),
                        more: 0,
                    },
                    AskedGroup {
                        words: self.t("2 of security"),
                        approved_by: Vec::new(),
                        missing: 2,
                        can_answer: self.some(vec![
                            self.person("Sam Security"),
                            self.person("Bo Security"),
                        ]),
                        more: 3,
                    },
                ]),
            }),
            given: self.some(vec![GivenDecision {
                person: self.person("Ada Approver"),
                words: self.t("approved"),
                at: self.moment("40 min ago"),
                voided: true,
            }]),
            waiting,
            refused_because: own.then(|| self.t("You asked for this change.")),
            sign_in_again_because: None,
            approval_refused_because: (!own)
                .then(|| self.t("You have approved this plan already.")),
            may_withdraw: own,
            may_plan_again: waiting,
            cancel: (!waiting).then(|| CancelView {
                explanation: self.t("Stopping a create deletes what was created so far."),
                confirmation: Some(self.t("I understand that what was created is deleted")),
                refused_because: own.then(|| self.t("It can't be stopped now.")),
            }),
            may_comment: true,
        }
    }

    fn deployment_view(&self, failed: bool) -> DeploymentView {
        let resource = |status: &str, tone| ResourceProgress {
            logical_id: self.t("CustomersTable"),
            resource_type: self.t("AWS::DynamoDB::GlobalTable"),
            status: self.t(status),
            tone,
            reason: failed.then(|| self.t("There is a limit of 256 tables per subscriber")),
        };
        DeploymentView {
            status: self.status("running", Tone::Wait),
            started: Some(self.moment("2 min ago")),
            took: failed.then(|| self.t("1 min 40 s")),
            resources: self.some(vec![
                resource("CREATE_COMPLETE", Tone::Shrink),
                resource("CREATE_IN_PROGRESS", Tone::Wait),
            ]),
            progress: (1, 34),
            events: self.some(vec![EventView {
                at: self.moment("2 min ago"),
                logical_id: self.t("ApiRole"),
                resource_type: self.t("AWS::IAM::Role"),
                status: self.t("CREATE_COMPLETE"),
                reason: Some(self.t("Resource creation initiated")),
            }]),
            outputs: self.outputs(),
        }
    }
}
