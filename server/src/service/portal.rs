//! The trait's methods, each handed to the file of its area.
use super::PortalService;
use app::api::views::*;
use app::api::{
    AppError, ApprovalFilter, AskPost, CommentPost, DecidePost, DecommissionPost, DeploymentFilter,
    Form, LockPost, Portal, PromotePost, RepairPost, RollbackPost, VetPost, WaiverDecisionPost,
    WaiverEndPost, WaiverFilter, WaiverPost,
};
use domain::change::FindingKey;
use domain::names::{
    BlueprintName, ChangeNumber, Digest, DraftId, ReleaseNumber, ServiceName, TeamName,
    WaiverNumber,
};
use domain::person::Principal;
use domain::stage::Stage;

#[async_trait::async_trait]
impl Portal for PortalService {
    async fn viewer(&self, who: &Principal) -> Result<Viewer, AppError> {
        self.show_viewer(who).await
    }

    async fn my_work(&self, who: &Principal) -> Result<MyWork, AppError> {
        self.show_my_work(who).await
    }

    async fn approvals(
        &self,
        who: &Principal,
        filter: ApprovalFilter,
    ) -> Result<ApprovalList, AppError> {
        self.list_approvals(who, filter).await
    }

    async fn catalogue(&self, who: &Principal) -> Result<Catalogue, AppError> {
        self.show_catalogue(who).await
    }

    async fn blueprint(
        &self,
        who: &Principal,
        name: BlueprintName,
    ) -> Result<BlueprintPage, AppError> {
        self.show_blueprint(who, &name).await
    }

    async fn version(
        &self,
        who: &Principal,
        of: (BlueprintName, Digest),
        draft: Option<DraftId>,
    ) -> Result<(VersionPage, Vec<StageAccess>), AppError> {
        self.show_version(who, (&of.0, &of.1), draft).await
    }

    async fn vet(&self, who: &Principal, post: VetPost) -> Form {
        self.take_vetting(who, post).await
    }

    async fn ask_form(
        &self,
        who: &Principal,
        chosen: AskChoice,
        draft: Option<DraftId>,
    ) -> Result<AskForm, AppError> {
        self.show_ask_form(who, chosen, draft).await
    }

    async fn ask(&self, who: &Principal, post: AskPost) -> Form {
        self.take_ask(who, post).await
    }

    async fn change(
        &self,
        who: &Principal,
        number: ChangeNumber,
        draft: Option<DraftId>,
    ) -> Result<(ChangePage, Option<PlanView>), AppError> {
        self.show_change(who, number, draft).await
    }

    async fn template(
        &self,
        who: &Principal,
        number: ChangeNumber,
        stack: Option<String>,
    ) -> Result<TemplatePage, AppError> {
        self.show_template(who, number, stack).await
    }

    async fn decide(&self, who: &Principal, post: DecidePost) -> Form {
        self.take_decision(who, post).await
    }

    async fn comment(&self, who: &Principal, post: CommentPost) -> Form {
        self.take_comment(who, post).await
    }

    async fn withdraw(&self, who: &Principal, change: ChangeNumber) -> Form {
        self.take_withdrawal(who, change).await
    }

    async fn cancel(&self, who: &Principal, change: ChangeNumber, confirmed: bool) -> Form {
        self.take_cancellation(who, change, confirmed).await
    }

    async fn plan_again(&self, who: &Principal, change: ChangeNumber) -> Form {
        self.take_plan_again(who, change).await
    }

    async fn repair(&self, who: &Principal, post: RepairPost) -> Form {
        self.take_repair(who, post).await
    }

    async fn services(
        &self,
        who: &Principal,
        team: Option<TeamName>,
        after: Option<String>,
    ) -> Result<ServiceList, AppError> {
        self.list_services(who, team, after).await
    }

    async fn service(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
    ) -> Result<ServicePage, AppError> {
        self.show_service(who, &team, &service).await
    }

    async fn environment(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
        stage: Stage,
        earlier: Option<ReleaseNumber>,
        draft: Option<DraftId>,
    ) -> Result<EnvironmentPage, AppError> {
        self.show_environment(who, &team, &service, stage, earlier, draft)
            .await
    }

    async fn promotion(
        &self,
        who: &Principal,
        of: (TeamName, ServiceName),
        way: (Stage, Option<Stage>),
        draft: Option<DraftId>,
    ) -> Result<PromotionPage, AppError> {
        self.show_promotion(who, (&of.0, &of.1), way, draft).await
    }

    async fn promote(&self, who: &Principal, post: PromotePost) -> Form {
        self.take_promotion(who, post).await
    }

    async fn rollback(
        &self,
        who: &Principal,
        of: (TeamName, ServiceName),
        to: (Stage, ReleaseNumber),
        draft: Option<DraftId>,
    ) -> Result<RollbackPage, AppError> {
        self.show_rollback(who, (&of.0, &of.1), to, draft).await
    }

    async fn roll_back(&self, who: &Principal, post: RollbackPost) -> Form {
        self.take_rollback(who, post).await
    }

    async fn decommission(&self, who: &Principal, post: DecommissionPost) -> Form {
        self.take_decommission(who, post).await
    }

    async fn lock(&self, who: &Principal, post: LockPost) -> Form {
        self.take_lock(who, post).await
    }

    async fn unlock(
        &self,
        who: &Principal,
        team: TeamName,
        service: ServiceName,
        stage: Stage,
    ) -> Form {
        self.take_unlock(who, team, service, stage).await
    }

    async fn deployments(
        &self,
        who: &Principal,
        filter: DeploymentFilter,
    ) -> Result<DeploymentList, AppError> {
        self.list_deployments(who, filter).await
    }

    async fn waivers(&self, who: &Principal, filter: WaiverFilter) -> Result<WaiverList, AppError> {
        self.list_waivers(who, filter).await
    }

    async fn waiver(
        &self,
        who: &Principal,
        number: WaiverNumber,
        draft: Option<DraftId>,
    ) -> Result<WaiverPage, AppError> {
        self.show_waiver(who, number, draft).await
    }

    async fn waiver_form(
        &self,
        who: &Principal,
        change: ChangeNumber,
        key: FindingKey,
        draft: Option<DraftId>,
    ) -> Result<AskWaiverPage, AppError> {
        self.show_waiver_form(who, change, key, draft).await
    }

    async fn ask_waiver(&self, who: &Principal, post: WaiverPost) -> Form {
        self.take_waiver(who, post).await
    }

    async fn decide_waiver(&self, who: &Principal, post: WaiverDecisionPost) -> Form {
        self.take_waiver_decision(who, post).await
    }

    async fn end_waiver(&self, who: &Principal, post: WaiverEndPost) -> Form {
        self.take_waiver_end(who, post).await
    }

    async fn freezes(&self, who: &Principal, stage: Option<Stage>) -> Result<FreezeList, AppError> {
        self.list_freezes(who, stage).await
    }
}
