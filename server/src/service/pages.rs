//! The head of every page, the first page, and the catalogue.
use super::approvals::reviewer;
use super::rows::change_row;
use super::vetting::{unvetted_row, versions_and_vettings};
use super::words::moment;
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store;
use crate::store::change::Narrowed;
use app::api::AppError;
use app::api::views::{
    BlueprintPage, BlueprintRow, BrokenBlueprint, Catalogue, ChangeRow, MyWork, Viewer,
};
use domain::names::BlueprintName;
use domain::person::{Grant, Principal};
use std::collections::BTreeMap;

/// Changes of each sort on the first page.
const AT_A_GLANCE: u32 = 10;

impl PortalService {
    pub(super) async fn show_viewer(&self, who: &Principal) -> Result<Viewer, AppError> {
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let waiting = store::change::count_waiting_for(&mut connection, &reviewer(who))
            .await
            .map_err(unavailable)?;
        Ok(Viewer {
            name: who.name.clone(),
            grants: who.grants.iter().map(Grant::words).collect(),
            waiting,
            may_ask: self.may_ask_at_all(who),
        })
    }

    /// Whether there is any team that this person may ask for environments for.
    pub(super) fn may_ask_at_all(&self, who: &Principal) -> bool {
        who.develops_for().into_iter().any(|team| {
            self.would_allow(who, Act::AskFor, &Target::Team(team.clone()))
                .is_ok()
        })
    }

    pub(super) async fn show_my_work(&self, who: &Principal) -> Result<MyWork, AppError> {
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let to_review = store::change::waiting_for(
            &mut connection,
            &reviewer(who),
            Narrowed::default(),
            None,
            AT_A_GLANCE,
        )
        .await
        .map_err(unavailable)?;
        let under_way = store::change::asked_by(&mut connection, &who.subject, true, AT_A_GLANCE)
            .await
            .map_err(unavailable)?;
        let ended = store::change::asked_by(&mut connection, &who.subject, false, AT_A_GLANCE)
            .await
            .map_err(unavailable)?;
        let to_vet = self
            .to_vet(&mut connection, who)
            .await
            .map_err(unavailable)?;
        let rows = |changes: &[store::change::Change]| {
            changes
                .iter()
                .map(|change| change_row(change, now))
                .collect()
        };
        let mut own: Vec<ChangeRow> = rows(&under_way);
        for (row, change) in own.iter_mut().zip(&under_way) {
            // What is approved may be held by what the change itself knows nothing of.
            if row.why.is_none() {
                let holds = self.holds_of(&mut connection, change, now).await;
                let holds = holds.map_err(unavailable)?;
                row.why = holds
                    .into_iter()
                    .next()
                    .map(|hold| format!("{}. {}", hold.title, hold.why));
            }
        }
        Ok(MyWork {
            to_review: rows(&to_review),
            to_vet,
            under_way: own,
            ended: rows(&ended),
            may_ask: self.may_ask_at_all(who),
        })
    }

    /// Refuses whoever may not see blueprints.
    pub(super) async fn may_see_catalogue(
        &self,
        who: &Principal,
        thing: &str,
    ) -> Result<(), AppError> {
        let target = Target::Catalogue;
        self.authorize(who, Act::ViewCatalogue, &target, thing, None)
            .await
            .map(drop)
    }

    pub(super) async fn show_catalogue(&self, who: &Principal) -> Result<Catalogue, AppError> {
        self.may_see_catalogue(who, "/blueprints").await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let current = store::blueprint::current(&mut connection)
            .await
            .map_err(unavailable)?;
        let counts = store::blueprint::service_counts(&mut connection)
            .await
            .map_err(unavailable)?;
        let unvetted = store::blueprint::unvetted(&mut connection)
            .await
            .map_err(unavailable)?;
        let mut blueprints = Vec::new();
        let mut broken = Vec::new();
        for (name, version, problems) in current {
            if !problems.is_empty() {
                broken.push(BrokenBlueprint {
                    name: name.to_string(),
                    problems,
                    still_offered: version
                        .as_ref()
                        .map(|version| version.manifest.version.clone()),
                });
            }
            if let Some(version) = version {
                let manifest = version.manifest;
                blueprints.push(BlueprintRow {
                    services: counts.get(manifest.name.as_str()).copied().unwrap_or(0),
                    name: manifest.name.to_string(),
                    title: manifest.title,
                    version: manifest.version,
                    summary: manifest.summary,
                    owner: manifest.owner,
                    stages: manifest.stages.iter().map(ToString::to_string).collect(),
                });
            }
        }
        blueprints.sort_by(|one, other| one.title.cmp(&other.title));
        Ok(Catalogue {
            blueprints,
            unvetted: unvetted.into_iter().map(unvetted_row).collect(),
            broken,
            may_ask: self.may_ask_at_all(who),
        })
    }

    pub(super) async fn show_blueprint(
        &self,
        who: &Principal,
        name: &BlueprintName,
    ) -> Result<BlueprintPage, AppError> {
        self.may_see_catalogue(who, name.as_str()).await?;
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let offered = store::blueprint::current_of(&mut connection, name)
            .await
            .map_err(unavailable)?;
        let is_offered = offered.is_some();
        let version = match offered {
            Some(offered) => Some(offered),
            None => store::blueprint::lying(&mut connection, name)
                .await
                .map_err(unavailable)?,
        };
        let version = version.ok_or_else(|| AppError::NotFound {
            what: format!("blueprint {name}"),
        })?;
        let digest = is_offered.then_some(&version.digest);
        let (versions, vettings) = versions_and_vettings(&mut connection, name, digest, now)
            .await
            .map_err(unavailable)?;
        let text = |file: &str| version.files.get(file).cloned().unwrap_or_default();
        let main = version.manifest.stacks.first();
        let template = main.map(|stack| text(&stack.template)).unwrap_or_default();
        Ok(BlueprintPage {
            resources: resources_by_type(&template),
            digest: version.digest.to_string(),
            read: moment(version.read_at, now),
            runbook: text("RUNBOOK.md"),
            template,
            is_offered,
            versions,
            vettings,
            may_ask: self.may_ask_at_all(who),
            manifest: version.manifest.clone(),
        })
    }
}

/// How many resources of each type a template declares, most first. Loops count once: how often
/// they run depends on parameters.
fn resources_by_type(source: &str) -> Vec<(String, u32)> {
    let Ok(template) = domain::template::parse("template", source) else {
        return Vec::new();
    };
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for entry in template.resources.as_map().unwrap_or_default() {
        if let Some(resource_type) = entry.value.get("Type").and_then(|node| node.as_str()) {
            *counts.entry(resource_type.to_owned()).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    counts
}
