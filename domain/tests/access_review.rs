//! What reviews say of pairs of templates: one pair at least for each kind of resource, and one for each kind of
//! change that a comparison of lines does not see.
#![cfg(feature = "template")]
#![allow(clippy::unwrap_used)]

use domain::access::{Access, AccessReview, Aspect, SubjectReview, Verdict, review};
use domain::template::{Context, parse, resolve, tell_apart};
use serde_json::{Value as Json, json};

/// What two templates do to access, where nothing is known of the deployment but its account.
fn reviewed(before: &str, after: &str) -> AccessReview {
    let context = Context {
        account_id: Some("111111111111".to_owned()),
        ..Context::unknown()
    };
    let read = |source: &str| {
        let template = parse("template.yaml", source).unwrap();
        let resolved = resolve(&template, &context).unwrap();
        (template, resolved)
    };
    let (old_template, old) = read(before);
    let (new_template, mut new) = read(after);
    tell_apart(
        (&old_template, &context, &old),
        (&new_template, &context, &mut new),
    );
    review(&Access::read(&old), &Access::read(&new))
}

fn subject<'r>(review: &'r AccessReview, id: &str, aspect: Aspect) -> &'r SubjectReview {
    review
        .iam
        .subjects
        .iter()
        .find(|subject| subject.id == id && subject.aspect == aspect)
        .unwrap_or_else(|| panic!("no {id} among {:#?}", review.iam.subjects))
}

struct Case<'c> {
    name: &'c str,
    before: &'c str,
    after: &'c str,
    id: &'c str,
    aspect: Aspect,
    verdict: Verdict,
    /// Words that stand in what is gained or lost.
    says: &'c [&'c str],
}

#[track_caller]
fn check(case: &Case<'_>) {
    let review = reviewed(case.before, case.after);
    let found = subject(&review, case.id, case.aspect);
    assert_eq!(found.verdict, case.verdict, "{}: {found:#?}", case.name);
    let said = [found.gained.as_slice(), found.lost.as_slice()]
        .concat()
        .join("\n");
    for words in case.says {
        assert!(
            said.contains(words),
            "{}: {words:?} in {found:#?}",
            case.name
        );
    }
    if found.new_access == Some(true) {
        assert!(found.witness.is_some(), "{}: {found:#?}", case.name);
    }
}

/// A template with these resources.
fn stack(resources: &str) -> String {
    format!("Resources:\n{resources}")
}

#[track_caller]
fn pairs(aspect: Aspect, id: &str, cases: &[(&str, &str, &str, Verdict, &[&str])]) {
    for (name, before, after, verdict, says) in cases {
        check(&Case {
            name,
            before: &stack(before),
            after: &stack(after),
            id,
            aspect,
            verdict: *verdict,
            says,
        });
    }
}

use Verdict::{Changed, Equivalent, Narrowed, Undecided, Widened};

const GET: &str =
    "{Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::orders/*'}]}";
const ALL: &str =
    "{Statement: [{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::orders/*'}]}";
const DENY: &str = "{Statement: [{Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}]}";

fn role(properties: &str) -> String {
    format!("  R: {{Type: AWS::IAM::Role, Properties: {{{properties}}}}}\n")
}

fn inline(documents: &[&str]) -> String {
    let policies: Vec<_> = documents
        .iter()
        .enumerate()
        .map(|(i, document)| format!("{{PolicyName: p{i}, PolicyDocument: {document}}}"))
        .collect();
    format!("Policies: [{}]", policies.join(", "))
}

#[test]
fn inline_policies_of_a_role() {
    let of = |documents: &[&str]| role(&inline(documents));
    let put = "{Statement: [{Effect: Allow, Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::orders/*'}]}";
    let split = "{Statement: [{Effect: Allow, Action: 'S3:getobject', Resource: ['arn:aws:s3:::orders/*']}]}";
    let other =
        "{Statement: [{Effect: Allow, Action: 's3:ListBucket', Resource: 'arn:aws:s3:::orders'}]}";
    pairs(
        Aspect::Identity,
        "R",
        &[
            (
                "narrower action",
                &of(&[ALL]),
                &of(&[GET]),
                Narrowed,
                &["R can no longer"],
            ),
            (
                "wider action",
                &of(&[GET]),
                &of(&[put]),
                Widened,
                &["R can now s3:PutObject on arn:aws:s3:::orders/"],
            ),
            ("re-cased", &of(&[GET]), &of(&[split]), Equivalent, &[]),
            (
                "one for another",
                &of(&[GET]),
                &of(&[other]),
                Changed,
                &["can now", "can no longer"],
            ),
            ("split", &of(&[put]), &of(&[GET, put]), Equivalent, &[]),
            (
                "deny added",
                &of(&[ALL]),
                &of(&[ALL, DENY]),
                Narrowed,
                &["can no longer s3:DeleteObject"],
            ),
            (
                "deny removed",
                &of(&[ALL, DENY]),
                &of(&[ALL]),
                Widened,
                &["can now s3:DeleteObject"],
            ),
            (
                "deny of nothing allowed",
                &of(&[GET]),
                &of(&[GET, DENY]),
                Equivalent,
                &[],
            ),
        ],
    );
}

#[test]
fn policies_attached_from_anywhere() {
    let bare = role("RoleName: r");
    let with = |more: String| format!("{bare}{more}");
    let attached = [
        format!(
            "  P: {{Type: AWS::IAM::Policy, Properties: {{PolicyName: p, Roles: [!Ref R], PolicyDocument: {GET}}}}}"
        ),
        format!(
            "  P: {{Type: AWS::IAM::RolePolicy, Properties: {{PolicyName: p, RoleName: !Ref R, PolicyDocument: {GET}}}}}"
        ),
        format!(
            "  P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [r], PolicyDocument: {GET}}}}}"
        ),
    ];
    for one in attached {
        let after = with(one.clone());
        pairs(
            Aspect::Identity,
            "R",
            &[
                (&one, &bare, &after, Widened, &["R can now s3:GetObject"]),
                (
                    &one,
                    &after,
                    &bare,
                    Narrowed,
                    &["R can no longer s3:GetObject"],
                ),
                (&one, &role(&inline(&[GET])), &after, Equivalent, &[]),
            ],
        );
    }
}

#[test]
fn a_managed_policy_that_is_attached_to_nobody() {
    let of = |document: &str| {
        format!(
            "  M: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document}}}}}"
        )
    };
    pairs(
        Aspect::Identity,
        "M",
        &[
            ("wider", &of(GET), &of(ALL), Widened, &["M can now"]),
            ("narrower", &of(ALL), &of(GET), Narrowed, &[]),
            // Whoever has it may hold more.
            (
                "without its deny",
                &of(DENY),
                &of("{Statement: []}"),
                Undecided,
                &[],
            ),
        ],
    );
}

#[test]
fn managed_policies_of_aws() {
    let with = |name: &str| {
        role(&format!(
            "ManagedPolicyArns: ['arn:aws:iam::aws:policy/{name}']"
        ))
    };
    pairs(
        Aspect::Identity,
        "R",
        &[
            (
                "known",
                &with("service-role/AWSLambdaBasicExecutionRole"),
                &with("AdministratorAccess"),
                Widened,
                &[],
            ),
            (
                "less",
                &with("AdministratorAccess"),
                &with("AmazonS3ReadOnlyAccess"),
                Narrowed,
                &[],
            ),
            (
                "unknown texts",
                &with("ReadOnlyAccess"),
                &with("SecurityAudit"),
                Undecided,
                &[],
            ),
        ],
    );
    let review = reviewed(
        &stack(&with("ReadOnlyAccess")),
        &stack(&with("SecurityAudit")),
    );
    let delta = &review.iam.managed_policies;
    assert_eq!(
        delta.added[0].policy,
        "arn:aws:iam::aws:policy/SecurityAudit"
    );
    assert_eq!(
        delta.removed[0].policy,
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
    assert_eq!(delta.added[0].subject, "R");
}

#[test]
fn boundaries() {
    let limit =
        format!("  L: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {GET}}}}}\n");
    let cut = format!(
        "{}{limit}",
        role(&format!("PermissionsBoundary: !Ref L, {}", inline(&[ALL])))
    );
    let free = format!("{}{limit}", role(&inline(&[ALL])));
    let same = format!("{}{limit}", role(&inline(&[GET])));
    pairs(
        Aspect::Identity,
        "R",
        &[
            ("removed", &cut, &free, Widened, &["R can now"]),
            ("added", &free, &cut, Narrowed, &["R can no longer"]),
            ("cuts to the same", &same, &cut, Equivalent, &[]),
        ],
    );
    let review = reviewed(&stack(&cut), &stack(&free));
    let change = &review.iam.boundaries[0];
    assert_eq!(
        (change.before.as_deref(), change.after.as_deref()),
        (Some("${L}"), None)
    );
}

#[test]
fn users_and_groups() {
    let group = format!(
        "  G: {{Type: AWS::IAM::Group, Properties: {{{}}}}}\n",
        inline(&[GET])
    );
    let user = "  U: {Type: AWS::IAM::User}\n";
    let apart = format!("{group}{user}");
    let joined = format!(
        "{apart}  A: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: !Ref G, Users: [!Ref U]}}}}\n"
    );
    let wider = joined.replace("'s3:GetObject'", "'s3:*'");
    pairs(
        Aspect::Identity,
        "U",
        &[
            (
                "added to a group",
                &apart,
                &joined,
                Widened,
                &["U can now s3:GetObject"],
            ),
            ("taken out of a group", &joined, &apart, Narrowed, &[]),
            ("its group gets more", &joined, &wider, Widened, &[]),
        ],
    );
}

fn trust(principal: &str, condition: &str) -> String {
    role(&format!(
        "AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {principal}, Action: 'sts:AssumeRole'{condition}}}]}}"
    ))
}

#[test]
fn trusts() {
    let lambda = trust("{Service: lambda.amazonaws.com}", "");
    let both = trust(
        "{Service: [lambda.amazonaws.com, ecs-tasks.amazonaws.com]}",
        "",
    );
    let account = trust("{AWS: '222222222222'}", "");
    let root = trust("{AWS: 'arn:aws:iam::222222222222:root'}", "");
    let external = trust(
        "{AWS: '222222222222'}",
        ", Condition: {StringEquals: {'sts:ExternalId': abc}}",
    );
    let anyone = trust("'*'", "");
    let org = trust(
        "'*'",
        ", Condition: {StringEquals: {'aws:PrincipalOrgID': o-example}}",
    );
    pairs(
        Aspect::Trust,
        "R",
        &[
            (
                "a service more",
                &lambda,
                &both,
                Widened,
                &["ecs-tasks.amazonaws.com can now assume R"],
            ),
            (
                "a service less",
                &both,
                &lambda,
                Narrowed,
                &["ecs-tasks.amazonaws.com can no longer assume R"],
            ),
            (
                "an account by number and by root",
                &account,
                &root,
                Equivalent,
                &[],
            ),
            ("an external id dropped", &external, &account, Widened, &[]),
            (
                "an external id asked for",
                &account,
                &external,
                Narrowed,
                &[],
            ),
            (
                "an organization's id dropped",
                &org,
                &anyone,
                Widened,
                &["can now assume R"],
            ),
            (
                "an organization's id asked for",
                &anyone,
                &org,
                Narrowed,
                &[],
            ),
            (
                "a role comes",
                "  X: {Type: AWS::SNS::Topic}",
                &lambda,
                Widened,
                &["lambda.amazonaws.com can now assume R"],
            ),
        ],
    );
}

/// Type, properties besides the policy, the property of the policy, an action, and the logical id it is about.
const HOLDERS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "AWS::S3::BucketPolicy",
        "Bucket: !Ref T",
        "PolicyDocument",
        "s3:GetObject",
        "T",
    ),
    (
        "AWS::SQS::QueuePolicy",
        "Queues: [!Ref T]",
        "PolicyDocument",
        "sqs:SendMessage",
        "T",
    ),
    (
        "AWS::SQS::QueueInlinePolicy",
        "Queue: !Ref T",
        "PolicyDocument",
        "sqs:SendMessage",
        "T",
    ),
    (
        "AWS::SNS::TopicPolicy",
        "Topics: [!Ref T]",
        "PolicyDocument",
        "sns:Publish",
        "T",
    ),
    (
        "AWS::SNS::TopicInlinePolicy",
        "TopicArn: !Ref T",
        "PolicyDocument",
        "sns:Publish",
        "T",
    ),
    ("AWS::KMS::Key", "", "KeyPolicy", "kms:Decrypt", "R"),
    (
        "AWS::SecretsManager::ResourcePolicy",
        "SecretId: !Ref T",
        "ResourcePolicy",
        "secretsmanager:GetSecretValue",
        "T",
    ),
    (
        "AWS::Events::EventBus",
        "Name: b",
        "Policy",
        "events:PutEvents",
        "R",
    ),
    (
        "AWS::Events::EventBusPolicy",
        "EventBusName: !Ref T, StatementId: s",
        "Statement",
        "events:PutEvents",
        "T",
    ),
    (
        "AWS::Logs::ResourcePolicy",
        "PolicyName: p",
        "PolicyDocument",
        "logs:PutLogEvents",
        "R",
    ),
    (
        "AWS::Logs::Destination",
        "DestinationName: d",
        "DestinationPolicy",
        "logs:PutSubscriptionFilter",
        "R",
    ),
    (
        "AWS::EC2::VPCEndpoint",
        "VpcId: v, ServiceName: s",
        "PolicyDocument",
        "s3:GetObject",
        "R",
    ),
    (
        "AWS::DynamoDB::Table",
        "TableName: t",
        "ResourcePolicy.PolicyDocument",
        "dynamodb:GetItem",
        "R",
    ),
    (
        "AWS::ECR::Repository",
        "",
        "RepositoryPolicyText",
        "ecr:BatchGetImage",
        "R",
    ),
    (
        "AWS::ECR::PublicRepository",
        "",
        "RepositoryPolicyText",
        "ecr-public:PutImage",
        "R",
    ),
    (
        "AWS::ECR::RegistryPolicy",
        "",
        "PolicyText",
        "ecr:ReplicateImage",
        "R",
    ),
    (
        "AWS::ApiGateway::RestApi",
        "Name: a",
        "Policy",
        "execute-api:Invoke",
        "R",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "",
        "AccessPolicies",
        "es:ESHttpGet",
        "R",
    ),
    (
        "AWS::Elasticsearch::Domain",
        "",
        "AccessPolicies",
        "es:ESHttpGet",
        "R",
    ),
    (
        "AWS::Backup::BackupVault",
        "BackupVaultName: v",
        "AccessPolicy",
        "backup:CopyIntoBackupVault",
        "R",
    ),
    (
        "AWS::EFS::FileSystem",
        "",
        "FileSystemPolicy",
        "elasticfilesystem:ClientMount",
        "R",
    ),
    (
        "AWS::Kinesis::ResourcePolicy",
        "ResourceArn: !GetAtt T.Arn",
        "ResourcePolicy",
        "kinesis:PutRecord",
        "T",
    ),
    (
        "AWS::CodeArtifact::Domain",
        "DomainName: d",
        "PermissionsPolicyDocument",
        "codeartifact:GetAuthorizationToken",
        "R",
    ),
    (
        "AWS::CodeArtifact::Repository",
        "DomainName: d",
        "PermissionsPolicyDocument",
        "codeartifact:ReadFromRepository",
        "R",
    ),
    (
        "AWS::S3::AccessPoint",
        "Bucket: b",
        "Policy",
        "s3:GetObject",
        "R",
    ),
    (
        "AWS::S3Tables::TableBucketPolicy",
        "TableBucketARN: !Ref T",
        "ResourcePolicy",
        "s3tables:GetTableData",
        "T",
    ),
    (
        "AWS::VpcLattice::AuthPolicy",
        "ResourceIdentifier: !Ref T",
        "Policy",
        "vpc-lattice-svcs:Invoke",
        "T",
    ),
    (
        "AWS::MediaStore::Container",
        "ContainerName: c",
        "Policy",
        "mediastore:GetObject",
        "R",
    ),
    (
        "Custom::Anything",
        "ServiceToken: t",
        "Some.Policy",
        "any:Action",
        "R",
    ),
];

fn about(kind: &str) -> &'static str {
    match kind.split("::").nth(1) {
        Some("S3") => "AWS::S3::Bucket",
        Some("SQS") => "AWS::SQS::Queue",
        Some("SNS") => "AWS::SNS::Topic",
        Some("SecretsManager") => "AWS::SecretsManager::Secret",
        Some("Events") => "AWS::Events::EventBus",
        Some("Kinesis") => "AWS::Kinesis::Stream",
        Some("S3Tables") => "AWS::S3Tables::TableBucket",
        _ => "AWS::VpcLattice::ServiceNetwork",
    }
}

fn held(kind: &str, properties: &str, property: &str, statement: &Json, text: bool) -> String {
    let mut policy = if kind == "AWS::Events::EventBusPolicy" {
        statement.clone()
    } else {
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    if text {
        policy = Json::String(policy.to_string());
    }
    let mut steps: Vec<_> = property.split('.').collect();
    let first = steps.remove(0);
    for step in steps.iter().rev() {
        policy = json!({ *step: policy });
    }
    let properties = if properties.is_empty() {
        String::new()
    } else {
        format!("{properties}, ")
    };
    // A service network is open to all unless it asks for IAM.
    stack(&format!(
        "  T: {{Type: {}, Properties: {{AuthType: AWS_IAM}}}}\n  R: {{Type: {kind}, Properties: {{{properties}{first}: {policy}}}}}\n",
        about(kind)
    ))
}

#[test]
fn every_kind_of_resource_policy() {
    for (kind, properties, property, action, id) in HOLDERS {
        for text in [false, true] {
            let of = |principal: Json| {
                let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
                held(kind, properties, property, &statement, text)
            };
            let one = of(json!({"AWS": "222222222222"}));
            let all = of(json!("*"));
            let case = |name, before: &str, after: &str, verdict| {
                check(&Case {
                    name,
                    before,
                    after,
                    id,
                    aspect: Aspect::Resource,
                    verdict,
                    says: &[],
                });
            };
            case(kind, &one, &all, Widened);
            case(kind, &all, &one, Narrowed);
        }
    }
}

#[test]
fn taking_a_deny_away_lets_in_where_nothing_is_allowed() {
    for (kind, properties, property, action, id) in HOLDERS {
        // A policy without `Allow` lets nothing through an endpoint.
        if *kind == "AWS::EC2::VPCEndpoint" {
            continue;
        }
        let of = |action: &str| {
            let statement =
                json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"});
            held(kind, properties, property, &statement, false)
        };
        check(&Case {
            name: kind,
            before: &of("*"),
            after: &of(action),
            id,
            aspect: Aspect::Resource,
            verdict: Widened,
            says: &[],
        });
    }
}

#[test]
fn an_endpoint_without_a_policy_lets_everything_through() {
    let endpoint = |policy: &str| {
        format!(
            "  R: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: v, ServiceName: s{policy}}}}}"
        )
    };
    let read = ", PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]}";
    let all = ", PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}]}";
    pairs(
        Aspect::Resource,
        "R",
        &[
            (
                "policy added",
                &endpoint(""),
                &endpoint(read),
                Narrowed,
                &[],
            ),
            (
                "policy removed",
                &endpoint(read),
                &endpoint(""),
                Widened,
                &[],
            ),
            ("all is all", &endpoint(""), &endpoint(all), Equivalent, &[]),
        ],
    );
}

#[test]
fn replicas_and_streams_of_tables() {
    let of = |principal: &str| {
        format!(
            "  R: {{Type: AWS::DynamoDB::GlobalTable, Properties: {{Replicas: [{{Region: eu-west-1, ReplicaStreamSpecification: {{ResourcePolicy: {{PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {principal}, Action: 'dynamodb:GetRecords', Resource: '*'}}]}}}}}}}}]}}}}"
        )
    };
    pairs(
        Aspect::Resource,
        "R",
        &[(
            "stream of a replica",
            &of("{AWS: '222222222222'}"),
            &of("'*'"),
            Widened,
            &["replica eu-west-1 stream"],
        )],
    );
}

#[test]
fn permissions_to_invoke() {
    let function = "  F: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::111111111111:role/f'}}\n";
    let of = |more: &str| {
        format!(
            "{function}  P: {{Type: AWS::Lambda::Permission, Properties: {{FunctionName: !Ref F, Action: 'lambda:InvokeFunction'{more}}}}}"
        )
    };
    let service = of(", Principal: s3.amazonaws.com");
    let source = of(", Principal: s3.amazonaws.com, SourceAccount: '111111111111'");
    let arn = of(", Principal: s3.amazonaws.com, SourceArn: 'arn:aws:s3:::orders'");
    let all = of(", Principal: '*'");
    let org = of(", Principal: '*', PrincipalOrgID: o-example");
    let url = of(", Principal: '*', FunctionUrlAuthType: AWS_IAM")
        .replace("InvokeFunction", "InvokeFunctionUrl");
    let open = url.replace("AWS_IAM", "NONE");
    pairs(
        Aspect::Resource,
        "F",
        &[
            (
                "a permission comes",
                function,
                &service,
                Widened,
                &["s3.amazonaws.com can now lambda:InvokeFunction on F"],
            ),
            (
                "the source's account no longer counts",
                &source,
                &service,
                Widened,
                &[],
            ),
            ("the source's ARN counts", &service, &arn, Narrowed, &[]),
            (
                "the organization no longer counts",
                &org,
                &all,
                Widened,
                &[],
            ),
            ("the organization counts", &all, &org, Narrowed, &[]),
            ("a URL is opened to all", &url, &open, Changed, &[]),
        ],
    );
}

#[test]
fn buckets_are_closed_to_the_public_and_opened() {
    let of =
        |properties: &str| format!("  B: {{Type: AWS::S3::Bucket, Properties: {{{properties}}}}}");
    let closed = of(
        "PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}",
    );
    let half = of(
        "PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}",
    );
    let public = of("AccessControl: PublicRead");
    let owned = of(
        "AccessControl: PublicRead, OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}",
    );
    pairs(
        Aspect::Resource,
        "B",
        &[
            (
                "a block goes",
                &closed,
                &half,
                Widened,
                &["BlockPublicPolicy no longer blocks public access to B"],
            ),
            ("all blocks go", &closed, &of(""), Widened, &[]),
            ("blocks come", &of(""), &closed, Narrowed, &[]),
            (
                "a public ACL",
                &of(""),
                &public,
                Widened,
                &["anyone (*) can now"],
            ),
            ("ACLs are turned off", &public, &owned, Narrowed, &[]),
        ],
    );
}

#[test]
fn permission_sets_and_assignments() {
    let set = |arn: &str| {
        format!(
            "  S: {{Type: AWS::SSO::PermissionSet, Properties: {{ManagedPolicies: ['arn:aws:iam::aws:policy/{arn}']}}}}\n"
        )
    };
    pairs(
        Aspect::Identity,
        "S",
        &[(
            "more",
            &set("AmazonS3ReadOnlyAccess"),
            &set("AdministratorAccess"),
            Widened,
            &["S can now"],
        )],
    );
    let assigned = format!(
        "{}  A: {{Type: AWS::SSO::Assignment, Properties: {{PermissionSetArn: !GetAtt S.PermissionSetArn, PrincipalId: group-1, PrincipalType: GROUP, TargetId: '111111111111', TargetType: AWS_ACCOUNT}}}}",
        set("AdministratorAccess")
    );
    pairs(
        Aspect::Resource,
        "S",
        &[(
            "assigned",
            &set("AdministratorAccess"),
            &assigned,
            Widened,
            &["group-1"],
        )],
    );
}

#[test]
fn attributes_that_become_tags_of_sessions() {
    let attribute = |key: &str, source: &str| {
        format!("{{Key: {key}, Value: {{Source: ['${{path:{source}}}']}}}}")
    };
    let of = |attributes: &[String]| {
        format!(
            "  T: {{Type: AWS::SNS::Topic}}\n  A: {{Type: AWS::SSO::InstanceAccessControlAttributeConfiguration, Properties: {{InstanceArn: 'arn:aws:sso:::instance/ssoins-1', AccessControlAttributes: [{}]}}}}\n",
            attributes.join(", ")
        )
    };
    let team = attribute("team", "enterprise.department");
    let cost = attribute("cost", "enterprise.costCenter");
    let another = attribute("team", "nickName");
    let none = "  T: {Type: AWS::SNS::Topic}\n".to_owned();
    let older = of(std::slice::from_ref(&team)).replace(
        "AccessControlAttributes: [",
        "InstanceAccessControlAttributeConfiguration: {AccessControlAttributes: [",
    );
    let older = older.replace("]}}\n", "]}}}\n");
    let both = [team.clone(), cost.clone()];
    let turned = [cost.clone(), team.clone()];
    let before = of(std::slice::from_ref(&team));
    pairs(
        Aspect::Resource,
        "A",
        &[
            ("another source", &before, &of(&[another]), Undecided, &[]),
            ("one more", &before, &of(&both), Undecided, &[]),
            ("one less", &of(&both), &before, Undecided, &[]),
            ("new", &none, &before, Undecided, &[]),
            ("gone", &before, &none, Undecided, &[]),
            (
                "in another order",
                &of(&both),
                &of(&turned),
                Equivalent,
                &[],
            ),
        ],
    );
    let same = reviewed(&stack(&before), &stack(&older));
    assert!(same.iam.subjects.is_empty(), "{:#?}", same.iam.subjects);
    let review = reviewed(&stack(&before), &stack(&of(&[cost])));
    let found = subject(&review, "A", Aspect::Resource);
    assert!(
        found
            .reasons
            .iter()
            .any(|why| why.contains("aws:PrincipalTag") && why.contains("enterprise.costCenter")),
        "{found:#?}"
    );
    let open = |then: &str| {
        let source = format!("!If [Wide, '${{path:{then}}}', '${{path:nickName}}']");
        format!(
            "Parameters: {{P: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /p}}}}\nConditions: {{Wide: !Equals [!Ref P, wide]}}\n{}",
            stack(&of(&[format!(
                "{{Key: team, Value: {{Source: [{source}]}}}}"
            )]))
        )
    };
    let narrower = open("userName").replace("P, wide", "P, narrow");
    for after in [open("locale"), narrower] {
        let review = reviewed(&open("userName"), &after);
        let found = subject(&review, "A", Aspect::Resource);
        assert_eq!(found.verdict, Undecided, "{found:#?}");
    }
}

#[test]
fn session_policies_of_a_profile() {
    let of = |properties: &str| {
        format!(
            "  P: {{Type: AWS::RolesAnywhere::Profile, Properties: {{Name: p, RoleArns: ['arn:aws:iam::111111111111:role/r'], {properties}}}}}\n"
        )
    };
    let managed = |name: &str| {
        of(&format!(
            "ManagedPolicyArns: ['arn:aws:iam::aws:policy/{name}']"
        ))
    };
    let both = of(&format!(
        "SessionPolicy: '{{\"Statement\": [{{\"Effect\": \"Allow\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}}]}}', ManagedPolicyArns: ['arn:aws:iam::aws:policy/{}']",
        "AmazonS3ReadOnlyAccess"
    ));
    let own = |document: &str| {
        format!(
            "  M: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document}}}}}\n{}",
            of("ManagedPolicyArns: [!Ref M]")
        )
    };
    pairs(
        Aspect::Identity,
        "P",
        &[
            (
                "more",
                &managed("AmazonS3ReadOnlyAccess"),
                &managed("AdministratorAccess"),
                Widened,
                &["P can now"],
            ),
            (
                "less",
                &managed("AdministratorAccess"),
                &managed("AmazonS3ReadOnlyAccess"),
                Narrowed,
                &[],
            ),
            (
                "a text that is not at hand",
                &managed("ReadOnlyAccess"),
                &managed("AdministratorAccess"),
                Undecided,
                &[],
            ),
            (
                "cut for the first time",
                &of("Enabled: true"),
                &managed("AmazonS3ReadOnlyAccess"),
                Narrowed,
                &[],
            ),
            (
                "the cut goes",
                &managed("AmazonS3ReadOnlyAccess"),
                &of("Enabled: true"),
                Widened,
                &["P can now"],
            ),
            (
                "any of several lets through",
                &managed("AmazonS3ReadOnlyAccess"),
                &both,
                Widened,
                &["P can now sqs:"],
            ),
            (
                "a policy of the template",
                &own(GET),
                &own(ALL),
                Widened,
                &["P can now"],
            ),
        ],
    );
    let review = reviewed(
        &stack(&managed("ReadOnlyAccess")),
        &stack(&managed("AdministratorAccess")),
    );
    let found = subject(&review, "P", Aspect::Identity);
    assert!(
        found
            .reasons
            .iter()
            .any(|why| why.contains("ReadOnlyAccess")),
        "{found:#?}"
    );
    let added = &review.iam.managed_policies.added[0];
    assert_eq!(added.subject, "P");
    assert_eq!(added.policy, "arn:aws:iam::aws:policy/AdministratorAccess");
}

#[test]
fn policies_of_an_organization_only_cut() {
    let of = |actions: &str| {
        format!(
            "  P: {{Type: AWS::Organizations::Policy, Properties: {{Name: p, Type: SERVICE_CONTROL_POLICY, Content: {{Statement: [{{Effect: Allow, Action: '*', Resource: '*'}}, {{Effect: Deny, Action: {actions}, Resource: '*'}}]}}}}}}"
        )
    };
    pairs(
        Aspect::Identity,
        "P",
        &[
            (
                "denies less",
                &of("['iam:*', 'ec2:*']"),
                &of("['iam:*']"),
                Widened,
                &["can now ec2:"],
            ),
            (
                "denies more",
                &of("['iam:*']"),
                &of("['iam:*', 'ec2:*']"),
                Narrowed,
                &[],
            ),
        ],
    );
}

#[test]
fn what_runs_with_another_role() {
    let roles = format!(
        "  Small: {{Type: AWS::IAM::Role, Properties: {{{}}}}}\n  Large: {{Type: AWS::IAM::Role, Properties: {{{}}}}}\n  Twin: {{Type: AWS::IAM::Role, Properties: {{{}}}}}\n",
        inline(&[GET]),
        inline(&[ALL]),
        inline(&[GET])
    );
    let kinds = [
        "Type: AWS::Lambda::Function, Properties: {Role: !GetAtt ROLE.Arn}",
        "Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt ROLE.Arn}",
        "Type: AWS::EKS::PodIdentityAssociation, Properties: {RoleArn: !GetAtt ROLE.Arn, ServiceAccount: a}",
        "Type: AWS::Cognito::IdentityPoolRoleAttachment, Properties: {Roles: {authenticated: !GetAtt ROLE.Arn}}",
    ];
    for kind in kinds {
        let with = |role: &str| format!("{roles}  W: {{{}}}\n", kind.replace("ROLE", role));
        pairs(
            Aspect::Identity,
            "W",
            &[
                (
                    kind,
                    &with("Small"),
                    &with("Large"),
                    Widened,
                    &["W can now"],
                ),
                (
                    kind,
                    &with("Large"),
                    &with("Small"),
                    Narrowed,
                    &["W can no longer"],
                ),
                (kind, &with("Small"), &with("Twin"), Equivalent, &[]),
                (kind, &roles, &with("Small"), Widened, &[]),
            ],
        );
    }
}

#[test]
fn changed_defaults_and_dropped_conditions() {
    let stage = |default: &str, rest: &str| {
        format!(
            "Parameters: {{Who: {{Type: String, Default: '{default}'}}, Stage: {{Type: String, Default: dev}}}}\nConditions: {{IsProd: !Equals [!Ref Stage, prod]}}\nResources:\n{rest}"
        )
    };
    let policy = |condition: &str| {
        format!(
            "  Q: {{Type: AWS::SQS::Queue}}\n  P: {{Type: AWS::SQS::QueuePolicy{condition}, Properties: {{Queues: [!Ref Q], PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{AWS: !Ref Who}}, Action: 'sqs:SendMessage', Resource: '*'}}]}}}}}}"
        )
    };
    let always = policy("");
    let prod = policy(", Condition: IsProd");
    for (name, before, after, says) in [
        (
            "a parameter's default",
            stage("222222222222", &always),
            stage("*", &always),
            "anyone (*) can now",
        ),
        (
            "a dropped condition",
            stage("*", &prod),
            stage("*", &always),
            "anyone (*) can now",
        ),
    ] {
        check(&Case {
            name,
            before: &before,
            after: &after,
            id: "Q",
            aspect: Aspect::Resource,
            verdict: Widened,
            says: &[says],
        });
    }
}

/// A condition that only the deployment decides.
fn open(rest: &str) -> String {
    format!("Conditions: {{Home: !Equals [!Ref 'AWS::Region', eu-west-1]}}\nResources:\n{rest}")
}

#[test]
fn policies_inside_fn_if() {
    let before = open(&role(&inline(&[GET])));
    let choice = |then: &str, otherwise: &str| {
        open(&role(&format!(
            "Policies: [{{PolicyName: p0, PolicyDocument: !If [Home, {then}, {otherwise}]}}]"
        )))
    };
    let cases = [
        (
            "gained whatever is decided",
            choice(ALL, ALL),
            Widened,
            &["R can now"][..],
        ),
        (
            "gained in one way only",
            choice(ALL, GET),
            Undecided,
            &["if Home: R can now"][..],
        ),
        (
            "lost in one way only",
            choice(GET, "{Statement: []}"),
            Narrowed,
            &["if not Home: R can no longer"][..],
        ),
        (
            "the same whatever is decided",
            choice(&GET.replace("s3:Get", "S3:get"), GET),
            Equivalent,
            &[][..],
        ),
    ];
    for (name, after, verdict, says) in cases {
        check(&Case {
            name,
            before: &before,
            after: &after,
            id: "R",
            aspect: Aspect::Identity,
            verdict,
            says,
        });
    }
}

#[test]
fn a_statement_in_one_way_of_many() {
    let of = |statements: &str| open(&role(&inline(&[&format!("{{Statement: [{statements}]}}")])));
    let get = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}";
    let maybe = of(&format!(
        "{get}, !If [Home, {{Effect: Allow, Action: 's3:PutObject', Resource: '*'}}, !Ref 'AWS::NoValue']"
    ));
    check(&Case {
        name: "a statement inside Fn::If",
        before: &of(get),
        after: &maybe,
        id: "R",
        aspect: Aspect::Identity,
        verdict: Undecided,
        says: &["if Home: R can now s3:PutObject"],
    });
    let review = reviewed(&of(get), &maybe);
    let found = subject(&review, "R", Aspect::Identity);
    assert!(
        found.reasons.iter().any(|reason| reason.contains("Home")),
        "{found:#?}"
    );
}

#[test]
fn loops() {
    let of = |names: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nResources:\n  'Fn::ForEach::Topics':\n    - Name\n    - [{names}]\n    - 'Role${{Name}}': {{Type: AWS::IAM::Role, Properties: {{Policies: [{{PolicyName: p, PolicyDocument: {GET}}}]}}}}\n"
        )
    };
    check(&Case {
        name: "one more in a loop",
        before: &of("A"),
        after: &of("A, B"),
        id: "RoleB",
        aspect: Aspect::Identity,
        verdict: Widened,
        says: &["RoleB can now s3:GetObject"],
    });
}

#[test]
fn what_is_not_valid_is_told_with_its_path() {
    let bad = "{Statement: [{Effect: Permit, Action: 's3:GetObject', Resource: '*'}]}";
    let review = reviewed(
        &stack(&role(&inline(&[GET]))),
        &stack(&role(&inline(&[bad]))),
    );
    let found = subject(&review, "R", Aspect::Identity);
    assert_eq!(found.verdict, Undecided);
    let path = "Resources.R.Properties.Policies[0].PolicyDocument";
    assert!(
        found.reasons.iter().any(|reason| reason.contains(path)),
        "{found:#?}"
    );
}

#[test]
fn what_is_not_at_hand_is_undecided() {
    let nested = |url: &str| {
        format!("  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {url}}}}}")
    };
    pairs(
        Aspect::Resource,
        "N",
        &[(
            "another nested template",
            &nested("https://a"),
            &nested("https://b"),
            Undecided,
            &[],
        )],
    );
    let role = |name: &str| {
        format!(
            "  F: {{Type: AWS::Lambda::Function, Properties: {{Role: 'arn:aws:iam::111111111111:role/{name}'}}}}"
        )
    };
    pairs(
        Aspect::Identity,
        "F",
        &[(
            "another role outside",
            &role("a"),
            &role("b"),
            Undecided,
            &[],
        )],
    );
}

#[test]
fn what_is_retained_is_not_lost() {
    let of = |policy: &str| {
        stack(&format!(
            "  T: {{Type: AWS::SNS::Topic}}\n  R: {{Type: AWS::IAM::Role{policy}, Properties: {{{}}}}}\n",
            inline(&[GET])
        ))
    };
    let gone = stack("  T: {Type: AWS::SNS::Topic}\n");
    let kept = reviewed(&of(", DeletionPolicy: Retain"), &gone);
    assert!(kept.iam.subjects.is_empty(), "{:#?}", kept.iam.subjects);
    let deleted = reviewed(&of(""), &gone);
    assert_eq!(subject(&deleted, "R", Aspect::Identity).verdict, Narrowed);
}

#[test]
fn the_worst_comes_first_and_names_the_whole() {
    let of = |a: &str, b: &str| {
        stack(&format!(
            "  A: {{Type: AWS::IAM::Role, Properties: {{{}}}}}\n  B: {{Type: AWS::IAM::Role, Properties: {{{}}}}}\n",
            inline(&[a]),
            inline(&[b])
        ))
    };
    let review = reviewed(&of(ALL, GET), &of(GET, ALL));
    let order: Vec<_> = review
        .iam
        .subjects
        .iter()
        .map(|s| (s.id.as_str(), s.verdict))
        .collect();
    assert_eq!(order, [("B", Widened), ("A", Narrowed)]);
    assert_eq!((review.iam.verdict, review.verdict), (Widened, Widened));
}
