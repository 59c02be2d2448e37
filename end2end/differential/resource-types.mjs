// One case for every resource type that cdk looks into, made from the specification that it ships: what only an
// account could do, everyone can.
import { scrutinizedTypes } from './cdk.mjs';

// cdk takes these for policies. They say nothing of access: how failed messages are kept, how messages are replayed,
// which data is masked, how a network is laid out.
const noAccess = new Set([
  'AWS::Logs::LogGroup DataProtectionPolicy',
  'AWS::NetworkManager::CoreNetwork PolicyDocument',
  'AWS::SNS::Subscription RedrivePolicy',
  'AWS::SNS::Subscription ReplayPolicy',
  'AWS::SNS::Topic ArchivePolicy',
  'AWS::SNS::Topic DataProtectionPolicy',
  'AWS::SQS::Queue RedriveAllowPolicy',
]);
// No type of CloudFormation's own: the transform turns it into others before anything is deployed.
const noType = new Set(['AWS::Serverless::Function']);

const account = { AWS: 'arn:aws:iam::111122223333:root' };
const grant = (principal) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: principal, Action: '*', Resource: '*' }],
});
const identity = (action) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const tcp = (from, cidr) => ({ IpProtocol: 'tcp', FromPort: from, ToPort: from, CidrIp: cidr });

const kinds = (type) => (type.type === 'union' ? type.types.flatMap(kinds) : [type.type]);

// A value that stands for nothing in particular, of the right kind.
function filler(type) {
  switch (kinds(type)[0]) {
    case 'array': return ['one'];
    case 'boolean': return false;
    case 'integer':
    case 'number': return 1;
    case 'string': return 'one';
    default: return {};
  }
}

function required(of) {
  return Object.fromEntries(
    Object.entries(of.properties).filter(([, one]) => one.required).map(([name, { type }]) => [name, filler(type)]));
}

// As the property takes it: as JSON or as a text of JSON.
const written = (property, document) => (kinds(property.type).includes('json') ? document : JSON.stringify(document));

const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: identity('sts:AssumeRole') } };
role.Properties.AssumeRolePolicyDocument.Statement = [
  { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
];

// The properties before and after, by what cdk takes the type for.
const byResource = {
  IdentityPolicyResource: (of) => {
    const holder = ['RoleName', 'UserName', 'GroupName'].find((name) => of.properties[name]);
    const attached = of.properties.Roles ? { Roles: [{ Ref: 'Holder' }] } : { [holder]: { Ref: 'Holder' } };
    const type = { UserName: 'AWS::IAM::User', GroupName: 'AWS::IAM::Group' }[holder];
    const others = { Holder: of.properties.Roles || holder === 'RoleName' ? role : { Type: type, Properties: {} } };
    const policy = (action) => ({ PolicyName: 'one', ...attached, PolicyDocument: identity(action) });
    return [policy('s3:GetObject'), policy('s3:*'), others];
  },
  ResourcePolicyResource: (of) => {
    const policy = Object.keys(of.properties).filter(
      (name) => /Policy/.test(name) && !/(Name|Id|Arn|Type|Version)$/.test(name) && kinds(of.properties[name].type).some((kind) => kind === 'json' || kind === 'string'));
    const name = policy.find((one) => /Document|Text/.test(one)) ?? policy[0];
    // A device's policy names nobody: it is an identity's.
    if (of.type === 'AWS::IoT::Policy') return [{ [name]: identity('iot:Connect') }, { [name]: identity('iot:*') }, {}];
    const grantTo = (principal) => ({ [name]: written(of.properties[name], grant(principal)) });
    return [grantTo(account), grantTo('*'), {}];
  },
  LambdaPermission: () => {
    const permission = (principal) => ({ FunctionName: 'orders', Action: 'lambda:InvokeFunction', Principal: principal });
    return [permission('111122223333'), permission('*'), {}];
  },
  SsoPermissionSet: () => {
    const set = (arn) => ({
      Name: 'one', InstanceArn: 'arn:aws:sso:::instance/one', ManagedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
      PermissionsBoundary: { ManagedPolicyArn: arn },
    });
    return [set('arn:aws:iam::aws:policy/ReadOnlyAccess'), set('arn:aws:iam::aws:policy/AdministratorAccess'), {}];
  },
  SsoAssignmentResource: () => {
    const assignment = (target) => ({
      InstanceArn: 'arn:aws:sso:::instance/one', PermissionSetArn: 'arn:aws:sso:::permissionSet/one/two',
      PrincipalId: 'one', PrincipalType: 'GROUP', TargetId: target, TargetType: 'AWS_ACCOUNT',
    });
    return [assignment('111122223333'), assignment('444455556666'), {}];
  },
  SsoInstanceACAConfigResource: () => {
    const attributes = (source) => ({
      InstanceArn: 'arn:aws:sso:::instance/one',
      AccessControlAttributes: [{ Key: 'team', Value: { Source: [source] } }],
    });
    return [attributes('${path:enterprise.department}'), attributes('${path:enterprise.division}'), {}];
  },
  IngressRuleResource: () => [{ GroupId: 'sg-1', ...tcp(443, '10.0.0.0/8') }, { GroupId: 'sg-1', ...tcp(443, '0.0.0.0/0') }, {}],
  EgressRuleResource: () => [{ GroupId: 'sg-1', ...tcp(443, '10.0.0.0/8') }, { GroupId: 'sg-1', ...tcp(443, '0.0.0.0/0') }, {}],
};

const byProperty = {
  InlineIdentityPolicies: () => ['s3:GetObject', 's3:*'].map((action) => [{ PolicyName: 'one', PolicyDocument: identity(action) }]),
  InlineResourcePolicy: (property, of) => {
    if (of.type === 'AWS::SSO::PermissionSet') return ['s3:GetObject', 's3:*'].map((action) => written(property, identity(action)));
    // A statement without a principal and a resource: who shares decides on them.
    if (of.type === 'AWS::RAM::Permission') return ['glue:GetTable', 'glue:*'].map((action) => ({ Effect: 'Allow', Action: action }));
    if (of.type === 'AWS::IAM::Role') {
      return [account, { AWS: '*' }].map((principal) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] }));
    }
    return [account, '*'].map((principal) => written(property, grant(principal)));
  },
  ManagedPolicies: () => [['arn:aws:iam::aws:policy/ReadOnlyAccess'], ['arn:aws:iam::aws:policy/AdministratorAccess']],
  IngressRules: () => ['10.0.0.0/8', '0.0.0.0/0'].map((cidr) => [tcp(443, cidr)]),
  EgressRules: () => ['10.0.0.0/8', '0.0.0.0/0'].map((cidr) => [tcp(443, cidr)]),
};

/** Cases: a name, and the templates before and after. Each gains access. */
export function resourceTypes() {
  const cases = [];
  for (const of of scrutinizedTypes()) {
    if (noType.has(of.type)) continue;
    const add = (name, before, after, others = {}) => {
      const template = (properties) => ({ Resources: { ...others, Changed: { Type: of.type, Properties: { ...required(of), ...properties } } } });
      cases.push({ name, before: template(before), after: template(after) });
    };
    const whole = byResource[of.scrutiny];
    if (of.scrutiny && of.scrutiny !== 'None') {
      if (!whole) throw new Error(`${of.type} is of a kind that has no case: ${of.scrutiny}`);
      add(of.type, ...whole(of));
    }
    for (const { name, scrutiny } of of.read) {
      if (noAccess.has(`${of.type} ${name}`)) continue;
      if (!byProperty[scrutiny]) throw new Error(`${of.type} ${name} is of a kind that has no case: ${scrutiny}`);
      const [before, after] = byProperty[scrutiny](of.properties[name], of);
      add(`${of.type} ${name}`, { [name]: before }, { [name]: after });
    }
  }
  return cases;
}
