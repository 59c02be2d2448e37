// Writes the template pairs that script/bench measures into a folder: before-N.json and after-N.json with N resources,
// two of five of them roles, three of ten changed.
//
//   node end2end/differential/large.mjs FOLDER
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder to write to');

const document = (...statements) => ({ Version: '2012-10-17', Statement: statements });
const arn = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const within = (id) => ({ 'Fn::Join': ['', [arn(id), '/*']] });

const role = (n, changed) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: document({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    Policies: [{
      PolicyName: 'own',
      PolicyDocument: document(
        { Effect: 'Allow', Action: ['s3:GetObject', ...(changed && n % 2 ? ['s3:PutObject'] : [])], Resource: [arn(`Bucket${n % 20}`), within(`Bucket${n % 20}`)] },
        { Effect: 'Allow', Action: changed && n % 2 === 0 ? 'sqs:SendMessage' : 'sqs:*', Resource: `arn:aws:sqs:*:*:orders-${n}` },
        { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*', Condition: { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } } },
        { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ),
    }],
  },
});
const policy = (n, changed) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: 'attached',
    Roles: [{ Ref: `Role${n}` }],
    PolicyDocument: document({ Effect: 'Allow', Action: changed ? ['dynamodb:GetItem', 'dynamodb:Query'] : ['dynamodb:GetItem'], Resource: `arn:aws:dynamodb:*:*:table/orders-${n}` }),
  },
});
const bucketPolicy = (n, changed) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: `Bucket${n}` },
    PolicyDocument: document(
      { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn(`Bucket${n}`), within(`Bucket${n}`)], Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Allow', Principal: { AWS: arn(`Role${n}`) }, Action: changed ? 's3:Get*' : 's3:GetObject', Resource: within(`Bucket${n}`) },
    ),
  },
});
const queuePolicy = (n, changed) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: `Queue${n}` }],
    PolicyDocument: document({ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn(`Queue${n}`), ...(!changed && { Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:*:orders-${n}` } } }) }),
  },
});
const group = (n, changed) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: {
    GroupDescription: `Orders ${n}`,
    SecurityGroupIngress: [
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: changed ? '10.0.0.0/8' : `10.${n % 256}.0.0/16` },
      { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIp: '192.168.0.0/16' },
    ],
  },
});
const ingress = (n, changed) => ({
  Type: 'AWS::EC2::SecurityGroupIngress',
  Properties: { GroupId: { 'Fn::GetAtt': [`Group${n}`, 'GroupId'] }, IpProtocol: 'tcp', FromPort: 8080, ToPort: changed ? 8090 : 8080, CidrIp: '10.0.0.0/8' },
});

// Of 500 resources.
const parts = [
  ['Role', 200, role],
  ['Policy', 80, policy],
  ['Bucket', 60, (n, changed) => ({ Type: 'AWS::S3::Bucket', Properties: changed ? { Tags: [{ Key: 'a', Value: 'b' }] } : {} })],
  ['BucketPolicy', 60, bucketPolicy],
  ['Queue', 20, (n, changed) => ({ Type: 'AWS::SQS::Queue', Properties: changed ? { DelaySeconds: 1 } : {} })],
  ['QueuePolicy', 20, queuePolicy],
  ['Group', 40, group],
  ['Ingress', 20, ingress],
];

for (const size of [250, 500, 1000]) {
  for (const [name, after] of [['before', false], ['after', true]]) {
    const Resources = {};
    for (const [kind, share, make] of parts) {
      for (let n = 0; n < (share * size) / 500; n += 1) Resources[`${kind}${n}`] = make(n, after && n % 10 < 3);
    }
    writeFileSync(join(folder, `${name}-${size}.json`), JSON.stringify({ Resources }, null, 1));
  }
}
