//! Which subjects a template has, and which policies bear on them.
use super::grants::GRANTS;
use super::resource_policies::POLICIES;
use super::{Collected, Holder};
use crate::access::Aspect;
use crate::access::iam::{Policy, Unwritten};
use crate::template::{Context, parse, resolve};
use serde_json::{Value as Json, json};

fn collected(resources: &str) -> Collected {
    let template = parse("template.yaml", &format!("Resources:\n{resources}")).unwrap();
    Collected::read(&resolve(&template, &Context::unknown()).unwrap())
}

fn from_json(template: &Json) -> Collected {
    let template = parse("template.json", &template.to_string()).unwrap();
    Collected::read(&resolve(&template, &Context::unknown()).unwrap())
}

fn holder<'c>(collected: &'c Collected, id: &str, aspect: Aspect) -> &'c Holder {
    collected
        .holders
        .iter()
        .find(|(key, _)| key.id == id && key.aspect == aspect && key.part.is_empty())
        .map(|(_, holder)| holder)
        .unwrap_or_else(|| {
            panic!(
                "no {id} in {:?}",
                collected.holders.keys().collect::<Vec<_>>()
            )
        })
}

/// `source/place` of every policy, or the name of one that is only named.
fn policies(holder: &Holder) -> Vec<String> {
    let mut found: Vec<_> = holder
        .policies
        .iter()
        .map(|piece| match piece.policy.as_ref() {
            Policy::Written(document) => format!("{}/{}", document.source, document.place),
            Policy::Named { name, .. } => super::text(name),
        })
        .collect();
    found.sort();
    found
}

#[track_caller]
fn holds(resources: &str, id: &str, aspect: Aspect, expected: &[&str]) {
    let collected = collected(resources);
    assert_eq!(policies(holder(&collected, id, aspect)), expected);
}

/// The value at a path such as `Replicas[].ResourcePolicy.PolicyDocument`, within its properties.
fn nested(path: &str, value: Json) -> Json {
    let mut inner = value;
    for step in path.rsplit('.') {
        let (name, list) = step
            .strip_suffix("[]")
            .map_or((step, false), |name| (name, true));
        let item = if list { json!([inner]) } else { inner };
        inner = json!({ name: item });
    }
    inner
}

#[test]
fn every_type_with_a_resource_policy_is_a_subject() {
    let document = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]});
    for (kind, property, about) in POLICIES {
        let mut properties = nested(property, document.clone());
        if let Some(name) = about.first() {
            properties[name] = json!("arn:aws:x:eu-west-1:111111111111:thing");
        }
        let found =
            from_json(&json!({"Resources": {"R": {"Type": kind, "Properties": properties}}}));
        let id = if about.is_empty() {
            "R"
        } else {
            "arn:aws:x:eu-west-1:111111111111:thing"
        };
        // This one holds the statement itself.
        let expected = if *kind == "AWS::Events::EventBusPolicy" {
            json!({"Version": "2012-10-17", "Statement": [document]})
        } else {
            document.clone()
        };
        let written = found.holders.iter().any(|(key, holder)| {
            key.id == id
                && key.aspect == Aspect::Resource
                && holder.policies.iter().any(|piece| {
                    matches!(piece.policy.as_ref(), Policy::Written(found) if found.value.to_json() == expected)
                })
        });
        assert!(written, "{kind} {property}: {:?}", found.holders.keys());
    }
}

#[test]
fn every_type_that_grants_without_a_document_is_a_statement() {
    for grant in GRANTS {
        let mut properties = nested(grant.to, json!("222222222222"));
        properties[grant.about] = json!("thing");
        properties["Action"] = json!("a:B");
        let found =
            from_json(&json!({"Resources": {"R": {"Type": grant.kind, "Properties": properties}}}));
        assert_eq!(
            policies(holder(&found, "thing", Aspect::Resource)),
            ["R/permission"],
            "{}",
            grant.kind
        );
    }
}

const DOCUMENT: &str = "{Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}";

#[test]
fn identities_hold_what_is_attached_from_anywhere() {
    let resources = format!(
        "
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders
      Policies: [{{PolicyName: inline, PolicyDocument: {DOCUMENT}}}]
      ManagedPolicyArns: [!Ref ByRole, 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/AdministratorAccess']
  ByRole: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DOCUMENT}}}}}
  ByPolicy: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [orders], PolicyDocument: {DOCUMENT}}}}}
  Own: {{Type: AWS::IAM::RolePolicy, Properties: {{RoleName: !Ref Role, PolicyName: own, PolicyDocument: {DOCUMENT}}}}}
  Shared: {{Type: AWS::IAM::Policy, Properties: {{Roles: [!Ref Role], PolicyName: shared, PolicyDocument: {DOCUMENT}}}}}
"
    );
    holds(
        &resources,
        "Role",
        Aspect::Identity,
        &[
            "ByPolicy/policy",
            "ByRole/policy",
            "Own/policy own",
            "Role/managed policy arn:aws:iam::aws:policy/AdministratorAccess",
            "Role/policy inline",
            "Shared/policy shared",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ],
    );
}

#[test]
fn users_hold_what_their_groups_hold() {
    let resources = format!(
        "
  User: {{Type: AWS::IAM::User, Properties: {{Groups: [!Ref Direct]}}}}
  Direct: {{Type: AWS::IAM::Group, Properties: {{Policies: [{{PolicyName: d, PolicyDocument: {DOCUMENT}}}]}}}}
  Added: {{Type: AWS::IAM::Group}}
  Addition: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: !Ref Added, Users: [!Ref User]}}}}
  Elsewhere: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: admins, Users: [!Ref User]}}}}
  OfGroup: {{Type: AWS::IAM::GroupPolicy, Properties: {{GroupName: !Ref Added, PolicyName: g, PolicyDocument: {DOCUMENT}}}}}
  OfUser: {{Type: AWS::IAM::UserPolicy, Properties: {{UserName: !Ref User, PolicyName: u, PolicyDocument: {DOCUMENT}}}}}
"
    );
    holds(
        &resources,
        "User",
        Aspect::Identity,
        &[
            "Direct/policy d",
            "OfGroup/policy g",
            "OfUser/policy u",
            "group admins",
        ],
    );
}

#[test]
fn an_attached_managed_policy_shows_at_its_identities() {
    let found = collected(&format!(
        "
  Role: {{Type: AWS::IAM::Role, Properties: {{PermissionsBoundary: !Ref Limit}}}}
  Used: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [!Ref Role], PolicyDocument: {DOCUMENT}}}}}
  Unused: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DOCUMENT}}}}}
  Limit: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DOCUMENT}}}}}
"
    ));
    assert!(holder(&found, "Used", Aspect::Identity).covered);
    assert!(!holder(&found, "Unused", Aspect::Identity).covered);
    assert_eq!(holder(&found, "Role", Aspect::Identity).boundary.len(), 1);
}

#[test]
fn a_policy_of_a_name_that_aws_uses_is_not_that_of_aws() {
    holds(
        &format!(
            "
  Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']}}}}
  Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{ManagedPolicyName: AdministratorAccess, PolicyDocument: {DOCUMENT}}}}}
"
        ),
        "Role",
        Aspect::Identity,
        &["Role/managed policy arn:aws:iam::aws:policy/AdministratorAccess"],
    );
}

#[test]
fn an_inline_policy_without_a_document_is_not_dropped() {
    holds(
        "  Role: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: empty}]}}",
        "Role",
        Aspect::Identity,
        &["Role/policy empty"],
    );
}

#[test]
fn without_a_policy_an_endpoint_lets_everything_through_and_a_key_its_account() {
    let found = collected(
        "
  Endpoint: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: v, ServiceName: s}}
  Key: {Type: AWS::KMS::Key}
",
    );
    let endpoint = holder(&found, "Endpoint", Aspect::Resource);
    assert_eq!(endpoint.unwritten, Unwritten::Everything);
    assert!(endpoint.policies.is_empty());
    let key = holder(&found, "Key", Aspect::Resource);
    assert_eq!(policies(key), ["Key/default key policy"]);
}

#[test]
fn replicas_and_streams_have_policies_of_their_own() {
    let found = collected(
        "
  Table:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      Replicas:
        - {Region: eu-west-1, ResourcePolicy: {PolicyDocument: {}}, ReplicaStreamSpecification: {ResourcePolicy: {PolicyDocument: {}}}}
        - {Region: us-east-1, ResourcePolicy: {PolicyDocument: {}}}
",
    );
    let parts: Vec<_> = found.holders.keys().map(|key| key.part.as_str()).collect();
    assert_eq!(
        parts,
        [
            "replica eu-west-1",
            "replica eu-west-1 stream",
            "replica us-east-1"
        ]
    );
}

#[test]
fn policies_in_types_that_no_table_names_are_found_by_their_form() {
    let resources = format!(
        "
  Mine: {{Type: Custom::Thing, Properties: {{Deep: [{{Policy: {DOCUMENT}}}], Text: '{{\"Statement\":[{{\"Effect\":\"Allow\"}}]}}'}}}}
"
    );
    holds(
        &resources,
        "Mine",
        Aspect::Identity,
        &["Mine/policy", "Mine/policy"],
    );
    holds(
        "  Mine: {Type: Custom::Thing, Properties: {Policy: {Statement: {Effect: Deny, Principal: '*'}}}}",
        "Mine",
        Aspect::Resource,
        &["Mine/policy"],
    );
}

#[test]
fn a_bucket_is_open_by_its_acl_and_closed_by_its_blocks() {
    holds(
        "
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: false}
",
        "Bucket",
        Aspect::Resource,
        &[
            "Bucket/ACL PublicRead",
            "Bucket/public access block",
            "Bucket/public access block, off",
            "Bucket/public access block, off",
            "Bucket/public access block, off",
            "the ACLs of objects",
        ],
    );
    let off = collected(
        "  Bucket: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead, OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}}}",
    );
    assert!(off.holders.is_empty());
}

#[test]
fn doors_that_need_no_key_are_grants_to_all() {
    for resource in [
        "{Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: R, AuthType: NONE}}",
        "{Type: AWS::ApiGateway::Method, Properties: {HttpMethod: GET}}",
        "{Type: AWS::VpcLattice::Service}",
    ] {
        holds(
            &format!("  R: {resource}"),
            "R",
            Aspect::Resource,
            &["R/open to all"],
        );
    }
    let closed = collected(
        "  R: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: R, AuthType: AWS_IAM}}",
    );
    assert!(closed.holders.is_empty());
}

#[test]
fn policies_that_only_cut_limit_everything() {
    for resource in [
        "{Type: AWS::Organizations::Policy, Properties: {Type: SERVICE_CONTROL_POLICY, Content: {}}}",
        "{Type: AWS::EKS::PodIdentityAssociation, Properties: {RoleArn: r, Policy: '{}'}}",
    ] {
        let found = collected(&format!("  R: {resource}"));
        let subject = holder(&found, "R", Aspect::Identity);
        assert_eq!(policies(subject), ["R/whatever the role allows"]);
        assert_eq!(subject.boundary.len(), 1);
    }
}

#[test]
fn permission_sets_are_identities() {
    holds(
        &format!(
            "
  Set:
    Type: AWS::SSO::PermissionSet
    Properties:
      InlinePolicy: {DOCUMENT}
      ManagedPolicies: ['arn:aws:iam::aws:policy/job-function/Billing']
      CustomerManagedPolicyReferences: [{{Name: n, Path: /}}]
"
        ),
        "Set",
        Aspect::Identity,
        &[
            "Set/policy",
            "arn:aws:iam::aws:policy/job-function/Billing",
            r#"policy {"Name":"n","Path":"/"}"#,
        ],
    );
}

/// The roles of a workload as the template names them, by property.
fn roles(collected: &Collected, id: &str) -> Vec<String> {
    let workload = &collected.workloads[id];
    let of = |(path, given): (&String, &Vec<super::Given>)| {
        let names: Vec<_> = given
            .iter()
            .map(|given| given.id.clone().unwrap_or_else(|| super::text(&given.name)))
            .collect();
        format!("{path}: {}", names.join(", "))
    };
    workload.roles.iter().map(of).collect()
}

#[test]
fn functions_tasks_instances_and_pods_run_with_roles() {
    let found = collected(
        "
  Role: {Type: AWS::IAM::Role}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
  Function: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Outside: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::111111111111:role/shared'}}
  Instance: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt Role.Arn, ExecutionRoleArn: 'arn:aws:iam::111111111111:role/pull'}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
  Pod: {Type: AWS::EKS::PodIdentityAssociation, Properties: {RoleArn: !GetAtt Role.Arn}}
  Pool: {Type: AWS::Cognito::IdentityPoolRoleAttachment, Properties: {Roles: {authenticated: !GetAtt Role.Arn}}}
  Topic: {Type: AWS::SNS::Topic, Properties: {Role: assistant}}
",
    );
    assert_eq!(roles(&found, "Function"), ["Role: Role"]);
    assert_eq!(
        roles(&found, "Outside"),
        ["Role: arn:aws:iam::111111111111:role/shared"]
    );
    assert_eq!(roles(&found, "Instance"), ["IamInstanceProfile: Role"]);
    assert_eq!(
        roles(&found, "Service"),
        [
            "TaskDefinition.ExecutionRoleArn: arn:aws:iam::111111111111:role/pull",
            "TaskDefinition.TaskRoleArn: Role",
        ]
    );
    assert_eq!(roles(&found, "Pod"), ["RoleArn: Role"]);
    assert_eq!(roles(&found, "Pool"), ["Roles.authenticated: Role"]);
    assert!(!found.workloads.contains_key("Topic"));
}

#[test]
fn what_a_condition_decides_is_guarded_by_it() {
    let source = format!(
        "
Conditions: {{Wide: !Equals [!Ref AWS::Region, eu-west-1]}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies: !If [Wide, [{{PolicyName: p, PolicyDocument: {DOCUMENT}}}], []]
  Own: {{Type: AWS::IAM::RolePolicy, Condition: Wide, Properties: {{RoleName: !Ref Role, PolicyName: own, PolicyDocument: {DOCUMENT}}}}}
"
    );
    let template = parse("template.yaml", &source).unwrap();
    let found = Collected::read(&resolve(&template, &Context::unknown()).unwrap());
    let role = holder(&found, "Role", Aspect::Identity);
    let guards: Vec<_> = role
        .policies
        .iter()
        .map(|piece| piece.guard.to_string())
        .collect();
    assert_eq!(guards, ["Wide", "Wide"]);
    assert!(role.guard.is_always());
}

#[test]
fn a_policy_on_something_outside_the_template_is_about_that() {
    let found = collected(
        "  P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: ['https://sqs.eu-west-1.amazonaws.com/111111111111/orders'], PolicyDocument: {}}}",
    );
    let key = found.holders.keys().next().unwrap();
    assert!(key.outside);
    assert_eq!(
        key.id,
        "https://sqs.eu-west-1.amazonaws.com/111111111111/orders"
    );
    assert_eq!(found.holders[key].policies.len(), 1);
}
