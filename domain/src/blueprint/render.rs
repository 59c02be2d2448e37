//! From a blueprint and a team's values to what each stack is given.
use crate::account::Account;
use crate::blueprint::{Derived, Manifest, StackTemplate};
use crate::names::{Region, ReleaseNumber, ServiceName, StackName, TeamName};
use crate::stage::Stage;
use std::collections::BTreeMap;

/// What an environment is rendered for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The team.
    pub team: &'a TeamName,
    /// The team's cost centre.
    pub cost_centre: &'a str,
    /// The service.
    pub service: &'a ServiceName,
    /// The stage.
    pub stage: Stage,
    /// The account it goes to.
    pub account: &'a Account,
    /// The release's number.
    pub release: ReleaseNumber,
    /// The team's values, checked.
    pub values: &'a BTreeMap<String, String>,
}

/// What one stack is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// `main`, or the companion's name.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// Its name at CloudFormation.
    pub stack_name: StackName,
    /// The file its template stands in.
    pub template_file: String,
    /// Parameters that the template declares, with their values.
    pub parameters: BTreeMap<String, String>,
    /// Stack tags; CloudFormation puts them on every resource that takes tags.
    pub tags: BTreeMap<String, String>,
}

/// Renders one stack. `declared` are the names of the parameters that its template declares:
/// CloudFormation refuses any other.
///
/// # Errors
/// When the stack's name would break CloudFormation's rules.
pub fn render(
    manifest: &Manifest,
    stack: &StackTemplate,
    declared: &[String],
    asked: &Asked<'_>,
) -> Result<Rendered, crate::names::InvalidName> {
    let environment = format!("{}-{}-{}", asked.team, asked.service, asked.stage);
    let region = stack
        .region
        .clone()
        .unwrap_or_else(|| asked.account.region.clone());
    let stack_name = if stack.name == "main" {
        format!("gatehouse-{environment}")
    } else {
        format!("gatehouse-{environment}-{}", stack.name)
    };
    let blueprint = format!("{}:{}", manifest.name, manifest.version);
    let fill = |derived: Derived| match derived {
        Derived::Service => asked.service.to_string(),
        Derived::Team => asked.team.to_string(),
        Derived::Stage => asked.stage.to_string(),
        Derived::Environment => environment.clone(),
        Derived::CostCentre => asked.cost_centre.to_owned(),
        Derived::PermissionsBoundary => asked.account.permissions_boundary.clone(),
        Derived::Blueprint => blueprint.clone(),
        Derived::Release => asked.release.to_string(),
        Derived::Account => asked.account.id.to_string(),
        Derived::Region => region.to_string(),
    };
    let derived = manifest
        .derived
        .iter()
        .map(|(name, what)| (name.clone(), fill(*what)));
    let chosen = asked
        .values
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let parameters = derived
        .chain(chosen)
        .filter(|(name, _)| declared.contains(name))
        .collect();
    let tags = [
        ("gatehouse:team", asked.team.to_string()),
        ("gatehouse:service", asked.service.to_string()),
        ("gatehouse:stage", asked.stage.to_string()),
        ("gatehouse:environment", environment.clone()),
        ("gatehouse:cost-centre", asked.cost_centre.to_owned()),
        ("gatehouse:blueprint", blueprint.clone()),
        ("gatehouse:release", asked.release.to_string()),
    ];
    Ok(Rendered {
        name: stack.name.clone(),
        region: region.clone(),
        stack_name: stack_name.parse()?,
        template_file: stack.template.clone(),
        parameters,
        tags: tags
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    })
}
