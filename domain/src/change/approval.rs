//! Who may decide on a change.
use super::rule::Group;
use crate::names::{Subject, TeamName};
use crate::person::Grant;
use crate::stage::Stage;
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
