//! Asking for an environment, or for a change of one.
use super::asked::{Asked, finish};
use super::decide::unprintable;
use super::drafts::Draft;
use super::unavailable;
use super::words::destination;
use super::{PortalService, schedule};
use crate::authz::{Act, Target};
use crate::store::blueprint::BlueprintVersion;
use crate::store::environment::{Environment, EnvironmentState};
use crate::store::{self, Connection, StoreError};
use app::api::views::{AskChoice, AskDetails, AskForm, Field, FieldGroup};
use app::api::{AppError, AskPost, Form, Location};
use domain::audit::Action;
use domain::blueprint::{Choice, Parameter, ParameterType, Problem, check_values, defaults};
use domain::change::ChangeKind;
use domain::change::schedule::Schedule;
use domain::change::window::Place;
use domain::names::{
    BlueprintName, DraftId, EnvironmentId, ReleaseId, ServiceId, ServiceName, TeamName,
};
use domain::person::Principal;
use domain::stage::Stage;
use serde_json::json;
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 2000;

/// A request whose every field is good.
struct Request {
    team: TeamName,
    service: ServiceName,
    stage: Stage,
    version: BlueprintVersion,
    reason: String,
    schedule: Option<Schedule>,
    values: BTreeMap<String, String>,
}

impl PortalService {
    pub(super) async fn show_ask_form(
        &self,
        who: &Principal,
        chosen: AskChoice,
        draft: Option<DraftId>,
    ) -> Result<AskForm, AppError> {
        let kept = self.draft(who, draft).await?;
        let schedule = schedule::typed(&kept);
        let (typed, problems) = kept;
        let pick = |name: &str, chosen: Option<String>| {
            typed
                .get(name)
                .cloned()
                .or(chosen)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let mut form = AskForm {
            teams: self.team_choices(who),
            services: Vec::new(),
            blueprints: Vec::new(),
            stages: Vec::new(),
            team: pick("team", chosen.team),
            service: pick("service", chosen.service),
            blueprint: pick("blueprint", chosen.blueprint),
            stage: pick("stage", chosen.stage),
            reason: typed.get("reason").cloned().unwrap_or_default(),
            schedule,
            details: None,
            problems,
        };
        if form.teams.is_empty() {
            return Err(AppError::Forbidden {
                why: "Asking for an environment takes the developer role of a team, which your \
                      sign-in does not grant."
                    .to_owned(),
            });
        }
        if form.team.is_empty() && form.teams.len() == 1 {
            form.team.clone_from(&form.teams[0].value);
        }
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        self.fill_choices(&mut connection, who, &mut form).await?;
        self.fill_details(&mut connection, who, &mut form, &typed)
            .await?;
        Ok(form)
    }

    fn team_choices(&self, who: &Principal) -> Vec<Choice> {
        who.develops_for()
            .into_iter()
            .filter_map(|name| self.configuration.team(name))
            .map(|team| Choice {
                value: team.name.to_string(),
                label: team.title.clone(),
            })
            .collect()
    }

    async fn fill_choices(
        &self,
        connection: &mut Connection,
        who: &Principal,
        form: &mut AskForm,
    ) -> Result<(), AppError> {
        let teams: Vec<TeamName> = who.develops_for().into_iter().cloned().collect();
        let names = store::service::names(connection, Some(&teams))
            .await
            .map_err(unavailable)?;
        if let Some((_, _, blueprint)) = names.iter().find(|(team, service, _)| {
            team.as_str() == form.team && service.as_str() == form.service
        }) {
            form.blueprint = blueprint.to_string();
        }
        form.services = names
            .iter()
            .map(|(team, service, _)| format!("{team}/{service}"))
            .collect();
        let current = store::blueprint::current(connection)
            .await
            .map_err(unavailable)?;
        let offered: Vec<_> = current
            .into_iter()
            .filter_map(|(_, version, _)| version)
            .collect();
        form.blueprints = offered
            .iter()
            .map(|version| Choice {
                value: version.manifest.name.to_string(),
                label: format!("{} {}", version.manifest.title, version.manifest.version),
            })
            .collect();
        if form.blueprint.is_empty() && form.blueprints.len() == 1 {
            form.blueprint.clone_from(&form.blueprints[0].value);
        }
        let manifest = offered
            .iter()
            .map(|version| &version.manifest)
            .find(|manifest| manifest.name.as_str() == form.blueprint);
        form.stages = Stage::ALL
            .into_iter()
            .filter(|stage| self.configuration.account_for(*stage).is_some())
            .filter(|stage| manifest.is_none_or(|manifest| manifest.stages.contains(stage)))
            .map(|stage| Choice {
                value: stage.to_string(),
                label: stage.to_string(),
            })
            .collect();
        Ok(())
    }

    /// The second step, once team, service, blueprint and stage are good. What is not good yet
    /// gets its message, but only when something was given: an empty form is no mistake.
    async fn fill_details(
        &self,
        connection: &mut Connection,
        who: &Principal,
        form: &mut AskForm,
        typed: &BTreeMap<String, String>,
    ) -> Result<(), AppError> {
        let given = !form.service.is_empty() && !form.stage.is_empty();
        let mut problems = Vec::new();
        let Some((team, service, stage, version)) = self
            .parse_choice(connection, who, form, &mut problems)
            .await?
        else {
            if given && form.problems.is_empty() {
                form.problems = problems;
            }
            return Ok(());
        };
        let existing = existing(connection, &team, &service, stage)
            .await
            .map_err(unavailable)?;
        let in_force = match &existing {
            Some(environment) => in_force(connection, environment)
                .await
                .map_err(unavailable)?,
            None => None,
        };
        let open_change = match &existing {
            Some(environment) => store::change::open_of(connection, environment.id)
                .await
                .map_err(unavailable)?
                .map(|change| change.number.to_string()),
            None => None,
        };
        let Some(account) = self.configuration.account_for(stage) else {
            return Ok(());
        };
        let place = Place {
            team: &team,
            service: Some(&service),
            stage,
        };
        let environment = existing.as_ref().map(|environment| environment.id);
        let holds = self
            .holds_before_asking(connection, place, environment, self.now())
            .await
            .map_err(unavailable)?;
        let start = defaults(&version.manifest, stage);
        let groups = version
            .manifest
            .groups
            .iter()
            .map(|group| FieldGroup {
                title: group.title.clone(),
                description: group.description.clone(),
                fields: group
                    .parameters
                    .iter()
                    .filter_map(|name| Some((name, version.manifest.parameters.get(name)?)))
                    .map(|(name, parameter)| {
                        let now = in_force.as_ref().and_then(|values| values.get(name));
                        let default = start.get(name).cloned().unwrap_or_default();
                        let value = if parameter.is_fixed_at(stage) {
                            default
                        } else {
                            typed
                                .get(&format!("values-{name}"))
                                .or(now)
                                .cloned()
                                .unwrap_or(default)
                        };
                        field(name, parameter, stage, value, now)
                    })
                    .collect(),
            })
            .collect();
        form.details = Some(AskDetails {
            is_update: in_force.is_some(),
            blueprint_title: version.manifest.title.clone(),
            blueprint_version: version.manifest.version.clone(),
            destination: destination(&account.id, &account.region),
            monthly_cost: version
                .manifest
                .monthly_cost
                .get(&stage)
                .map(|dollars| format!("${dollars:.2}")),
            groups,
            open_change,
            holds,
        });
        Ok(())
    }

    /// Team, service, stage and blueprint version, with a problem for each that is not good.
    async fn parse_choice(
        &self,
        connection: &mut Connection,
        who: &Principal,
        form: &AskForm,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<(TeamName, ServiceName, Stage, BlueprintVersion)>, AppError> {
        let team = chosen::<TeamName>("team", "a team", &form.team, problems).filter(|team| {
            let known =
                who.develops_for().contains(&team) && self.configuration.team(team).is_some();
            if !known {
                problems.push(Problem::at(
                    "team",
                    format!("You are not a developer of {team}; choose one of your teams"),
                ));
            }
            known
        });
        let service =
            chosen::<ServiceName>("service", "a name for the service", &form.service, problems);
        let stage = chosen::<Stage>("stage", "a stage", &form.stage, problems);
        let blueprint =
            chosen::<BlueprintName>("blueprint", "a blueprint", &form.blueprint, problems);
        let mut version = None;
        if let Some(name) = &blueprint {
            version = store::blueprint::current_of(connection, name)
                .await
                .map_err(unavailable)?;
            if version.is_none() {
                problems.push(Problem::at(
                    "blueprint",
                    format!("There is no blueprint {name} on offer; choose one from the list"),
                ));
            }
        }
        if let (Some(stage), Some(version)) = (stage, &version) {
            if !version.manifest.stages.contains(&stage) {
                let offered: Vec<_> = version
                    .manifest
                    .stages
                    .iter()
                    .map(|stage| stage.as_str())
                    .collect();
                problems.push(Problem::at(
                    "stage",
                    format!(
                        "{} is offered at {}, not at {stage}",
                        version.manifest.title,
                        offered.join(", ")
                    ),
                ));
            } else if self.configuration.account_for(stage).is_none() {
                problems.push(Problem::at(
                    "stage",
                    format!(
                        "No AWS account is set up for {stage}; a platform engineer can add one"
                    ),
                ));
            }
        }
        if let (Some(team), Some(service), Some(blueprint)) = (&team, &service, &blueprint) {
            let existing = store::service::find(connection, team, service)
                .await
                .map_err(unavailable)?;
            if let Some(existing) = existing.filter(|existing| existing.blueprint != *blueprint) {
                problems.push(Problem::at(
                    "blueprint",
                    format!(
                        "{service} is an instance of {}; a service keeps its blueprint",
                        existing.blueprint
                    ),
                ));
            }
        }
        Ok(match (team, service, stage, version) {
            (Some(team), Some(service), Some(stage), Some(version)) if problems.is_empty() => {
                Some((team, service, stage, version))
            }
            _ => None,
        })
    }

    pub(super) async fn take_ask(&self, who: &Principal, post: AskPost) -> Form {
        let mut problems = Vec::new();
        let form = AskForm {
            teams: Vec::new(),
            services: Vec::new(),
            blueprints: Vec::new(),
            stages: Vec::new(),
            team: post.team.trim().to_owned(),
            service: post.service.trim().to_owned(),
            blueprint: post.blueprint.trim().to_owned(),
            stage: post.stage.trim().to_owned(),
            reason: post.reason.trim().to_owned(),
            schedule: post.schedule,
            details: None,
            problems: Vec::new(),
        };
        if let Ok(team) = form.team.parse::<TeamName>() {
            let thing = format!("{team}/{}/{}", form.service, form.stage);
            self.authorize(who, Act::AskFor, &Target::Team(team), &thing, None)
                .await?;
        }
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let choice = self
            .parse_choice(&mut connection, who, &form, &mut problems)
            .await?;
        drop(connection);
        problems.extend(check_reason(&form.reason));
        let set = schedule::read(&form.schedule, self.now());
        let set = set.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let values: BTreeMap<String, String> = post
            .values
            .iter()
            .map(|(name, value)| (name.clone(), value.trim().to_owned()))
            .collect();
        if let Some((_, _, stage, version)) = &choice {
            let given = complete(version, *stage, &values);
            problems.extend(check_values(&version.manifest, *stage, &given));
        }
        let Some((team, service, stage, version)) = choice.filter(|_| problems.is_empty()) else {
            return self.send_ask_back(who, &form, &values, problems).await;
        };
        let request = Request {
            values: complete(&version, stage, &values),
            team,
            service,
            stage,
            version,
            reason: form.reason.clone(),
            schedule: set,
        };
        match self.record_ask(who, &request).await? {
            Ok(location) => Ok(location),
            Err(problem) => self.send_ask_back(who, &form, &values, vec![problem]).await,
        }
    }

    async fn send_ask_back(
        &self,
        who: &Principal,
        form: &AskForm,
        values: &BTreeMap<String, String>,
        problems: Vec<Problem>,
    ) -> Form {
        let mut typed: BTreeMap<String, String> = values
            .iter()
            .map(|(name, value)| (format!("values-{name}"), value.clone()))
            .collect();
        for (name, value) in [
            ("team", &form.team),
            ("service", &form.service),
            ("blueprint", &form.blueprint),
            ("stage", &form.stage),
            ("reason", &form.reason),
        ] {
            typed.insert(name.to_owned(), value.clone());
        }
        schedule::keep(form.schedule.clone(), &mut typed);
        self.send_back(who, "/ask", typed, problems).await
    }

    /// Writes service, environment, release, change, job and audit entry in one transaction, or
    /// says why it can't be asked for now.
    async fn record_ask(
        &self,
        who: &Principal,
        request: &Request,
    ) -> Result<Result<Location, Problem>, AppError> {
        let (team, service) = (&request.team, &request.service);
        let thing = format!("{team}/{service}/{}", request.stage);
        let policy = self.may_ask(who, team, &thing).await?;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let written = self.write_ask(&mut transaction, who, request, policy).await;
        finish(transaction, who, &thing, written).await
    }

    async fn write_ask(
        &self,
        connection: &mut Connection,
        who: &Principal,
        request: &Request,
        policy: String,
    ) -> Result<domain::names::ChangeNumber, StoreError> {
        let service = find_or_add_service(connection, request).await?;
        let (environment, exists) = self
            .find_or_add_environment(connection, service, request.stage)
            .await?;
        let kind = if exists {
            ChangeKind::Update
        } else {
            ChangeKind::Provision
        };
        let release = ReleaseId(Uuid::now_v7());
        let release_number = store::release::insert_next(
            connection,
            service,
            release,
            &request.version.digest,
            &request.values,
            &who.subject,
        )
        .await?;
        self.write_change(
            connection,
            who,
            Asked {
                kind,
                environment,
                release: Some(release),
                place: (&request.team, &request.service, request.stage),
                reason: &request.reason,
                schedule: request.schedule,
                policy,
                action: Action::ChangeAsked,
                detail: json!({
                    "kind": kind,
                    "release": release_number.to_string(),
                    "blueprint": request.version.manifest.name,
                    "blueprint_version": request.version.manifest.version,
                    "blueprint_digest": request.version.digest,
                }),
            },
        )
        .await
    }

    /// The environment, and whether something is deployed there.
    pub(super) async fn find_or_add_environment(
        &self,
        connection: &mut Connection,
        service: ServiceId,
        stage: Stage,
    ) -> Result<(EnvironmentId, bool), StoreError> {
        // Whoever calls has checked that the stage has an account.
        let account = self
            .configuration
            .account_for(stage)
            .ok_or(StoreError::Conflict {
                constraint: "account_for_stage".to_owned(),
            })?;
        if let Some(found) = store::environment::find(connection, service, stage).await? {
            if found.state != EnvironmentState::Live {
                store::environment::reopen(connection, found.id, &account.id, &account.region)
                    .await?;
            }
            return Ok((found.id, found.state == EnvironmentState::Live));
        }
        let id = EnvironmentId(Uuid::now_v7());
        store::environment::insert(
            connection,
            store::environment::NewEnvironment {
                id,
                service,
                stage,
                account: &account.id,
                region: &account.region,
            },
        )
        .await?;
        Ok((id, false))
    }
}

/// Parses a field; an empty one says what to choose.
fn chosen<T>(field: &str, what: &str, value: &str, problems: &mut Vec<Problem>) -> Option<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    if value.is_empty() {
        let verb = if field == "service" {
            "Enter"
        } else {
            "Choose"
        };
        problems.push(Problem::at(field, format!("{verb} {what}")));
        return None;
    }
    match value.parse() {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            let error: T::Err = error;
            problems.push(Problem::at(field, error.to_string()));
            None
        }
    }
}

/// What is wrong with the words somebody gave.
pub(super) fn check_reason(reason: &str) -> Option<Problem> {
    if reason.is_empty() {
        return Some(Problem::at(
            "reason",
            "Say why: the approver reads it first",
        ));
    }
    let length = reason.chars().count();
    let wrong = if length > LONGEST_REASON {
        format!("The reason takes at most {LONGEST_REASON} characters, not {length}")
    } else if unprintable(reason) {
        "The reason can't hold control characters".to_owned()
    } else {
        return None;
    };
    Some(Problem::at("reason", wrong))
}

/// What was given, with the defaults of fixed parameters, which the form does not send.
fn complete(
    version: &BlueprintVersion,
    stage: Stage,
    values: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let fixed = version
        .manifest
        .parameters
        .iter()
        .filter(|(name, parameter)| parameter.is_fixed_at(stage) && !values.contains_key(*name))
        .filter_map(|(name, parameter)| {
            Some((name.clone(), parameter.default_at(stage)?.to_owned()))
        });
    values.clone().into_iter().chain(fixed).collect()
}

async fn find_or_add_service(
    connection: &mut Connection,
    request: &Request,
) -> Result<ServiceId, StoreError> {
    if let Some(found) = store::service::find(connection, &request.team, &request.service).await? {
        return Ok(found.id);
    }
    let id = ServiceId(Uuid::now_v7());
    store::service::insert(
        connection,
        id,
        &request.team,
        &request.service,
        &request.version.manifest.name,
    )
    .await?;
    Ok(id)
}

async fn existing(
    connection: &mut Connection,
    team: &TeamName,
    service: &ServiceName,
    stage: Stage,
) -> Result<Option<Environment>, StoreError> {
    match store::service::find(connection, team, service).await? {
        Some(service) => store::environment::find(connection, service.id, stage).await,
        None => Ok(None),
    }
}

/// The parameters in force, where something is deployed.
async fn in_force(
    connection: &mut Connection,
    environment: &Environment,
) -> Result<Option<BTreeMap<String, String>>, StoreError> {
    match environment.release {
        Some(release) => Ok(store::release::get(connection, release)
            .await?
            .map(|release| release.parameters)),
        None => Ok(None),
    }
}

fn field(
    name: &str,
    parameter: &Parameter,
    stage: Stage,
    value: String,
    in_force: Option<&String>,
) -> Field {
    Field {
        name: name.to_owned(),
        label: parameter.label.clone(),
        description: parameter.description.clone(),
        kind: parameter.kind,
        choices: parameter.choices.clone(),
        in_force: in_force.filter(|now| **now != value).cloned(),
        value,
        hint: hint(parameter),
        required: parameter.required,
        fixed_because: parameter
            .is_fixed_at(stage)
            .then(|| format!("The blueprint sets this at {stage}.")),
    }
}

/// A parameter's limits in words.
fn hint(parameter: &Parameter) -> String {
    match parameter.kind {
        ParameterType::Integer => match (parameter.minimum, parameter.maximum) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => String::new(),
        },
        ParameterType::List => "separated by commas".to_owned(),
        _ => parameter.pattern_hint.clone().unwrap_or_default(),
    }
}

/// What the draft of another area needs to know of this one's.
pub(super) fn typed_reason(draft: &Draft) -> String {
    draft.0.get("reason").cloned().unwrap_or_default()
}
