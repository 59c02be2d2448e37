//! How a live stack stands before a plan: whether it is ours, and what its status takes.
use super::run::failure;
use crate::aws::{AwsError, Session, Since};
use domain::change::{Failure, FailureKind, Stuck};
use domain::names::StackName;
use domain::stack::{LiveStack, StackEvent};
use std::collections::BTreeMap;

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
    stuck: Option<Stuck>,
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
            failure: dead_end(name, live),
            stuck,
        },
    }
}

/// How the stack stands for being deleted, which most dead ends take.
pub(super) fn for_delete(
    name: &StackName,
    live: &LiveStack,
    ours: bool,
    stuck: Option<Stuck>,
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
            failure: dead_end(name, live),
            stuck,
        },
        _ if live.status.in_progress() => Standing::Busy,
        _ => Standing::ToUpdate,
    }
}

/// The dead end that the stack is in, if it is in one, with the resources that led there.
pub(super) async fn stuck<R>(
    session: &Session<R>,
    live: &LiveStack,
) -> Result<Option<Stuck>, AwsError> {
    Ok(match live.status.0.as_str() {
        status @ ("ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED") => Some(Stuck::Dead {
            status: status.to_owned(),
        }),
        "UPDATE_ROLLBACK_FAILED" => Some(Stuck::RollbackFailed {
            resources: failed_since(session, live, "UPDATE_ROLLBACK_IN_PROGRESS").await?,
        }),
        "DELETE_FAILED" => Some(Stuck::DeleteFailed {
            resources: failed_since(session, live, "DELETE_IN_PROGRESS").await?,
        }),
        _ => None,
    })
}

async fn failed_since<R>(
    session: &Session<R>,
    live: &LiveStack,
    began: &str,
) -> Result<Vec<String>, AwsError> {
    let events = session
        .events_since(&live.stack_id, Since::Beginning)
        .await?;
    Ok(failed_in(&events, &live.stack_id, began))
}

/// The resources whose last word is a failure, since the stack itself last began what `began` says;
/// sorted.
fn failed_in(events: &[StackEvent], stack_id: &str, began: &str) -> Vec<String> {
    let start = events
        .iter()
        .rposition(|event| event.is_of_stack(stack_id) && event.status == began)
        .unwrap_or_default();
    let latest: BTreeMap<&str, &str> = events[start..]
        .iter()
        .filter(|event| !event.is_of_stack(stack_id))
        .map(|event| (event.logical_id.as_str(), event.status.as_str()))
        .collect();
    latest
        .into_iter()
        .filter(|(_, status)| status.ends_with("_FAILED"))
        .map(|(name, _)| name.to_owned())
        .collect()
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

    fn event(logical_id: &str, status: &str) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            at: DateTime::UNIX_EPOCH,
            logical_id: logical_id.into(),
            physical_id: Some(logical_id.into()),
            resource_type: String::new(),
            status: status.into(),
            reason: None,
            token: None,
        }
    }

    #[test]
    fn only_what_still_fails_can_be_skipped() {
        let events = [
            event("Old", "UPDATE_FAILED"),
            event("stack", "UPDATE_ROLLBACK_IN_PROGRESS"),
            event("Mended", "UPDATE_FAILED"),
            event("Bad", "UPDATE_IN_PROGRESS"),
            event("Mended", "UPDATE_COMPLETE"),
            event("Bad", "UPDATE_FAILED"),
            event("stack", "UPDATE_ROLLBACK_FAILED"),
        ];
        let failed = failed_in(&events, "stack", "UPDATE_ROLLBACK_IN_PROGRESS");
        assert_eq!(failed, ["Bad"]);
    }

    #[test]
    fn every_status_has_its_answer() {
        let name: StackName = "gatehouse-a-b-dev".parse().unwrap();
        let answer = |status: &str| match for_change_set(&name, Some(&live(status)), true, None) {
            Standing::Refused { failure, .. } => failure.message,
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
                for_change_set(&name, Some(&live(status)), false, None),
                for_delete(&name, &live(status), false, None),
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
