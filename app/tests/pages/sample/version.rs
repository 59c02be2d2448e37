//! A version of a blueprint that is vetted; draft forms come back with what was wrong.
use super::{Lists, Sample};
use app::api::views::*;
use domain::access::AccessReview;
use domain::blueprint::{Problem, VettingStep};
use domain::stage::Stage;
use std::sync::Arc;

impl Sample {
    pub(super) fn unvetted(&self) -> Vec<UnvettedRow> {
        self.some(vec![UnvettedRow {
            name: "customer-data-platform".to_owned(),
            title: self.t("Customer data platform"),
            version: self.t("1.1.0"),
            digest: "ef56".repeat(16),
            status: self.status("waits for security", Tone::Wait),
        }])
    }

    pub(super) fn versions(&self) -> Vec<VersionRow> {
        let row = |version: &str, digest: &str, words: &str, tone: Tone| VersionRow {
            version: self.t(version),
            digest: digest.repeat(16),
            read: self.moment("9 days ago"),
            status: self.status(words, tone),
        };
        self.some(vec![
            row("1.1.0", "ef56", "waits for security", Tone::Wait),
            row("1.0.0", "ab12", "on offer", Tone::Shrink),
        ])
    }

    pub(super) fn vettings(&self) -> Vec<VettingEntry> {
        let entry = |what: &str, said: &str| VettingEntry {
            version: self.t("1.0.0"),
            what: self.t(what),
            said: self.t(said),
            at: self.moment("2 days ago"),
        };
        self.some(vec![
            entry("accepted by Sky Security", ""),
            entry("proposed by Pat Platform", "Teams need it."),
        ])
    }

    /// `ef56…` waits for an answer, `ab12…` is on offer, anything else was never proposed.
    pub(super) fn version_page(&self, digest: &str, refused: bool) -> VersionPage {
        let step = |step: VettingStep, why: Option<&str>| VettingStepView {
            step,
            refused_because: why.map(|why| self.t(why)),
        };
        let takes = "Withdrawing takes the platform role.";
        let (steps, status) = if digest.starts_with("ef56") {
            let steps = vec![
                step(VettingStep::Accept, None),
                step(VettingStep::Refuse, None),
                step(VettingStep::Withdraw, Some(takes)),
            ];
            (steps, self.status("waits for security", Tone::Wait))
        } else if digest.starts_with("ab12") {
            let steps = vec![step(VettingStep::Withdraw, Some(takes))];
            (steps, self.status("on offer", Tone::Shrink))
        } else {
            let steps = vec![step(VettingStep::Propose, None)];
            (steps, self.status("not proposed", Tone::Wait))
        };
        let wrong = refused && self.lists == Lists::Full;
        VersionPage {
            name: "customer-data-platform".to_owned(),
            title: self.t("Customer data platform"),
            version: self.t("1.1.0"),
            digest: digest.to_owned(),
            read: self.moment("2 days ago"),
            change_notes: self.t("Tables keep more."),
            status,
            compared_with: self
                .has_lists()
                .then(|| (self.t("1.0.0"), "ab12".repeat(16))),
            vettings: self.vettings(),
            vetting: "018f3a3e-0000-7000-8000-000000000001".to_owned(),
            steps,
            typed: [("answer".to_owned(), self.t("Too wide for"))].into(),
            problems: wrong
                .then(|| Problem::at("answer", self.t("Say why it is refused")))
                .into_iter()
                .collect(),
        }
    }

    pub(super) fn stage_accesses(&self) -> Vec<StageAccess> {
        let review = || Arc::new(AccessReview::new(self.identities(), self.network()));
        let access = |difference: bool| {
            Ok(VersionAccess {
                whole: review(),
                difference: difference.then(review),
            })
        };
        self.some(vec![
            StageAccess {
                stage: Stage::Dev,
                access: access(true),
            },
            StageAccess {
                stage: Stage::Staging,
                access: access(false),
            },
            StageAccess {
                stage: Stage::Prod,
                access: Err(self.t("template.yaml:3: `x` is not a section")),
            },
        ])
    }
}
