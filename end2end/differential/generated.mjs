// Template pairs by chance, the same ones for the same seed: identities, resource policies and security groups,
// changed as people change them.

/** Numbers from 0 to 1 that look random (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const actions = ['s3:GetObject', 's3:PutObject', 's3:Get*', 's3:*', 'sqs:SendMessage', 'sqs:*', 'sns:Publish', 'dynamodb:GetItem', 'kms:Decrypt', 'iam:PassRole', '*'];
const principals = [{ AWS: 'arn:aws:iam::111122223333:root' }, { AWS: 'arn:aws:iam::444455556666:role/reader' }, { Service: 's3.amazonaws.com' }, { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] }, '*'];
const managed = ['ReadOnlyAccess', 'AmazonS3ReadOnlyAccess', 'AdministratorAccess'].map((name) => `arn:aws:iam::aws:policy/${name}`);
const conditions = [
  { Bool: { 'aws:SecureTransport': 'true' } },
  { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } },
  { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::orders' } },
  { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } },
];
const cidrs = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/16', '192.0.2.0/24', '192.0.2.7/32'];

/** A template, and the same after a few changes. */
export function pair(seed) {
  const random = chance(seed);
  const below = (count) => Math.floor(random() * count);
  const one = (list) => list[below(list.length)];
  const maybe = (share) => random() < share;
  const some = (most, make) => Array.from({ length: 1 + below(most) }, make);
  const arn = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  const resource = () => one(['*', 'arn:aws:s3:::orders/*', arn('Bucket'), { 'Fn::Join': ['', [arn('Bucket'), '/*']] }, arn('Queue')]);

  const statement = (who) => ({
    ...(maybe(0.2) && { Sid: `S${below(100)}` }),
    Effect: maybe(0.85) ? 'Allow' : 'Deny',
    ...(who && { Principal: one(principals) }),
    [maybe(0.9) ? 'Action' : 'NotAction']: maybe(0.5) ? one(actions) : some(3, () => one(actions)),
    [maybe(0.9) ? 'Resource' : 'NotResource']: maybe(0.5) ? resource() : some(2, resource),
    ...(maybe(0.25) && { Condition: one(conditions) }),
  });
  const document = (who) => ({ Version: '2012-10-17', Statement: some(4, () => statement(who)) });
  const trust = (service) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] });
  const rule = () => {
    const port = one([22, 80, 443, 5432]);
    const span = one([{ IpProtocol: 'tcp', FromPort: port, ToPort: port }, { IpProtocol: 'udp', FromPort: 1024, ToPort: 65535 }, { IpProtocol: '-1' }]);
    return { ...span, ...one([{ CidrIp: one(cidrs) }, { CidrIpv6: '::/0' }]) };
  };
  const group = () => ({
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Generated',
      SecurityGroupIngress: some(3, rule),
      ...(maybe(0.5) && { SecurityGroupEgress: some(2, rule) }),
    },
  });
  const make = {
    Role: () => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust(one(['lambda.amazonaws.com', 'ec2.amazonaws.com'])),
        Policies: some(2, () => ({ PolicyName: `p${below(100)}`, PolicyDocument: document(false) })),
        ManagedPolicyArns: some(2, () => one(managed)),
      },
    }),
    Other: () => ({ Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('ecs-tasks.amazonaws.com') } }),
    User: () => ({ Type: 'AWS::IAM::User', Properties: { Policies: [{ PolicyName: 'own', PolicyDocument: document(false) }] } }),
    Policy: () => ({
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'attached', Roles: one([[{ Ref: 'Role' }], [{ Ref: 'Role' }, { Ref: 'Other' }]]), PolicyDocument: document(false) },
    }),
    Managed: () => ({ Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Other' }], PolicyDocument: document(false) } }),
    Bucket: () => ({ Type: 'AWS::S3::Bucket' }),
    BucketPolicy: () => ({ Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: document(true) } }),
    Queue: () => ({ Type: 'AWS::SQS::Queue' }),
    QueuePolicy: () => ({ Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: document(true) } }),
    Key: () => ({ Type: 'AWS::KMS::Key', Properties: { KeyPolicy: document(true) } }),
    Function: () => ({ Type: 'AWS::Lambda::Function', Properties: { Code: {}, Role: arn('Role') } }),
    Permission: () => ({
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: arn('Function'),
        Action: 'lambda:InvokeFunction',
        Principal: one(['s3.amazonaws.com', '111122223333']),
        ...(maybe(0.5) && { SourceArn: arn('Bucket') }),
      },
    }),
    Group: group,
    Second: group,
    Ingress: () => ({ Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: { 'Fn::GetAtt': ['Group', 'GroupId'] }, ...rule() } }),
    Egress: () => ({ Type: 'AWS::EC2::SecurityGroupEgress', Properties: { GroupId: { 'Fn::GetAtt': ['Second', 'GroupId'] }, ...rule() } }),
  };
  const optional = ['User', 'Policy', 'Managed', 'BucketPolicy', 'QueuePolicy', 'Key', 'Permission', 'Ingress', 'Egress'];
  const all = (share) => Object.fromEntries(Object.keys(make).filter((id) => !optional.includes(id) || maybe(share)).map((id) => [id, make[id]()]));
  const before = { Resources: all(0.7) };
  const after = structuredClone(before);

  const shuffled = (list) => {
    for (let last = list.length - 1; last > 0; last -= 1) {
      const other = below(last + 1);
      [list[last], list[other]] = [list[other], list[last]];
    }
  };
  const statements = (value, found = []) => {
    if (Array.isArray(value)) value.forEach((item) => statements(item, found));
    else if (value && typeof value === 'object') {
      if (Array.isArray(value.Statement)) found.push({ list: value.Statement, who: value.Statement.some((one_) => one_.Principal) });
      Object.values(value).forEach((item) => statements(item, found));
    }
    return found;
  };
  const rules = (value) => Object.values(value).flatMap(({ Properties: p = {} }) => [p.SecurityGroupIngress, p.SecurityGroupEgress].filter(Array.isArray));
  const inStatements = (change) => () => change(one(statements(after.Resources)));
  const changes = [
    inStatements(({ list }) => shuffled(list)),
    inStatements(({ list, who }) => list.push(statement(who))),
    inStatements(({ list }) => list.length > 1 && list.splice(below(list.length), 1)),
    inStatements(({ list, who }) => { list[below(list.length)] = statement(who); }),
    inStatements(({ list }) => { one(list).Sid = `S${100 + below(100)}`; }),
    inStatements(({ list }) => {
      const split = one(list);
      if (!Array.isArray(split.Action) || split.Action.length < 2) return;
      list.push({ ...split, Action: [split.Action.pop()] });
    }),
    inStatements(({ list }) => {
      const cased = one(list);
      if (typeof cased.Action === 'string') cased.Action = cased.Action.toUpperCase();
    }),
    () => shuffled(one(rules(after.Resources))),
    () => one(rules(after.Resources)).push(rule()),
    () => { const list = one(rules(after.Resources)); list[below(list.length)] = rule(); },
    () => { const role = after.Resources.Role.Properties; role.ManagedPolicyArns = some(2, () => one(managed)); },
    () => { const id = one(optional); if (after.Resources[id]) delete after.Resources[id]; else after.Resources[id] = make[id](); },
    () => { const id = one(optional); if (after.Resources[id]) after.Resources[id] = make[id](); },
  ];
  some(4, () => one(changes)());
  return { before, after };
}
