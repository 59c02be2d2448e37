//! Who may decide on a change.
use super::rule::Group;
use crate::names::{Subject, TeamName};
use crate::person::Grant;
use crate::stage::Stage;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// Why somebody may not decide, in words for that person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotDecide {
    /// Their own change.
    #[error("you asked for this change, so someone else has to approve it")]
    OwnChange,
    /// A member of no group that decides.
    #[error(
        "approving for {stage} takes the approver role of {team} for {stage}, or the platform or the security role, and \
         your sign-in grants none of them"
    )]
    InNoGroup {
        /// The team.
        team: TeamName,
        /// The stage.
        stage: Stage,
    },
}

/// How long ago whoever approves for production may have proven who they are.
pub const PROVEN_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// Why somebody has to sign in again before they approve, in words for that person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInAgain {
    /// Too long ago.
    #[error(
        "approving for {stage} takes a sign-in within the last {} minutes, and yours was {} minutes ago",
        PROVEN_WITHIN.num_minutes(),
        .ago.num_minutes()
    )]
    TooLongAgo {
        /// The stage.
        stage: Stage,
        /// How long.
        ago: TimeDelta,
    },
    /// The identity provider did not say when.
    #[error(
        "approving for {stage} takes a sign-in within the last {} minutes, and your identity provider did not say when \
         you proved who you are",
        PROVEN_WITHIN.num_minutes()
    )]
    Unknown {
        /// The stage.
        stage: Stage,
    },
}

/// Whether somebody who proved at that time who they are may approve at this stage now.
///
/// # Errors
/// Why they have to sign in again first.
pub fn proven_lately(
    stage: Stage,
    authenticated_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), SignInAgain> {
    if !matches!(stage, Stage::Prod | Stage::Recovery) {
        return Ok(());
    }
    let ago = now - authenticated_at.ok_or(SignInAgain::Unknown { stage })?;
    if ago > PROVEN_WITHIN {
        return Err(SignInAgain::TooLongAgo { stage, ago });
    }
    Ok(())
}

/// The groups for which somebody with these grants may decide on a change: any of somebody else's.
pub fn may_decide(
    person: &Subject,
    grants: &[Grant],
    requester: &Subject,
    team: &TeamName,
    stage: Stage,
) -> Result<BTreeSet<Group>, CannotDecide> {
    if person == requester {
        return Err(CannotDecide::OwnChange);
    }
    let groups = Group::of(grants, team, stage);
    if groups.is_empty() {
        return Err(CannotDecide::InNoGroup {
            team: team.clone(),
            stage,
        });
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_takes_a_sign_in_of_a_few_minutes_ago() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let proven =
            |stage, minutes| proven_lately(stage, Some(now - TimeDelta::minutes(minutes)), now);
        for stage in [Stage::Prod, Stage::Recovery] {
            assert_eq!(proven(stage, 15), Ok(()));
            let why = proven(stage, 16).unwrap_err().to_string();
            assert!(
                why.contains("15 minutes") && why.contains("16 minutes ago"),
                "{why}"
            );
            let why = proven_lately(stage, None, now).unwrap_err().to_string();
            assert!(why.contains("did not say"), "{why}");
        }
        for stage in [Stage::Dev, Stage::Feature, Stage::Staging] {
            assert_eq!(proven(stage, 1000), Ok(()));
            assert_eq!(proven_lately(stage, None, now), Ok(()));
        }
    }
}
