//! What guardrails find in what a promotion would bring, before it is asked for.
use super::PortalService;
use super::promotion::{Promotion, Stands};
use super::waivers::{note, weightiest};
use crate::guardrails::{StackToGuard, template_findings};
use crate::rendering::wanted;
use crate::store::service::Service;
use crate::store::{self, Connection, StoreError};
use app::api::views::FindingView;
use domain::account::Account;
use domain::blueprint::Asked;
use domain::change::reviewed;

impl PortalService {
    /// Findings in the templates that would come, with the waivers of the environment that they would come to. What the
    /// review of access finds depends on what stands by then, so the plan shows it. Where nothing can be rendered there are
    /// none: asking for it, or its plan, says why.
    pub(super) async fn incoming_findings(
        &self,
        connection: &mut Connection,
        service: &Service,
        stands: &Stands,
        promotion: &Promotion,
    ) -> Result<Vec<FindingView>, StoreError> {
        let target = stands.at(promotion.to);
        let account = match target {
            Some(target) => self.configuration.account(&target.account),
            None => self.configuration.account_for(promotion.to),
        };
        let team = self.configuration.team(&service.team);
        let (Some(release), Some(version), Some(account), Some(team)) =
            (&promotion.release, &promotion.version, account, team)
        else {
            return Ok(Vec::new());
        };
        // An environment stays in the region that it was made in.
        let region = target.map_or(&account.region, |target| &target.region);
        let account = Account {
            region: region.clone(),
            ..account.clone()
        };
        let values = promotion.values();
        let asked = Asked {
            team: &service.team,
            cost_centre: &team.cost_centre,
            service: &service.name,
            stage: promotion.to,
            account: &account,
            release: release.number,
            values: &values,
        };
        let stacks = wanted(&version.manifest, &version.files, &asked).unwrap_or_default();
        let mut found = Vec::new();
        for stack in &stacks {
            let to_guard = StackToGuard {
                name: &stack.rendered.name,
                template: &stack.read.template,
                parameters: &stack.rendered.parameters,
                resolved: &stack.read.resolved,
            };
            found.extend(template_findings(promotion.to, to_guard).await);
        }
        let waivers = match target {
            Some(target) => store::waiver::of_environment(connection, target.id).await?,
            None => Vec::new(),
        };
        let findings = reviewed(found, &[]).into_iter();
        Ok(findings
            .map(|reviewed| FindingView {
                waiver: weightiest(&waivers, &reviewed.finding.key).map(note),
                finding: reviewed.finding,
                may_ask: false,
            })
            .collect())
    }
}
