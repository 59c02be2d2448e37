//! Stages, promotions and rollbacks; prod refuses both.
use super::{Lists, Sample};
use app::api::views::*;
use domain::blueprint::Problem;
use domain::names::ReleaseNumber;
use domain::stage::Stage;

impl Sample {
    /// Each sort of node that there is.
    pub(super) fn stages(&self) -> Vec<StageView> {
        let bare = |stage: &str| StageView {
            stage: stage.to_owned(),
            environment: None,
            soak: None,
            step: None,
            pending: None,
            promotion: None,
            is_offered: true,
            leads_to: None,
        };
        let offer = |when_soaked: bool| PromotionOffer {
            from: "dev".to_owned(),
            release: self.t("r3"),
            has_it: false,
            when_soaked,
            refused_because: None,
        };
        self.some(vec![
            StageView {
                environment: Some(self.environment_row("dev", "healthy", Tone::Shrink)),
                soak: Some(self.t("soaking: 48 min to go")),
                leads_to: Some("staging".to_owned()),
                ..bare("dev")
            },
            StageView {
                environment: Some(self.environment_row("staging", "CH-1: deploying", Tone::Wait)),
                step: Some(self.t("OrdersTable CREATE_IN_PROGRESS")),
                pending: Some(PendingView {
                    number: "CH-1".to_owned(),
                    release: Some(self.t("r3")),
                    words: self.t("deploying"),
                }),
                promotion: Some(offer(true)),
                leads_to: Some("prod".to_owned()),
                ..bare("staging")
            },
            StageView {
                environment: Some(self.environment_row("prod", "failed", Tone::Grow)),
                promotion: Some(PromotionOffer {
                    refused_because: Some(self.t("The latest deployment at staging failed.")),
                    ..offer(false)
                }),
                ..bare("prod")
            },
            StageView {
                promotion: Some(offer(false)),
                ..bare("recovery")
            },
            StageView {
                environment: Some(self.environment_row("feature", "healthy", Tone::Shrink)),
                promotion: Some(PromotionOffer {
                    has_it: true,
                    ..offer(false)
                }),
                ..bare("feature")
            },
        ])
    }

    fn release_name(&self, number: &str) -> ReleaseName {
        ReleaseName {
            number: number.to_owned(),
            blueprint_version: self.t("1.0.0"),
        }
    }

    fn compared(&self) -> Vec<ComparedParameter> {
        let row = |current: Option<&str>, incoming: &str| ComparedParameter {
            label: self.t("Days logs are kept"),
            name: self.t("LogRetentionDays"),
            source: self.t("14"),
            current: current.map(|text| self.t(text)),
            incoming: incoming.to_owned(),
            why: self.t("staging's own default"),
        };
        self.some(vec![row(Some("14"), "30"), row(None, "")])
    }

    fn refusals(&self, stage: Stage) -> Vec<String> {
        if stage == Stage::Prod || self.lists == Lists::Empty {
            vec![self.t("CH-1 is still open at staging; it has to end first.")]
        } else {
            Vec::new()
        }
    }

    fn reason_problem(&self, drafted: bool) -> Vec<Problem> {
        if drafted && self.has_lists() {
            vec![
                Problem::at("reason", self.t("Say why: the approver reads it first")),
                Problem::whole(self.t("r4 runs at dev now, not r3")),
            ]
        } else {
            Vec::new()
        }
    }

    pub(super) fn promotion_page(&self, from: Stage, drafted: bool) -> PromotionPage {
        let last = from == Stage::Prod;
        PromotionPage {
            team: self.t("payments"),
            service: self.t("checkout"),
            from: from.to_string(),
            to: if last { "prod" } else { "staging" }.to_owned(),
            blueprint_title: self.t("Customer data platform"),
            destination: (!last).then(|| self.t("1111 1111 1111 · eu-west-1")),
            source: Some(self.release_name("r3")),
            current: self.has_lists().then(|| self.release_name("r2")),
            makes_release: drafted,
            parameters: self.compared(),
            findings: self.findings(),
            refused_because: self.refusals(from),
            holds: self.holds(),
            problems: self.reason_problem(drafted),
            typed_reason: self.t("It has soaked."),
            typed_schedule: self.schedule(),
        }
    }

    pub(super) fn rollback_page(
        &self,
        stage: Stage,
        to: ReleaseNumber,
        drafted: bool,
    ) -> RollbackPage {
        RollbackPage {
            team: self.t("payments"),
            service: self.t("checkout"),
            stage: stage.to_string(),
            blueprint_title: self.t("Customer data platform"),
            current: self.has_lists().then(|| self.release_name("r3")),
            to: self.release_name(&to.to_string()),
            parameters: self.compared(),
            refused_because: self.refusals(stage),
            holds: self.holds(),
            problems: self.reason_problem(drafted),
            typed_reason: self.t("It loses orders."),
            typed_schedule: self.schedule(),
        }
    }

    pub(super) fn earlier(&self) -> EarlierReleases {
        EarlierReleases {
            rows: self.some(vec![EarlierRelease {
                number: "r2".to_owned(),
                blueprint_version: self.t("1.0.0"),
                change: "CH-9".to_owned(),
                at: self.moment("2 days ago"),
            }]),
            is_first: false,
            next: self.has_lists().then(|| "r2".to_owned()),
        }
    }
}
