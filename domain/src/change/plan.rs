//! What a change would do, as its reviewers see it, and what ties it to the live stacks.
use crate::access::AccessReview;
use crate::change::{ChangeKind, ReviewedFinding};
use crate::names::{AccountId, BlueprintName, Digest, PlanId, Region, StackName};
use crate::stack::ResourceChange;
use crate::stage::Stage;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A plan: what reviewers are shown, and what it was made against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// What the review digest covers.
    pub reviewed: Reviewed,
    /// SHA-256 over the canonical form of `reviewed`.
    pub digest: Digest,
    /// The change sets and live stacks it is tied to.
    pub binding: Binding,
}

/// Everything a reviewer is shown. Two plans with equal `Reviewed` have the same digest, and an
/// approval of one is an approval of the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// What for.
    pub kind: ChangeKind,
    /// Team, service and stage, `payments/checkout/dev`.
    pub environment: String,
    /// The stage.
    pub stage: Stage,
    /// The blueprint's name.
    pub blueprint: BlueprintName,
    /// Its version as people know it.
    pub blueprint_version: String,
    /// Its content.
    pub blueprint_digest: Digest,
    /// One operation for each stack, in the order they run.
    pub stacks: Vec<ReviewedStack>,
    /// Whose access grows and shrinks.
    pub access: AccessReview,
    /// What the access is compared with. Plans from before versions were vetted compare with what runs.
    #[serde(default, skip_serializing_if = "Baseline::is_live")]
    pub baseline: Baseline,
    /// What guardrails say of it, with the waivers that cover it. Plans from before there were guardrails have
    /// none, and keep their digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<ReviewedFinding>,
    /// The version of the rules that compared the access and digested the plan.
    pub rule_version: u32,
}

impl Reviewed {
    /// What the access is compared with, in words that follow “compared with”.
    pub fn compared_with(&self) -> String {
        let (version, stage) = (&self.blueprint_version, self.stage);
        let creates = |stack: &ReviewedStack| {
            matches!(stack.operation, Operation::Deploy { creates: true, .. })
        };
        match &self.baseline {
            Baseline::Vetted { .. } => format!("what version {version} was vetted with at {stage}"),
            Baseline::Live if self.stacks.iter().all(creates) => {
                "nothing, since nothing of it runs yet".to_owned()
            }
            Baseline::Live => "what runs now".to_owned(),
        }
    }

    /// Whose access grows and shrinks against what runs, whatever the verdict compares with: for a new environment
    /// everything that it grants and opens.
    pub fn against_live(&self) -> &AccessReview {
        match &self.baseline {
            Baseline::Vetted { whole } => whole,
            Baseline::Live => &self.access,
        }
    }
}

/// What the access of a plan is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Baseline {
    /// What runs; nothing where nothing runs.
    #[default]
    Live,
    /// What this version was vetted with at this stage: its templates with the stage's own defaults. Only for an
    /// environment that does not exist yet.
    Vetted {
        /// The access of the new environment as a whole, against nothing.
        whole: Box<AccessReview>,
    },
}

impl Baseline {
    /// Whether it is what runs.
    pub fn is_live(&self) -> bool {
        matches!(self, Baseline::Live)
    }
}

/// What happens to one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedStack {
    /// `main`, or a companion's name in the manifest.
    pub name: String,
    /// The account it lives in.
    pub account: AccountId,
    /// The region it lives in.
    pub region: Region,
    /// Its name at CloudFormation.
    pub stack_name: StackName,
    /// What is done.
    pub operation: Operation,
    /// Stack tags.
    pub tags: BTreeMap<String, String>,
}

/// What is done to a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Operation {
    /// A change set is executed.
    Deploy {
        /// Whether the stack is new.
        creates: bool,
        /// The template as it is given to CloudFormation.
        template: String,
        /// Its parameters.
        parameters: BTreeMap<String, String>,
        /// What the change set does.
        changes: Vec<ResourceChange>,
    },
    /// The stack is already so.
    Nothing,
    /// The stack is deleted.
    Delete {
        /// What becomes of each live resource.
        removals: Vec<ResourceRemoval>,
    },
}

/// What becomes of a live resource when its stack is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRemoval {
    /// The name in the template.
    pub logical_id: String,
    /// The id at AWS.
    pub physical_id: String,
    /// For example `AWS::DynamoDB::GlobalTable`.
    pub resource_type: String,
    /// `Delete`, `Retain`, `RetainExceptOnCreate` or `Snapshot`.
    pub deletion_policy: String,
    /// Whether it holds data that is lost with it.
    pub loses_data: bool,
}

/// Ties a plan to what it was made against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// One for each stack, in the order of the reviewed stacks.
    pub stacks: Vec<StackBinding>,
}

/// Ties one stack's operation to its change set and to the live stack's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackBinding {
    /// ARN of the change set; none for a delete or where there is nothing to do.
    pub change_set_id: Option<String>,
    /// ARN of the stack.
    pub stack_id: Option<String>,
    /// The stack's status when the plan was made.
    pub status: Option<String>,
    /// When the stack had last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Verdict;

    /// What was approved before versions were vetted keeps its digest.
    #[test]
    fn a_plan_over_what_runs_is_written_as_it_always_was() {
        #[derive(Serialize)]
        struct Part {
            #[serde(default, skip_serializing_if = "Baseline::is_live")]
            baseline: Baseline,
        }
        let live = Part {
            baseline: Baseline::Live,
        };
        assert_eq!(serde_json::to_string(&live).unwrap(), "{}");
        let review = AccessReview::new(Default::default(), Default::default());
        let vetted = Baseline::Vetted {
            whole: Box::new(review),
        };
        let kept = serde_json::to_string(&vetted).unwrap();
        assert_eq!(serde_json::from_str::<Baseline>(&kept).unwrap(), vetted);
        assert!(kept.starts_with(r#"{"name":"vetted","whole":"#), "{kept}");
    }

    /// Plans are kept for good, so those from before access was judged have to be read.
    #[test]
    fn a_plan_from_before_access_was_judged_counts_as_a_gain() {
        let access: AccessReview =
            serde_json::from_str(r#"{"holders":[{"holder":"Writer","added":[],"removed":[]}]}"#)
                .unwrap();
        assert_eq!(access.verdict, Verdict::Undecided);
        assert!(access.verdict.may_widen());
    }
}
