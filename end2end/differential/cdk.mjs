// What the security part of `cdk diff` shows of a change: its table's rows, as data.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const library = require.resolve('@aws-cdk/cloudformation-diff');
const { fullDiff } = require('@aws-cdk/cloudformation-diff');
// The specification that the library itself looks resource types up in.
const { loadAwsServiceSpecSync } = createRequire(library)('@aws-cdk/aws-service-spec');

export { fullDiff };

/** Every row shown: statements, attachments, rules, and the rows of IAM Identity Center. */
export function rows(before, after) {
  // The library changes what it is given.
  const { iamChanges: iam, securityGroupChanges: groups } = fullDiff(structuredClone(before), structuredClone(after));
  const both = (kind, collection, read) => [
    ...collection.additions.map((one) => ({ kind, side: 'added', ...read(one) })),
    ...collection.removals.map((one) => ({ kind, side: 'removed', ...read(one) })),
  ];
  const rule = (direction) => (one) => ({
    direction,
    group: one.groupId,
    protocol: one.ipProtocol,
    from: one.fromPort,
    to: one.toPort,
    peer: one.peer?.ip ?? one.peer?.securityGroupId ?? one.peer?.prefixListId ?? '',
  });
  return [
    ...both('statement', iam.statements, (one) => ({
      unread: one.serializedIntrinsic,
      sid: one.sid,
      effect: one.effect,
      actions: one.actions,
      resources: one.resources,
      principals: one.principals,
      condition: one.condition,
    })),
    ...both('attachment', iam.managedPolicies, (one) => ({ identity: one.identityArn, policy: one.managedPolicyArn })),
    ...both('identity center', iam.ssoPermissionSets, (one) => ({ ...one })),
    ...both('identity center', iam.ssoAssignments, (one) => ({ ...one })),
    ...both('identity center', iam.ssoInstanceACAConfigs, (one) => ({ ...one })),
    ...both('rule', groups.ingress, rule('ingress')),
    ...both('rule', groups.egress, rule('egress')),
  ];
}

/** The resource types that the library looks into, each with its properties, and which of them it reads. */
export function scrutinizedTypes() {
  const types = [];
  for (const resource of loadAwsServiceSpecSync().all('resource')) {
    const properties = Object.entries(resource.properties);
    const read = properties.filter(([, { scrutinizable }]) => scrutinizable && scrutinizable !== 'None');
    if (read.length === 0 && !resource.scrutinizable) continue;
    types.push({
      type: resource.cloudFormationType,
      scrutiny: resource.scrutinizable,
      properties: Object.fromEntries(properties.map(([name, { type, required }]) => [name, { type, required: Boolean(required) }])),
      read: read.map(([name, { scrutinizable }]) => ({ name, scrutiny: scrutinizable })),
    });
  }
  return types;
}
