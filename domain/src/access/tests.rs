//! What the lines look like, and that only true differences show.
use super::{Access, AccessDiff, collect, difference};
use crate::template::{Context, parse, resolve};
use std::fmt::Write;

fn access(source: &str) -> Access {
    let template = parse("template.yaml", source).unwrap();
    let context = Context::new(
        "111111111111",
        "eu-west-1",
        "gatehouse-payments-checkout-dev",
    );
    collect(&resolve(&template, &context).unwrap())
}

fn shown(diff: &AccessDiff) -> String {
    let mut text = String::new();
    for holder in &diff.holders {
        writeln!(
            text,
            "{} {} ({} stay)",
            holder.holder, holder.resource_type, holder.unchanged
        )
        .unwrap();
        let lines = [("+", &holder.added), ("-", &holder.removed)];
        for (sign, line) in lines
            .into_iter()
            .flat_map(|(sign, lines)| lines.iter().map(move |line| (sign, line)))
        {
            let columns = [
                &line.place,
                &line.effect,
                &line.principal,
                &line.action,
                &line.resource,
                &line.condition,
            ];
            writeln!(
                text,
                "  {sign} {}",
                columns.map(String::as_str).join(" | ").trim_end()
            )
            .unwrap();
        }
    }
    text
}

fn new(source: &str) -> String {
    shown(&difference(&Access::default(), &access(source)))
}

const SERVICE: &str = r#"
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Wide: !Equals [!Ref Stage, prod]}
Resources:
  Orders: {Type: AWS::DynamoDB::GlobalTable, Properties: {Replicas: [{Region: eu-west-1, ResourcePolicy: {PolicyDocument: {Statement: {Effect: Deny, Principal: "*", Action: "dynamodb:DeleteTable"}}}}]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: [lambda.amazonaws.com, events.amazonaws.com], AWS: !Ref AWS::AccountId}
            Action: sts:AssumeRole
            Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/Basic"]
      PermissionsBoundary: arn:aws:iam::111111111111:policy/gatehouse-boundary
      Policies:
        - PolicyName: orders
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["dynamodb:Query", "dynamodb:GetItem"], Resource: [!GetAtt Orders.Arn, !Sub "${Orders.Arn}/index/*"]}
              - !If [Wide, {Effect: Allow, Action: "*", Resource: "*"}, !Ref AWS::NoValue]
              - {Effect: Deny, NotAction: "dynamodb:*", NotResource: !GetAtt Orders.Arn}
  Attached:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: attached, Roles: [!Ref Role, elsewhere], PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn}}}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: [{Effect: Allow, Action: "logs:*", Resource: "*"}]}}
  Queue: {Type: AWS::SQS::Queue}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties: {Queues: [!Ref Queue], PolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn, Condition: {ArnEquals: {"aws:SourceArn": !Ref Topic}}}]}}
  Topic: {Type: AWS::SNS::Topic}
  LogPolicy:
    Type: AWS::Logs::ResourcePolicy
    Properties: {PolicyName: dns, PolicyDocument: '{"Statement":[{"Effect":"Allow","Principal":{"Service":"route53.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]}'}
  Function: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Code: {ZipFile: ""}}}
  Invoke:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: "lambda:InvokeFunction", Principal: events.amazonaws.com, SourceAccount: !Ref AWS::AccountId}
  Bus: {Type: AWS::Events::EventBusPolicy, Properties: {EventBusName: shared, StatementId: s, Action: "events:PutEvents", Principal: "222222222222"}}
"#;

#[test]
fn every_statement_is_a_line_of_its_holder() {
    insta::assert_snapshot!(new(SERVICE));
}

#[test]
fn every_rule_of_a_security_group_is_a_line() {
    insta::assert_snapshot!(new(r#"
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0, Description: not shown}
        - {IpProtocol: "6", FromPort: 8000, ToPort: 8010, SourceSecurityGroupId: !GetAtt Bastion.GroupId}
        - {IpProtocol: icmp, FromPort: 8, ToPort: -1, CidrIpv6: "::/0"}
  Bastion:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: bastion
      SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/8}]
  Late:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Bastion.GroupId, IpProtocol: udp, FromPort: 0, ToPort: 65535, SourcePrefixListId: pl-1}
"#));
}

fn role(statements: &str) -> Access {
    access(&format!(
        "Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {{Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{statements}]}}}}]}}}}}}"
    ))
}

#[test]
fn order_means_nothing_and_repetition_counts() {
    let read =
        "{Effect: Allow, Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::a'}";
    let turned =
        "{Resource: ['arn:aws:s3:::a'], Action: ['s3:ListBucket', 's3:GetObject'], Effect: Allow}";
    let write = "{Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::a'}";
    let both = role(&format!("{read}, {write}"));
    assert_eq!(
        difference(&both, &role(&format!("{write}, {turned}"))),
        AccessDiff::default()
    );
    let twice = difference(&both, &role(&format!("{read}, {write}, {write}")));
    assert_eq!(
        shown(&twice),
        "R AWS::IAM::Role (2 stay)\n  + policy p | Allow |  | s3:PutObject | arn:aws:s3:::a |\n"
    );
    let less = difference(&both, &role(read));
    assert_eq!(
        shown(&less),
        "R AWS::IAM::Role (1 stay)\n  - policy p | Allow |  | s3:PutObject | arn:aws:s3:::a |\n"
    );
}

#[test]
fn what_cannot_be_known_is_shown_as_written() {
    let source = r#"
Parameters: {Open: {Type: "AWS::SSM::Parameter::Value<String>", Default: /open}}
Conditions: {IsOpen: !Equals [!Ref Open, "yes"]}
Resources:
  Key: {Type: AWS::KMS::Key, Condition: IsOpen, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !Ref Open}, Action: "kms:*", Resource: "*"}]}}}
  Bucket: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !ImportValue shared-bucket, PolicyDocument: {Statement: [!If [IsOpen, {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "*"}, !Ref "AWS::NoValue"]]}}}
"#;
    insta::assert_snapshot!(new(source));
}

#[test]
fn names_of_companions_do_not_mix() {
    let (mut before, mut after) = (Access::default(), Access::default());
    before.merge("", role("{Effect: Allow, Action: a, Resource: '*'}"));
    after.merge("", role("{Effect: Allow, Action: a, Resource: '*'}"));
    after.merge("edge/", role("{Effect: Allow, Action: b, Resource: '*'}"));
    let diff = difference(&before, &after);
    assert_eq!(
        shown(&diff),
        "edge/R AWS::IAM::Role (0 stay)\n  + policy p | Allow |  | b | * |\n"
    );
}
