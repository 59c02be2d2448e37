//! Rolling an environment back to an earlier release that succeeded there.
use super::ask::{check_reason, typed_reason};
use super::asked::{Asked, finish};
use super::rows::release_name;
use super::words::moment;
use super::{PortalService, schedule, unavailable};
use crate::authz::{Act, Target};
use crate::store::environment::Environment;
use crate::store::release::Release;
use crate::store::{self, Connection, StoreError};
use app::api::views::{ComparedParameter, EarlierRelease, EarlierReleases, RollbackPage};
use app::api::{AppError, Form, RollbackPost};
use domain::audit::Action;
use domain::blueprint::{Manifest, Problem};
use domain::change::window::Place;
use domain::change::{ChangeKind, RollbackFacts, cannot_roll_back};
use domain::names::{DraftId, ReleaseNumber, ServiceName, TeamName};
use domain::person::Principal;
use domain::stage::Stage;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Earlier releases on one page.
const EARLIER_AT_ONCE: u32 = 10;

/// An environment and the release that it is to go back to.
struct Rollback {
    environment: Environment,
    release: Release,
    refused: Vec<String>,
}

impl PortalService {
    pub(super) async fn show_rollback(
        &self,
        who: &Principal,
        (team, service): (&TeamName, &ServiceName),
        (stage, release): (Stage, ReleaseNumber),
        draft: Option<DraftId>,
    ) -> Result<RollbackPage, AppError> {
        let what = format!("{team}/{service}/{stage}");
        self.may_see(who, team, &what).await?;
        let kept = self.draft(who, draft).await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let Rollback {
            environment,
            release,
            refused,
        } = self
            .rollback(&mut connection, (team, service), (stage, release))
            .await?;
        let current = match environment.release {
            Some(current) => store::release::get(&mut connection, current)
                .await
                .map_err(unavailable)?,
            None => None,
        };
        let version = store::blueprint::get(&mut connection, &release.blueprint_digest)
            .await
            .map_err(unavailable)?;
        let manifest = version.map(|version| version.manifest);
        let allowed = self.would_allow(who, Act::AskFor, &Target::Team(team.clone()));
        let refused_because: Vec<String> = allowed.err().into_iter().chain(refused).collect();
        let place = Place {
            team,
            service: Some(service),
            stage,
        };
        let holds = if refused_because.is_empty() {
            self.holds_before_asking(&mut connection, place, Some(environment.id), self.now())
                .await
                .map_err(unavailable)?
        } else {
            Vec::new()
        };
        Ok(RollbackPage {
            team: team.to_string(),
            service: service.to_string(),
            stage: stage.to_string(),
            blueprint_title: manifest
                .as_ref()
                .map(|manifest| manifest.title.clone())
                .unwrap_or_default(),
            parameters: compared(current.as_ref(), &release, manifest.as_ref()),
            current: current.as_ref().map(release_name),
            to: release_name(&release),
            refused_because,
            holds,
            typed_reason: typed_reason(&kept),
            typed_schedule: schedule::typed(&kept),
            problems: kept.1,
        })
    }

    /// Environment and release, with what keeps the one from going back to the other.
    async fn rollback(
        &self,
        connection: &mut Connection,
        (team, name): (&TeamName, &ServiceName),
        (stage, number): (Stage, ReleaseNumber),
    ) -> Result<Rollback, AppError> {
        let not_found = |what: String| AppError::NotFound { what };
        let here = format!("{team}/{name}/{stage}");
        let service = store::service::find(connection, team, name)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| not_found(here.clone()))?;
        let environment = store::environment::find(connection, service.id, stage)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| not_found(here.clone()))?;
        let release = store::release::by_number(connection, service.id, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| not_found(format!("release {number} of {team}/{name}")))?;
        let succeeded = store::promotion::ever_succeeded(connection, environment.id, release.id)
            .await
            .map_err(unavailable)?;
        let open = store::change::open_of(connection, environment.id)
            .await
            .map_err(unavailable)?;
        let facts = RollbackFacts {
            stage,
            to: number,
            succeeded,
            runs: environment.release_number,
            open: open.map(|change| change.number),
        };
        let refused = cannot_roll_back(&facts)
            .iter()
            .map(ToString::to_string)
            .collect();
        Ok(Rollback {
            environment,
            release,
            refused,
        })
    }

    pub(super) async fn take_rollback(&self, who: &Principal, post: RollbackPost) -> Form {
        let RollbackPost {
            team,
            service,
            stage,
            release,
            reason,
            schedule: typed_schedule,
        } = post;
        let thing = format!("{team}/{service}/{stage}");
        let policy = self.may_ask(who, &team, &thing).await?;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let rollback = self
            .rollback(&mut transaction, (&team, &service), (stage, release))
            .await?;
        let reason = reason.trim().to_owned();
        let mut problems: Vec<Problem> = rollback.refused.iter().map(Problem::whole).collect();
        // What can't be asked for has no form, so no reason is missed there.
        let mut set = None;
        if problems.is_empty() {
            problems.extend(check_reason(&reason));
            match schedule::read(&typed_schedule, self.now()) {
                Ok(time) => set = time,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            let now = rollback.environment.release_number;
            let asked = Asked {
                kind: ChangeKind::Rollback,
                environment: rollback.environment.id,
                release: Some(rollback.release.id),
                place: (&team, &service, stage),
                reason: &reason,
                schedule: set,
                policy,
                action: Action::RollbackAsked,
                detail: json!({
                    "kind": ChangeKind::Rollback,
                    "from": now.map(|number| number.to_string()),
                    "release": release.to_string(),
                    "blueprint_version": rollback.release.blueprint_version,
                    "blueprint_digest": rollback.release.blueprint_digest,
                }),
            };
            let written = self.write_change(&mut transaction, who, asked).await;
            match finish(transaction, who, &thing, written).await? {
                Ok(location) => return Ok(location),
                Err(problem) => problems.push(problem),
            }
        }
        let page = format!("/services/{thing}/rollback/{release}");
        let mut typed = BTreeMap::from([("reason".to_owned(), reason)]);
        schedule::keep(typed_schedule, &mut typed);
        self.send_back(who, &page, typed, problems).await
    }

    /// The releases that an environment could go back to, a page of them.
    pub(super) async fn earlier_releases(
        &self,
        connection: &mut Connection,
        environment: &Environment,
        before: Option<ReleaseNumber>,
    ) -> Result<EarlierReleases, StoreError> {
        let now = self.now();
        let mut found = store::promotion::succeeded(
            connection,
            environment.service,
            environment.id,
            before,
            EARLIER_AT_ONCE + 1,
        )
        .await?;
        let more = found.len() > EARLIER_AT_ONCE as usize;
        found.truncate(EARLIER_AT_ONCE as usize);
        let next = found.last().filter(|_| more);
        Ok(EarlierReleases {
            next: next.map(|last| last.number.to_string()),
            is_first: before.is_none(),
            rows: found
                .into_iter()
                .map(|release| EarlierRelease {
                    number: release.number.to_string(),
                    blueprint_version: release.blueprint_version,
                    change: release.change.to_string(),
                    at: moment(release.at, now),
                })
                .collect(),
        })
    }
}

/// Each parameter now and after the rollback; what the earlier version does not know goes.
fn compared(
    current: Option<&Release>,
    to: &Release,
    manifest: Option<&Manifest>,
) -> Vec<ComparedParameter> {
    let now = current.map(|current| &current.parameters);
    let names: BTreeSet<&String> = now
        .into_iter()
        .chain([&to.parameters])
        .flat_map(BTreeMap::keys)
        .collect();
    names
        .into_iter()
        .map(|name| {
            let parameter = manifest.and_then(|manifest| manifest.parameters.get(name));
            let after = to.parameters.get(name);
            ComparedParameter {
                label: parameter.map_or_else(|| name.clone(), |it| it.label.clone()),
                name: name.clone(),
                source: after.cloned().unwrap_or_default(),
                current: now.and_then(|now| now.get(name).cloned()),
                incoming: after.cloned().unwrap_or_default(),
                why: if after.is_some() {
                    format!("as in {}", to.number)
                } else {
                    format!("{} does not have it", to.number)
                },
            }
        })
        .collect()
}
