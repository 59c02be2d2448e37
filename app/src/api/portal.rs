//! The portal as the pages see it. `server/src/service` implements it: it authorizes, writes the
//! audit entry, and changes state in one transaction.
use super::AppError;
use super::views::*;
use domain::blueprint::VettingStep;
use domain::change::{Decision, FindingKey, Repair, WaiverState};
use domain::names::{
    BlueprintName, ChangeNumber, Digest, DraftId, ReleaseNumber, ServiceName, TeamName, VettingId,
    WaiverNumber,
};
use domain::person::Principal;
use domain::stage::Stage;
use std::collections::BTreeMap;
use std::str::FromStr;

/// A path within the portal to send the browser to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(pub String);

/// What a posted form leads to: on success the page of what was made, otherwise back to the form,
/// which then shows what was wrong and keeps what was typed.
pub type Form = Result<Location, AppError>;

/// A posted request for an environment, or for a change of one. Raw: nothing is parsed yet, so
/// that everything typed can be kept.
#[derive(Clone, Debug, Default)]
pub struct AskPost {
    /// Team.
    pub team: String,
    /// Service.
    pub service: String,
    /// Blueprint.
    pub blueprint: String,
    /// Stage.
    pub stage: String,
    /// The requester's words.
    pub reason: String,
    /// When to deploy.
    pub schedule: TypedSchedule,
    /// Values by parameter name.
    pub values: BTreeMap<String, String>,
}

/// A posted decision.
#[derive(Clone, Debug)]
pub struct DecidePost {
    /// The change.
    pub change: ChangeNumber,
    /// What the reviewer says.
    pub decision: Decision,
    /// The digest that was on show.
    pub digest: String,
    /// In their words.
    pub comment: String,
}

/// A posted comment.
#[derive(Clone, Debug)]
pub struct CommentPost {
    /// The change.
    pub change: ChangeNumber,
    /// The words.
    pub body: String,
}

/// A posted request to decommission an environment.
#[derive(Clone, Debug)]
pub struct DecommissionPost {
    /// Team.
    pub team: TeamName,
    /// Service.
    pub service: ServiceName,
    /// Stage.
    pub stage: Stage,
    /// The requester's words.
    pub reason: String,
    /// The environment's name, typed to confirm.
    pub confirmation: String,
}

/// A posted request to promote the release of one stage to another.
#[derive(Clone, Debug)]
pub struct PromotePost {
    /// Team.
    pub team: TeamName,
    /// Service.
    pub service: ServiceName,
    /// The stage it comes from.
    pub from: Stage,
    /// The stage it goes to.
    pub to: Stage,
    /// The release that was on show.
    pub release: ReleaseNumber,
    /// The requester's words.
    pub reason: String,
    /// When to deploy.
    pub schedule: TypedSchedule,
}

/// A posted request to roll an environment back.
#[derive(Clone, Debug)]
pub struct RollbackPost {
    /// Team.
    pub team: TeamName,
    /// Service.
    pub service: ServiceName,
    /// Stage.
    pub stage: Stage,
    /// The release to go back to.
    pub release: ReleaseNumber,
    /// The requester's words.
    pub reason: String,
    /// When to deploy.
    pub schedule: TypedSchedule,
}

/// A posted request to lock an environment by hand.
#[derive(Clone, Debug)]
pub struct LockPost {
    /// Team.
    pub team: TeamName,
    /// Service.
    pub service: ServiceName,
    /// Stage.
    pub stage: Stage,
    /// Why, in their words.
    pub reason: String,
}

/// A posted step in the vetting of a blueprint version.
#[derive(Clone, Debug)]
pub struct VetPost {
    /// The blueprint.
    pub blueprint: BlueprintName,
    /// The version.
    pub digest: Digest,
    /// The vetting that was on show; none where the version had none.
    pub vetting: Option<VettingId>,
    /// What is done.
    pub step: VettingStep,
    /// In their words.
    pub words: String,
}

/// A posted, confirmed way out of a dead end.
#[derive(Clone, Debug)]
pub struct RepairPost {
    /// The change.
    pub change: ChangeNumber,
    /// The way out.
    pub repair: Repair,
    /// Whether the box that says what it does was ticked.
    pub confirmed: bool,
}

/// A posted request for a waiver. Raw: the last day is not parsed yet, so that it can be kept as it was typed.
#[derive(Clone, Debug)]
pub struct WaiverPost {
    /// The change on whose plan it was found.
    pub change: ChangeNumber,
    /// What is to be let through.
    pub key: FindingKey,
    /// Why, in their words.
    pub reason: String,
    /// The last day, as typed.
    pub until: String,
}

/// A posted decision on a waiver.
#[derive(Clone, Debug)]
pub struct WaiverDecisionPost {
    /// Which.
    pub number: WaiverNumber,
    /// Whether it is granted.
    pub granted: bool,
    /// In their words.
    pub words: String,
}

/// A posted early end of a waiver.
#[derive(Clone, Debug)]
pub struct WaiverEndPost {
    /// Which.
    pub number: WaiverNumber,
    /// Why, in their words.
    pub words: String,
}

/// What a list of waivers is narrowed to; `None` narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct WaiverFilter {
    /// Team.
    pub team: Option<TeamName>,
    /// Where they stand.
    pub state: Option<WaiverState>,
    /// Only those with smaller numbers.
    pub before: Option<WaiverNumber>,
}

/// What a list of deployments is narrowed to; `None` narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct DeploymentFilter {
    /// Team.
    pub team: Option<TeamName>,
    /// Service name.
    pub service: Option<ServiceName>,
    /// Stage.
    pub stage: Option<Stage>,
    /// `queued`, `running`, `succeeded`, `failed`, `cancelled`.
    pub state: Option<String>,
    /// Subject of the requester.
    pub person: Option<String>,
    /// Only deployments older than this one.
    pub before: Option<i64>,
}

/// A part of the approvals inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inbox {
    /// What waits for this person's approval.
    #[default]
    NeedsApproval,
    /// What this person has decided on.
    Completed,
    /// What waits for anybody's approval, or was decided on by anybody.
    All,
}

impl Inbox {
    /// Every part, in order.
    pub const ALL: [Inbox; 3] = [Inbox::NeedsApproval, Inbox::Completed, Inbox::All];

    /// The word used in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Inbox::NeedsApproval => "needs-approval",
            Inbox::Completed => "completed",
            Inbox::All => "all",
        }
    }
}

/// A word that names no part of the inbox.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no part of the inbox; its parts are needs-approval, completed and all")]
pub struct UnknownInbox(String);

impl FromStr for Inbox {
    type Err = UnknownInbox;

    fn from_str(word: &str) -> Result<Self, UnknownInbox> {
        Inbox::ALL
            .into_iter()
            .find(|part| part.as_str() == word)
            .ok_or_else(|| UnknownInbox(word.to_owned()))
    }
}

/// What the inbox is narrowed to; `None` narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct ApprovalFilter {
    /// Which part.
    pub inbox: Inbox,
    /// Team.
    pub team: Option<TeamName>,
    /// Stage.
    pub stage: Option<Stage>,
    /// Only what comes after this one in the list's order.
    pub after: Option<ChangeNumber>,
}

/// Everything a page may ask. Every method authorizes.
#[async_trait::async_trait]
pub trait Portal: Send + Sync {
    /// Who is looking, and what the page's head shows them.
    async fn viewer(&self, who: &Principal) -> Result<Viewer, AppError>;
    /// What waits for this person and what they have under way.
    async fn my_work(&self, who: &Principal) -> Result<MyWork, AppError>;
    /// A part of the inbox: what waits oldest first, anything else newest first.
    async fn approvals(
        &self,
        who: &Principal,
        filter: ApprovalFilter,
    ) -> Result<ApprovalList, AppError>;

    /// The catalogue.
    async fn catalogue(&self, who: &Principal) -> Result<Catalogue, AppError>;
    /// One blueprint.
    async fn blueprint(
        &self,
        who: &Principal,
        name: BlueprintName,
    ) -> Result<BlueprintPage, AppError>;

    /// One version of a blueprint, with its access at every stage that it is for.
    async fn version(
        &self,
        who: &Principal,
        of: (BlueprintName, Digest),
        draft: Option<DraftId>,
    ) -> Result<(VersionPage, Vec<StageAccess>), AppError>;
    /// Takes a step in the vetting of a version.
    async fn vet(&self, who: &Principal, post: VetPost) -> Form;

    /// The form to ask for an environment, as far as it is chosen.
    async fn ask_form(
        &self,
        who: &Principal,
        chosen: AskChoice,
        draft: Option<DraftId>,
    ) -> Result<AskForm, AppError>;
    /// Asks for an environment or for a change of one.
    async fn ask(&self, who: &Principal, post: AskPost) -> Form;

    /// One change, with the plan on show.
    async fn change(
        &self,
        who: &Principal,
        number: ChangeNumber,
        draft: Option<DraftId>,
    ) -> Result<(ChangePage, Option<PlanView>), AppError>;
    /// A template of the plan on show, by the name of its stack; the first where none is named.
    async fn template(
        &self,
        who: &Principal,
        number: ChangeNumber,
        stack: Option<String>,
    ) -> Result<TemplatePage, AppError>;
    /// Approve, ask for changes, or reject.
    async fn decide(&self, who: &Principal, post: DecidePost) -> Form;
    /// Comments.
    async fn comment(&self, who: &Principal, post: CommentPost) -> Form;
    /// The requester takes it back.
    async fn withdraw(&self, who: &Principal, change: ChangeNumber) -> Form;
    /// Stops it: while queued, or while it runs as far as AWS lets it. `confirmed` is needed where
    /// stopping deletes what was being created.
    async fn cancel(&self, who: &Principal, change: ChangeNumber, confirmed: bool) -> Form;
    /// Plans it again.
    async fn plan_again(&self, who: &Principal, change: ChangeNumber) -> Form;
    /// Takes a way out of a dead end.
    async fn repair(&self, who: &Principal, post: RepairPost) -> Form;

    /// Services, by team and name; `after` is the last `team/service` of the page before.
    async fn services(
        &self,
        who: &Principal,
        team: Option<TeamName>,
        after: Option<String>,
    ) -> Result<ServiceList, AppError>;
    /// One service with its environments.
    async fn service(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
    ) -> Result<ServicePage, AppError>;
    /// One environment; `earlier` is the last of the page before of its earlier releases.
    async fn environment(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
        stage: Stage,
        earlier: Option<ReleaseNumber>,
        draft: Option<DraftId>,
    ) -> Result<EnvironmentPage, AppError>;
    /// What promoting the release of one stage to the next, or to the one named, would bring there.
    async fn promotion(
        &self,
        who: &Principal,
        of: (TeamName, ServiceName),
        way: (Stage, Option<Stage>),
        draft: Option<DraftId>,
    ) -> Result<PromotionPage, AppError>;
    /// Asks to promote a release.
    async fn promote(&self, who: &Principal, post: PromotePost) -> Form;
    /// What rolling an environment back to a release would bring.
    async fn rollback(
        &self,
        who: &Principal,
        of: (TeamName, ServiceName),
        to: (Stage, ReleaseNumber),
        draft: Option<DraftId>,
    ) -> Result<RollbackPage, AppError>;
    /// Asks to roll an environment back.
    async fn roll_back(&self, who: &Principal, post: RollbackPost) -> Form;
    /// Asks to decommission an environment.
    async fn decommission(&self, who: &Principal, post: DecommissionPost) -> Form;

    /// Locks an environment by hand: its approved changes wait.
    async fn lock(&self, who: &Principal, post: LockPost) -> Form;
    /// Unlocks it.
    async fn unlock(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
        stage: Stage,
    ) -> Form;

    /// Deployments, newest first.
    async fn deployments(
        &self,
        who: &Principal,
        filter: DeploymentFilter,
    ) -> Result<DeploymentList, AppError>;

    /// Waivers, latest first.
    async fn waivers(&self, who: &Principal, filter: WaiverFilter) -> Result<WaiverList, AppError>;
    /// One waiver.
    async fn waiver(
        &self,
        who: &Principal,
        number: WaiverNumber,
        draft: Option<DraftId>,
    ) -> Result<WaiverPage, AppError>;
    /// The form to ask for a waiver of what was found in a change.
    async fn waiver_form(
        &self,
        who: &Principal,
        change: ChangeNumber,
        key: FindingKey,
        draft: Option<DraftId>,
    ) -> Result<AskWaiverPage, AppError>;
    /// Asks for a waiver.
    async fn ask_waiver(&self, who: &Principal, post: WaiverPost) -> Form;
    /// Grants or refuses a waiver.
    async fn decide_waiver(&self, who: &Principal, post: WaiverDecisionPost) -> Form;
    /// Ends a waiver early.
    async fn end_waiver(&self, who: &Principal, post: WaiverEndPost) -> Form;

    /// Freeze windows, of one stage where one is named.
    async fn freezes(&self, who: &Principal, stage: Option<Stage>) -> Result<FreezeList, AppError>;
}

/// The signed-in person and the portal of the request being answered.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
pub fn asked_by() -> Result<(Principal, std::sync::Arc<dyn Portal>), AppError> {
    let who = leptos::prelude::use_context::<Principal>().ok_or(AppError::SignedOut)?;
    let portal = leptos::prelude::use_context::<std::sync::Arc<dyn Portal>>()
        .ok_or(AppError::Unavailable)?;
    Ok((who, portal))
}
