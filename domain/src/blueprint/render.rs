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

/// What the derived parameters of one stack are filled in from.
pub(super) struct Filling<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) stage: Stage,
    pub(super) account: Option<&'a Account>,
    pub(super) region: Option<&'a Region>,
    /// None while the version is vetted, which is before any team asks for it.
    pub(super) whose: Option<&'a Asked<'a>>,
}

impl Filling<'_> {
    /// The value; none where it is not known yet.
    pub(super) fn fill(&self, derived: Derived) -> Option<String> {
        let (account, whose) = (self.account, self.whose);
        match derived {
            Derived::Service => whose.map(|asked| asked.service.to_string()),
            Derived::Team => whose.map(|asked| asked.team.to_string()),
            Derived::Stage => Some(self.stage.to_string()),
            Derived::Environment => whose.map(Asked::environment),
            Derived::CostCentre => whose.map(|asked| asked.cost_centre.to_owned()),
            Derived::PermissionsBoundary => {
                account.map(|account| account.permissions_boundary.clone())
            }
            Derived::Blueprint => Some(version_of(self.manifest)),
            Derived::Release => whose.map(|asked| asked.release.to_string()),
            Derived::Account => account.map(|account| account.id.to_string()),
            Derived::Region => self.region.map(ToString::to_string),
        }
    }
}

impl Asked<'_> {
    /// `payments-checkout-dev`.
    fn environment(&self) -> String {
        format!("{}-{}-{}", self.team, self.service, self.stage)
    }
}

/// The region of a stack: its own, or the account's.
pub(super) fn region_of<'a>(
    stack: &'a StackTemplate,
    account: Option<&'a Account>,
) -> Option<&'a Region> {
    let home = account.map(|account| &account.region);
    stack.region.as_ref().or(home)
}

/// `customer-data-platform:1.2.0`.
fn version_of(manifest: &Manifest) -> String {
    format!("{}:{}", manifest.name, manifest.version)
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
    let environment = asked.environment();
    let region = stack.region.as_ref().unwrap_or(&asked.account.region);
    let stack_name = if stack.name == "main" {
        format!("gatehouse-{environment}")
    } else {
        format!("gatehouse-{environment}-{}", stack.name)
    };
    let blueprint = version_of(manifest);
    let filling = Filling {
        manifest,
        stage: asked.stage,
        account: Some(asked.account),
        region: Some(region),
        whose: Some(asked),
    };
    let derived = manifest
        .derived
        .iter()
        .filter_map(|(name, what)| Some((name.clone(), filling.fill(*what)?)));
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
