//! Asks Cedar.
use super::{Act, Target};
use cedar_policy::{
    Context, Decision as Answer, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use domain::change::may_decide;
use domain::names::{Subject, TeamName};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

const SCHEMA: &str = include_str!("../../policies/gatehouse.cedarschema");
const POLICIES: [(&str, &str); 3] = [
    ("across.cedar", include_str!("../../policies/across.cedar")),
    (
        "approver.cedar",
        include_str!("../../policies/approver.cedar"),
    ),
    (
        "developer.cedar",
        include_str!("../../policies/developer.cedar"),
    ),
];

/// The id given where no policy speaks for or against.
const NO_POLICY: &str = "default-deny";

/// A policy or the schema is wrong. Tests see to it that no build has one.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct PolicyError {
    /// The file in `server/policies`.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
}

fn wrong(file: &str, message: impl ToString) -> PolicyError {
    PolicyError {
        file: file.to_owned(),
        message: message.to_string(),
    }
}

/// Whether somebody may do something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether they may.
    pub allowed: bool,
    /// Ids of the policies that decided, for the audit entry.
    pub policy: String,
    /// Why not, in words for them; empty when they may.
    pub why: String,
}

/// Decides by the policies of this build.
pub struct Authorizer {
    cedar: cedar_policy::Authorizer,
    policies: PolicySet,
    schema: Schema,
    types: Types,
}

struct Types {
    person: EntityTypeName,
    team: EntityTypeName,
    environment: EntityTypeName,
    change: EntityTypeName,
    waiver: EntityTypeName,
    catalogue: EntityTypeName,
    blueprint_version: EntityTypeName,
    action: EntityTypeName,
}

impl Authorizer {
    /// Reads the policies and checks them against the schema.
    ///
    /// # Errors
    /// When a policy does not parse, has no `@id` of its own, or does not fit the schema.
    pub fn new() -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| wrong("gatehouse.cedarschema", error))?;
        let mut policies = PolicySet::new();
        for (file, source) in POLICIES {
            let parsed = PolicySet::from_str(source).map_err(|error| wrong(file, error))?;
            for policy in parsed.policies() {
                policies
                    .add(named(file, policy)?)
                    .map_err(|error| wrong(file, error))?;
            }
        }
        let validator = Validator::new(schema.clone());
        let result = validator.validate(&policies, ValidationMode::Strict);
        if let Some(error) = result.validation_errors().next() {
            return Err(wrong("policies", error));
        }
        if let Some(warning) = result.validation_warnings().next() {
            return Err(wrong("policies", warning));
        }
        let entity_type = |name: &str| {
            name.parse::<EntityTypeName>()
                .map_err(|error| wrong("gatehouse.cedarschema", error))
        };
        Ok(Self {
            cedar: cedar_policy::Authorizer::new(),
            policies,
            schema,
            types: Types {
                person: entity_type("Person")?,
                team: entity_type("Team")?,
                environment: entity_type("Environment")?,
                change: entity_type("Change")?,
                waiver: entity_type("Waiver")?,
                catalogue: entity_type("Catalogue")?,
                blueprint_version: entity_type("BlueprintVersion")?,
                action: entity_type("Action")?,
            },
        })
    }

    /// Whether `who` may do `act` to `target`.
    pub fn decide(&self, who: &Principal, act: Act, target: &Target) -> Decision {
        let (allowed, policy) = match self.ask(who, act, target) {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(act = act.as_str(), %error, "the policies could not be asked");
                (false, NO_POLICY.to_owned())
            }
        };
        let why = if allowed {
            String::new()
        } else {
            why_not(who, act, target)
        };
        Decision {
            allowed,
            policy,
            why,
        }
    }

    fn ask(
        &self,
        who: &Principal,
        act: Act,
        target: &Target,
    ) -> Result<(bool, String), Box<dyn std::error::Error + Send + Sync>> {
        let person = self.person(&who.subject);
        let mut entities = vec![Entity::new(
            person.clone(),
            self.attributes_of(&who.grants),
            HashSet::new(),
        )?];
        let resource = match target {
            Target::Catalogue => uid(&self.types.catalogue, "blueprints"),
            Target::Team(team) => self.team(team),
            Target::Environment { team, stage } => {
                let environment = uid(&self.types.environment, "asked about");
                let attributes = self.attributes_of_place(team, *stage);
                entities.push(Entity::new(
                    environment.clone(),
                    attributes,
                    HashSet::new(),
                )?);
                environment
            }
            Target::BlueprintVersion { proposed_by } => {
                let version = uid(&self.types.blueprint_version, "asked about");
                let proposer = proposed_by.as_ref().map(|subject| self.person(subject));
                if let Some(other) = proposer.iter().find(|proposer| **proposer != person) {
                    let nothing = self.attributes_of(&[]);
                    entities.push(Entity::new(other.clone(), nothing, HashSet::new())?);
                }
                let attributes = proposer.map(|proposer| {
                    let proposer = RestrictedExpression::new_entity_uid(proposer);
                    ("proposer".to_owned(), proposer)
                });
                let attributes = attributes.into_iter().collect();
                entities.push(Entity::new(version.clone(), attributes, HashSet::new())?);
                version
            }
            Target::Waiver { team, asker } => {
                let waiver = uid(&self.types.waiver, "asked about");
                let asker = self.person(asker);
                if asker != person {
                    let nothing = self.attributes_of(&[]);
                    entities.push(Entity::new(asker.clone(), nothing, HashSet::new())?);
                }
                let team = RestrictedExpression::new_entity_uid(self.team(team));
                let asker = RestrictedExpression::new_entity_uid(asker);
                let attributes =
                    HashMap::from([("team".to_owned(), team), ("asker".to_owned(), asker)]);
                entities.push(Entity::new(waiver.clone(), attributes, HashSet::new())?);
                waiver
            }
            Target::Change {
                team,
                stage,
                requester,
            } => {
                let change = uid(&self.types.change, "asked about");
                let requester = self.person(requester);
                if requester != person {
                    let nothing = self.attributes_of(&[]);
                    entities.push(Entity::new(requester.clone(), nothing, HashSet::new())?);
                }
                let mut attributes = self.attributes_of_place(team, *stage);
                attributes.insert(
                    "requester".to_owned(),
                    RestrictedExpression::new_entity_uid(requester),
                );
                entities.push(Entity::new(change.clone(), attributes, HashSet::new())?);
                change
            }
        };
        let request = Request::new(
            person,
            uid(&self.types.action, act.as_str()),
            resource,
            Context::empty(),
            Some(&self.schema),
        )?;
        let entities = Entities::from_entities(entities, Some(&self.schema))?;
        let response = self
            .cedar
            .is_authorized(&request, &self.policies, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string().into());
        }
        let deciding: BTreeSet<String> = response
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect();
        let policy = if deciding.is_empty() {
            NO_POLICY.to_owned()
        } else {
            deciding.into_iter().collect::<Vec<_>>().join(", ")
        };
        Ok((response.decision() == Answer::Allow, policy))
    }

    fn person(&self, subject: &Subject) -> EntityUid {
        uid(&self.types.person, subject.as_str())
    }

    fn team(&self, team: &TeamName) -> EntityUid {
        uid(&self.types.team, team.as_str())
    }

    fn attributes_of_place(
        &self,
        team: &TeamName,
        stage: Stage,
    ) -> HashMap<String, RestrictedExpression> {
        let team = RestrictedExpression::new_entity_uid(self.team(team));
        HashMap::from([
            ("team".to_owned(), team),
            ("stage".to_owned(), text(stage.as_str())),
        ])
    }

    fn attributes_of(&self, grants: &[Grant]) -> HashMap<String, RestrictedExpression> {
        let team = |team: &TeamName| RestrictedExpression::new_entity_uid(self.team(team));
        let mut develops = Vec::new();
        let mut reviews_for = Vec::new();
        let mut approves = Vec::new();
        for grant in grants {
            match grant {
                Grant::Developer { team: of } => develops.push(team(of)),
                Grant::Approver { team: of, stages } => {
                    reviews_for.push(team(of));
                    approves.extend(stages.iter().map(|stage| self.review(of, *stage)));
                }
                Grant::Security | Grant::Platform | Grant::Auditor => {}
            }
        }
        let has = |grant: Grant| RestrictedExpression::new_bool(grants.contains(&grant));
        HashMap::from([
            (
                "develops".to_owned(),
                RestrictedExpression::new_set(develops),
            ),
            (
                "reviewsFor".to_owned(),
                RestrictedExpression::new_set(reviews_for),
            ),
            (
                "approves".to_owned(),
                RestrictedExpression::new_set(approves),
            ),
            ("security".to_owned(), has(Grant::Security)),
            ("platform".to_owned(), has(Grant::Platform)),
            ("auditor".to_owned(), has(Grant::Auditor)),
        ])
    }

    fn review(&self, team: &TeamName, stage: Stage) -> RestrictedExpression {
        let fields = [
            (
                "team".to_owned(),
                RestrictedExpression::new_entity_uid(self.team(team)),
            ),
            ("stage".to_owned(), text(stage.as_str())),
        ];
        // Only a record that names a field twice is refused.
        #[allow(clippy::expect_used)]
        RestrictedExpression::new_record(fields).expect("two fields of different names")
    }
}

/// The policy under the id of its annotation, so that audit entries name it for ever.
fn named(file: &str, policy: &Policy) -> Result<Policy, PolicyError> {
    let id = policy
        .annotation("id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| wrong(file, "a policy has no @id"))?;
    Ok(policy.new_id(PolicyId::new(id)))
}

fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn why_not(who: &Principal, act: Act, target: &Target) -> String {
    match target {
        Target::Catalogue => act.takes(""),
        Target::BlueprintVersion { proposed_by } => {
            let own = proposed_by.as_ref() == Some(&who.subject);
            if act == Act::AnswerProposal && own && who.grants.contains(&Grant::Security) {
                "You proposed this version, so someone else has to answer.".to_owned()
            } else {
                act.takes("")
            }
        }
        Target::Team(team) | Target::Environment { team, .. } => act.takes(team.as_str()),
        Target::Waiver { asker, .. }
            if act == Act::DecideOnWaiver
                && *asker == who.subject
                && who.grants.contains(&Grant::Security) =>
        {
            "You asked for this waiver, so someone else of security has to decide on it.".to_owned()
        }
        Target::Waiver { team, .. } => act.takes(team.as_str()),
        Target::Change {
            team,
            stage,
            requester,
        } => {
            if act == Act::DecideOn
                && let Err(reason) = may_decide(&who.subject, &who.grants, requester, team, *stage)
            {
                let reason = reason.to_string();
                let mut letters = reason.chars();
                return letters.next().map_or_else(String::new, |first| {
                    format!("{}{}.", first.to_uppercase(), letters.as_str())
                });
            }
            act.takes(team.as_str())
        }
    }
}
