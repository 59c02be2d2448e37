//! A portal that answers every question with made-up data; each text goes through `text` first.

mod change;
mod plan;
mod promotion;
mod version;
mod waiver;

use app::api::views::*;
use app::api::{
    AppError, ApprovalFilter, AskPost, CommentPost, DecidePost, DecommissionPost, DeploymentFilter,
    Form, LockPost, Portal, PromotePost, RepairPost, RollbackPost, VetPost, WaiverDecisionPost,
    WaiverEndPost, WaiverFilter, WaiverPost,
};
use domain::access::Verdict;
use domain::blueprint::{Choice, Manifest, ParameterType, Problem};
use domain::change::FindingKey;
use domain::names::*;
use domain::person::Principal;
use domain::stage::Stage;

/// Whether there is anything in lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    Full,
    Empty,
}

/// The portal.
pub struct Sample {
    /// What every text goes through.
    pub text: fn(&str) -> String,
    pub lists: Lists,
}

impl Sample {
    fn t(&self, text: &str) -> String {
        (self.text)(text)
    }

    fn schedule(&self) -> TypedSchedule {
        TypedSchedule {
            at: self.t("2026-11-22T22:00"),
            zone: self.t("Europe/Berlin"),
        }
    }

    /// A list as it is, or none of it.
    fn some<T>(&self, list: Vec<T>) -> Vec<T> {
        match self.lists {
            Lists::Full => list,
            Lists::Empty => Vec::new(),
        }
    }

    fn has_lists(&self) -> bool {
        self.lists == Lists::Full
    }

    fn moment(&self, ago: &str) -> Moment {
        Moment {
            at: "2026-01-05T10:00:00Z".parse().unwrap(),
            ago: self.t(ago),
        }
    }

    fn person(&self, name: &str) -> PersonName {
        PersonName {
            subject: self.t("subject"),
            name: self.t(name),
        }
    }

    fn status(&self, words: &str, tone: Tone) -> Status {
        Status {
            words: self.t(words),
            tone,
        }
    }

    fn choice(&self, value: &str, label: &str) -> Choice {
        Choice {
            value: self.t(value),
            label: self.t(label),
        }
    }

    fn row(&self, number: &str, title: &str, tone: Tone) -> ChangeRow {
        ChangeRow {
            why: self.has_lists().then(|| self.t("for one of security")),
            number: number.to_owned(),
            title: self.t(title),
            team: self.t("payments"),
            service: self.t("checkout"),
            stage: self.t("dev"),
            status: self.status("waits for a review", tone),
            access: Some(Verdict::Widened),
            requester: self.person("Dana Developer"),
            asked: self.moment("2 h ago"),
        }
    }

    fn deployment(&self, change: &str, words: &str, tone: Tone) -> DeploymentRow {
        DeploymentRow {
            change: change.to_owned(),
            team: self.t("payments"),
            service: self.t("checkout"),
            stage: self.t("dev"),
            release: Some(self.t("r3")),
            kind: self.t("update"),
            status: self.status(words, tone),
            failed_resource: (tone == Tone::Grow).then(|| self.t("OrdersTable")),
            requester: self.person("Dana Developer"),
            approver: Some(self.person("Ada Approver")),
            created: self.moment("3 h ago"),
            took: Some(self.t("3 min 10 s")),
        }
    }

    fn environment_row(&self, stage: &str, words: &str, tone: Tone) -> EnvironmentRow {
        EnvironmentRow {
            stage: stage.to_owned(),
            destination: self.t("1111 1111 1111 · eu-west-1"),
            status: self.status(words, tone),
            release: Some(self.t("r3")),
            changed: self.moment("12 min ago"),
            open_change: (tone == Tone::Wait).then(|| "CH-1".to_owned()),
            access: (tone == Tone::Wait).then_some(Verdict::Changed),
        }
    }

    fn service_row(&self) -> ServiceRow {
        ServiceRow {
            team: self.t("payments"),
            name: self.t("checkout"),
            blueprint: self.t("customer-data-platform"),
            environments: self.some(vec![
                self.environment_row("dev", "healthy", Tone::Shrink),
                self.environment_row("staging", "change under way", Tone::Wait),
            ]),
        }
    }

    fn outputs(&self) -> Vec<OutputView> {
        self.some(vec![
            OutputView {
                key: self.t("ApiUrl"),
                label: self.t("API"),
                description: self.t("Where signed requests go."),
                value: self.t("https://abc123.execute-api.eu-west-1.example.test/live"),
            },
            OutputView {
                key: self.t("CustomersTable"),
                label: self.t("Customers table"),
                description: String::new(),
                value: self.t("payments-checkout-dev-CustomersTable-1PQ2RSTUV3WXY"),
            },
        ])
    }

    fn holds(&self) -> Vec<HoldView> {
        self.some(vec![HoldView {
            title: self.t("Waits until Mon 23 Nov 06:00 Europe/Berlin"),
            why: self.t("Year-end close (Finance)"),
        }])
    }

    fn freeze(&self, when: &str) -> FreezeRow {
        FreezeRow {
            reason: self.t("Year-end close"),
            owner: self.t("Finance"),
            stages: self.t("staging, prod"),
            scope: self.t("service payments/checkout"),
            period: self.t("Fridays 18:00 to 06:00 the day after, Europe/Berlin"),
            when: self.t(when),
        }
    }

    /// What a number stands for that is no change's.
    fn refusal(&self, status: i64) -> AppError {
        match status {
            401 => AppError::SignedOut,
            403 => AppError::Forbidden {
                why: self.t("Seeing this takes a role of payments."),
            },
            400 => AppError::Malformed {
                message: self.t("“x” is not a stage"),
            },
            503 => AppError::Unavailable,
            _ => AppError::NotFound {
                what: self.t("change"),
            },
        }
    }

    fn manifest(&self) -> Manifest {
        let text = |words: &str| serde_json::Value::String(self.t(words));
        serde_json::from_value(serde_json::json!({
            "name": "customer-data-platform", "title": text("Customer data platform"),
            "version": text("1.0.0"), "summary": text("Keeps customers and announces each change."),
            "description": text("Tables, functions, an HTTP API and a bus.\n\nAll of it encrypted."),
            "owner": text("platform"), "change-notes": text("The first version."),
            "stages": ["dev", "staging", "prod"],
            "stack": [{"name": "main", "template": "template.yaml"}],
            "group": [{"title": text("Operations"), "parameters": ["LogRetentionDays", "Billing"]}],
            "parameter": {
                "LogRetentionDays": {"label": text("Days logs are kept"),
                    "description": text("Longer costs more."), "type": "integer", "default": 14,
                    "stage": {"prod": 365}, "minimum": 1, "maximum": 3653, "fixed-at": ["prod"]},
                "Billing": {"label": text("Billing"), "type": "choice", "default": "PAY_PER_REQUEST",
                    "choices": [{"value": "PAY_PER_REQUEST", "label": text("On demand")},
                                {"value": "PROVISIONED", "label": text("Provisioned")}]}
            },
            "output": {"ApiUrl": {"label": text("API"), "description": text("Where requests go.")}},
            "monthly-cost": {"dev": 12.0, "staging": 40.0, "prod": 310.0}
        }))
        .unwrap()
    }

    fn field(&self, name: &str, label: &str, kind: ParameterType, value: &str) -> Field {
        Field {
            name: name.to_owned(),
            label: self.t(label),
            description: self.t("What it does, in a sentence."),
            kind,
            choices: vec![
                self.choice("PAY_PER_REQUEST", "On demand"),
                self.choice("PROVISIONED", "Provisioned"),
            ],
            value: self.t(value),
            in_force: Some(self.t("7")),
            hint: self.t("1 to 3653"),
            required: true,
            fixed_because: None,
        }
    }
}

#[async_trait::async_trait]
impl Portal for Sample {
    async fn viewer(&self, _: &Principal) -> Result<Viewer, AppError> {
        Ok(Viewer {
            name: self.t("Ada Approver"),
            grants: self.some(vec![self.t("approver · payments"), self.t("auditor")]),
            waiting: if self.has_lists() { 3 } else { 0 },
            may_ask: self.has_lists(),
        })
    }

    async fn my_work(&self, _: &Principal) -> Result<MyWork, AppError> {
        let rows = || self.some(vec![self.row("CH-1", "Update checkout at dev", Tone::Wait)]);
        Ok(MyWork {
            to_review: rows(),
            to_vet: self.unvetted(),
            under_way: rows(),
            ended: rows(),
            may_ask: self.has_lists(),
        })
    }

    async fn approvals(&self, _: &Principal, _: ApprovalFilter) -> Result<ApprovalList, AppError> {
        Ok(ApprovalList {
            rows: self.some(vec![self.row("CH-1", "Update checkout at dev", Tone::Wait)]),
            next: self.has_lists().then(|| "CH-1".to_owned()),
            teams: self.some(vec![self.choice("payments", "payments")]),
            stages: self.some(vec![self.choice("dev", "dev")]),
        })
    }

    async fn catalogue(&self, _: &Principal) -> Result<Catalogue, AppError> {
        Ok(Catalogue {
            blueprints: self.some(vec![BlueprintRow {
                name: "customer-data-platform".to_owned(),
                title: self.t("Customer data platform"),
                version: self.t("1.0.0"),
                summary: self.t("Keeps customers and announces each change."),
                owner: self.t("platform"),
                stages: self.some(vec![self.t("dev"), self.t("staging")]),
                services: 2,
            }]),
            unvetted: self.unvetted(),
            broken: self.some(vec![BrokenBlueprint {
                name: self.t("queue-worker"),
                problems: self.some(vec![
                    self.t("queue-worker/manifest.toml:12: “colour” is no type"),
                ]),
                still_offered: Some(self.t("0.9.0")),
            }]),
            may_ask: self.has_lists(),
        })
    }

    async fn blueprint(&self, _: &Principal, _: BlueprintName) -> Result<BlueprintPage, AppError> {
        Ok(BlueprintPage {
            manifest: self.manifest(),
            digest: "ab12".repeat(16),
            read: self.moment("2 days ago"),
            resources: self.some(vec![(self.t("AWS::CloudWatch::Alarm"), 9), (self.t("AWS::IAM::Role"), 4)]),
            runbook: self.t("# Runbook\n\nCall `CustomersTable`.\n\n1. One\n2. Two\n\n| a | b |\n|---|---|\n| c | d |\n"),
            template: self.t("Resources: {}\n"),
            is_offered: self.has_lists(),
            versions: self.versions(),
            vettings: self.vettings(),
            may_ask: self.has_lists(),
        })
    }

    async fn version(
        &self,
        _: &Principal,
        (_, digest): (BlueprintName, Digest),
        draft: Option<DraftId>,
    ) -> Result<(VersionPage, Vec<StageAccess>), AppError> {
        let page = self.version_page(digest.as_str(), draft.is_some());
        Ok((page, self.stage_accesses()))
    }
    async fn vet(&self, _: &Principal, _: VetPost) -> Form {
        Err(AppError::Unavailable)
    }

    async fn ask_form(
        &self,
        _: &Principal,
        chosen: AskChoice,
        draft: Option<DraftId>,
    ) -> Result<AskForm, AppError> {
        let mut fixed = self.field(
            "Protect",
            "Deletion protection",
            ParameterType::Boolean,
            "true",
        );
        fixed.fixed_because = Some(self.t("Always on at this stage."));
        let mut optional = self.field(
            "AlarmEmail",
            "Mailbox for alarms",
            ParameterType::Email,
            "ops",
        );
        optional.required = false;
        let details = chosen.stage.is_some().then(|| AskDetails {
            is_update: false,
            blueprint_title: self.t("Customer data platform"),
            blueprint_version: self.t("1.0.0"),
            destination: self.t("1111 1111 1111 · eu-west-1"),
            monthly_cost: Some(self.t("12")),
            groups: self.some(vec![FieldGroup {
                title: self.t("Operations"),
                description: self.t("How it is kept running."),
                fields: self.some(vec![
                    self.field(
                        "LogRetentionDays",
                        "Days logs are kept",
                        ParameterType::Integer,
                        "0",
                    ),
                    self.field("Billing", "Billing", ParameterType::Choice, "PROVISIONED"),
                    self.field("Trace", "Trace requests", ParameterType::Boolean, "true"),
                    optional,
                    fixed,
                ]),
            }]),
            open_change: None,
            holds: self.holds(),
        });
        let problems = if draft.is_some() && self.has_lists() {
            vec![
                Problem::at(
                    "LogRetentionDays",
                    self.t("Days logs are kept is between 1 and 3653, not 0"),
                ),
                Problem::at(
                    "AlarmEmail",
                    self.t("Mailbox for alarms is an e-mail address"),
                ),
                Problem::at("reason", self.t("Say why, for whoever approves")),
            ]
        } else {
            vec![]
        };
        Ok(AskForm {
            teams: self.some(vec![self.choice("payments", "payments")]),
            services: self.some(vec![self.t("payments/checkout")]),
            blueprints: self.some(vec![
                self.choice("customer-data-platform", "Customer data platform"),
            ]),
            stages: self.some(vec![self.choice("dev", "dev"), self.choice("prod", "prod")]),
            team: self.t("payments"),
            service: self.t("checkout"),
            blueprint: self.t("customer-data-platform"),
            stage: chosen.stage.map(|stage| self.t(&stage)).unwrap_or_default(),
            reason: self.t("New refund flow."),
            schedule: self.schedule(),
            details,
            problems,
        })
    }

    async fn change(
        &self,
        _: &Principal,
        number: ChangeNumber,
        draft: Option<DraftId>,
    ) -> Result<(ChangePage, Option<PlanView>), AppError> {
        self.change_page(number, draft.is_some())
            .ok_or_else(|| self.refusal(number.0))
    }

    async fn template(
        &self,
        _: &Principal,
        number: ChangeNumber,
        stack: Option<String>,
    ) -> Result<TemplatePage, AppError> {
        let Some(stack) = stack else {
            return Err(AppError::NotFound {
                what: "template".to_owned(),
            });
        };
        Ok(TemplatePage {
            row: self.row(&number.to_string(), "Update checkout at dev", Tone::Wait),
            stack,
            stacks: self.some(vec!["main".to_owned(), "web-acl".to_owned()]),
            lines: self.some(vec![self.t("Resources:"), self.t("  Topic:")]),
            places: self.some(vec![("Topic".to_owned(), 2)]),
        })
    }

    async fn decide(&self, _: &Principal, _: DecidePost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn comment(&self, _: &Principal, _: CommentPost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn withdraw(&self, _: &Principal, _: ChangeNumber) -> Form {
        Err(AppError::Unavailable)
    }
    async fn cancel(&self, _: &Principal, _: ChangeNumber, _: bool) -> Form {
        Err(AppError::Unavailable)
    }
    async fn plan_again(&self, _: &Principal, _: ChangeNumber) -> Form {
        Err(AppError::Unavailable)
    }
    async fn repair(&self, _: &Principal, _: RepairPost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn ask(&self, _: &Principal, _: AskPost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn decommission(&self, _: &Principal, _: DecommissionPost) -> Form {
        Err(AppError::Unavailable)
    }

    async fn lock(&self, _: &Principal, _: LockPost) -> Form {
        Err(AppError::Unavailable)
    }

    async fn unlock(&self, _: &Principal, _: TeamName, _: ServiceName, _: Stage) -> Form {
        Err(AppError::Unavailable)
    }

    async fn services(
        &self,
        _: &Principal,
        team: Option<TeamName>,
        _: Option<String>,
    ) -> Result<ServiceList, AppError> {
        Ok(ServiceList {
            teams: self.some(vec![self.choice("payments", "payments")]),
            team: team.map(|team| team.to_string()).unwrap_or_default(),
            rows: self.some(vec![self.service_row()]),
            next: self.has_lists().then(|| self.t("payments/checkout")),
            may_ask: self.has_lists(),
        })
    }

    async fn service(
        &self,
        _: &Principal,
        _: TeamName,
        _: ServiceName,
    ) -> Result<ServicePage, AppError> {
        Ok(ServicePage {
            team: self.t("payments"),
            service: self.t("checkout"),
            blueprint: self.t("customer-data-platform"),
            blueprint_title: self.t("Customer data platform"),
            stages: self.stages(),
            deployments: self.some(vec![
                self.deployment("CH-3", "running", Tone::Wait),
                self.deployment("CH-4", "failed", Tone::Grow),
            ]),
            releases: self.some(vec![ReleaseRow {
                number: self.t("r3"),
                blueprint_version: self.t("1.0.0"),
                promoted_from: Some(self.t("r2")),
                by: self.t("Dana Developer"),
                at: self.moment("2 h ago"),
            }]),
            may_ask: self.has_lists(),
        })
    }

    async fn environment(
        &self,
        _: &Principal,
        _: TeamName,
        _: ServiceName,
        stage: Stage,
        _: Option<ReleaseNumber>,
        draft: Option<DraftId>,
    ) -> Result<EnvironmentPage, AppError> {
        let problems = if draft.is_some() && self.has_lists() {
            vec![Problem::at(
                "confirmation",
                self.t("Type payments/checkout/dev"),
            )]
        } else {
            vec![]
        };
        Ok(EnvironmentPage {
            team: self.t("payments"),
            service: self.t("checkout"),
            row: self.environment_row(stage.as_str(), "healthy", Tone::Shrink),
            blueprint: Some((self.t("Customer data platform"), self.t("1.0.0"))),
            stacks: self.some(vec![EnvironmentStackView {
                name: "main".to_owned(),
                stack_name: self.t("payments-checkout-dev"),
                region: self.t("eu-west-1"),
                stack_id: Some(self.t(
                    "arn:aws:cloudformation:eu-west-1:111111111111:stack/payments-checkout-dev/0a1b",
                )),
            }]),
            parameters: self.some(vec![
                (self.t("Days logs are kept"), self.t("LogRetentionDays"), self.t("14")),
                (self.t("Mailbox for alarms"), self.t("AlarmEmail"), String::new()),
            ]),
            outputs: self.outputs(),
            changes: self.some(vec![self.row("CH-9", "Provision checkout at dev", Tone::Shrink)]),
            earlier: self.earlier(),
            promotes_to: self.has_lists().then(|| "staging".to_owned()),
            may_ask: self.has_lists(),
            holds: self.holds(),
            lock: LockBox {
                lock: (stage != Stage::Dev).then(|| LockView {
                    title: self.t("Locked by Ada Approver 2 h ago"),
                    reason: self.t("Stocktaking"),
                }),
                refused_because: (stage == Stage::Prod)
                    .then(|| self.t("Unlocking this takes the approver role.")),
                typed: String::new(),
            },
            decommission_refused_because: None,
            confirmation: self.t("payments/checkout/dev"),
            problems,
            typed_reason: self.t("No longer needed."),
            typed_confirmation: self.t("checkout"),
        })
    }

    async fn promotion(
        &self,
        _: &Principal,
        _: (TeamName, ServiceName),
        (from, _): (Stage, Option<Stage>),
        draft: Option<DraftId>,
    ) -> Result<PromotionPage, AppError> {
        Ok(self.promotion_page(from, draft.is_some()))
    }
    async fn promote(&self, _: &Principal, _: PromotePost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn rollback(
        &self,
        _: &Principal,
        _: (TeamName, ServiceName),
        (stage, to): (Stage, ReleaseNumber),
        draft: Option<DraftId>,
    ) -> Result<RollbackPage, AppError> {
        Ok(self.rollback_page(stage, to, draft.is_some()))
    }
    async fn roll_back(&self, _: &Principal, _: RollbackPost) -> Form {
        Err(AppError::Unavailable)
    }

    async fn deployments(
        &self,
        _: &Principal,
        _: DeploymentFilter,
    ) -> Result<DeploymentList, AppError> {
        Ok(DeploymentList {
            rows: self.some(vec![
                self.deployment("CH-3", "running", Tone::Wait),
                self.deployment("CH-4", "failed", Tone::Grow),
                self.deployment("CH-9", "succeeded", Tone::Shrink),
            ]),
            next: self.has_lists().then(|| "7".to_owned()),
            teams: self.some(vec![self.choice("payments", "payments")]),
            services: self.some(vec![self.choice("checkout", "checkout")]),
            stages: self.some(vec![self.choice("dev", "dev")]),
            states: self.some(vec![self.choice("running", "running")]),
            people: self.some(vec![self.choice("subject", "Dana Developer")]),
        })
    }

    async fn waivers(&self, _: &Principal, _: WaiverFilter) -> Result<WaiverList, AppError> {
        Ok(self.waiver_list())
    }
    async fn waiver(
        &self,
        _: &Principal,
        number: WaiverNumber,
        draft: Option<DraftId>,
    ) -> Result<WaiverPage, AppError> {
        Ok(self.waiver_page(number.0, draft.is_some()))
    }
    async fn waiver_form(
        &self,
        _: &Principal,
        change: ChangeNumber,
        _: FindingKey,
        draft: Option<DraftId>,
    ) -> Result<AskWaiverPage, AppError> {
        Ok(self.ask_waiver_page(&change.to_string(), draft.is_some()))
    }
    async fn ask_waiver(&self, _: &Principal, _: WaiverPost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn decide_waiver(&self, _: &Principal, _: WaiverDecisionPost) -> Form {
        Err(AppError::Unavailable)
    }
    async fn end_waiver(&self, _: &Principal, _: WaiverEndPost) -> Form {
        Err(AppError::Unavailable)
    }

    async fn freezes(&self, _: &Principal, _: Option<Stage>) -> Result<FreezeList, AppError> {
        Ok(FreezeList {
            holding: self.some(vec![self.freeze("until Mon 23 Nov 06:00 Europe/Berlin")]),
            coming: self.some(vec![self.freeze("Fri 27 Nov 18:00 Europe/Berlin to Sat")]),
            ended: self.some(vec![self.freeze("ended Mon 5 Jan 06:00 Europe/Berlin")]),
            stages: self.some(vec![self.choice("prod", "prod")]),
        })
    }
}
