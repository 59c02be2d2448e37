//! Every statement and rule that a resolved template holds, by who or what holds it.
use super::{AccessDiff, AccessLineText, HolderDiff, document, network};
use crate::template::{Resolved, Resource, Symbol, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The version of these rules. It stands in every plan's digest: when they change, so do digests.
pub const RULE_VERSION: u32 = 1;

/// The statements and rules of one template or of several, by holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Logical id and type of the holder, with a line for each statement or rule.
    holders: BTreeMap<(String, String), Vec<AccessLineText>>,
}

impl Access {
    /// Takes in the lines of another template of the same environment. `prefix` stands before the
    /// names of its holders, since two templates may use the same names.
    pub fn merge(&mut self, prefix: &str, other: Access) {
        for ((holder, kind), lines) in other.holders {
            let holder = format!("{prefix}{holder}");
            self.holders
                .entry((holder, kind))
                .or_default()
                .extend(lines);
        }
    }

    pub(super) fn add(&mut self, holder: &Holder, line: AccessLineText) {
        let key = (holder.name.clone(), holder.kind.clone());
        self.holders.entry(key).or_default().push(line);
    }
}

/// Who or what a statement or rule belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) name: String,
    pub(super) kind: String,
}

/// Lists every statement and rule of a resolved template.
pub fn collect(resolved: &Resolved) -> Access {
    let mut access = Access::default();
    for (name, resource) in &resolved.resources {
        let mut one = Access::default();
        resource_lines(resolved, name, resource, &mut one);
        // A resource that only the deployment decides on is listed, with the condition said.
        if let Some(condition) = &resource.condition {
            for line in one.holders.values_mut().flatten() {
                line.place = format!("{}, if {condition}", line.place);
            }
        }
        access.merge("", one);
    }
    access
}

/// What comes and goes between two sets of lines. Lines count as often as they stand there. Holders
/// at which nothing changes are left out; holders and lines are sorted.
pub fn difference(before: &Access, after: &Access) -> AccessDiff {
    let keys: BTreeSet<_> = before.holders.keys().chain(after.holders.keys()).collect();
    let none = Vec::new();
    let holders = keys
        .into_iter()
        .filter_map(|key| {
            let old = before.holders.get(key).unwrap_or(&none);
            let new = after.holders.get(key).unwrap_or(&none);
            let removed = without(old, new);
            let added = without(new, old);
            let unchanged = u32::try_from(old.len() - removed.len()).unwrap_or(u32::MAX);
            let (holder, resource_type) = key.clone();
            (!added.is_empty() || !removed.is_empty()).then_some(HolderDiff {
                holder,
                resource_type,
                added,
                removed,
                unchanged,
            })
        })
        .collect();
    AccessDiff { holders }
}

/// The lines of one list that the other lacks, sorted, each as often as it stands there too often.
fn without(lines: &[AccessLineText], others: &[AccessLineText]) -> Vec<AccessLineText> {
    let mut counts: BTreeMap<&AccessLineText, usize> = BTreeMap::new();
    for other in others {
        *counts.entry(other).or_default() += 1;
    }
    let mut left: Vec<_> = lines
        .iter()
        .filter(|line| match counts.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .cloned()
        .collect();
    left.sort();
    left
}

/// A resource with a policy about itself or about the resources it names.
struct ResourcePolicy {
    kind: &'static str,
    /// The property that names what the policy is about; none when it is the resource itself.
    about: Option<&'static str>,
    /// The property that holds the policy; dots lead into maps.
    document: &'static str,
}

const fn policy(
    kind: &'static str,
    about: Option<&'static str>,
    document: &'static str,
) -> ResourcePolicy {
    ResourcePolicy {
        kind,
        about,
        document,
    }
}

/// Where policies about resources stand (CloudFormation Template Reference, one page a type).
const RESOURCE_POLICIES: [ResourcePolicy; 25] = [
    policy("AWS::ApiGateway::RestApi", None, "Policy"),
    policy("AWS::Backup::BackupVault", None, "AccessPolicy"),
    policy(
        "AWS::DynamoDB::Table",
        None,
        "ResourcePolicy.PolicyDocument",
    ),
    policy(
        "AWS::DynamoDB::Table",
        None,
        "StreamSpecification.ResourcePolicy.PolicyDocument",
    ),
    policy("AWS::EC2::VPCEndpoint", None, "PolicyDocument"),
    policy("AWS::ECR::Repository", None, "RepositoryPolicyText"),
    policy("AWS::ECR::RegistryPolicy", None, "PolicyText"),
    policy("AWS::EFS::FileSystem", None, "FileSystemPolicy"),
    policy("AWS::Events::EventBus", None, "Policy"),
    policy(
        "AWS::Events::EventBusPolicy",
        Some("EventBusName"),
        "Statement",
    ),
    policy(
        "AWS::Kinesis::ResourcePolicy",
        Some("ResourceArn"),
        "ResourcePolicy",
    ),
    policy("AWS::KMS::Key", None, "KeyPolicy"),
    policy("AWS::KMS::ReplicaKey", None, "KeyPolicy"),
    policy("AWS::Logs::LogGroup", None, "ResourcePolicyDocument"),
    policy("AWS::Logs::ResourcePolicy", None, "PolicyDocument"),
    policy("AWS::OpenSearchService::Domain", None, "AccessPolicies"),
    policy("AWS::S3::AccessPoint", None, "Policy"),
    policy("AWS::S3::BucketPolicy", Some("Bucket"), "PolicyDocument"),
    policy(
        "AWS::SecretsManager::ResourcePolicy",
        Some("SecretId"),
        "ResourcePolicy",
    ),
    policy(
        "AWS::SNS::TopicInlinePolicy",
        Some("TopicArn"),
        "PolicyDocument",
    ),
    policy("AWS::SNS::TopicPolicy", Some("Topics"), "PolicyDocument"),
    policy(
        "AWS::SQS::QueueInlinePolicy",
        Some("Queue"),
        "PolicyDocument",
    ),
    policy("AWS::SQS::QueuePolicy", Some("Queues"), "PolicyDocument"),
    policy("AWS::SSM::ResourcePolicy", Some("ResourceArn"), "Policy"),
    policy(
        "AWS::VpcLattice::AuthPolicy",
        Some("ResourceIdentifier"),
        "Policy",
    ),
];

fn resource_lines(resolved: &Resolved, name: &str, resource: &Resource, access: &mut Access) {
    let properties = &resource.properties;
    let own = Holder {
        name: name.to_owned(),
        kind: resource.kind.clone(),
    };
    for rule in RESOURCE_POLICIES
        .iter()
        .filter(|rule| rule.kind == resource.kind)
    {
        if let Some(found) = at(properties, rule.document) {
            for holder in named(resolved, properties, rule.about, &own) {
                document::policy_lines("resource policy", found, &holder, access);
            }
        }
    }
    match resource.kind.as_str() {
        "AWS::IAM::Role" => {
            if let Some(trust) = properties.get("AssumeRolePolicyDocument") {
                document::policy_lines("trust", trust, &own, access);
            }
            identity_lines(properties, &own, access);
        }
        "AWS::IAM::User" | "AWS::IAM::Group" => identity_lines(properties, &own, access),
        "AWS::IAM::Policy"
        | "AWS::IAM::RolePolicy"
        | "AWS::IAM::UserPolicy"
        | "AWS::IAM::GroupPolicy" => {
            if let Some(found) = properties.get("PolicyDocument") {
                let place = policy_place(properties.get("PolicyName"));
                for holder in identities(resolved, properties, &own) {
                    document::policy_lines(&place, found, &holder, access);
                }
            }
        }
        "AWS::IAM::ManagedPolicy" => {
            if let Some(found) = properties.get("PolicyDocument") {
                document::policy_lines("policy", found, &own, access);
            }
            for holder in identities(resolved, properties, &own) {
                if holder != own {
                    access.add(
                        &holder,
                        named_policy("managed policy", format!("${{{name}}}")),
                    );
                }
            }
        }
        "AWS::IAM::UserToGroupAddition" => {
            let group = properties.get("GroupName").map(text).unwrap_or_default();
            for user in items(properties.get("Users")) {
                let holder = holder_of(resolved, user, &own);
                access.add(&holder, named_policy("member of", group.clone()));
            }
        }
        "AWS::DynamoDB::GlobalTable" => {
            for replica in items(properties.get("Replicas")) {
                let Value::Map(replica) = replica else {
                    continue;
                };
                for (place, path) in [
                    ("resource policy", "ResourcePolicy.PolicyDocument"),
                    (
                        "stream policy",
                        "ReplicaStreamSpecification.ResourcePolicy.PolicyDocument",
                    ),
                ] {
                    if let Some(found) = at(replica, path) {
                        let region = replica.get("Region").map(text).unwrap_or_default();
                        document::policy_lines(
                            &format!("{place} in {region}"),
                            found,
                            &own,
                            access,
                        );
                    }
                }
            }
        }
        "AWS::Events::EventBusPolicy" if !properties.contains_key("Statement") => {
            for holder in named(resolved, properties, Some("EventBusName"), &own) {
                access.add(
                    &holder,
                    AccessLineText {
                        place: "resource policy".to_owned(),
                        effect: "Allow".to_owned(),
                        principal: format!("AWS {}", property(properties, "Principal")),
                        action: property(properties, "Action"),
                        resource: String::new(),
                        condition: properties
                            .get("Condition")
                            .map(document::compact)
                            .unwrap_or_default(),
                    },
                );
            }
        }
        "AWS::Lambda::Permission" => {
            for holder in named(resolved, properties, Some("FunctionName"), &own) {
                access.add(&holder, permission(properties));
            }
        }
        "AWS::Lambda::LayerVersionPermission" => {
            for holder in named(resolved, properties, Some("LayerVersionArn"), &own) {
                access.add(&holder, permission(properties));
            }
        }
        "AWS::Lambda::Url"
            if properties.get("AuthType").and_then(Value::scalar_text) == Some("NONE") =>
        {
            for holder in named(resolved, properties, Some("TargetFunctionArn"), &own) {
                access.add(
                    &holder,
                    AccessLineText {
                        place: "function URL".to_owned(),
                        effect: "Allow".to_owned(),
                        principal: "*".to_owned(),
                        action: "lambda:InvokeFunctionUrl".to_owned(),
                        resource: property(properties, "TargetFunctionArn"),
                        condition: String::new(),
                    },
                );
            }
        }
        kind => network::rules(resolved, kind, properties, &own, access),
    }
}

/// Inline policies, attached policies, groups and the boundary of a role, user or group.
fn identity_lines(properties: &BTreeMap<String, Value>, own: &Holder, access: &mut Access) {
    for inline in items(properties.get("Policies")) {
        match inline {
            Value::Map(inline) => {
                if let Some(found) = inline.get("PolicyDocument") {
                    let place = policy_place(inline.get("PolicyName"));
                    document::policy_lines(&place, found, own, access);
                }
            }
            unknown => access.add(own, named_policy("policy", text(unknown))),
        }
    }
    for attached in items(properties.get("ManagedPolicyArns")) {
        access.add(own, named_policy("managed policy", text(attached)));
    }
    for group in items(properties.get("Groups")) {
        access.add(own, named_policy("member of", text(group)));
    }
    if let Some(boundary) = properties.get("PermissionsBoundary") {
        access.add(own, named_policy("boundary", text(boundary)));
    }
}

fn policy_place(name: Option<&Value>) -> String {
    match name {
        Some(name) => format!("policy {}", text(name)),
        None => "policy".to_owned(),
    }
}

/// A line that names a policy or group and says nothing of what is in it.
fn named_policy(place: &str, name: String) -> AccessLineText {
    AccessLineText {
        place: place.to_owned(),
        effect: "-".to_owned(),
        principal: String::new(),
        action: String::new(),
        resource: name,
        condition: String::new(),
    }
}

/// `AddPermission` in the words of a statement (Lambda API Reference, `AddPermission`).
fn permission(properties: &BTreeMap<String, Value>) -> AccessLineText {
    let principal = property(properties, "Principal");
    // A service's name has dots; an account's number or ARN has none before its colons.
    let principal = match principal.as_str() {
        "*" => principal,
        name if name.ends_with(".amazonaws.com") => format!("Service {name}"),
        name => format!("AWS {name}"),
    };
    let conditions: BTreeMap<_, _> = [
        "SourceArn",
        "SourceAccount",
        "PrincipalOrgID",
        "OrganizationId",
        "EventSourceToken",
        "FunctionUrlAuthType",
        "InvokedViaFunctionUrl",
    ]
    .into_iter()
    .filter_map(|key| Some((key.to_owned(), properties.get(key)?.clone())))
    .collect();
    AccessLineText {
        place: "permission".to_owned(),
        effect: "Allow".to_owned(),
        principal,
        action: property(properties, "Action"),
        resource: properties
            .get("FunctionName")
            .or_else(|| properties.get("LayerVersionArn"))
            .map(text)
            .unwrap_or_default(),
        condition: if conditions.is_empty() {
            String::new()
        } else {
            document::compact(&Value::Map(conditions))
        },
    }
}

/// The roles, users and groups that a policy names; the policy itself when it names none.
fn identities(
    resolved: &Resolved,
    properties: &BTreeMap<String, Value>,
    own: &Holder,
) -> Vec<Holder> {
    let found: Vec<_> = [
        "Roles",
        "Users",
        "Groups",
        "RoleName",
        "UserName",
        "GroupName",
    ]
    .into_iter()
    .flat_map(|key| items(properties.get(key)))
    .map(|identity| holder_of(resolved, identity, own))
    .collect();
    if found.is_empty() {
        vec![own.clone()]
    } else {
        found
    }
}

/// What a property names, each by itself; the resource itself when it has no such property.
pub(super) fn named(
    resolved: &Resolved,
    properties: &BTreeMap<String, Value>,
    key: Option<&str>,
    own: &Holder,
) -> Vec<Holder> {
    let found: Vec<_> = key
        .map(|key| items(properties.get(key)))
        .unwrap_or_default()
        .into_iter()
        .map(|value| holder_of(resolved, value, own))
        .collect();
    if found.is_empty() {
        vec![own.clone()]
    } else {
        found
    }
}

/// The resource of this template that a value refers to; or its text, as held by `own`'s type.
fn holder_of(resolved: &Resolved, value: &Value, own: &Holder) -> Holder {
    let referred = match value {
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Resource(name) => Some(name),
            Symbol::Attribute { resource, .. } => Some(resource),
            _ => None,
        },
        _ => None,
    };
    match referred.and_then(|name| Some((name, resolved.resources.get(name)?))) {
        Some((name, resource)) => Holder {
            name: name.clone(),
            kind: resource.kind.clone(),
        },
        None => Holder {
            name: text(value),
            kind: own.kind.clone(),
        },
    }
}

/// The value behind a path of keys.
fn at<'v>(properties: &'v BTreeMap<String, Value>, path: &str) -> Option<&'v Value> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    match (properties.get(first)?, rest) {
        (value, None) => Some(value),
        (Value::Map(inner), Some(rest)) => at(inner, rest),
        (_, Some(_)) => None,
    }
}

/// The items of a list; a single value is a list of one, as in IAM's own language.
pub(super) fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::List(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

pub(super) fn property(properties: &BTreeMap<String, Value>, key: &str) -> String {
    properties.get(key).map(text).unwrap_or_default()
}

/// A value as a reader sees it: what only the deployment knows as `${Orders.Arn}`.
pub(super) fn text(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}
