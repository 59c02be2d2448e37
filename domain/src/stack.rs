//! CloudFormation's own words: statuses, resource changes and events of stacks.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The status of a stack, as CloudFormation spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StackStatus(pub String);

impl StackStatus {
    /// Whether CloudFormation is still at work.
    pub fn in_progress(&self) -> bool {
        self.0.ends_with("_IN_PROGRESS") && self.0 != "REVIEW_IN_PROGRESS"
    }

    /// Whether the last operation did what it was asked to.
    pub fn succeeded(&self) -> bool {
        matches!(
            self.0.as_str(),
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "DELETE_COMPLETE" | "IMPORT_COMPLETE"
        )
    }

    /// Whether the stack takes an update change set.
    pub fn takes_update(&self) -> bool {
        matches!(
            self.0.as_str(),
            "CREATE_COMPLETE"
                | "UPDATE_COMPLETE"
                | "UPDATE_ROLLBACK_COMPLETE"
                | "IMPORT_COMPLETE"
                | "IMPORT_ROLLBACK_COMPLETE"
        )
    }
}

/// A stack as it stands at AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveStack {
    /// ARN.
    pub stack_id: String,
    /// Status.
    pub status: StackStatus,
    /// AWS's reason for the status, where it gives one.
    pub status_reason: Option<String>,
    /// When it was last updated, or created.
    pub changed_at: DateTime<Utc>,
    /// Parameters in force; `NoEcho` values come masked.
    pub parameters: BTreeMap<String, String>,
    /// Stack tags.
    pub tags: BTreeMap<String, String>,
    /// Outputs by key.
    pub outputs: BTreeMap<String, String>,
    /// Whether termination protection is on.
    pub termination_protection: bool,
}

/// What a change set does to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceAction {
    /// Created.
    Add,
    /// Changed in place or replaced, see [`Replacement`].
    Modify,
    /// Deleted, or left behind under `DeletionPolicy: Retain`.
    Remove,
    /// Taken into the stack.
    Import,
    /// Decided only while the change set runs.
    Dynamic,
}

/// Whether a modified resource is replaced by a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replacement {
    /// Changed in place.
    No,
    /// Replaced if a value known only later differs.
    Conditional,
    /// Replaced.
    Yes,
}

/// One resource in a change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// What happens.
    pub action: ResourceAction,
    /// The name in the template.
    pub logical_id: String,
    /// The id at AWS, once there is one.
    pub physical_id: Option<String>,
    /// For example `AWS::IAM::Role`.
    pub resource_type: String,
    /// Whether a modification replaces it.
    pub replacement: Replacement,
    /// The properties or attributes that change, sorted.
    pub changed: Vec<String>,
    /// `DeletionPolicy` or what a removal does (`Delete`, `Retain`, `Snapshot`), where AWS says it.
    pub policy_action: Option<String>,
}

impl ResourceChange {
    /// Whether nothing but tags changes, in place.
    pub fn touches_only_tags(&self) -> bool {
        self.action == ResourceAction::Modify
            && self.replacement == Replacement::No
            && !self.changed.is_empty()
            && self.changed.iter().all(|name| name == "Tags")
    }
}

/// A resource of a live stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveResource {
    /// The name in the template.
    pub logical_id: String,
    /// The id at AWS.
    pub physical_id: String,
    /// For example `AWS::DynamoDB::GlobalTable`.
    pub resource_type: String,
    /// For example `CREATE_COMPLETE`.
    pub status: String,
}

/// One event of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackEvent {
    /// AWS's id of the event, unique within its stack.
    pub event_id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The name in the template; for events of the stack itself, the stack's name.
    pub logical_id: String,
    /// The id at AWS, once there is one.
    pub physical_id: Option<String>,
    /// For example `AWS::Lambda::Function`; `AWS::CloudFormation::Stack` for the stack itself.
    pub resource_type: String,
    /// For example `CREATE_IN_PROGRESS`.
    pub status: String,
    /// AWS's own reason, where it gives one.
    pub reason: Option<String>,
    /// The token of the call that caused it.
    pub token: Option<String>,
}

impl StackEvent {
    /// Whether this is the stack's own event, told by its id rather than its type: a nested stack
    /// is a resource of the same type.
    pub fn is_of_stack(&self, stack_id: &str) -> bool {
        self.physical_id.as_deref() == Some(stack_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_tag_is_no_more_than_that() {
        let change = ResourceChange {
            action: ResourceAction::Modify,
            logical_id: "Orders".to_owned(),
            physical_id: None,
            resource_type: "AWS::SQS::Queue".to_owned(),
            replacement: Replacement::No,
            changed: vec!["Tags".to_owned()],
            policy_action: None,
        };
        assert!(change.touches_only_tags());
        for changed in [vec![], vec!["Tags".to_owned(), "KmsMasterKeyId".to_owned()]] {
            let more = ResourceChange {
                changed,
                ..change.clone()
            };
            assert!(!more.touches_only_tags());
        }
        let replaced = ResourceChange {
            replacement: Replacement::Conditional,
            ..change
        };
        assert!(!replaced.touches_only_tags());
    }
}
