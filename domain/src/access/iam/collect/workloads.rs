//! What runs with a role: functions, tasks, instances, pods, builds, pipelines and whatever else names a role. Types
//! are not listed: properties that take a role are known by their names, and what stands in them by its form.
use super::guard::{Guard, items};
use super::names::{Names, text};
use super::{Collected, Place};
use crate::template::{Symbol, Value};
use std::collections::BTreeMap;

/// A resource with the roles it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::access::iam) struct Workload {
    /// Resource type.
    pub(in crate::access::iam) kind: String,
    /// Its roles by the property that takes them.
    pub(in crate::access::iam) roles: BTreeMap<String, Vec<Given>>,
}

/// A role that a workload is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::access::iam) struct Given {
    pub(in crate::access::iam) guard: Guard,
    /// Logical id, when it is a role of the template.
    pub(in crate::access::iam) id: Option<String>,
    /// As the template names it.
    pub(in crate::access::iam) name: Value,
}

const ROLE: &str = "AWS::IAM::Role";
const PROFILE: &str = "AWS::IAM::InstanceProfile";

/// Properties that lead to a resource which itself has a role: what uses it runs with that role.
const CARRIERS: [&str; 8] = [
    "JobDefinition",
    "LaunchConfigurationName",
    "LaunchTemplateId",
    "LaunchTemplateName",
    "LaunchTemplateSpecification",
    "TaskDefinition",
    "TaskDefinitionArn",
    "EcsTaskDefinitionArn",
];

/// Adds everything that runs with a role.
pub(super) fn read(names: &Names<'_>, collected: &mut Collected) {
    for (id, resource) in &names.resolved.resources {
        // What identities get is read with them; an instance profile is what hands a role on.
        if resource.kind.starts_with("AWS::IAM::") && resource.kind != PROFILE {
            continue;
        }
        let mut roles = BTreeMap::new();
        own_roles(names, &Place::new(id, resource), &mut roles);
        if !roles.is_empty() {
            let kind = resource.kind.clone();
            collected
                .workloads
                .insert(id.clone(), Workload { kind, roles });
        }
    }
    carry(names, collected);
}

fn own_roles(names: &Names<'_>, at: &Place<'_>, roles: &mut BTreeMap<String, Vec<Given>>) {
    for (name, value) in at.properties {
        if takes_a_role(name) || value.has_key(&takes_a_role) {
            search(names, at, name, name, value, &at.guard, roles);
        }
    }
}

// As deep as the template's nesting, which parsing bounds.
fn search(
    names: &Names<'_>,
    at: &Place<'_>,
    key: &str,
    path: &str,
    value: &Value,
    guard: &Guard,
    roles: &mut BTreeMap<String, Vec<Given>>,
) {
    let takes_role = takes_a_role(key);
    for choice in items(Some(value), guard, path) {
        match choice.value {
            Value::Map(entries) => {
                for (inner, value) in entries {
                    // `IamInstanceProfile: {Arn: …}`, `Roles: {authenticated: …}`.
                    let key = if takes_role && !takes_a_role(inner) {
                        key
                    } else {
                        inner
                    };
                    let path = format!("{path}.{inner}");
                    search(names, at, key, &path, value, &choice.guard, roles);
                }
            }
            role if takes_role => {
                let given = given(names, at, key, role, &choice.guard);
                if !given.is_empty() {
                    roles.entry(path.to_owned()).or_default().extend(given);
                }
            }
            _ => {}
        }
    }
}

/// Whether a property of this name takes a role: `Role`, `TaskRoleArn`, `IamInstanceProfile`, `Credentials`.
fn takes_a_role(key: &str) -> bool {
    // Most keys say nothing of roles.
    let letters = key.as_bytes();
    let mentions = ["role", "profile", "credential"].iter().any(|word| {
        letters
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    });
    if !mentions {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    let stem = lower
        .trim_end_matches('s')
        .trim_end_matches("arn")
        .trim_end_matches("name")
        .trim_end_matches('s');
    stem.ends_with("role")
        || stem.contains("instanceprofile")
        || ["credential", "authorizercredential"].contains(&stem)
}

/// The roles that a value means; none when it can't be a role, as in `Role: assistant`.
fn given(names: &Names<'_>, at: &Place<'_>, key: &str, value: &Value, guard: &Guard) -> Vec<Given> {
    let profile = names.find(value, &|kind| kind == PROFILE);
    if at.kind != PROFILE
        && let Some(resource) = profile.and_then(|id| names.resolved.resources.get(id))
    {
        return items(resource.properties.get("Roles"), guard, "")
            .into_iter()
            .map(|choice| role(names, choice.value, choice.guard))
            .collect();
    }
    let found = role(names, value, guard.clone());
    if found.id.is_some() || may_be_a_role(names, key, value) {
        vec![found]
    } else {
        Vec::new()
    }
}

fn role(names: &Names<'_>, value: &Value, guard: Guard) -> Given {
    let id = names.find(value, &|kind| kind == ROLE);
    Given {
        guard,
        id: id.map(str::to_owned),
        name: value.clone(),
    }
}

fn may_be_a_role(names: &Names<'_>, key: &str, value: &Value) -> bool {
    let whole = text(value);
    match value {
        Value::String(_) => {
            whole.contains(":role/")
                || whole.contains(":instance-profile/")
                || (!whole.contains(':') && BY_NAME.contains(&key))
        }
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Text(_) => whole.contains(":role/") || whole.contains(":instance-profile/"),
            Symbol::Resource(id) | Symbol::Attribute { resource: id, .. } => {
                names.kind(id).is_none_or(|kind| {
                    kind.contains("::CloudFormation::") || !kind.starts_with("AWS::")
                })
            }
            // A secret is no role.
            Symbol::Dynamic(_) => !key.to_ascii_lowercase().contains("credential"),
            _ => true,
        },
        _ => false,
    }
}

/// Properties that take a role or an instance profile by its bare name.
const BY_NAME: [&str; 13] = [
    "AutoScalingRole",
    "DomainIAMRoleName",
    "ExecutionRoleName",
    "IamInstanceProfile",
    "InstanceProfile",
    "InstanceProfileName",
    "InstanceRole",
    "InvokerRoleName",
    "JobFlowRole",
    "LocalRoleName",
    "RoleName",
    "Roles",
    "ServiceRole",
];

/// Gives each resource the roles of the launch template, launch configuration or task definition that it uses.
fn carry(names: &Names<'_>, collected: &mut Collected) {
    let mut carried = Vec::new();
    for (id, resource) in &names.resolved.resources {
        let at = Place::new(id, resource);
        let carries = |key: &str| CARRIERS.contains(&key);
        for (name, value) in at.properties {
            if !carries(name) && !value.has_key(&carries) {
                continue;
            }
            used(names, &at, collected, name, value, &at.guard, &mut carried);
        }
    }
    for (id, kind, path, given) in carried {
        let workload = collected.workloads.entry(id).or_insert_with(|| Workload {
            kind,
            roles: BTreeMap::new(),
        });
        workload.roles.entry(path).or_default().extend(given);
    }
}

type Carried = (String, String, String, Vec<Given>);

// As deep as the template's nesting, which parsing bounds.
fn used(
    names: &Names<'_>,
    at: &Place<'_>,
    collected: &Collected,
    key: &str,
    value: &Value,
    guard: &Guard,
    carried: &mut Vec<Carried>,
) {
    for choice in items(Some(value), guard, "") {
        if let Value::Map(entries) = choice.value {
            for (inner, value) in entries {
                used(names, at, collected, inner, value, &choice.guard, carried);
            }
        } else if CARRIERS.contains(&key)
            && let Some(id) = names.find(choice.value, &|kind| kind != at.kind)
            && let Some(workload) = collected.workloads.get(id)
        {
            for (path, roles) in &workload.roles {
                let roles = roles
                    .iter()
                    .filter_map(|given| {
                        Some(Given {
                            guard: given.guard.both(&choice.guard)?,
                            ..given.clone()
                        })
                    })
                    .collect();
                let path = format!("{key}.{path}");
                carried.push((at.id.to_owned(), at.kind.to_owned(), path, roles));
            }
        }
    }
}
