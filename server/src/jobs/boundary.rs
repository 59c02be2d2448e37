//! The places between two steps at which a crash test ends the process.

/// A place between two steps of a job. What stands before it has happened, what comes after has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The plan role is assumed.
    PlanRoleAssumed,
    /// The stacks that the plan is for are noted down.
    PlanStacksNoted,
    /// AWS was asked for a change set.
    PlanChangeSetAsked,
    /// AWS has made every change set.
    PlanChangeSetsMade,
    /// The plan is whole and about to be saved.
    PlanWhole,
    /// The plan is saved.
    PlanSaved,
    /// The approval and the live stacks are checked.
    DeployChecked,
    /// The deployment is recorded as running.
    DeployStarted,
    /// AWS has taken the operation.
    DeployAccepted,
    /// It is recorded that AWS has taken the operation.
    DeployMarked,
    /// Some stack events are recorded.
    DeployObserving,
    /// The stack has come to its end.
    DeployEnded,
    /// The end of the deployment is recorded.
    DeploySaved,
    /// The change sets are deleted.
    TakenChangeSets,
    /// The empty stacks are deleted.
    TakenStacks,
    /// The change is closed.
    CloseSaved,
    /// It is recorded what was taken away.
    ClearSaved,
    /// AWS has taken the repair.
    RepairAccepted,
    /// The repair has come to its end.
    RepairEnded,
}

impl Boundary {
    /// Every place.
    pub const ALL: [Boundary; 19] = [
        Boundary::PlanRoleAssumed,
        Boundary::PlanStacksNoted,
        Boundary::PlanChangeSetAsked,
        Boundary::PlanChangeSetsMade,
        Boundary::PlanWhole,
        Boundary::PlanSaved,
        Boundary::DeployChecked,
        Boundary::DeployStarted,
        Boundary::DeployAccepted,
        Boundary::DeployMarked,
        Boundary::DeployObserving,
        Boundary::DeployEnded,
        Boundary::DeploySaved,
        Boundary::TakenChangeSets,
        Boundary::TakenStacks,
        Boundary::CloseSaved,
        Boundary::ClearSaved,
        Boundary::RepairAccepted,
        Boundary::RepairEnded,
    ];

    /// Its name for the crash test.
    pub fn name(self) -> &'static str {
        match self {
            Boundary::PlanRoleAssumed => "plan.role_assumed",
            Boundary::PlanStacksNoted => "plan.stacks_noted",
            Boundary::PlanChangeSetAsked => "plan.change_set_asked",
            Boundary::PlanChangeSetsMade => "plan.change_sets_made",
            Boundary::PlanWhole => "plan.whole",
            Boundary::PlanSaved => "plan.saved",
            Boundary::DeployChecked => "deploy.checked",
            Boundary::DeployStarted => "deploy.started",
            Boundary::DeployAccepted => "deploy.accepted",
            Boundary::DeployMarked => "deploy.marked",
            Boundary::DeployObserving => "deploy.observing",
            Boundary::DeployEnded => "deploy.ended",
            Boundary::DeploySaved => "deploy.saved",
            Boundary::TakenChangeSets => "taken.change_sets",
            Boundary::TakenStacks => "taken.stacks",
            Boundary::CloseSaved => "close.saved",
            Boundary::ClearSaved => "clear.saved",
            Boundary::RepairAccepted => "repair.accepted",
            Boundary::RepairEnded => "repair.ended",
        }
    }

    /// Passes the place. In a debug build, ends this process with SIGKILL when `GATEHOUSE_STOP_AT`
    /// names it; a release build does not look.
    pub(super) fn pass(self) {
        #[cfg(debug_assertions)]
        if std::env::var("GATEHOUSE_STOP_AT").is_ok_and(|name| name == self.name()) {
            // Like a power cut: nothing is flushed, dropped or handed back.
            let _ = std::process::Command::new("kill")
                .args(["-KILL", &std::process::id().to_string()])
                .status();
        }
    }
}
