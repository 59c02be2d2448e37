// Changes of access of which cdk shows nothing.
const statement = (action, more = {}) => ({ Effect: 'Allow', Action: action, Resource: '*', ...more });
const document = (...statements) => ({ Version: '2012-10-17', Statement: statements });
const role = (properties = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: document({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    ...properties,
  },
});
const inline = (action) => [{ PolicyName: 'orders', PolicyDocument: document(statement(action)) }];
const resources = (Resources, more = {}) => ({ ...more, Resources });
const account = { AWS: 'arn:aws:iam::111122223333:root' };
const grant = (principal, action) => document({ Effect: 'Allow', Principal: principal, Action: action, Resource: '*' });
const choice = (yes, no) => ({ 'Fn::If': ['Wide', yes, no] });
// A condition whose parameter nobody has chosen is not decided here.
const wide = { Parameters: { Stage: { Type: 'String', Default: 'prod' } }, Conditions: { Wide: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } } };
const tcp = (port, cidr) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: cidr });
const group = (properties = {}) => ({ Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Orders', ...properties } });

const boundary = (more) => resources({ Role: role({ Policies: inline('s3:*'), ...more }) });
const managed = (action) => resources({ Shared: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(statement(action)) } } });
const rolePolicy = (action) => resources({
  Role: role(),
  Attached: { Type: 'AWS::IAM::RolePolicy', Properties: { RoleName: { Ref: 'Role' }, PolicyName: 'orders', PolicyDocument: document(statement(action)) } },
});
const members = (...users) => resources({
  Admins: { Type: 'AWS::IAM::Group', Properties: { Policies: inline('*') } },
  Ann: { Type: 'AWS::IAM::User', Properties: {} },
  Membership: { Type: 'AWS::IAM::UserToGroupAddition', Properties: { GroupName: { Ref: 'Admins' }, Users: users } },
});
const table = (principal) => resources({
  Orders: { Type: 'AWS::DynamoDB::Table', Properties: { ResourcePolicy: { PolicyDocument: grant(principal, 'dynamodb:GetItem') } } },
});
const bus = (principal) => resources({
  Statement: { Type: 'AWS::Events::EventBusPolicy', Properties: { StatementId: 'one', Statement: { Effect: 'Allow', Principal: principal, Action: 'events:PutEvents', Resource: '*' } } },
});
const logs = (principal) => resources({
  Logs: { Type: 'AWS::Logs::ResourcePolicy', Properties: { PolicyName: 'one', PolicyDocument: JSON.stringify(grant(principal, 'logs:PutLogEvents')) } },
});
const acl = (cidr) => resources({
  Acl: { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: 'vpc-1' } },
  Entry: { Type: 'AWS::EC2::NetworkAclEntry', Properties: { NetworkAclId: { Ref: 'Acl' }, RuleNumber: 100, Protocol: 6, RuleAction: 'allow', CidrBlock: cidr, PortRange: { From: 22, To: 22 } } },
});
const chosenPolicies = (action) => resources({ Role: role({ Policies: choice(inline(action), inline('s3:GetObject')) }) }, wide);
const chosenDocument = (action) => resources({
  Role: role(),
  Orders: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: ['arn:aws:sns:eu-central-1:111122223333:orders'], PolicyDocument: choice(grant(action === '*' ? '*' : account, 'sns:Publish'), grant(account, 'sns:Publish')) } },
}, wide);
const chosenRules = (cidr) => resources({ Bastion: group({ SecurityGroupIngress: choice([tcp(22, cidr)], [tcp(22, '10.0.0.0/8')]) }) }, wide);
const parameter = (value) => resources(
  { Role: role({ Policies: inline({ Ref: 'Actions' }) }) },
  { Parameters: { Actions: { Type: 'String', Default: value } } },
);
const conditional = (...condition) => resources(
  { Role: role(), Attached: { Type: 'AWS::IAM::Policy', ...(condition.length > 0 && { Condition: condition[0] }), Properties: { PolicyName: 'orders', Roles: [{ Ref: 'Role' }], PolicyDocument: document(statement('s3:*')) } } },
  { Parameters: wide.Parameters, Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } },
);
const loop = (...actions) => resources(
  { 'Fn::ForEach::Roles': ['Name', ['Orders', 'Stock'], { '${Name}Role': role({ Policies: inline(actions) }) }] },
  { Transform: 'AWS::LanguageExtensions' },
);
const egress = (more) => resources({ Topic: { Type: 'AWS::SNS::Topic' }, ...more });
const permission = (more) => resources({
  Permission: { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: 'orders', Action: 'lambda:InvokeFunction', Principal: '*', ...more } },
});

const gained = ['widened', 'changed', 'undecided'];

/** Cases: a name, the templates before and after, and the verdicts that are right. */
export const unseen = [
  { name: 'a permissions boundary that goes', before: boundary({ PermissionsBoundary: 'arn:aws:iam::111122223333:policy/Limit' }), after: boundary({}), verdicts: ['widened', 'undecided'] },
  { name: 'a managed policy that nothing here attaches', before: managed('s3:GetObject'), after: managed('s3:*'), verdicts: gained },
  { name: 'a role policy', before: rolePolicy('s3:GetObject'), after: rolePolicy('s3:*'), verdicts: ['widened'] },
  { name: 'a user who joins a group', before: members(), after: members({ Ref: 'Ann' }), verdicts: ['widened'] },
  { name: "a table's policy", before: table(account), after: table('*'), verdicts: ['widened'] },
  { name: "an event bus's policy", before: bus(account), after: bus('*'), verdicts: ['widened'] },
  { name: 'a policy of logs', before: logs(account), after: logs('*'), verdicts: ['widened'] },
  { name: 'an entry of a network ACL', before: acl('10.0.0.0/8'), after: acl('0.0.0.0/0'), verdicts: gained },
  { name: 'policies within Fn::If', before: chosenPolicies('s3:GetObject'), after: chosenPolicies('s3:*'), verdicts: ['widened'] },
  { name: 'a policy document within Fn::If', before: chosenDocument('one'), after: chosenDocument('*'), verdicts: ['widened'] },
  { name: 'rules within Fn::If', before: chosenRules('10.0.0.0/8'), after: chosenRules('0.0.0.0/0'), verdicts: ['widened'] },
  { name: "a parameter's default", before: parameter('s3:GetObject'), after: parameter('s3:*'), verdicts: ['widened'] },
  { name: 'a condition that goes from a resource', before: conditional('Never'), after: conditional(), verdicts: ['widened'] },
  { name: 'a loop over roles', before: loop('s3:GetObject'), after: loop('s3:GetObject', 's3:PutObject'), verdicts: ['widened'] },
  { name: 'egress of a new group that nobody writes down', before: egress({}), after: egress({ Orders: group() }), verdicts: ['widened'] },
  { name: 'an organization that goes from a Lambda permission', before: permission({ PrincipalOrgID: 'o-1234567890' }), after: permission({}), verdicts: ['widened'] },
];
