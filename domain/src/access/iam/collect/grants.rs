//! Resources that let someone in without a policy document: permissions, shares, assignments. Each is put in the
//! words of a statement.
//! Source: CloudFormation Template Reference, one page a type; condition keys from the Service Authorization Reference.
use super::guard::items;
use super::names::{Names, text};
use super::{Collected, Guard, Piece, Place, entry};
use crate::template::{Entries, Symbol, Value};
use std::collections::BTreeMap;

/// A type of grant.
pub(super) struct Grant {
    pub(super) kind: &'static str,
    /// The property that names what is granted.
    pub(super) about: &'static str,
    /// The property that names to whom; dots lead into maps.
    pub(super) to: &'static str,
    /// A directory's users and groups, which are no principals of IAM.
    directory: bool,
    action: Action,
    /// Conditions: operator, key, property. A property that is absent limits nothing.
    conditions: &'static [(&'static str, &'static str, &'static str)],
    /// Properties that say more about what is granted: a grant with another text is another grant.
    details: &'static [&'static str],
}

enum Action {
    Is(&'static str),
    In(&'static str),
}

const fn grant(
    kind: &'static str,
    about: &'static str,
    to: &'static str,
    action: &'static str,
    details: &'static [&'static str],
) -> Grant {
    Grant {
        kind,
        about,
        to,
        directory: false,
        action: Action::Is(action),
        conditions: &[],
        details,
    }
}

pub(super) const GRANTS: &[Grant] = &[
    Grant {
        // `AddPermission` of the Lambda API Reference.
        conditions: &[
            ("ArnLike", "aws:SourceArn", "SourceArn"),
            ("StringEquals", "aws:SourceAccount", "SourceAccount"),
            ("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID"),
            (
                "StringEquals",
                "lambda:FunctionUrlAuthType",
                "FunctionUrlAuthType",
            ),
            (
                "Bool",
                "lambda:InvokedViaFunctionUrl",
                "InvokedViaFunctionUrl",
            ),
            (
                "StringEquals",
                "lambda:EventSourceToken",
                "EventSourceToken",
            ),
        ],
        action: Action::In("Action"),
        ..grant(
            "AWS::Lambda::Permission",
            "FunctionName",
            "Principal",
            "",
            &[],
        )
    },
    Grant {
        conditions: &[("StringEquals", "aws:PrincipalOrgID", "OrganizationId")],
        action: Action::In("Action"),
        ..grant(
            "AWS::Lambda::LayerVersionPermission",
            "LayerVersionArn",
            "Principal",
            "",
            &[],
        )
    },
    Grant {
        conditions: &[("StringEquals", "aws:SourceAccount", "SourceAccount")],
        action: Action::In("Actions"),
        ..grant(
            "AWS::ACMPCA::Permission",
            "CertificateAuthorityArn",
            "Principal",
            "",
            &[],
        )
    },
    Grant {
        action: Action::In("Action"),
        ..grant(
            "AWS::Signer::ProfilePermission",
            "ProfileName",
            "Principal",
            "",
            &["ProfileVersion"],
        )
    },
    Grant {
        action: Action::In("Action"),
        ..grant(
            "AWS::EntityResolution::PolicyStatement",
            "Arn",
            "Principal",
            "",
            &["Condition", "Effect"],
        )
    },
    Grant {
        action: Action::In("Actions"),
        ..grant(
            "AWS::QBusiness::Permission",
            "ApplicationId",
            "Principal",
            "",
            &["Conditions"],
        )
    },
    grant(
        "AWS::QBusiness::DataAccessor",
        "ApplicationId",
        "Principal",
        "qbusiness:SearchRelevantContent",
        &["ActionConfigurations", "AuthenticationDetail"],
    ),
    grant(
        "AWS::EC2::NetworkInterfacePermission",
        "NetworkInterfaceId",
        "AwsAccountId",
        "ec2:AttachNetworkInterface",
        &["Permission"],
    ),
    grant(
        "AWS::EC2::VPCEndpointServicePermissions",
        "ServiceId",
        "AllowedPrincipals",
        "ec2:CreateVpcEndpoint",
        &[],
    ),
    grant(
        "AWS::EKS::AccessEntry",
        "ClusterName",
        "PrincipalArn",
        "eks:AccessKubernetesApi",
        &["AccessPolicies", "KubernetesGroups", "Type", "Username"],
    ),
    grant(
        "AWS::LakeFormation::PrincipalPermissions",
        "Resource",
        "Principal.DataLakePrincipalIdentifier",
        "lakeformation:GetDataAccess",
        &["Permissions", "PermissionsWithGrantOption", "Catalog"],
    ),
    grant(
        "AWS::LakeFormation::Permissions",
        "Resource",
        "DataLakePrincipal.DataLakePrincipalIdentifier",
        "lakeformation:GetDataAccess",
        &["Permissions", "PermissionsWithGrantOption"],
    ),
    grant(
        "AWS::RAM::ResourceShare",
        "ResourceArns",
        "Principals",
        "*",
        &["PermissionArns", "Sources"],
    ),
    grant(
        "AWS::RAM::PrincipalAssociation",
        "ResourceShareArn",
        "Principal",
        "*",
        &[],
    ),
    grant(
        "AWS::ServiceCatalog::PortfolioShare",
        "PortfolioId",
        "AccountId",
        "servicecatalog:ProvisionProduct",
        &[],
    ),
    grant(
        "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
        "PortfolioId",
        "PrincipalARN",
        "servicecatalog:ProvisionProduct",
        &["PrincipalType"],
    ),
    grant(
        "AWS::GlobalAccelerator::CrossAccountAttachment",
        "Resources",
        "Principals",
        "globalaccelerator:AddEndpoints",
        &[],
    ),
    grant(
        "AWS::LicenseManager::Grant",
        "LicenseArn",
        "Principals",
        "license-manager:CheckoutLicense",
        &["AllowedOperations", "Status"],
    ),
    grant(
        "AWS::Redshift::EndpointAuthorization",
        "ClusterIdentifier",
        "Account",
        "redshift:CreateEndpointAccess",
        &["VpcIds"],
    ),
    grant(
        "AWS::SecurityLake::Subscriber",
        "DataLakeArn",
        "SubscriberIdentity.Principal",
        "securitylake:GetSubscriber",
        &["AccessTypes", "Sources", "SubscriberIdentity"],
    ),
    Grant {
        directory: true,
        ..grant(
            "AWS::SSO::Assignment",
            "PermissionSetArn",
            "PrincipalId",
            "sso:GetRoleCredentials",
            &["PrincipalType", "TargetId", "TargetType"],
        )
    },
    Grant {
        directory: true,
        ..grant(
            "AWS::SSO::ApplicationAssignment",
            "ApplicationArn",
            "PrincipalId",
            "sso-oauth:CreateTokenWithIAM",
            &["PrincipalType"],
        )
    },
    Grant {
        directory: true,
        ..grant(
            "AWS::IdentityStore::GroupMembership",
            "GroupId",
            "MemberId.UserId",
            "sso:GetRoleCredentials",
            &[],
        )
    },
    Grant {
        directory: true,
        ..grant(
            "AWS::IoT::PolicyPrincipalAttachment",
            "PolicyName",
            "Principal",
            "iot:Connect",
            &[],
        )
    },
    Grant {
        directory: true,
        ..grant(
            "AWS::DataZone::PolicyGrant",
            "EntityIdentifier",
            "Principal",
            "datazone:AddPolicyGrant",
            &["Detail", "EntityType", "PolicyType", "DomainIdentifier"],
        )
    },
    Grant {
        directory: true,
        ..grant(
            "AWS::S3::AccessGrant",
            "AccessGrantsLocationId",
            "Grantee.GranteeIdentifier",
            "s3:GetDataAccess",
            &[
                "AccessGrantsLocationConfiguration",
                "ApplicationArn",
                "Grantee",
                "Permission",
                "S3PrefixType",
            ],
        )
    },
];

/// Adds what the resource grants; whether its type is one that grants.
pub(super) fn read(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) -> bool {
    if at.kind == "AWS::Events::EventBusPolicy" && at.get("Statement").is_none() {
        event_bus(names, at, collected);
        return true;
    }
    if at.kind.starts_with("AWS::QuickSight::") && at.get("Permissions").is_some() {
        quick_sight(names, at, collected);
        return true;
    }
    let Some(grant) = GRANTS.iter().find(|grant| grant.kind == at.kind) else {
        return false;
    };
    for to in items(inner(at, grant.to).as_ref(), &at.guard, "") {
        let principal = if grant.directory {
            entry("Federated", plain(to.value))
        } else {
            principal(to.value)
        };
        for about in items(at.get(grant.about), &to.guard, "") {
            let mut piece = one(names, at, grant, principal.clone(), about.value);
            piece.guard = about.guard;
            collected
                .holder_of(names, about.value, at)
                .policies
                .push(piece);
        }
    }
    true
}

fn one(names: &Names<'_>, at: &Place<'_>, grant: &Grant, principal: Value, about: &Value) -> Piece {
    let action = match grant.action {
        Action::Is(action) => Some(Value::string(action)),
        Action::In(property) => at.get(property).cloned(),
    };
    let mut conditions: BTreeMap<String, Entries> = BTreeMap::new();
    for (operator, key, property) in grant.conditions {
        if let Some(value) = at.get(property) {
            conditions
                .entry((*operator).to_owned())
                .or_default()
                .insert((*key).to_owned(), value.clone());
        }
    }
    for property in grant.details {
        let value = at
            .get(property)
            .map_or_else(|| Value::string("none"), plain);
        conditions
            .entry("StringEquals".to_owned())
            .or_default()
            .insert(format!("{}:{property}", service(at.kind)), value);
    }
    let mut entries = vec![
        ("Effect", Value::string("Allow")),
        ("Principal", principal),
        ("Resource", resource(names, at, about)),
    ];
    entries.extend(action.map(|action| ("Action", action)));
    if !conditions.is_empty() {
        let conditions = conditions
            .into_iter()
            .map(|(operator, keys)| (operator, Value::Map(keys)))
            .collect();
        entries.push(("Condition", Value::Map(conditions)));
    }
    at.statement("permission", entries)
}

/// `lakeformation` of `AWS::LakeFormation::Permissions`.
fn service(kind: &str) -> String {
    kind.split("::").nth(1).unwrap_or_default().to_lowercase()
}

/// One way to name what is granted, however the template refers to it.
fn resource(names: &Names<'_>, at: &Place<'_>, about: &Value) -> Value {
    match names.find(about, &|kind| kind != at.kind) {
        Some(id) => Symbol::attribute(id, "Arn").into(),
        None => plain(about),
    }
}

/// A value as one text. A dollar sign within would make it a variable.
fn plain(value: &Value) -> Value {
    match value {
        Value::List(_) | Value::Map(_) => Value::String(text(value).replace('$', "")),
        _ => value.clone(),
    }
}

/// Anyone; an account or an identity; a service by its host name; or else what IAM does not know as a principal, such
/// as an organization.
fn principal(value: &Value) -> Value {
    let kind = match value {
        Value::String(name) if name == "*" => return value.clone(),
        Value::String(name) if is_aws(name) => "AWS",
        Value::String(name) if name.contains('.') && !name.contains([':', '/']) => "Service",
        Value::String(_) => "Federated",
        _ => "AWS",
    };
    entry(kind, value.clone())
}

/// `111111111111`, `arn:aws:iam::111111111111:root`.
fn is_aws(name: &str) -> bool {
    let number = name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    let service = name
        .strip_prefix("arn:")
        .and_then(|rest| rest.split(':').nth(1));
    number || matches!(service, Some("iam" | "sts"))
}

/// The value behind a path of properties.
fn inner(at: &Place<'_>, path: &str) -> Option<Value> {
    let mut steps = path.split('.');
    let mut value = at.get(steps.next()?)?;
    for step in steps {
        match value {
            Value::Map(entries) => value = entries.get(step)?,
            // Only the deployment knows: stands for itself.
            _ => break,
        }
    }
    Some(value.clone())
}

/// A bus policy without a statement of its own (`PutPermission` of the EventBridge API Reference).
fn event_bus(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) {
    let about = at
        .get("EventBusName")
        .cloned()
        .unwrap_or_else(|| Value::string("default"));
    let mut entries = vec![
        ("Effect", Value::string("Allow")),
        (
            "Principal",
            at.get("Principal")
                .map(principal)
                .unwrap_or_else(super::anyone),
        ),
        ("Resource", resource(names, at, &about)),
    ];
    entries.extend(at.get("Action").map(|action| ("Action", action.clone())));
    if let Some(condition) = at.get("Condition") {
        entries.push(("Condition", bus_condition(condition)));
    }
    let piece = at.statement("permission", entries);
    collected.add_about(names, at, Some(&about), &piece);
}

/// `{Type, Key, Value}` in the form that IAM uses.
fn bus_condition(condition: &Value) -> Value {
    let known = |key: &str| match condition {
        Value::Map(entries) => entries.get(key),
        _ => None,
    };
    match (known("Type"), known("Key"), known("Value")) {
        (Some(Value::String(operator)), Some(Value::String(key)), Some(value)) => {
            entry(operator, entry(key, value.clone()))
        }
        _ => condition.clone(),
    }
}

/// Permissions on dashboards, data sets and their like: a list of principals with actions.
fn quick_sight(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) {
    for choice in items(at.get("Permissions"), &at.guard, "") {
        let piece = match choice.value {
            Value::Map(entries) => {
                let get = |key: &str| entries.get(key).cloned();
                let mut statement = vec![
                    ("Effect", Value::string("Allow")),
                    ("Resource", super::anyone()),
                ];
                statement.extend(get("Principal").map(|to| ("Principal", entry("Federated", to))));
                statement.extend(get("Actions").map(|actions| ("Action", actions)));
                at.statement("permission", statement)
            }
            unknown => at.named(unknown.clone(), Guard::default()),
        };
        let piece = Piece {
            guard: choice.guard,
            ..piece
        };
        collected.add_about(names, at, None, &piece);
    }
}
