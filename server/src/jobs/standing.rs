//! How a live stack stands before a plan: whether it is ours, and what its status takes.
use super::run::failure;
use domain::change::{Failure, FailureKind, Stuck};
use domain::names::StackName;
use domain::stack::{LiveResource, LiveStack};

/// What a plan can do with a stack.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is none, or one that is only under review for us: it is to be created.
    ToCreate,
    /// It takes an update.
    ToUpdate,
    /// CloudFormation is at work on it.
    Busy,
    /// It takes no change.
    Refused {
        failure: Failure,
        stuck: Option<Stuck>,
    },
}

/// How the stack stands for a change set. `ours` says whether Gatehouse made it.
pub(super) fn for_change_set(
    name: &StackName,
    live: Option<&LiveStack>,
    ours: bool,
    resources: &[LiveResource],
) -> Standing {
    let Some(live) = live else {
        return Standing::ToCreate;
    };
    if !ours {
        return Standing::Refused {
            failure: foreign(name),
            stuck: None,
        };
    }
    let status = live.status.0.as_str();
    match status {
        "REVIEW_IN_PROGRESS" => Standing::ToCreate,
        // A deleted stack has no name any more, so this is one that was looked up by its id.
        "DELETE_COMPLETE" => Standing::ToCreate,
        _ if live.status.takes_update() => Standing::ToUpdate,
        _ if live.status.in_progress() => Standing::Busy,
        _ => Standing::Refused {
            stuck: stuck(live, resources),
            failure: dead_end(name, live),
        },
    }
}

/// How the stack stands for being deleted, which most dead ends take.
pub(super) fn for_delete(
    name: &StackName,
    live: &LiveStack,
    ours: bool,
    resources: &[LiveResource],
) -> Standing {
    if !ours {
        return Standing::Refused {
            failure: foreign(name),
            stuck: None,
        };
    }
    if live.termination_protection {
        return Standing::Refused {
            failure: failure(
                FailureKind::StackState,
                format!(
                    "Termination protection is on for stack {name}, so CloudFormation would not delete it. Turn it off \
                     in the account, then plan again."
                ),
            ),
            stuck: None,
        };
    }
    match live.status.0.as_str() {
        "DELETE_FAILED" => Standing::Refused {
            stuck: stuck(live, resources),
            failure: dead_end(name, live),
        },
        _ if live.status.in_progress() => Standing::Busy,
        _ => Standing::ToUpdate,
    }
}

/// The dead end that the stack is in, if it is in one.
pub(super) fn stuck(live: &LiveStack, resources: &[LiveResource]) -> Option<Stuck> {
    let that_are = |status: &str| -> Vec<String> {
        resources
            .iter()
            .filter(|resource| resource.status == status)
            .map(|resource| resource.logical_id.clone())
            .collect()
    };
    match live.status.0.as_str() {
        status @ ("ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED") => Some(Stuck::Dead {
            status: status.to_owned(),
        }),
        "UPDATE_ROLLBACK_FAILED" => Some(Stuck::RollbackFailed {
            resources: that_are("UPDATE_FAILED"),
        }),
        "DELETE_FAILED" => Some(Stuck::DeleteFailed {
            resources: that_are("DELETE_FAILED"),
        }),
        _ => None,
    }
}

fn foreign(name: &StackName) -> Failure {
    failure(
        FailureKind::ForeignStack,
        format!(
            "A stack called {name} exists that Gatehouse did not make, and Gatehouse never changes such a stack. Delete \
             or rename it in the account, or ask for a service of another name; then plan again."
        ),
    )
}

fn dead_end(name: &StackName, live: &LiveStack) -> Failure {
    let status = &live.status.0;
    let why = live
        .status_reason
        .as_ref()
        .map(|reason| format!(" (AWS says: {})", reason.trim_end_matches('.')))
        .unwrap_or_default();
    let way_out = match status.as_str() {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => {
            "Its creation failed, and CloudFormation takes no change for it. Delete the dead stack, then it can be \
             planned anew."
        }
        "UPDATE_ROLLBACK_FAILED" => {
            "Its latest update failed, and so did the way back. Continue the rollback, if need be without the resources \
             that failed, then it can be planned anew."
        }
        "DELETE_FAILED" => {
            "Not all of it could be deleted. Delete the rest and keep the resources that failed, then it can be planned \
             anew."
        }
        _ => {
            "CloudFormation takes no change for a stack in that state. Put it right in the account, then plan again."
        }
    };
    failure(
        FailureKind::StackState,
        format!("Stack {name} is in {status}{why}. {way_out}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::stack::StackStatus;

    fn live(status: &str) -> LiveStack {
        LiveStack {
            stack_id: "arn:aws:cloudformation:eu-west-1:111111111111:stack/gatehouse-a-b-dev/1"
                .into(),
            status: StackStatus(status.into()),
            status_reason: None,
            changed_at: DateTime::UNIX_EPOCH,
            parameters: Default::default(),
            tags: Default::default(),
            outputs: Default::default(),
            termination_protection: false,
        }
    }

    fn resource(name: &str, status: &str) -> LiveResource {
        LiveResource {
            logical_id: name.into(),
            physical_id: name.into(),
            resource_type: "AWS::SQS::Queue".into(),
            status: status.into(),
        }
    }

    #[test]
    fn every_status_has_its_answer() {
        let name: StackName = "gatehouse-a-b-dev".parse().unwrap();
        let resources = [
            resource("Good", "UPDATE_COMPLETE"),
            resource("Bad", "UPDATE_FAILED"),
            resource("Left", "DELETE_FAILED"),
        ];
        let answer =
            |status: &str| match for_change_set(&name, Some(&live(status)), true, &resources) {
                Standing::Refused { failure, stuck } => format!("{stuck:?} {}", failure.message),
                other => format!("{other:?}"),
            };
        let table: Vec<String> = [
            "REVIEW_IN_PROGRESS",
            "CREATE_IN_PROGRESS",
            "CREATE_COMPLETE",
            "CREATE_FAILED",
            "ROLLBACK_COMPLETE",
            "ROLLBACK_FAILED",
            "UPDATE_COMPLETE",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE",
            "UPDATE_ROLLBACK_FAILED",
            "DELETE_IN_PROGRESS",
            "DELETE_FAILED",
            "UPDATE_FAILED",
        ]
        .into_iter()
        .map(|status| format!("{status}: {}", answer(status)))
        .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn a_foreign_stack_is_never_touched() {
        let name: StackName = "gatehouse-a-b-dev".parse().unwrap();
        for status in ["CREATE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"] {
            let standings = [
                for_change_set(&name, Some(&live(status)), false, &[]),
                for_delete(&name, &live(status), false, &[]),
            ];
            for standing in standings {
                assert!(matches!(
                    standing,
                    Standing::Refused {
                        failure: Failure {
                            kind: FailureKind::ForeignStack,
                            ..
                        },
                        stuck: None
                    }
                ));
            }
        }
    }
}
