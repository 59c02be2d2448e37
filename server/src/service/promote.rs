//! Promoting the release of one stage to the next.
use super::ask::{check_reason, typed_reason};
use super::asked::{Asked, finish};
use super::promotion::{Promotion, Stands};
use super::rows::release_name;
use super::words::destination;
use super::{PortalService, schedule, unavailable};
use crate::authz::{Act, Target};
use crate::store::release::Release;
use crate::store::service::Service;
use crate::store::{self, Connection, StoreError};
use app::api::views::{ComparedParameter, PromotionPage};
use app::api::{AppError, Form, PromotePost};
use domain::audit::Action;
use domain::blueprint::Problem;
use domain::change::schedule::Schedule;
use domain::change::window::Place;
use domain::change::{Carried, ChangeKind, PromotedParameter, next_stage};
use domain::names::{ChangeNumber, DraftId, ReleaseId, ServiceName, TeamName};
use domain::person::Principal;
use domain::stage::Stage;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

impl PortalService {
    pub(super) async fn show_promotion(
        &self,
        who: &Principal,
        (team, service): (&TeamName, &ServiceName),
        (from, to): (Stage, Option<Stage>),
        draft: Option<DraftId>,
    ) -> Result<PromotionPage, AppError> {
        let what = format!("{team}/{service}/{from}");
        self.may_see(who, team, &what).await?;
        let kept = self.draft(who, draft).await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let of = self
            .service_to_promote(&mut connection, team, service, &what)
            .await?;
        let stands = Stands::load(&mut connection, &of)
            .await
            .map_err(unavailable)?;
        let promotion = self
            .promotion(&mut connection, &stands, from, to)
            .await
            .map_err(unavailable)?;
        let refused = self.would_allow(who, Act::AskFor, &Target::Team(team.clone()));
        let to = promotion.to;
        // An environment stays where it was made; a new one goes to the stage's account.
        let account = self.configuration.account_for(to);
        let goes_to = match stands.at(to).filter(|it| it.release.is_some()) {
            Some(target) => Some(destination(&target.account, &target.region)),
            None => account.map(|account| destination(&account.id, &account.region)),
        };
        let another = promotion.needs_another_release();
        let refused_because: Vec<String> = refused
            .err()
            .into_iter()
            .chain(promotion.refusals())
            .collect();
        let place = Place {
            team,
            service: Some(service),
            stage: to,
        };
        let holds = if refused_because.is_empty() {
            let environment = stands.at(to).map(|target| target.id);
            self.holds_before_asking(&mut connection, place, environment, self.now())
                .await
                .map_err(unavailable)?
        } else {
            Vec::new()
        };
        let findings = self
            .incoming_findings(&mut connection, &of, &stands, &promotion)
            .await
            .map_err(unavailable)?;
        Ok(PromotionPage {
            team: team.to_string(),
            service: service.to_string(),
            from: from.to_string(),
            to: to.to_string(),
            blueprint_title: promotion
                .version
                .as_ref()
                .map_or_else(|| of.blueprint.to_string(), |it| it.manifest.title.clone()),
            destination: goes_to.filter(|_| to != from),
            source: promotion.release.as_ref().map(release_name),
            current: promotion.current.as_ref().map(release_name),
            makes_release: another,
            parameters: compared(&promotion),
            findings,
            refused_because,
            holds,
            typed_reason: typed_reason(&kept),
            typed_schedule: schedule::typed(&kept),
            problems: kept.1,
        })
    }

    async fn service_to_promote(
        &self,
        connection: &mut Connection,
        team: &TeamName,
        service: &ServiceName,
        what: &str,
    ) -> Result<Service, AppError> {
        store::service::find(connection, team, service)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| AppError::NotFound {
                what: what.to_owned(),
            })
    }

    pub(super) async fn take_promotion(&self, who: &Principal, post: PromotePost) -> Form {
        let PromotePost {
            team,
            service,
            from,
            to,
            release,
            reason,
            schedule: typed_schedule,
        } = post;
        let thing = format!("{team}/{service}/{to}");
        let policy = self.may_ask(who, &team, &thing).await?;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let of = self
            .service_to_promote(&mut transaction, &team, &service, &thing)
            .await?;
        let stands = Stands::load(&mut transaction, &of)
            .await
            .map_err(unavailable)?;
        let promotion = self
            .promotion(&mut transaction, &stands, from, Some(to))
            .await
            .map_err(unavailable)?;
        let reason = reason.trim().to_owned();
        let mut problems: Vec<Problem> = promotion
            .refusals()
            .into_iter()
            .map(Problem::whole)
            .collect();
        if let Some(runs) = promotion.release.as_ref().map(|it| it.number)
            && runs != release
        {
            problems.push(Problem::whole(format!(
                "{runs} runs at {from} now, not {release}; look at what it would bring, then promote it"
            )));
        }
        // What can't be asked for has no form, so no reason is missed there.
        let mut set = None;
        if problems.is_empty() {
            problems.extend(check_reason(&reason));
            match schedule::read(&typed_schedule, self.now()) {
                Ok(time) => set = time,
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(source) = promotion.release.as_ref().filter(|_| problems.is_empty()) {
            let written = self
                .write_promotion(
                    &mut transaction,
                    who,
                    (&of, &promotion, source),
                    (&reason, set),
                    policy,
                )
                .await;
            match finish(transaction, who, &thing, written).await? {
                Ok(location) => return Ok(location),
                Err(problem) => problems.push(problem),
            }
        }
        let mut page = format!("/services/{team}/{service}/{from}/promote");
        if next_stage(from) != Some(to) {
            page.push_str(&format!("?to={to}"));
        }
        let mut typed = BTreeMap::from([("reason".to_owned(), reason)]);
        schedule::keep(typed_schedule, &mut typed);
        self.send_back(who, &page, typed, problems).await
    }

    async fn write_promotion(
        &self,
        connection: &mut Connection,
        who: &Principal,
        (service, promotion, source): (&Service, &Promotion, &Release),
        (reason, schedule): (&str, Option<Schedule>),
        policy: String,
    ) -> Result<ChangeNumber, StoreError> {
        let to = promotion.to;
        let (environment, _) = self
            .find_or_add_environment(connection, service.id, to)
            .await?;
        let (release, number) = if promotion.needs_another_release() {
            let id = ReleaseId(Uuid::now_v7());
            let values = promotion.values();
            let number =
                store::release::insert_promoted(connection, id, source, &values, &who.subject)
                    .await?;
            (id, number)
        } else {
            (source.id, source.number)
        };
        let asked = Asked {
            kind: ChangeKind::Promote,
            environment,
            release: Some(release),
            place: (&service.team, &service.name, to),
            reason,
            schedule,
            policy,
            action: Action::PromotionAsked,
            detail: json!({
                "kind": ChangeKind::Promote,
                "from": promotion.from,
                "promoted": source.number.to_string(),
                "release": number.to_string(),
                "blueprint": service.blueprint,
                "blueprint_version": source.blueprint_version,
                "blueprint_digest": source.blueprint_digest,
            }),
        };
        self.write_change(connection, who, asked).await
    }
}

/// Each parameter at both stages, with why it is so.
fn compared(promotion: &Promotion) -> Vec<ComparedParameter> {
    let manifest = promotion.version.as_ref().map(|version| &version.manifest);
    let label = |name: &str| {
        manifest
            .and_then(|manifest| manifest.parameters.get(name))
            .map_or_else(|| name.to_owned(), |parameter| parameter.label.clone())
    };
    promotion
        .parameters
        .iter()
        .map(|parameter| ComparedParameter {
            label: label(&parameter.name),
            name: parameter.name.clone(),
            source: parameter.source.clone().unwrap_or_default(),
            current: parameter.current.clone(),
            incoming: parameter.incoming.clone().unwrap_or_default(),
            why: why(parameter, promotion.from, promotion.to),
        })
        .collect()
}

fn why(parameter: &PromotedParameter, from: Stage, to: Stage) -> String {
    match parameter.carried {
        Carried::Stays => format!("stays as at {from}"),
        Carried::StagesOwn => format!("{to}'s own default"),
        Carried::Fixed => format!("the blueprint sets this at {to}"),
        Carried::Kept => format!("kept: chosen at {to}"),
    }
}
