//! Waivers: asked for by a team, granted or refused by security, ended early.
use super::approvals::PAGE;
use super::ask::check_reason;
use super::refusal::{moved, target, thing};
use super::rows::change_row;
use super::services::owned;
use super::words::moment;
use super::{PortalService, unavailable};
use crate::authz::{Act, Target};
use crate::store::change::Change;
use crate::store::job::JobKind;
use crate::store::waiver::{NewWaiver, Said, Waiver, WaiverQuery};
use crate::store::{self, Connection, StoreError, Transaction};
use app::api::views::{
    AskWaiverPage, FindingView, PersonName, Status, Tone, WaiverList, WaiverNote, WaiverPage,
    WaiverRow, WaiverStep, WaiverWord,
};
use app::api::{
    AppError, Form, Location, WaiverDecisionPost, WaiverEndPost, WaiverFilter, WaiverPost,
};
use chrono::{DateTime, Utc};
use domain::audit::{Action, Actor, Entry};
use domain::blueprint::{Choice, Problem};
use domain::change::{
    ChangeState, Finding, FindingKey, ReviewedFinding, Severity, WaiverState, expiry, last_day,
    latest_day,
};
use domain::names::{ChangeNumber, DraftId, EnvironmentId, PlanId, TeamName, WaiverNumber};
use domain::person::Principal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The field of the reason; pages have others called `reason`.
const REASON: &str = "waiver_reason";
const UNTIL: &str = "until";
const WORDS: &str = "words";

impl PortalService {
    pub(super) async fn list_waivers(
        &self,
        who: &Principal,
        filter: WaiverFilter,
    ) -> Result<WaiverList, AppError> {
        let now = self.now();
        let seen = owned(who.sees());
        let teams = within(seen, filter.team);
        let query = WaiverQuery {
            teams: teams.as_deref(),
            state: filter.state,
            before: filter.before,
            ..WaiverQuery::default()
        };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let mut listed = store::waiver::list(&mut connection, query, PAGE + 1)
            .await
            .map_err(unavailable)?;
        let more = listed.len() > PAGE as usize;
        listed.truncate(PAGE as usize);
        let last = listed.last().filter(|_| more);
        Ok(WaiverList {
            next: last.map(|last| last.number.to_string()),
            rows: listed.iter().map(|waiver| row(waiver, now)).collect(),
            teams: self.seen_teams(who),
            states: WaiverState::ALL
                .iter()
                .map(|state| Choice {
                    value: state.to_string(),
                    label: state.to_string(),
                })
                .collect(),
        })
    }

    pub(super) async fn show_waiver(
        &self,
        who: &Principal,
        number: WaiverNumber,
        draft: Option<DraftId>,
    ) -> Result<WaiverPage, AppError> {
        let now = self.now();
        let (typed, problems) = self.draft(who, draft).await?;
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let waiver = self.find_waiver(&mut connection, who, number).await?;
        let (step, act) = match waiver.state {
            WaiverState::Asked => (Some(WaiverStep::Decide), Act::DecideOnWaiver),
            WaiverState::Granted => (Some(WaiverStep::End), Act::EndWaiver),
            _ => (None, Act::EndWaiver),
        };
        let refused = self.would_allow(who, act, &waiver_target(&waiver)).err();
        let granted = !matches!(waiver.state, WaiverState::Refused);
        let verb = if granted { "Granted" } else { "Refused" };
        let decided = waiver.decided.as_ref().map(|said| word(verb, said, now));
        let ended = waiver.ended.as_ref().map(|said| word("Ended", said, now));
        Ok(WaiverPage {
            row: row(&waiver, now),
            finding: waiver.finding,
            change: waiver.change.to_string(),
            reason: waiver.reason,
            said: decided.into_iter().chain(ended).collect(),
            step,
            refused_because: refused,
            problems,
            typed: typed.get(WORDS).cloned().unwrap_or_default(),
        })
    }

    async fn find_waiver(
        &self,
        connection: &mut Connection,
        who: &Principal,
        number: WaiverNumber,
    ) -> Result<Waiver, AppError> {
        let waiver = store::waiver::get(connection, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| AppError::NotFound {
                what: number.to_string(),
            })?;
        self.may_see(who, &waiver.team, &number.to_string()).await?;
        Ok(waiver)
    }

    pub(super) async fn show_waiver_form(
        &self,
        who: &Principal,
        number: ChangeNumber,
        key: FindingKey,
        draft: Option<DraftId>,
    ) -> Result<AskWaiverPage, AppError> {
        let now = self.now();
        let (typed, problems) = self.draft(who, draft).await?;
        let what = || AppError::NotFound {
            what: number.to_string(),
        };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let change = store::change::by_number(&mut connection, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(what)?;
        self.may_see(who, &change.team, &number.to_string()).await?;
        let finding = finding_of(&mut connection, &change, &key)
            .await
            .map_err(unavailable)?
            .ok_or_else(what)?;
        let why_not = self
            .would_allow(who, Act::AskForWaiver, &target(&change))
            .err();
        let why_not = match why_not {
            Some(why) => Some(why),
            None => cannot_ask(&mut connection, &change, &finding)
                .await
                .map_err(unavailable)?,
        };
        let typed = |field: &str| typed.get(field).cloned().unwrap_or_default();
        Ok(AskWaiverPage {
            row: change_row(&change, now),
            finding,
            refused_because: why_not,
            latest: latest_day(now).to_string(),
            typed_reason: typed(REASON),
            typed_until: typed(UNTIL),
            problems,
        })
    }

    pub(super) async fn take_waiver(&self, who: &Principal, post: WaiverPost) -> Form {
        let WaiverPost {
            change: number,
            key,
            reason,
            until,
        } = post;
        let not_found = || AppError::NotFound {
            what: number.to_string(),
        };
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let found = store::change::by_number(&mut transaction, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        self.may_see(who, &found.team, &number.to_string()).await?;
        // Of two who ask at once the second sees what the first has asked for.
        let change = store::change::lock(&mut transaction, found.id)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let policy = self
            .authorize(
                who,
                Act::AskForWaiver,
                &target(&change),
                &thing(&change),
                Some(number),
            )
            .await?;
        let finding = finding_of(&mut transaction, &change, &key)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let reason = reason.trim().to_owned();
        let mut problems = Vec::new();
        if reason.is_empty() {
            let words = "Say why it should be let through: security decides by it";
            problems.push(Problem::at(REASON, words));
        } else if let Some(problem) = check_reason(&reason) {
            problems.push(Problem::at(REASON, problem.message));
        }
        let expires_at = expiry(&until, self.now())
            .map_err(|bad| problems.push(Problem::at(UNTIL, bad.to_string())));
        if problems.is_empty()
            && let Some(why) = cannot_ask(&mut transaction, &change, &finding)
                .await
                .map_err(unavailable)?
        {
            problems.push(Problem::whole(why));
        }
        if let (true, Ok(expires_at)) = (problems.is_empty(), expires_at) {
            let new = NewWaiver {
                environment: change.environment,
                team: &change.team,
                change: change.id,
                finding: &finding,
                reason: &reason,
                expires_at,
                asked_by: &who.subject,
            };
            let waiver = store::waiver::insert(&mut transaction, new)
                .await
                .map_err(unavailable)?;
            let detail = json!({ "waiver": waiver, "finding": finding.key, "until": expires_at });
            let action = Action::WaiverAsked;
            let entry = self.entry(
                who,
                action,
                &change,
                Some(reason.as_str()),
                Some(policy),
                detail,
            );
            store::audit::append(&mut transaction, &entry, Some(who.session))
                .await
                .map_err(unavailable)?;
            store::commit(transaction).await.map_err(unavailable)?;
            tracing::info!(change = %number, %waiver, subject = %who.subject, "{waiver} was asked for");
            return Ok(Location(page_of(waiver)));
        }
        drop(transaction);
        let typed = BTreeMap::from([(REASON.to_owned(), reason), (UNTIL.to_owned(), until)]);
        self.send_back(who, &form_of(number, &key), typed, problems)
            .await
    }

    pub(super) async fn take_waiver_decision(
        &self,
        who: &Principal,
        post: WaiverDecisionPost,
    ) -> Form {
        let number = post.number;
        let act = Act::DecideOnWaiver;
        let mut held = self.hold_waiver(who, act, number).await?;
        let words = post.words.trim();
        let mut problem = None;
        if words.is_empty() && !post.granted {
            let words = "Say why not, and what should be done instead";
            problem = Some(Problem::at(WORDS, words));
        } else if !words.is_empty()
            && let Some(bad) = check_reason(words)
        {
            problem = Some(Problem::at(WORDS, bad.message));
        }
        if problem.is_none() {
            let tx = &mut held.transaction;
            let decided = store::waiver::decide(tx, number, post.granted, words, &who.subject)
                .await
                .map_err(unavailable)?;
            if decided {
                let (action, because) = match post.granted {
                    true => (
                        Action::WaiverGranted,
                        Some(format!("Waiver {number} was granted.")),
                    ),
                    false => (Action::WaiverRefused, None),
                };
                return self.record_waiver(who, held, action, words, because).await;
            }
            problem = Some(Problem::whole(format!(
                "{number} is {} by now, so there is nothing to decide",
                held.waiver.state
            )));
        }
        let typed = BTreeMap::from([(WORDS.to_owned(), words.to_owned())]);
        drop(held);
        let problems = problem.into_iter().collect();
        self.send_back(who, &page_of(number), typed, problems).await
    }

    pub(super) async fn take_waiver_end(&self, who: &Principal, post: WaiverEndPost) -> Form {
        let number = post.number;
        let mut held = self.hold_waiver(who, Act::EndWaiver, number).await?;
        let words = post.words.trim();
        let mut problem = None;
        if words.is_empty() {
            let words = "Say why it ends: whoever relied on it reads it";
            problem = Some(Problem::at(WORDS, words));
        } else if let Some(bad) = check_reason(words) {
            problem = Some(Problem::at(WORDS, bad.message));
        }
        if problem.is_none() {
            let tx = &mut held.transaction;
            let ended = store::waiver::end(tx, number, words, &who.subject)
                .await
                .map_err(unavailable)?;
            if ended {
                let because = Some(format!("Waiver {number} was ended."));
                let action = Action::WaiverEnded;
                return self.record_waiver(who, held, action, words, because).await;
            }
            problem = Some(Problem::whole(format!(
                "{number} is {} by now, so there is nothing to end",
                held.waiver.state
            )));
        }
        let typed = BTreeMap::from([(WORDS.to_owned(), words.to_owned())]);
        drop(held);
        let problems = problem.into_iter().collect();
        self.send_back(who, &page_of(number), typed, problems).await
    }

    /// The waiver, once the person may do that to it, with the open change that it may concern. Holding that change
    /// keeps a plan from being saved meanwhile: it either sees what is decided or is there to be made again.
    async fn hold_waiver(
        &self,
        who: &Principal,
        act: Act,
        number: WaiverNumber,
    ) -> Result<Held, AppError> {
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let waiver = self.find_waiver(&mut transaction, who, number).await?;
        let open = open_change(&mut transaction, waiver.environment)
            .await
            .map_err(unavailable)?;
        let policy = self
            .authorize(
                who,
                act,
                &waiver_target(&waiver),
                &environment_of(&waiver),
                Some(waiver.change),
            )
            .await?;
        // As it stands now that nobody else decides.
        let waiver = self.find_waiver(&mut transaction, who, number).await?;
        Ok(Held {
            transaction,
            waiver,
            open,
            policy,
        })
    }

    /// Writes the history, has the open change planned again where a plan was made without knowing, and ends the
    /// transaction.
    async fn record_waiver(
        &self,
        who: &Principal,
        held: Held,
        action: Action,
        words: &str,
        plan_again_because: Option<String>,
    ) -> Form {
        let Held {
            mut transaction,
            waiver,
            open,
            policy,
        } = held;
        let number = waiver.number;
        let detail =
            json!({ "waiver": number, "finding": waiver.finding.key, "until": waiver.expires_at });
        let entry = Entry {
            actor: Actor::Person {
                subject: who.subject.clone(),
            },
            action,
            change: Some(waiver.change),
            thing: environment_of(&waiver),
            reason: (!words.is_empty()).then(|| words.to_owned()),
            policy: Some(policy),
            request_id: self.request_id.clone(),
            detail,
        };
        store::audit::append(&mut transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        if let (Some(open), Some(because)) = (open, plan_again_because) {
            self.plan_anew(&mut transaction, who, &open, because)
                .await
                .map_err(unavailable)?;
        }
        store::commit(transaction).await.map_err(unavailable)?;
        tracing::info!(waiver = %number, subject = %who.subject, action = ?action, "{number} {action:?}");
        Ok(Location(page_of(number)))
    }

    /// Has a change planned again whose plan is on show. One that is being planned sees the waivers when its plan is
    /// saved, and one that is approved when it starts.
    async fn plan_anew(
        &self,
        transaction: &mut Transaction,
        who: &Principal,
        change: &Change,
        because: String,
    ) -> Result<(), StoreError> {
        if !matches!(
            change.state,
            ChangeState::Blocked { .. } | ChangeState::Waiting { .. }
        ) {
            return Ok(());
        }
        let plan = PlanId(Uuid::now_v7());
        let Ok(next) = change.state.clone().plan_again(plan, Some(because.clone())) else {
            return Ok(());
        };
        store::change::save_state(transaction, change.id, &next).await?;
        self.enqueue(transaction, JobKind::Plan, change, json!({ "plan": plan }))
            .await?;
        let detail: Value = moved(&change.state, &next);
        let action = Action::PlanAgain;
        let entry = self.entry(who, action, change, Some(because.as_str()), None, detail);
        store::audit::append(transaction, &entry, Some(who.session)).await?;
        Ok(())
    }

    /// Findings of a plan as its page shows them, with what became of waivers since.
    pub(super) async fn finding_views(
        &self,
        connection: &mut Connection,
        who: &Principal,
        change: &Change,
        findings: &[ReviewedFinding],
    ) -> Result<Vec<FindingView>, StoreError> {
        if findings.is_empty() {
            return Ok(Vec::new());
        }
        let waivers = store::waiver::of_environment(connection, change.environment).await?;
        let on = target(change);
        let may =
            may_be_asked(&change.state) && self.would_allow(who, Act::AskForWaiver, &on).is_ok();
        Ok(findings
            .iter()
            .map(|reviewed| {
                let finding = reviewed.finding.clone();
                let waiver = weightiest(&waivers, &finding.key);
                let open = waiver.is_some_and(|waiver| {
                    matches!(waiver.state, WaiverState::Asked | WaiverState::Granted)
                });
                FindingView {
                    may_ask: may && finding.severity == Severity::Block && !open,
                    waiver: waiver.map(note),
                    finding,
                }
            })
            .collect())
    }
}

/// A waiver that nobody else decides on until the transaction ends.
struct Held {
    transaction: Transaction,
    waiver: Waiver,
    /// The open change of its environment.
    open: Option<Change>,
    policy: String,
}

async fn open_change(
    transaction: &mut Transaction,
    environment: EnvironmentId,
) -> Result<Option<Change>, StoreError> {
    match store::change::open_of(transaction, environment).await? {
        Some(open) => store::change::lock(transaction, open.id).await,
        None => Ok(None),
    }
}

/// The teams that a list is of: of those that are seen the one that is wanted.
fn within(seen: Option<Vec<TeamName>>, wanted: Option<TeamName>) -> Option<Vec<TeamName>> {
    match (seen, wanted) {
        (None, None) => None,
        (None, Some(wanted)) => Some(vec![wanted]),
        (Some(seen), None) => Some(seen),
        (Some(mut seen), Some(wanted)) => {
            seen.retain(|team| *team == wanted);
            Some(seen)
        }
    }
}

/// A finding of the plan on show that stops it, by its key.
async fn finding_of(
    connection: &mut Connection,
    change: &Change,
    key: &FindingKey,
) -> Result<Option<Finding>, StoreError> {
    let plan = store::plan::latest_of(connection, change.id).await?;
    Ok(plan.and_then(|(plan, _)| {
        let findings = plan.reviewed.findings.into_iter();
        findings
            .map(|reviewed| reviewed.finding)
            .find(|finding| finding.key == *key && finding.severity == Severity::Block)
    }))
}

/// Whether a change is in a state in which a waiver helps it.
fn may_be_asked(state: &ChangeState) -> bool {
    matches!(
        state,
        ChangeState::Blocked { .. } | ChangeState::Waiting { .. } | ChangeState::Approved { .. }
    )
}

/// Why a waiver of a finding can't be asked for, if so.
async fn cannot_ask(
    connection: &mut Connection,
    change: &Change,
    finding: &Finding,
) -> Result<Option<String>, StoreError> {
    if !may_be_asked(&change.state) {
        return Ok(Some(format!(
            "{} {} now, so a waiver would change nothing; ask on a change that is stopped",
            change.number,
            change.state.words()
        )));
    }
    let waivers = store::waiver::of_environment(connection, change.environment).await?;
    let waits = waivers
        .iter()
        .find(|waiver| waiver.finding.key == finding.key && waiver.state == WaiverState::Asked);
    Ok(waits.map(|waiver| {
        format!(
            "{} has been asked for already and waits for security",
            waiver.number
        )
    }))
}

/// The waiver that is shown with a finding: in force, or waiting, or else the latest.
pub(super) fn weightiest<'w>(waivers: &'w [Waiver], key: &FindingKey) -> Option<&'w Waiver> {
    let weight = |waiver: &&Waiver| match waiver.state {
        WaiverState::Granted => 2,
        WaiverState::Asked => 1,
        _ => 0,
    };
    let of_key = waivers.iter().filter(|waiver| waiver.finding.key == *key);
    // The latest stand first, and of equals the last is the greatest.
    of_key.rev().max_by_key(weight)
}

pub(super) fn note(waiver: &Waiver) -> WaiverNote {
    let until = last_day(waiver.expires_at);
    let asker = &waiver.asked_by_name;
    let by = |said: &Option<Said>| {
        said.as_ref()
            .map(|said| said.by_name.clone())
            .unwrap_or_default()
    };
    let words = match waiver.state {
        WaiverState::Asked => {
            format!("{asker} asked for a waiver until {until}; it waits for security.")
        }
        WaiverState::Granted => format!("Waived until {until} by {}.", by(&waiver.decided)),
        WaiverState::Refused => format!("{} refused a waiver.", by(&waiver.decided)),
        WaiverState::Ended => format!("{} ended its waiver.", by(&waiver.ended)),
        WaiverState::Expired if waiver.decided.is_some() => {
            format!("Its waiver ended on {until} by itself.")
        }
        WaiverState::Expired => format!("Nobody decided on a waiver by {until}."),
    };
    WaiverNote {
        number: waiver.number.to_string(),
        state: waiver.state,
        words,
    }
}

fn status(state: WaiverState) -> Status {
    let (words, tone) = match state {
        WaiverState::Asked => ("waits for security", Tone::Wait),
        WaiverState::Granted => ("in force", Tone::Wait),
        WaiverState::Refused => ("refused", Tone::Same),
        WaiverState::Ended => ("ended early", Tone::Same),
        WaiverState::Expired => ("expired", Tone::Same),
    };
    Status {
        words: words.to_owned(),
        tone,
    }
}

fn row(waiver: &Waiver, now: DateTime<Utc>) -> WaiverRow {
    WaiverRow {
        number: waiver.number.to_string(),
        status: status(waiver.state),
        title: waiver.finding.title.clone(),
        resource: waiver.finding.key.resource.clone(),
        team: waiver.team.to_string(),
        service: waiver.service.to_string(),
        stage: waiver.stage.to_string(),
        until: last_day(waiver.expires_at).to_string(),
        asked_by: PersonName {
            subject: waiver.asked_by.to_string(),
            name: waiver.asked_by_name.clone(),
        },
        asked: moment(waiver.asked_at, now),
    }
}

fn word(verb: &str, said: &Said, now: DateTime<Utc>) -> WaiverWord {
    WaiverWord {
        title: format!("{verb} by {}", said.by_name),
        at: moment(said.at, now),
        words: said.words.clone(),
    }
}

fn waiver_target(waiver: &Waiver) -> Target {
    Target::Waiver {
        team: waiver.team.clone(),
        asker: waiver.asked_by.clone(),
    }
}

/// `payments/checkout/dev`.
fn environment_of(waiver: &Waiver) -> String {
    format!("{}/{}/{}", waiver.team, waiver.service, waiver.stage)
}

fn page_of(number: WaiverNumber) -> String {
    format!("/waivers/{number}")
}

fn form_of(change: ChangeNumber, key: &FindingKey) -> String {
    app::ask_waiver_address(&change.to_string(), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(name: &str) -> TeamName {
        name.parse().unwrap()
    }

    #[test]
    fn a_list_is_of_teams_that_are_seen() {
        let seen = || Some(vec![team("payments"), team("logistics")]);
        assert_eq!(within(None, None), None);
        assert_eq!(within(None, Some(team("a"))), Some(vec![team("a")]));
        assert_eq!(
            within(seen(), Some(team("payments"))),
            Some(vec![team("payments")])
        );
        assert_eq!(within(seen(), Some(team("other"))), Some(vec![]));
    }
}
