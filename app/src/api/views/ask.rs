//! The form to ask for an environment or for a change of one.
use super::{HoldView, TypedSchedule};
use domain::blueprint::{Choice, ParameterType, Problem};
use serde::{Deserialize, Serialize};

/// What is chosen so far, as it stands in the address. Unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskChoice {
    /// Team.
    pub team: Option<String>,
    /// Service: an existing one, or a new name.
    pub service: Option<String>,
    /// Blueprint.
    pub blueprint: Option<String>,
    /// Stage.
    pub stage: Option<String>,
}

/// The form as it is to be shown. First step: team, service, blueprint, stage. Second step: the
/// blueprint's parameters, once all four are good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskForm {
    /// Teams that the viewer may ask for.
    pub teams: Vec<Choice>,
    /// Services of those teams: `team/service`.
    pub services: Vec<String>,
    /// Blueprints on offer.
    pub blueprints: Vec<Choice>,
    /// Stages; the ones that the chosen blueprint is not offered at say so in the label.
    pub stages: Vec<Choice>,
    /// What is chosen or typed.
    pub team: String,
    /// What is chosen or typed.
    pub service: String,
    /// What is chosen or typed.
    pub blueprint: String,
    /// What is chosen or typed.
    pub stage: String,
    /// What is typed as reason.
    pub reason: String,
    /// What is typed as time.
    pub schedule: TypedSchedule,
    /// The second step.
    pub details: Option<AskDetails>,
    /// What was wrong, field by field.
    pub problems: Vec<Problem>,
}

/// The second step of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskDetails {
    /// Whether this is a change of an environment that exists.
    pub is_update: bool,
    /// The blueprint's title and version.
    pub blueprint_title: String,
    /// The version that would be rendered.
    pub blueprint_version: String,
    /// Account and region it goes to, in words.
    pub destination: String,
    /// Rough monthly cost at this stage in US dollars, as the manifest says it.
    pub monthly_cost: Option<String>,
    /// The fields, in groups.
    pub groups: Vec<FieldGroup>,
    /// A change of this environment that is still open, so that this one can't be asked for.
    pub open_change: Option<String>,
    /// What its deployment will wait for.
    pub holds: Vec<HoldView>,
}

/// A group of fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldGroup {
    /// Heading.
    pub title: String,
    /// A sentence.
    pub description: String,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The parameter's name; in the form it is `values[NAME]`.
    pub name: String,
    /// Label.
    pub label: String,
    /// What it does.
    pub description: String,
    /// What values it takes.
    pub kind: ParameterType,
    /// Values of a choice.
    pub choices: Vec<Choice>,
    /// What to start with: typed before, in force now, or the stage's default.
    pub value: String,
    /// The value in force, where the environment exists and it differs from `value`.
    pub in_force: Option<String>,
    /// Limits in words, for example `1 to 3653`.
    pub hint: String,
    /// Whether it may stay empty.
    pub required: bool,
    /// Why it can't be changed here, if so.
    pub fixed_because: Option<String>,
}
