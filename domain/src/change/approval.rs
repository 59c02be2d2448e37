//! Who may decide on a change.
use crate::names::{Subject, TeamName};
use crate::person::Grant;
use crate::stage::Stage;

/// Why somebody may not approve, in words for that person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotApprove {
    /// Their own change.
    #[error("you asked for this change, so someone else has to approve it")]
    OwnChange,
    /// No approver's role for this team and stage.
    #[error(
        "approving for {stage} takes the approver role of {team} for {stage}, which your sign-in does not grant"
    )]
    NotAnApprover {
        /// The team.
        team: TeamName,
        /// The stage.
        stage: Stage,
    },
}

/// Whether somebody with these grants may decide on a change: another person than the requester,
/// with the approver's role of the team for the stage.
pub fn may_approve(
    person: &Subject,
    grants: &[Grant],
    requester: &Subject,
    team: &TeamName,
    stage: Stage,
) -> Result<(), CannotApprove> {
    let approver = grants.iter().any(|grant| {
        matches!(grant, Grant::Approver { team: of, stages } if of == team && stages.contains(&stage))
    });
    if person == requester {
        return Err(CannotApprove::OwnChange);
    }
    if !approver {
        return Err(CannotApprove::NotAnApprover {
            team: team.clone(),
            stage,
        });
    }
    Ok(())
}
