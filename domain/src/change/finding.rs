//! What guardrails say of a plan, and what lets a blocking finding through: a waiver in force.
use crate::names::{Digest, WaiverNumber};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much a finding weighs; the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It stops the change unless a waiver covers it.
    Block,
    /// Somebody should look at it; nothing waits for that.
    Warn,
    /// Good to know.
    Info,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Severity; 3] = [Severity::Block, Severity::Warn, Severity::Info];

    /// The word used in guardrails and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Block => "block",
            Severity::Warn => "warn",
            Severity::Info => "info",
        }
    }
}

/// What a finding is about. A waiver covers exactly one of these on one environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    /// The rule's name, such as `queue-is-encrypted`.
    pub rule: String,
    /// `main`, or a companion's name.
    pub stack: String,
    /// The logical id; empty where the finding is about the stack as a whole.
    pub resource: String,
    /// Where in the resource, or what exactly: properties by their path, or what is gained; may be empty.
    pub path: String,
}

/// What a guardrail says of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    #[serde(flatten)]
    pub key: FindingKey,
    /// How much it weighs.
    pub severity: Severity,
    /// The rule in a few words: what holds where nothing is found.
    pub title: String,
    /// What was found, a sentence.
    pub found: String,
    /// Why that matters.
    pub why: String,
    /// What would be right.
    pub right: String,
}

/// A finding as reviewers are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The waiver that covered it when the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Covering>,
}

/// A waiver that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covering {
    /// Which.
    pub number: WaiverNumber,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
}

/// A waiver that is in force, with what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverInForce {
    /// What it covers.
    pub key: FindingKey,
    /// Which it is, and until when.
    pub covering: Covering,
}

/// Findings in the one order that they are kept and shown in, each key once, with the waivers that cover them.
/// Of two findings with one key the graver stays; of two waivers the one that lasts longer.
pub fn reviewed(findings: Vec<Finding>, in_force: &[WaiverInForce]) -> Vec<ReviewedFinding> {
    let mut by_key: BTreeMap<(Severity, FindingKey), Finding> = BTreeMap::new();
    let mut gravest: BTreeMap<FindingKey, Severity> = BTreeMap::new();
    for finding in findings {
        let least = gravest
            .entry(finding.key.clone())
            .or_insert(finding.severity);
        *least = (*least).min(finding.severity);
        by_key
            .entry((finding.severity, finding.key.clone()))
            .or_insert(finding);
    }
    by_key
        .into_iter()
        .filter(|((severity, key), _)| gravest.get(key) == Some(severity))
        .map(|((_, key), finding)| ReviewedFinding {
            waiver: in_force
                .iter()
                .filter(|waiver| waiver.key == key)
                .map(|waiver| &waiver.covering)
                .max_by_key(|covering| (covering.until, covering.number))
                .cloned(),
            finding,
        })
        .collect()
}

/// Proof that no finding stops the plan of a digest, as far as waivers go that are in force now. Only
/// [`unblocked`] gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unblocked {
    digest: Digest,
}

impl Unblocked {
    /// The digest of the plan.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// The proof that nothing stops a plan.
///
/// # Errors
/// The findings that stop it: they block, and no waiver in force covers them.
pub fn unblocked<'f>(
    digest: &Digest,
    findings: &'f [ReviewedFinding],
    in_force: &[WaiverInForce],
) -> Result<Unblocked, Vec<&'f Finding>> {
    let stopping: Vec<&Finding> = findings
        .iter()
        .map(|reviewed| &reviewed.finding)
        .filter(|finding| finding.severity == Severity::Block)
        .filter(|finding| !in_force.iter().any(|waiver| waiver.key == finding.key))
        .collect();
    if stopping.is_empty() {
        Ok(Unblocked {
            digest: digest.clone(),
        })
    } else {
        Err(stopping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, rule: &str, resource: &str) -> Finding {
        Finding {
            key: FindingKey {
                rule: rule.to_owned(),
                stack: "main".to_owned(),
                resource: resource.to_owned(),
                path: String::new(),
            },
            severity,
            title: "Title".to_owned(),
            found: "Found".to_owned(),
            why: "Why".to_owned(),
            right: "Right".to_owned(),
        }
    }

    fn waiver(number: i64, of: &Finding, until: i64) -> WaiverInForce {
        WaiverInForce {
            key: of.key.clone(),
            covering: Covering {
                number: WaiverNumber(number),
                until: DateTime::from_timestamp(until, 0).unwrap(),
            },
        }
    }

    fn digest() -> Digest {
        "a".repeat(64).parse().unwrap()
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_found() {
        let found = vec![
            finding(Severity::Info, "c", "X"),
            finding(Severity::Warn, "a", "X"),
            finding(Severity::Block, "b", "Y"),
            finding(Severity::Warn, "b", "Y"),
            finding(Severity::Block, "b", "X"),
        ];
        let mut backwards = found.clone();
        backwards.reverse();
        let ordered = reviewed(found, &[]);
        assert_eq!(ordered, reviewed(backwards, &[]));
        let seen: Vec<_> = ordered
            .iter()
            .map(|it| (it.finding.severity, it.finding.key.resource.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (Severity::Block, "X"),
                (Severity::Block, "Y"),
                (Severity::Warn, "X"),
                (Severity::Info, "X")
            ]
        );
    }

    #[test]
    fn a_waiver_covers_one_finding_and_the_longest_counts() {
        let (one, other) = (
            finding(Severity::Block, "a", "X"),
            finding(Severity::Block, "a", "Y"),
        );
        let waivers = [waiver(1, &one, 20), waiver(2, &one, 10)];
        let all = reviewed(vec![one.clone(), other.clone()], &waivers);
        assert_eq!(
            all[0].waiver.as_ref().map(|it| it.number),
            Some(WaiverNumber(1))
        );
        assert_eq!(all[1].waiver, None);
        assert_eq!(unblocked(&digest(), &all, &waivers), Err(vec![&other]));
        let both = [waivers[0].clone(), waiver(3, &other, 10)];
        assert_eq!(
            unblocked(&digest(), &all, &both).unwrap().digest(),
            &digest()
        );
    }

    #[test]
    fn what_was_covered_when_planned_has_to_be_covered_still() {
        let one = finding(Severity::Block, "a", "X");
        let covered = reviewed(vec![one.clone()], &[waiver(1, &one, 20)]);
        assert!(covered[0].waiver.is_some());
        assert_eq!(unblocked(&digest(), &covered, &[]), Err(vec![&one]));
    }

    #[test]
    fn only_block_stops() {
        let all = reviewed(
            vec![
                finding(Severity::Warn, "a", "X"),
                finding(Severity::Info, "b", "X"),
            ],
            &[],
        );
        assert!(unblocked(&digest(), &all, &[]).is_ok());
    }

    #[test]
    fn a_kept_finding_reads_back() {
        let one = finding(Severity::Block, "a", "X");
        let all = reviewed(vec![one.clone()], &[waiver(1, &one, 20)]);
        let kept = serde_json::to_value(&all).unwrap();
        assert_eq!(kept[0]["rule"], "a");
        assert_eq!(kept[0]["waiver"]["number"], 1);
        assert_eq!(
            serde_json::from_value::<Vec<ReviewedFinding>>(kept).unwrap(),
            all
        );
    }
}
