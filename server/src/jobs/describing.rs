//! What a stack's events say of a failure, in words.
use domain::change::{Failure, FailureKind};
use domain::stack::{StackEvent, StackStatus};

/// Why an operation on a stack did not do what it was asked to: the resource that failed first, with
/// AWS's own reason. `stopped` says that someone asked for the stop.
pub(super) fn failure_of(
    stack_name: &str,
    stack_id: &str,
    ended: &StackStatus,
    events: &[StackEvent],
    stopped: bool,
) -> Failure {
    let first = events.iter().find(|event| {
        event.status.ends_with("_FAILED") && !event.is_of_stack(stack_id) && !is_aftermath(event)
    });
    let (kind, message) = match first {
        Some(event) => (
            FailureKind::RolledBack,
            format!(
                "{} ({}) failed: {} The stack {stack_name} {}.",
                event.logical_id,
                event.resource_type,
                sentence(event.reason.as_deref().unwrap_or("AWS gave no reason")),
                ending(ended)
            ),
        ),
        None if stopped => (
            FailureKind::Stopped,
            format!(
                "It was stopped as asked. The stack {stack_name} {}.",
                ending(ended)
            ),
        ),
        None => {
            let reason = events
                .iter()
                .rev()
                .filter(|event| event.is_of_stack(stack_id))
                .find_map(|event| event.reason.as_deref())
                .unwrap_or("AWS gave no reason");
            (
                FailureKind::RolledBack,
                format!(
                    "The stack {stack_name} {}: {}",
                    ending(ended),
                    sentence(reason)
                ),
            )
        }
    };
    Failure {
        kind,
        message,
        aws_code: None,
        aws_request_id: None,
    }
}

/// Whether a resource only failed because another had, or because the operation was cancelled.
fn is_aftermath(event: &StackEvent) -> bool {
    event
        .reason
        .as_deref()
        .is_some_and(|reason| reason.contains("cancelled"))
}

/// What the status says of the stack, to stand behind its name.
fn ending(status: &StackStatus) -> String {
    match status.0.as_str() {
        "ROLLBACK_COMPLETE" => "was rolled back and has to be deleted before it can be made again",
        "ROLLBACK_FAILED" => "could not be rolled back and has to be deleted",
        "UPDATE_ROLLBACK_COMPLETE" => "is back in the state it was in before",
        "UPDATE_ROLLBACK_FAILED" => "could not be brought back to the state it was in before",
        "DELETE_FAILED" => "could not be deleted whole",
        "DELETE_COMPLETE" => "is deleted",
        other => return format!("ended in {other}"),
    }
    .to_owned()
}

fn sentence(reason: &str) -> String {
    let reason = reason.trim();
    if reason.ends_with(['.', '!', '?']) {
        reason.to_owned()
    } else {
        format!("{reason}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn event(logical_id: &str, status: &str, reason: Option<&str>) -> StackEvent {
        StackEvent {
            event_id: format!("{logical_id}-{status}"),
            at: DateTime::UNIX_EPOCH,
            logical_id: logical_id.into(),
            physical_id: Some(if logical_id == "s" {
                "arn:s".into()
            } else {
                logical_id.into()
            }),
            resource_type: "AWS::SQS::Queue".into(),
            status: status.into(),
            reason: reason.map(str::to_owned),
            token: None,
        }
    }

    #[test]
    fn the_first_that_failed_is_named() {
        let events = [
            event("s", "UPDATE_IN_PROGRESS", Some("User Initiated")),
            event("Bus", "CREATE_FAILED", Some("Resource creation cancelled")),
            event("Queue", "CREATE_FAILED", Some("Too many queues")),
            event(
                "s",
                "UPDATE_ROLLBACK_IN_PROGRESS",
                Some("The following resource(s) failed to create: [Queue]."),
            ),
        ];
        let of = |stopped, events: &[StackEvent]| {
            failure_of(
                "s",
                "arn:s",
                &StackStatus("UPDATE_ROLLBACK_COMPLETE".into()),
                events,
                stopped,
            )
        };
        assert_eq!(
            of(false, &events).message,
            "Queue (AWS::SQS::Queue) failed: Too many queues. The stack s is back in the state it was in before."
        );
        assert_eq!(of(true, &events[..2]).kind, FailureKind::Stopped);
        assert_eq!(
            of(false, &events[..1]).message,
            "The stack s is back in the state it was in before: User Initiated."
        );
    }
}
