//! Resources that hold a policy document about themselves or about what they name.
//! Source: CloudFormation Template Reference, one page a type; complete against its resource schemas.
use super::guard::{Choice, items};
use super::names::{Names, text};
use super::{Collected, Holder, Key, Piece, Place, anyone, entry, tagged};
use crate::access::Aspect;
use crate::access::iam::Unwritten;
use crate::template::{Part, Symbol, Value};

/// Type, the property that holds the document, and the properties that may name what it is about, where that is not
/// the resource itself. Dots lead into maps, `[]` into lists.
pub(super) const POLICIES: &[(&str, &str, &[&str])] = &[
    (
        "AWS::AIOps::InvestigationGroup",
        "InvestigationGroupPolicy",
        &[],
    ),
    (
        "AWS::APS::ResourcePolicy",
        "PolicyDocument",
        &["WorkspaceArn"],
    ),
    ("AWS::ApiGateway::DomainNameV2", "Policy", &[]),
    ("AWS::ApiGateway::RestApi", "Policy", &[]),
    ("AWS::Backup::BackupVault", "AccessPolicy", &[]),
    (
        "AWS::Backup::LogicallyAirGappedBackupVault",
        "AccessPolicy",
        &[],
    ),
    (
        "AWS::Bedrock::KnowledgeBasePolicy",
        "PolicyDocument",
        &["KnowledgeBaseId"],
    ),
    (
        "AWS::Bedrock::ResourcePolicy",
        "PolicyDocument",
        &["ResourceArn"],
    ),
    (
        "AWS::BedrockAgentCore::ResourcePolicy",
        "Policy",
        &["ResourceArn"],
    ),
    (
        "AWS::CloudTrail::ResourcePolicy",
        "ResourcePolicy",
        &["ResourceArn"],
    ),
    (
        "AWS::CodeArtifact::Domain",
        "PermissionsPolicyDocument",
        &[],
    ),
    (
        "AWS::CodeArtifact::Repository",
        "PermissionsPolicyDocument",
        &[],
    ),
    ("AWS::Comprehend::DocumentClassifier", "ModelPolicy", &[]),
    ("AWS::Comprehend::EntityRecognizer", "ModelPolicy", &[]),
    ("AWS::DSQL::Cluster", "PolicyDocument", &[]),
    (
        "AWS::DynamoDB::GlobalTable",
        "Replicas[].ReplicaStreamSpecification.ResourcePolicy.PolicyDocument",
        &[],
    ),
    (
        "AWS::DynamoDB::GlobalTable",
        "Replicas[].ResourcePolicy.PolicyDocument",
        &[],
    ),
    ("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", &[]),
    (
        "AWS::DynamoDB::Table",
        "StreamSpecification.ResourcePolicy.PolicyDocument",
        &[],
    ),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", &[]),
    ("AWS::ECR::PublicRepository", "RepositoryPolicyText", &[]),
    ("AWS::ECR::RegistryPolicy", "PolicyText", &[]),
    ("AWS::ECR::Repository", "RepositoryPolicyText", &[]),
    (
        "AWS::ECR::RepositoryCreationTemplate",
        "RepositoryPolicy",
        &[],
    ),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", &[]),
    ("AWS::Elasticsearch::Domain", "AccessPolicies", &[]),
    (
        "AWS::EventSchemas::RegistryPolicy",
        "Policy",
        &["RegistryName"],
    ),
    ("AWS::Events::EventBus", "Policy", &[]),
    (
        "AWS::Events::EventBusPolicy",
        "Statement",
        &["EventBusName"],
    ),
    (
        "AWS::EventsV2::ResourcePolicy",
        "PolicyDocument",
        &["EventBusArn"],
    ),
    (
        "AWS::FSx::S3AccessPointAttachment",
        "S3AccessPoint.Policy",
        &[],
    ),
    ("AWS::KMS::Key", "KeyPolicy", &[]),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", &[]),
    (
        "AWS::Kinesis::ResourcePolicy",
        "ResourcePolicy",
        &["ResourceArn"],
    ),
    (
        "AWS::Lambda::ResourcePolicy",
        "PolicyDocument",
        &["ResourceArn"],
    ),
    ("AWS::Lex::ResourcePolicy", "Policy", &["ResourceArn"]),
    (
        "AWS::Logs::DeliveryDestination",
        "DeliveryDestinationPolicy.DeliveryDestinationPolicy",
        &[],
    ),
    ("AWS::Logs::Destination", "DestinationPolicy", &[]),
    ("AWS::Logs::LogGroup", "ResourcePolicyDocument", &[]),
    ("AWS::Logs::ResourcePolicy", "PolicyDocument", &[]),
    ("AWS::MSK::ClusterPolicy", "Policy", &["ClusterArn"]),
    (
        "AWS::MediaPackageV2::ChannelPolicy",
        "Policy",
        &["ChannelName"],
    ),
    (
        "AWS::MediaPackageV2::OriginEndpointPolicy",
        "Policy",
        &["OriginEndpointName"],
    ),
    ("AWS::MediaStore::Container", "Policy", &[]),
    (
        "AWS::MediaTailor::ChannelPolicy",
        "Policy",
        &["ChannelName"],
    ),
    ("AWS::ODB::OdbNetwork", "KmsPolicyDocument", &[]),
    ("AWS::ODB::OdbNetwork", "S3PolicyDocument", &[]),
    ("AWS::ODB::OdbNetwork", "StsPolicyDocument", &[]),
    ("AWS::OSIS::Pipeline", "ResourcePolicy.Policy", &[]),
    ("AWS::Oam::Sink", "Policy", &[]),
    ("AWS::Omics::SequenceStore", "S3AccessPolicy", &[]),
    ("AWS::OpenSearchService::Domain", "AccessPolicies", &[]),
    ("AWS::Organizations::ResourcePolicy", "Content", &[]),
    ("AWS::PaymentCryptography::Key", "Policy", &[]),
    ("AWS::RUM::AppMonitor", "ResourcePolicy.PolicyDocument", &[]),
    ("AWS::Redshift::Cluster", "NamespaceResourcePolicy", &[]),
    (
        "AWS::RedshiftServerless::Namespace",
        "NamespaceResourcePolicy",
        &[],
    ),
    ("AWS::S3::AccessPoint", "Policy", &[]),
    ("AWS::S3::BucketPolicy", "PolicyDocument", &["Bucket"]),
    (
        "AWS::S3::MultiRegionAccessPointPolicy",
        "Policy",
        &["MrapName"],
    ),
    ("AWS::S3Express::AccessPoint", "Policy", &[]),
    (
        "AWS::S3Express::BucketPolicy",
        "PolicyDocument",
        &["Bucket"],
    ),
    (
        "AWS::S3Files::FileSystemPolicy",
        "Policy",
        &["FileSystemId"],
    ),
    (
        "AWS::S3ObjectLambda::AccessPointPolicy",
        "PolicyDocument",
        &["ObjectLambdaAccessPoint"],
    ),
    ("AWS::S3Outposts::AccessPoint", "Policy", &[]),
    (
        "AWS::S3Outposts::BucketPolicy",
        "PolicyDocument",
        &["Bucket"],
    ),
    (
        "AWS::S3Tables::TableBucketPolicy",
        "ResourcePolicy",
        &["TableBucketARN"],
    ),
    (
        "AWS::S3Tables::TablePolicy",
        "ResourcePolicy",
        &["TableARN"],
    ),
    (
        "AWS::S3Vectors::VectorBucketPolicy",
        "Policy",
        &["VectorBucketArn", "VectorBucketName"],
    ),
    (
        "AWS::SMSVOICE::ResourcePolicy",
        "PolicyDocument",
        &["ResourceArn"],
    ),
    (
        "AWS::SNS::TopicInlinePolicy",
        "PolicyDocument",
        &["TopicArn"],
    ),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", &["Topics"]),
    ("AWS::SQS::QueueInlinePolicy", "PolicyDocument", &["Queue"]),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", &["Queues"]),
    ("AWS::SSM::ResourcePolicy", "Policy", &["ResourceArn"]),
    (
        "AWS::SageMaker::ModelPackageGroup",
        "ModelPackageGroupPolicy",
        &[],
    ),
    (
        "AWS::SecretsManager::ResourcePolicy",
        "ResourcePolicy",
        &["SecretId"],
    ),
    (
        "AWS::VpcLattice::AuthPolicy",
        "Policy",
        &["ResourceIdentifier"],
    ),
    (
        "AWS::VpcLattice::ResourcePolicy",
        "Policy",
        &["ResourceArn"],
    ),
    ("AWS::XRay::ResourcePolicy", "PolicyDocument", &[]),
];

/// Types that let someone in by other means than a policy in the language of IAM, or by what is not at hand, such as
/// the template of a nested stack; with the properties that decide it. They are known by their text: the same text
/// lets in the same.
const OTHER_MEANS: &[(&str, &[&str])] = &[
    ("AWS::AccountAccess::Entitlement", &["Entitlement"]),
    ("AWS::BedrockAgentCore::Policy", &["Definition"]),
    ("AWS::CloudFormation::Stack", &["Parameters", "TemplateURL"]),
    (
        "AWS::CloudFormation::StackSet",
        &[
            "Parameters",
            "StackInstancesGroup",
            "TemplateBody",
            "TemplateURL",
        ],
    ),
    ("AWS::EC2::ClientVpnEndpoint", &["AuthorizationPolicy"]),
    (
        "AWS::EC2::VerifiedAccessEndpoint",
        &["PolicyDocument", "PolicyEnabled"],
    ),
    (
        "AWS::EC2::VerifiedAccessGroup",
        &["PolicyDocument", "PolicyEnabled"],
    ),
    (
        "AWS::EMR::StudioSessionMapping",
        &["IdentityId", "IdentityName", "SessionPolicyArn"],
    ),
    (
        "AWS::IAM::OIDCProvider",
        &["ClientIdList", "ThumbprintList", "Url"],
    ),
    ("AWS::IAM::SAMLProvider", &["SamlMetadataDocument"]),
    (
        "AWS::IoTSiteWise::AccessPolicy",
        &[
            "AccessPolicyIdentity",
            "AccessPolicyPermission",
            "AccessPolicyResource",
        ],
    ),
    (
        "AWS::LakeFormation::DataLakeSettings",
        &[
            "Admins",
            "CreateDatabaseDefaultPermissions",
            "CreateTableDefaultPermissions",
            "ExternalDataFilteringAllowList",
        ],
    ),
    (
        "AWS::OpenSearchServerless::AccessPolicy",
        &["Policy", "Type"],
    ),
    (
        "AWS::OpenSearchServerless::SecurityPolicy",
        &["Policy", "Type"],
    ),
    ("AWS::RAM::Permission", &["PolicyTemplate"]),
    (
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
        &[
            "ProductId",
            "ProductName",
            "ProvisioningArtifactId",
            "ProvisioningArtifactName",
            "ProvisioningParameters",
        ],
    ),
    ("AWS::VerifiedPermissions::Policy", &["Definition"]),
    ("AWS::VerifiedPermissions::PolicyTemplate", &["Statement"]),
];

/// Adds the policies that the resource holds; whether its type is one that holds policies.
pub(super) fn read(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) -> bool {
    let mut known = false;
    for (_, property, about) in POLICIES.iter().filter(|(kind, ..)| *kind == at.kind) {
        known = true;
        let about = about.iter().find_map(|name| at.get(name));
        for found in documents(at, property) {
            let place = match found.part.as_str() {
                "" => "resource policy".to_owned(),
                part => format!("resource policy of {part}"),
            };
            let value = match at.kind {
                "AWS::Events::EventBusPolicy" => policy_of(found.choice.value),
                _ => found.choice.value.clone(),
            };
            let piece = Piece {
                guard: found.choice.guard,
                policy: at.written(&place, found.choice.path, value),
            };
            match found.part.as_str() {
                "" => collected.add_about(names, at, about, &piece),
                part => part_of(at, part, collected).policies.push(piece),
            }
        }
    }
    let other = OTHER_MEANS.iter().find(|(kind, _)| *kind == at.kind);
    for property in other.iter().flat_map(|(_, properties)| *properties) {
        known = true;
        for choice in at
            .get(property)
            .map(|value| super::choices(value, &at.guard, ""))
            .into_iter()
            .flatten()
        {
            let piece = at.named(tagged(property, choice.value), choice.guard);
            collected.add_about(names, at, None, &piece);
        }
    }
    match at.kind {
        // Without a policy an endpoint lets everything through (AWS PrivateLink Guide, "Endpoint policies").
        "AWS::EC2::VPCEndpoint" => {
            collected
                .holder(at.key(Aspect::Resource), at.kind, at.guard.clone())
                .unwritten = Unwritten::Everything;
        }
        // Without a policy a key is open to its account (KMS Developer Guide, "Default key policy").
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" if at.get("KeyPolicy").is_none() => {
            let account = Symbol::Pseudo("AWS::AccountId").into();
            let default = at.statement(
                "default key policy",
                vec![
                    ("Effect", Value::string("Allow")),
                    ("Principal", entry("AWS", account)),
                    ("Action", Value::string("kms:*")),
                    ("Resource", anyone()),
                ],
            );
            collected.add_about(names, at, None, &default);
        }
        _ => {}
    }
    known
}

/// A policy of one statement, which may be written as a text.
fn policy_of(statement: &Value) -> Value {
    const HEAD: &str = r#"{"Version":"2012-10-17","Statement":["#;
    const TAIL: &str = "]}";
    let text = |parts: &[Part]| {
        let head = Part::Literal(HEAD.to_owned());
        let tail = Part::Literal(TAIL.to_owned());
        let mut all = vec![head];
        for part in parts.iter().chain([&tail]) {
            match (all.last_mut(), part) {
                (Some(Part::Literal(last)), Part::Literal(more)) => last.push_str(more),
                (_, part) => all.push(part.clone()),
            }
        }
        Value::from(Symbol::Text(all))
    };
    let map = |statement: &Value| {
        let version = ("Version".to_owned(), Value::string("2012-10-17"));
        let statements = Value::List(vec![statement.clone()]);
        Value::Map([version, ("Statement".to_owned(), statements)].into())
    };
    match statement {
        Value::String(json) => Value::String(format!("{HEAD}{json}{TAIL}")),
        Value::Symbol(symbol) => match symbol.as_ref() {
            Symbol::Text(parts) => text(parts),
            Symbol::Json(inner) => map(inner),
            _ => statement.clone(),
        },
        _ => map(statement),
    }
}

/// A document, and which part of the resource it is about: a replica, a stream.
struct Found<'v> {
    choice: Choice<'v>,
    part: String,
}

fn part_of<'c>(at: &Place<'_>, part: &str, collected: &'c mut Collected) -> &'c mut Holder {
    let key = Key {
        part: part.to_owned(),
        ..at.key(Aspect::Resource)
    };
    collected.holder(key, at.kind, at.guard.clone())
}

/// The documents behind a path of properties.
fn documents<'r>(at: &Place<'r>, property: &str) -> Vec<Found<'r>> {
    let (first, rest) = property.split_once('.').unwrap_or((property, ""));
    let first = first.trim_end_matches("[]");
    let Some(value) = at.get(first) else {
        return Vec::new();
    };
    let part = if first.contains("Stream") {
        "stream"
    } else {
        ""
    };
    if rest.is_empty() {
        return super::choices(value, &at.guard, &at.path(first))
            .into_iter()
            .map(|choice| Found {
                choice,
                part: part.to_owned(),
            })
            .collect();
    }
    let mut found: Vec<Found<'r>> = items(Some(value), &at.guard, &at.path(first))
        .into_iter()
        .map(|choice| Found {
            choice,
            part: part.to_owned(),
        })
        .collect();
    for step in rest.split('.') {
        found = found
            .into_iter()
            .flat_map(|found| within(found, step))
            .collect();
    }
    found
}

fn within<'v>(found: Found<'v>, step: &str) -> Vec<Found<'v>> {
    let Value::Map(entries) = found.choice.value else {
        // What only the deployment knows may hold a policy.
        return match found.choice.value {
            Value::Symbol(_) => vec![found],
            _ => Vec::new(),
        };
    };
    let Some(value) = entries.get(step) else {
        return Vec::new();
    };
    let region = entries
        .get("Region")
        .map(|region| format!("replica {}", text(region)));
    let stream = step.contains("Stream").then(|| "stream".to_owned());
    let part = [
        Some(found.part).filter(|part| !part.is_empty()),
        region,
        stream,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ");
    let path = format!("{}.{step}", found.choice.path);
    super::choices(value, &found.choice.guard, &path)
        .into_iter()
        .map(|choice| Found {
            choice,
            part: part.clone(),
        })
        .collect()
}
