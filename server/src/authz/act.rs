//! What can be done, and to what.
use domain::names::{Subject, TeamName};
use domain::stage::Stage;

/// Something a person may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// See the blueprints.
    ViewCatalogue,
    /// See a team's services, environments and deployments.
    ViewTeam,
    /// Ask for an environment, for a change of one, or for its end.
    AskFor,
    /// See a change.
    ViewChange,
    /// Comment on a change.
    Comment,
    /// Approve a change, ask for changes, or reject it.
    DecideOn,
    /// Take one's own change back.
    Withdraw,
    /// Stop a change.
    Cancel,
    /// Plan a change again.
    PlanAgain,
    /// Take a change out of a dead end.
    Repair,
    /// Lock an environment by hand.
    Lock,
    /// Unlock it.
    Unlock,
    /// Propose a blueprint version to be offered to teams.
    ProposeBlueprint,
    /// Accept or refuse a proposal.
    AnswerProposal,
    /// Withdraw a blueprint version.
    WithdrawBlueprint,
    /// Ask for a waiver of what was found in a change.
    AskForWaiver,
    /// Grant or refuse a waiver.
    DecideOnWaiver,
    /// End a waiver early.
    EndWaiver,
}

impl Act {
    /// Everything that can be done.
    pub const ALL: [Act; 18] = [
        Act::ViewCatalogue,
        Act::ViewTeam,
        Act::AskFor,
        Act::ViewChange,
        Act::Comment,
        Act::DecideOn,
        Act::Withdraw,
        Act::Cancel,
        Act::PlanAgain,
        Act::Repair,
        Act::Lock,
        Act::Unlock,
        Act::ProposeBlueprint,
        Act::AnswerProposal,
        Act::WithdrawBlueprint,
        Act::AskForWaiver,
        Act::DecideOnWaiver,
        Act::EndWaiver,
    ];

    /// Its name in the policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Act::ViewCatalogue => "viewCatalogue",
            Act::ViewTeam => "viewTeam",
            Act::AskFor => "askFor",
            Act::ViewChange => "viewChange",
            Act::Comment => "comment",
            Act::DecideOn => "decideOn",
            Act::Withdraw => "withdraw",
            Act::Cancel => "cancel",
            Act::PlanAgain => "planAgain",
            Act::Repair => "repair",
            Act::Lock => "lock",
            Act::Unlock => "unlock",
            Act::ProposeBlueprint => "proposeBlueprint",
            Act::AnswerProposal => "answerProposal",
            Act::WithdrawBlueprint => "withdrawBlueprint",
            Act::AskForWaiver => "askForWaiver",
            Act::DecideOnWaiver => "decideOnWaiver",
            Act::EndWaiver => "endWaiver",
        }
    }

    /// What it takes, for somebody who may not; `team` is the target's.
    pub(super) fn takes(self, team: &str) -> String {
        let (doing, role) = match self {
            Act::ViewCatalogue => ("Seeing the blueprints".to_owned(), "a role".to_owned()),
            Act::ViewTeam => (
                format!("Seeing services of {team}"),
                format!("a role of {team}"),
            ),
            Act::ViewChange => (
                format!("Seeing changes of {team}"),
                format!("a role of {team}"),
            ),
            Act::AskFor => (
                format!("Asking for environments of {team}"),
                format!("the developer role of {team}"),
            ),
            Act::Comment => (
                format!("Commenting on this change of {team}"),
                format!(
                    "the developer role of {team}, its approver role for this stage, or the platform or the security role"
                ),
            ),
            Act::DecideOn => (
                format!("Deciding on this change of {team}"),
                format!(
                    "the approver role of {team} for this stage, or the platform or the security role"
                ),
            ),
            Act::Withdraw => {
                return format!(
                    "Only the developer of {team} who asked for a change can take it back."
                );
            }
            Act::Cancel => (
                format!("Stopping changes of {team}"),
                format!("the developer role of {team}, or the platform role"),
            ),
            Act::PlanAgain => (
                format!("Planning changes of {team} again"),
                format!("the developer role of {team}, or the platform role"),
            ),
            Act::Repair => (
                format!("Repairing changes of {team}"),
                format!("the developer role of {team}, or the platform role"),
            ),
            Act::Lock => (
                format!("Locking this environment of {team}"),
                format!("the approver role of {team} for this stage, or the platform role"),
            ),
            Act::Unlock => (
                format!("Unlocking this environment of {team}"),
                format!("the approver role of {team} for this stage, or the platform role"),
            ),
            Act::ProposeBlueprint => (
                "Proposing blueprint versions".to_owned(),
                "the platform role".to_owned(),
            ),
            Act::AnswerProposal => (
                "Answering proposals of blueprint versions".to_owned(),
                "the security role".to_owned(),
            ),
            Act::WithdrawBlueprint => (
                "Withdrawing blueprint versions".to_owned(),
                "the platform role".to_owned(),
            ),
            Act::AskForWaiver => (
                format!("Asking for a waiver for {team}"),
                format!("the developer or the approver role of {team}"),
            ),
            Act::DecideOnWaiver => (
                format!("Deciding on this waiver of {team}"),
                "the security role".to_owned(),
            ),
            Act::EndWaiver => (
                format!("Ending this waiver of {team}"),
                "the security role".to_owned(),
            ),
        };
        format!("{doing} takes {role}, which your sign-in does not grant.")
    }
}

/// What it is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The blueprints.
    Catalogue,
    /// A team's services.
    Team(TeamName),
    /// An environment.
    Environment {
        /// The team whose it is.
        team: TeamName,
        /// Its stage.
        stage: Stage,
    },
    /// A blueprint version.
    BlueprintVersion {
        /// Who proposed it latest, if a person did.
        proposed_by: Option<Subject>,
    },
    /// A waiver.
    Waiver {
        /// The team whose environment it is for.
        team: TeamName,
        /// Who asked for it.
        asker: Subject,
    },
    /// A change.
    Change {
        /// The team whose environment it changes.
        team: TeamName,
        /// The environment's stage.
        stage: Stage,
        /// Who asked for it.
        requester: Subject,
    },
}
