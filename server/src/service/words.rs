//! How times, durations, states and places read.
use crate::store::deployment::DeploymentState;
use app::api::views::{Moment, Status, Tone};
use chrono::{DateTime, TimeDelta, Utc};
use domain::change::{ChangeKind, ChangeState, Closing, Outcome};
use domain::names::{AccountId, Region, ServiceName};
use domain::stage::Stage;

/// A time with how long ago it was.
pub(super) fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> Moment {
    Moment {
        at,
        ago: ago(now - at),
    }
}

/// For example `2 h ago`.
pub(super) fn ago(passed: TimeDelta) -> String {
    let minutes = passed.num_minutes();
    match minutes {
        ..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// A duration such as `3 min 10 s`.
pub(super) fn took(passed: TimeDelta) -> String {
    let seconds = passed.num_seconds().max(0);
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `1111 2222 3333 · eu-west-1`.
pub(super) fn destination(account: &AccountId, region: &Region) -> String {
    let digits = account.as_str();
    let groups: Vec<_> = digits
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect();
    format!("{} · {region}", groups.join(" "))
}

fn status(words: impl Into<String>, tone: Tone) -> Status {
    Status {
        words: words.into(),
        tone,
    }
}

/// A change's state as a tag.
pub(super) fn change_status(state: &ChangeState) -> Status {
    match state {
        ChangeState::Planning { .. } => status("planning", Tone::Wait),
        ChangeState::PlanFailed { .. } => status("no plan", Tone::Grow),
        ChangeState::Blocked { .. } => status("stopped by a finding", Tone::Grow),
        ChangeState::Waiting { .. } => status("waiting for an approver", Tone::Wait),
        ChangeState::Approved { .. } => status("approved, queued", Tone::Wait),
        ChangeState::Deploying { stopping: true, .. } => status("stopping", Tone::Wait),
        ChangeState::Deploying { .. } => status("deploying", Tone::Wait),
        ChangeState::Repairing { .. } => status("being repaired", Tone::Wait),
        ChangeState::Closing { .. } => status("closing", Tone::Wait),
        ChangeState::Succeeded { outcome } => status(
            match outcome {
                Outcome::Deployed => "succeeded",
                Outcome::NothingToDo => "succeeded, nothing to do",
                Outcome::Decommissioned => "decommissioned",
            },
            Tone::Shrink,
        ),
        ChangeState::Failed { stuck: Some(_), .. } => status("failed, stack is stuck", Tone::Grow),
        ChangeState::Failed { .. } => status("failed", Tone::Grow),
        ChangeState::Closed { closing } => status(
            match closing {
                Closing::Rejected => "rejected",
                Closing::ChangesRequested => "changes asked for",
                Closing::Withdrawn => "withdrawn",
                Closing::Cancelled => "cancelled",
            },
            Tone::Same,
        ),
    }
}

/// A deployment's state as a tag.
pub(super) fn deployment_status(state: DeploymentState) -> Status {
    match state {
        DeploymentState::Queued => status("queued", Tone::Wait),
        DeploymentState::Running => status("running", Tone::Wait),
        DeploymentState::Succeeded => status("succeeded", Tone::Shrink),
        DeploymentState::Failed => status("failed", Tone::Grow),
        DeploymentState::Cancelled => status("cancelled", Tone::Same),
    }
}

/// What a change does: `Promote checkout to staging`.
pub(super) fn title(kind: ChangeKind, service: &ServiceName, stage: Stage) -> String {
    let (verb, place) = match kind {
        ChangeKind::Provision => ("Provision", "at"),
        ChangeKind::Update => ("Update", "at"),
        ChangeKind::Promote => ("Promote", "to"),
        ChangeKind::Rollback => ("Roll back", "at"),
        ChangeKind::Decommission => ("Decommission", "at"),
    };
    format!("{verb} {service} {place} {stage}")
}

/// AWS's status of a resource as a tone.
pub(super) fn resource_tone(status: &str) -> Tone {
    if status.ends_with("_FAILED") || status.contains("ROLLBACK") {
        Tone::Grow
    } else if status.ends_with("_COMPLETE") || status == "DELETE_SKIPPED" {
        Tone::Shrink
    } else {
        Tone::Wait
    }
}

/// Words as a sentence: with a capital and a full stop.
pub(super) fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    characters
        .next()
        .map(|first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(ago(TimeDelta::seconds(59)), "just now");
        assert_eq!(ago(TimeDelta::seconds(-5)), "just now");
        assert_eq!(ago(TimeDelta::minutes(59)), "59 min ago");
        assert_eq!(ago(TimeDelta::minutes(61)), "1 h ago");
        assert_eq!(ago(TimeDelta::hours(47)), "47 h ago");
        assert_eq!(ago(TimeDelta::hours(49)), "2 days ago");
        assert_eq!(took(TimeDelta::seconds(190)), "3 min 10 s");
    }

    #[test]
    fn accounts_read_in_groups() {
        let account = "111122223333".parse().unwrap();
        let region = "eu-west-1".parse().unwrap();
        assert_eq!(destination(&account, &region), "1111 2222 3333 · eu-west-1");
    }
}
