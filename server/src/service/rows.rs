//! From stored records to rows that several pages share.
use super::change_page::is_on_show;
use super::words::{change_status, deployment_status, destination, moment, title, took};
use crate::store::change::Change;
use crate::store::deployment::DeploymentListed;
use crate::store::environment::{Environment, EnvironmentState};
use crate::store::release::Release;
use app::api::views::{
    ChangeRow, DeploymentRow, EnvironmentRow, PersonName, ReleaseName, Status, Tone,
};
use chrono::{DateTime, Utc};
use domain::access::Verdict;
use domain::blueprint::Choice;
use domain::change::{ChangeState, Group};

/// A choice of a filter whose value is its own label.
pub(super) fn plain(value: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: value.to_owned(),
    }
}

/// A change in a list.
pub(super) fn change_row(change: &Change, now: DateTime<Utc>) -> ChangeRow {
    ChangeRow {
        number: change.number.to_string(),
        title: title(change.kind, &change.service_name, change.stage),
        team: change.team.to_string(),
        service: change.service_name.to_string(),
        stage: change.stage.to_string(),
        status: change_status(&change.state),
        why: why(change, now),
        access: access(change),
        requester: PersonName {
            subject: change.requester.to_string(),
            name: change.requester_name.clone(),
        },
        asked: moment(change.created_at, now),
    }
}

/// Why a change does not go on by itself, as far as the change itself knows.
fn why(change: &Change, now: DateTime<Utc>) -> Option<String> {
    match &change.state {
        ChangeState::Waiting { .. } => {
            let groups = change.waits_for.iter().map(|group| match group {
                Group::Approver => format!("an approver of {}", change.team),
                other => other.to_string(),
            });
            let groups: Vec<_> = groups.collect();
            (!groups.is_empty()).then(|| format!("for {}", groups.join(", ")))
        }
        ChangeState::Approved { .. } => change
            .schedule
            .filter(|schedule| schedule.at > now)
            .map(|schedule| format!("set for {}", schedule.words(now))),
        ChangeState::PlanFailed { failure, .. }
        | ChangeState::Failed {
            failure,
            stuck: Some(_),
            ..
        } => Some(failure.message.clone()),
        _ => None,
    }
}

/// What people call a release.
pub(super) fn release_name(release: &Release) -> ReleaseName {
    ReleaseName {
        number: release.number.to_string(),
        blueprint_version: release.blueprint_version.clone(),
    }
}

/// What the plan on show does to access.
fn access(change: &Change) -> Option<Verdict> {
    change.access.filter(|_| is_on_show(change))
}

/// A deployment in a list.
pub(super) fn deployment_row(listed: &DeploymentListed, now: DateTime<Utc>) -> DeploymentRow {
    let deployment = &listed.deployment;
    let ran = deployment
        .started_at
        .map(|started| took(deployment.ended_at.unwrap_or(now) - started));
    DeploymentRow {
        change: listed.change_number.to_string(),
        team: listed.team.to_string(),
        service: listed.service.to_string(),
        stage: listed.stage.to_string(),
        release: listed.release_number.map(|number| number.to_string()),
        kind: listed.kind.to_string(),
        status: deployment_status(deployment.state),
        failed_resource: listed.failed_resource.clone(),
        requester: PersonName {
            subject: listed.requester.to_string(),
            name: listed.requester_name.clone(),
        },
        approver: deployment
            .approved_by
            .as_ref()
            .map(|(subject, name)| PersonName {
                subject: subject.to_string(),
                name: name.clone(),
            }),
        created: moment(deployment.created_at, now),
        took: ran,
    }
}

/// An environment in a list, with the change of it that is still open.
pub(super) fn environment_row(
    environment: &Environment,
    open: Option<&Change>,
    now: DateTime<Utc>,
) -> EnvironmentRow {
    let status = match (open, environment.state) {
        (Some(change), _) => {
            let mut status = change_status(&change.state);
            status.words = format!("{}: {}", change.number, status.words);
            status
        }
        (None, EnvironmentState::Live) => Status {
            words: "live".to_owned(),
            tone: Tone::Shrink,
        },
        (None, EnvironmentState::Asked) => Status {
            words: "not there yet".to_owned(),
            tone: Tone::Same,
        },
        (None, EnvironmentState::Decommissioned) => Status {
            words: "decommissioned".to_owned(),
            tone: Tone::Same,
        },
    };
    EnvironmentRow {
        stage: environment.stage.to_string(),
        destination: destination(&environment.account, &environment.region),
        status,
        release: environment.release_number.map(|number| number.to_string()),
        changed: moment(environment.changed_at, now),
        open_change: open.map(|change| change.number.to_string()),
        access: open.and_then(access),
    }
}
