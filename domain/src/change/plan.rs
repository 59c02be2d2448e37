//! What a change would do, as its reviewers see it, and what ties it to the live stacks.
use crate::access::AccessReview;
use crate::change::ChangeKind;
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
    /// The version of the rules that compared the access and digested the plan.
    pub rule_version: u32,
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
