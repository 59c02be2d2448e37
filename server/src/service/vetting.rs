//! Vetting blueprint versions: platform proposes and withdraws, security accepts and refuses.
use super::ask::check_reason;
use super::words::moment;
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store::blueprint::{BlueprintVersion, Unvetted};
use crate::store::vetting::Kept;
use crate::store::{self, Connection, StoreError};
use app::api::views::{
    StageAccess, Status, Tone, UnvettedRow, VersionPage, VersionRow, VettingEntry, VettingStepView,
    vetting_field,
};
use app::api::{AppError, Form, Location, VetPost};
use chrono::{DateTime, Utc};
use domain::audit::{Action, Actor, Entry};
use domain::blueprint::{CannotVet, Problem, Said, Speaker, Vetting, VettingStep};
use domain::names::{BlueprintName, Digest, DraftId, VettingId};
use domain::person::{Grant, Principal};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Vettings of a blueprint that its pages show.
const LATEST: u32 = 50;
/// Proposals shown to security on the first page.
const AT_A_GLANCE: u32 = 10;

impl PortalService {
    pub(super) async fn take_vetting(&self, who: &Principal, post: VetPost) -> Form {
        let thing = post.blueprint.to_string();
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let held = store::vetting::hold(&mut transaction, &post.blueprint)
            .await
            .map_err(unavailable)?;
        let version = store::blueprint::get(&mut transaction, &post.digest)
            .await
            .map_err(unavailable)?
            .filter(|version| held && version.name == post.blueprint)
            .ok_or_else(|| not_found(&post.blueprint))?;
        let latest = store::vetting::latest(&mut transaction, &post.digest)
            .await
            .map_err(unavailable)?;
        let target = target(latest.as_ref());
        let policy = self
            .authorize(who, act(post.step), &target, &thing, None)
            .await?;
        let words = post.words.trim().to_owned();
        let at = store::now(&mut transaction).await.map_err(unavailable)?;
        let said = Said {
            by: Speaker::Person(who.subject.clone()),
            words: words.clone(),
            at,
        };
        let (id, taken) = match take(&post, latest, said) {
            Ok(taken) => taken,
            Err(problem) => {
                let page = page_of(&version);
                let typed = BTreeMap::from([(vetting_field(post.step).to_owned(), words)]);
                return self.send_back(who, &page, typed, vec![problem]).await;
            }
        };
        let written = match post.step {
            VettingStep::Propose => {
                store::vetting::insert(&mut transaction, id, &version.digest, &taken).await
            }
            _ => store::vetting::save(&mut transaction, id, &taken).await,
        };
        written.map_err(unavailable)?;
        let entry = Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action: action(post.step),
            change: None,
            thing,
            reason: Some(words).filter(|words| !words.is_empty()),
            policy: Some(policy),
            request_id: self.request_id.clone(),
            detail: json!({ "version": version.version, "digest": version.digest, "vetting": id }),
        };
        store::audit::append(&mut transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        store::commit(transaction).await.map_err(unavailable)?;
        tracing::info!(subject = %who.subject, blueprint = %version.name, version = version.version,
            step = post.step.as_str(), "{} {}: {}", version.name, version.version, post.step.as_str());
        Ok(Location(page_of(&version)))
    }

    pub(super) async fn show_version(
        &self,
        who: &Principal,
        (name, digest): (&BlueprintName, &Digest),
        draft: Option<DraftId>,
    ) -> Result<(VersionPage, Vec<StageAccess>), AppError> {
        self.may_see_catalogue(who, name.as_str()).await?;
        let (typed, problems) = self.draft(who, draft).await?;
        let now = self.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let version = store::blueprint::get(&mut connection, digest)
            .await
            .map_err(unavailable)?
            .filter(|version| version.name == *name)
            .ok_or_else(|| not_found(name))?;
        let offered = store::blueprint::current_of(&mut connection, name)
            .await
            .map_err(unavailable)?;
        let vettings = store::vetting::of_blueprint(&mut connection, name, LATEST)
            .await
            .map_err(unavailable)?;
        let is_offered = offered
            .as_ref()
            .is_some_and(|offered| offered.digest == *digest);
        let before = if is_offered {
            offered_before(&mut connection, digest, &vettings)
                .await
                .map_err(unavailable)?
        } else {
            offered
        };
        drop(connection);
        let stages = self.version_access(&version, before.as_ref()).await?;
        let own: Vec<_> = vettings
            .iter()
            .filter(|kept| kept.digest == *digest)
            .collect();
        let latest = own.first().copied();
        let target = target(latest);
        let steps = Vetting::steps(latest.map(|kept| &kept.vetting)).iter();
        let page = VersionPage {
            name: name.to_string(),
            title: version.manifest.title.clone(),
            version: version.version.clone(),
            digest: digest.to_string(),
            read: moment(version.read_at, now),
            change_notes: version.manifest.change_notes.clone(),
            status: status(latest.map(|kept| kept.vetting.name()), is_offered),
            compared_with: before.map(|before| (before.version, before.digest.to_string())),
            vettings: own.iter().flat_map(|kept| entries(kept, now)).collect(),
            vetting: latest.map(|kept| kept.id.to_string()).unwrap_or_default(),
            steps: steps
                .map(|step| VettingStepView {
                    step: *step,
                    refused_because: self.would_allow(who, act(*step), &target).err(),
                })
                .collect(),
            typed,
            problems,
        };
        Ok((page, stages.to_vec()))
    }

    /// Proposals that this person may answer.
    pub(super) async fn to_vet(
        &self,
        connection: &mut Connection,
        who: &Principal,
    ) -> Result<Vec<UnvettedRow>, StoreError> {
        if !who.grants.contains(&Grant::Security) {
            return Ok(Vec::new());
        }
        let waiting = store::vetting::waiting(connection, AT_A_GLANCE).await?;
        let waiting = waiting.into_iter().filter(|kept| {
            let target = target(Some(kept));
            self.would_allow(who, Act::AnswerProposal, &target).is_ok()
        });
        let mut rows = Vec::new();
        for kept in waiting {
            let version = store::blueprint::get(connection, &kept.digest).await?;
            rows.extend(version.map(|version| UnvettedRow {
                name: version.name.to_string(),
                title: version.manifest.title,
                version: version.version,
                digest: version.digest.to_string(),
                status: status(Some(kept.vetting.name()), false),
            }));
        }
        Ok(rows)
    }
}

/// Every version of a blueprint and how they were vetted, for the blueprint's own page.
pub(super) async fn versions_and_vettings(
    connection: &mut Connection,
    name: &BlueprintName,
    offered: Option<&Digest>,
    now: DateTime<Utc>,
) -> Result<(Vec<VersionRow>, Vec<VettingEntry>), StoreError> {
    let vettings = store::vetting::of_blueprint(connection, name, LATEST).await?;
    let versions = store::blueprint::versions(connection, name).await?;
    let rows = versions.into_iter().map(|(version, digest, read)| {
        let latest = vettings.iter().find(|kept| kept.digest == digest);
        VersionRow {
            version,
            status: status(
                latest.map(|kept| kept.vetting.name()),
                offered == Some(&digest),
            ),
            digest: digest.to_string(),
            read: moment(read, now),
        }
    });
    let said = vettings.iter().flat_map(|kept| entries(kept, now));
    Ok((rows.collect(), said.collect()))
}

/// A version that lies in a folder and is not vetted.
pub(super) fn unvetted_row(unvetted: Unvetted) -> UnvettedRow {
    UnvettedRow {
        name: unvetted.name.to_string(),
        title: unvetted.title,
        version: unvetted.version,
        digest: unvetted.digest.to_string(),
        status: status(unvetted.state.as_deref(), false),
    }
}

/// The step, on the vetting that was on show.
fn take(post: &VetPost, latest: Option<Kept>, said: Said) -> Result<(VettingId, Vetting), Problem> {
    if post.vetting != latest.as_ref().map(|kept| kept.id) {
        return Err(Problem::whole(
            "Somebody else was quicker: how this version stands now is below",
        ));
    }
    if !said.words.is_empty()
        && let Some(problem) = check_reason(&said.words)
    {
        return Err(Problem::at(vetting_field(post.step), problem.message));
    }
    let id = match post.step {
        VettingStep::Propose => VettingId(Uuid::now_v7()),
        // Without a vetting the step is refused below.
        _ => latest
            .as_ref()
            .map_or_else(|| VettingId(Uuid::now_v7()), |kept| kept.id),
    };
    let before = latest.map(|kept| kept.vetting);
    let taken = Vetting::take(before, post.step, said).map_err(|refused| match refused {
        CannotVet::NoWords => Problem::at(vetting_field(post.step), no_words(post.step)),
        other => Problem::whole(capitalised(&other.to_string())),
    })?;
    Ok((id, taken))
}

fn no_words(step: VettingStep) -> &'static str {
    match step {
        VettingStep::Propose => "Say why teams should have it: security reads it first",
        VettingStep::Withdraw => "Say why it is withdrawn: teams read it",
        VettingStep::Accept | VettingStep::Refuse => {
            "Say why it is refused: whoever proposed it reads it"
        }
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// The version that was accepted before this one's latest acceptance.
async fn offered_before(
    connection: &mut Connection,
    digest: &Digest,
    vettings: &[Kept],
) -> Result<Option<BlueprintVersion>, StoreError> {
    let accepted_at = |kept: &Kept| match &kept.vetting {
        Vetting::Accepted { accepted, .. } => Some(accepted.at),
        Vetting::Withdrawn { accepted, .. } => accepted.as_ref().map(|said| said.at),
        _ => None,
    };
    let own = vettings
        .iter()
        .filter(|kept| kept.digest == *digest)
        .find_map(accepted_at);
    let before = vettings
        .iter()
        .filter(|kept| kept.digest != *digest)
        .filter_map(|kept| Some((accepted_at(kept)?, &kept.digest)))
        .filter(|(at, _)| own.is_some_and(|own| *at < own))
        .max_by_key(|(at, _)| *at);
    match before {
        Some((_, digest)) => store::blueprint::get(connection, digest).await,
        None => Ok(None),
    }
}

fn not_found(name: &BlueprintName) -> AppError {
    AppError::NotFound {
        what: format!("version of the blueprint {name}"),
    }
}

fn page_of(version: &BlueprintVersion) -> String {
    format!("/blueprints/{}/{}", version.name, version.digest)
}

fn target(latest: Option<&Kept>) -> Target {
    let proposer = latest.and_then(|kept| kept.vetting.proposed().by.person());
    Target::BlueprintVersion {
        proposed_by: proposer.cloned(),
    }
}

fn act(step: VettingStep) -> Act {
    match step {
        VettingStep::Propose => Act::ProposeBlueprint,
        VettingStep::Accept | VettingStep::Refuse => Act::AnswerProposal,
        VettingStep::Withdraw => Act::WithdrawBlueprint,
    }
}

fn action(step: VettingStep) -> Action {
    match step {
        VettingStep::Propose => Action::BlueprintProposed,
        VettingStep::Accept => Action::BlueprintAccepted,
        VettingStep::Refuse => Action::BlueprintRefused,
        VettingStep::Withdraw => Action::BlueprintWithdrawn,
    }
}

/// How far a version is, by the name of its latest vetting's state.
fn status(state: Option<&str>, is_offered: bool) -> Status {
    let (words, tone) = match state {
        Some("accepted") if is_offered => ("on offer", Tone::Shrink),
        Some("accepted") => ("vetted, a later one is on offer", Tone::Same),
        Some("proposed") => ("waits for security", Tone::Wait),
        Some("refused") => ("refused", Tone::Grow),
        Some("withdrawn") => ("withdrawn", Tone::Same),
        _ => ("not proposed", Tone::Wait),
    };
    Status {
        words: words.to_owned(),
        tone,
    }
}

/// What was said in a vetting, newest first.
fn entries(kept: &Kept, now: DateTime<Utc>) -> Vec<VettingEntry> {
    let entry = |verb: &str, said: &Said, by: &Option<String>| VettingEntry {
        version: kept.version.clone(),
        what: match by {
            Some(name) => format!("{verb} by {name}"),
            None => format!("{verb} by configuration"),
        },
        said: said.words.clone(),
        at: moment(said.at, now),
    };
    let proposed = |said: &Said| entry("proposed", said, &kept.proposed_by);
    let answered = |verb: &str, said: &Said| entry(verb, said, &kept.answered_by);
    match &kept.vetting {
        Vetting::Proposed { proposed: said } => vec![proposed(said)],
        // What the configuration lists it accepts without asking.
        Vetting::Accepted { accepted, .. } if accepted.by == Speaker::Configuration => {
            vec![answered("accepted", accepted)]
        }
        Vetting::Accepted {
            proposed: said,
            accepted,
        } => vec![answered("accepted", accepted), proposed(said)],
        Vetting::Refused {
            proposed: said,
            refused,
        } => vec![answered("refused", refused), proposed(said)],
        Vetting::Withdrawn {
            proposed: said,
            accepted,
            withdrawn,
        } => {
            let withdrawn = entry("withdrawn", withdrawn, &kept.withdrawn_by);
            let accepted = accepted.as_ref().map(|said| answered("accepted", said));
            let proposed = (said.by != Speaker::Configuration).then(|| proposed(said));
            [Some(withdrawn), accepted, proposed]
                .into_iter()
                .flatten()
                .collect()
        }
    }
}
