//! What a blueprint says of itself.
use crate::names::{BlueprintName, Region};
use crate::stage::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A blueprint's manifest, `manifest.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// Its name, the same as its folder's.
    pub name: BlueprintName,
    /// What people call it.
    pub title: String,
    /// The version, for people; Gatehouse tells versions apart by digest.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// A few paragraphs.
    #[serde(default)]
    pub description: String,
    /// Who looks after it.
    pub owner: String,
    /// What is new in this version.
    #[serde(default)]
    pub change_notes: String,
    /// The stages it is offered at.
    pub stages: Vec<Stage>,
    /// Its stacks; the first is the main one.
    #[serde(rename = "stack")]
    pub stacks: Vec<StackTemplate>,
    /// Template parameters that Gatehouse fills in.
    #[serde(default)]
    pub derived: BTreeMap<String, Derived>,
    /// How the form is laid out.
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
    /// The parameters that a team chooses.
    #[serde(rename = "parameter", default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// What the main stack's outputs mean.
    #[serde(rename = "output", default)]
    pub outputs: BTreeMap<String, OutputDescription>,
    /// Rough monthly cost by stage in US dollars.
    #[serde(default)]
    pub monthly_cost: BTreeMap<Stage, f64>,
}

/// One stack of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StackTemplate {
    /// `main`, or what the companion is called.
    pub name: String,
    /// File name of its template, within the blueprint's folder.
    pub template: String,
    /// A companion's region; the environment's home region when absent.
    pub region: Option<Region>,
}

/// What Gatehouse fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Derived {
    /// The service's name.
    Service,
    /// The team's name.
    Team,
    /// The stage.
    Stage,
    /// `team-service-stage`: unique within an account.
    Environment,
    /// The team's cost centre.
    CostCentre,
    /// ARN of the account's permissions boundary.
    PermissionsBoundary,
    /// The blueprint's name and version.
    Blueprint,
    /// The release's number, `r14`.
    Release,
    /// The account's id.
    Account,
    /// The stack's region.
    Region,
}

/// A group of fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Group {
    /// Its heading.
    pub title: String,
    /// A sentence below the heading.
    #[serde(default)]
    pub description: String,
    /// The parameters in it, in order.
    pub parameters: Vec<String>,
}

/// A parameter that a team chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Parameter {
    /// The field's label.
    pub label: String,
    /// What it does, below the label.
    #[serde(default)]
    pub description: String,
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// The default where no stage has its own.
    #[serde(default, deserialize_with = "scalar::optional")]
    pub default: Option<String>,
    /// Defaults by stage.
    #[serde(default, deserialize_with = "scalar::by_stage")]
    pub stage: BTreeMap<Stage, String>,
    /// Whether a value must be given.
    #[serde(default = "yes")]
    pub required: bool,
    /// Values of a `choice`.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Least value of an `integer`.
    pub minimum: Option<i64>,
    /// Greatest value of an `integer`.
    pub maximum: Option<i64>,
    /// Fewest characters.
    pub minimum_length: Option<usize>,
    /// Most characters.
    pub maximum_length: Option<usize>,
    /// Regular expression that a `text` must match.
    pub pattern: Option<String>,
    /// The pattern in words.
    pub pattern_hint: Option<String>,
    /// Stages at which the default can't be changed.
    #[serde(default)]
    pub fixed_at: Vec<Stage>,
    /// While this is true, the environment can't be decommissioned.
    #[serde(default)]
    pub protects: bool,
}

impl Parameter {
    /// The default at a stage.
    pub fn default_at(&self, stage: Stage) -> Option<&str> {
        self.stage
            .get(&stage)
            .or(self.default.as_ref())
            .map(String::as_str)
    }

    /// Whether a team can't change it at this stage.
    pub fn is_fixed_at(&self, stage: Stage) -> bool {
        self.fixed_at.contains(&stage)
    }
}

fn yes() -> bool {
    true
}

/// What values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterType {
    /// One line of text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of a few values.
    Choice,
    /// Values separated by commas.
    List,
    /// An e-mail address.
    Email,
    /// An IPv4 network such as `10.0.0.0/16`.
    Cidr,
    /// The ARN of a secret in Secrets Manager or a parameter in SSM; never the secret itself.
    SecretReference,
}

/// One value of a `choice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Choice {
    /// What CloudFormation gets.
    #[serde(deserialize_with = "scalar::required")]
    pub value: String,
    /// What people read.
    pub label: String,
}

/// What an output means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OutputDescription {
    /// What people call it.
    pub label: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// Manifests write numbers and booleans as such; CloudFormation takes them all as text.
mod scalar {
    use crate::stage::Stage;
    use serde::{Deserialize, Deserializer};
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text, a whole number, true or false")]
    enum Scalar {
        Boolean(bool),
        Integer(i64),
        Text(String),
    }

    impl From<Scalar> for String {
        fn from(scalar: Scalar) -> String {
            match scalar {
                Scalar::Boolean(value) => value.to_string(),
                Scalar::Integer(value) => value.to_string(),
                Scalar::Text(value) => value,
            }
        }
    }

    pub(super) fn required<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Scalar::deserialize(from).map(Into::into)
    }

    pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
        Ok(Option::<Scalar>::deserialize(from)?.map(Into::into))
    }

    pub(super) fn by_stage<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Stage, String>, D::Error> {
        let values = BTreeMap::<Stage, Scalar>::deserialize(from)?;
        Ok(values
            .into_iter()
            .map(|(stage, value)| (stage, value.into()))
            .collect())
    }
}
