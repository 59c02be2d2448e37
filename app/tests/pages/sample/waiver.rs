//! Findings and waivers in every state.
use super::Sample;
use app::api::views::*;
use domain::blueprint::Problem;
use domain::change::{Finding, FindingKey, Severity, WaiverState};

impl Sample {
    pub(super) fn finding(&self, severity: Severity, stack: &str, resource: &str) -> Finding {
        Finding {
            key: FindingKey {
                rule: self.t("queue-is-encrypted"),
                stack: stack.to_owned(),
                resource: self.t(resource),
                path: self.t("SqsManagedSseEnabled"),
            },
            severity,
            title: self.t("Queues are encrypted"),
            found: self.t("SqsManagedSseEnabled is false"),
            why: self.t("Messages lie on disk."),
            right: self.t("Leave it out."),
        }
    }

    /// Of every severity, with every kind of waiver, and without.
    pub(super) fn findings(&self) -> Vec<FindingView> {
        let of = |severity, stack, state: Option<WaiverState>| FindingView {
            finding: self.finding(severity, stack, "Orders"),
            waiver: state.map(|state| WaiverNote {
                number: "W-7".to_owned(),
                state,
                words: self.t("Waived until 2026-12-01 by Sam Security."),
            }),
            may_ask: state.is_none(),
        };
        let mut all = vec![of(Severity::Block, "main", None)];
        let states = WaiverState::ALL.into_iter();
        all.extend(states.map(|state| of(Severity::Block, "web-acl", Some(state))));
        all.push(of(Severity::Warn, "main", None));
        all.push(of(Severity::Info, "main", None));
        self.some(all)
    }

    fn waiver_row(&self) -> WaiverRow {
        WaiverRow {
            number: "W-7".to_owned(),
            status: self.status("waits for security", Tone::Wait),
            title: self.t("Queues are encrypted"),
            resource: self.t("Orders"),
            team: self.t("payments"),
            service: self.t("checkout"),
            stage: self.t("dev"),
            until: self.t("2026-12-01"),
            asked_by: self.person("Dana Developer"),
            asked: self.moment("2 h ago"),
        }
    }

    pub(super) fn waiver_list(&self) -> WaiverList {
        WaiverList {
            rows: self.some(vec![self.waiver_row()]),
            next: self.has_lists().then(|| "W-7".to_owned()),
            teams: self.some(vec![self.choice("payments", "payments")]),
            states: self.some(vec![self.choice("asked", "asked")]),
        }
    }

    /// Odd ones wait for a decision, even ones are in force; the viewer may not from 8 on.
    pub(super) fn waiver_page(&self, number: i64, refused: bool) -> WaiverPage {
        WaiverPage {
            row: WaiverRow {
                number: format!("W-{number}"),
                ..self.waiver_row()
            },
            finding: self.finding(Severity::Block, "main", "Orders"),
            change: "CH-1".to_owned(),
            reason: self.t("It holds no data."),
            said: self.some(vec![WaiverWord {
                title: self.t("Granted by Sam Security"),
                at: self.moment("1 h ago"),
                words: self.t("Until the migration is over."),
            }]),
            step: Some(if number % 2 == 1 {
                WaiverStep::Decide
            } else {
                WaiverStep::End
            }),
            refused_because: (number >= 8).then(|| self.t("This takes the security role.")),
            problems: self.wrong(refused, &["words"]),
            typed: self.t("no"),
        }
    }

    pub(super) fn ask_waiver_page(&self, number: &str, refused: bool) -> AskWaiverPage {
        AskWaiverPage {
            row: self.row(number, "Update checkout at dev", Tone::Grow),
            finding: self.finding(Severity::Block, "main", "Orders"),
            refused_because: (number == "CH-2").then(|| self.t("W-7 waits for security.")),
            latest: self.t("2027-02-19"),
            typed_reason: self.t("It holds no data."),
            typed_until: self.t("soon"),
            problems: self.wrong(refused, &["waiver_reason", "until"]),
        }
    }

    fn wrong(&self, refused: bool, fields: &[&str]) -> Vec<Problem> {
        let problems = fields
            .iter()
            .map(|field| Problem::at(*field, self.t("Say why")));
        match refused {
            true => self.some(problems.collect()),
            false => Vec::new(),
        }
    }
}
