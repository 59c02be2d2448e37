// Whether a row of cdk's table is in our answer, or what it is about is proven equivalent.
import { isDeepStrictEqual } from 'node:util';
import { rows } from './cdk.mjs';

// `Ref` and `GetAtt` of one resource are one name here.
const plain = (text) =>
  String(text)
    .replaceAll('${AWS::Partition}', 'aws')
    .replaceAll('${AWS::URLSuffix}', 'amazonaws.com')
    .replace(/\$\{(\w+)\.\w+\}/g, '${$1}');
const bare = (text) => plain(text).replace(/^\$\{(\w+)\}$/, '$1').replace(/^prefix list /, '');
// An account's number and its root are one principal.
const principal = (text) => plain(text).replace(/^AWS:arn:aws:iam::(\d{12}):root$/, 'AWS:$1');
const set = (values, read = plain) => [...new Set(values.map(read))].sort();
const list = (value) => (Array.isArray(value) ? value : [value]);

const sameNames = (cdk, ours, read = plain) => cdk.not === ours.not && isDeepStrictEqual(set(cdk.values, read), set(ours.values, read));

// Where a statement names nothing, or `*`, cdk writes in whose policy it is.
const sameOrFilledIn = (cdk, ours) => {
  if (sameNames(cdk, ours)) return true;
  const written = set(ours.values).filter((name) => name !== '*');
  const isOpen = ours.values.length === 0 || written.length < set(ours.values).length;
  const filledIn = set(cdk.values).filter((name) => !written.includes(name));
  return isOpen && cdk.not === ours.not && filledIn.length === 1 && set(cdk.values).length === written.length + 1;
};

// The identity that cdk writes in for a policy of its own.
const isIdentity = ({ not, values }) => !not && values.length <= 1 && values.every((name) => name.startsWith('AWS:'));

const tests = (condition) =>
  Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys ?? {}).map(([key, values]) => `${operator} ${key.toLowerCase()} ${JSON.stringify(set(list(values)))}`));

function sameStatement(cdk, ours) {
  const has = new Set(tests(ours.condition));
  return (
    cdk.effect === ours.effect &&
    // Actions are case-blind.
    sameNames(cdk.actions, ours.actions, (name) => plain(name).toLowerCase()) &&
    sameOrFilledIn(cdk.resources, ours.resources) &&
    (ours.principals.values.length === 0 ? isIdentity(cdk.principals) : sameNames(cdk.principals, ours.principals, principal)) &&
    // cdk leaves some conditions of a Lambda permission out.
    tests(cdk.condition).every((test) => has.has(test))
  );
}

const sameAttachment = (cdk, ours) => bare(cdk.identity) === bare(ours.subject) && plain(cdk.policy) === plain(ours.policy);

function sameRule(cdk, ours) {
  const protocols = { '-1': 'all', 6: 'tcp', 17: 'udp', 1: 'icmp' };
  const protocol = protocols[cdk.protocol] ?? cdk.protocol.toLowerCase();
  const [from, to] = [Number(cdk.from), Number(cdk.to)];
  const every = protocol === 'all' || cdk.from === undefined || from === -1 || (from === 0 && to === 65535);
  const ports = every ? 'all' : from === to ? `${from}` : `${from}-${to}`;
  return (
    cdk.direction === ours.direction &&
    bare(cdk.group) === bare(ours.group) &&
    protocol === ours.protocol &&
    // ICMP has types and codes for ports, which are words in our answer.
    (ports === ours.ports || protocol.startsWith('icmp')) &&
    bare(cdk.peer) === bare(ours.peer)
  );
}

const deltas = {
  statement: [(answer) => answer.iam.statements, sameStatement],
  attachment: [(answer) => answer.iam.managed_policies, sameAttachment],
  rule: [(answer) => answer.network.rules, sameRule],
};

const isThere = (row, answer) => {
  const [delta, same] = deltas[row.kind] ?? [];
  return Boolean(delta) && delta(answer)[row.side].some((one) => same(row, one));
};

// A statement that only gets another name stands on both sides.
const isRenamed = (row, all) => {
  const nameless = ({ sid, side, ...rest }) => rest;
  return row.kind === 'statement' && all.some((other) => other.side !== row.side && other.sid !== row.sid && isDeepStrictEqual(nameless(other), nameless(row)));
};

const unnamed = ({ kind, side, ...row }) => `${kind} ${JSON.stringify(row)}`;

// The resources whose change alone makes cdk show the row: its table does not say where a row comes from.
function origins(row, before, after) {
  const ids = new Set([...Object.keys(before.Resources ?? {}), ...Object.keys(after.Resources ?? {})]);
  const words = unnamed(row);
  const only = (template, id) => ({ ...template, Resources: template.Resources?.[id] ? { [id]: template.Resources[id] } : {} });
  return [...ids].filter((id) =>
    rows(only(before, id), only(after, id)).some((one) => one.side === row.side && unnamed(one) === words));
}

// A resource and all that it names.
function concerned(id, templates) {
  const named = new Set([id]);
  for (const template of templates) {
    const text = JSON.stringify(template.Resources?.[id] ?? {});
    for (const other of Object.keys(template.Resources ?? {})) {
      if (text.includes(`"${other}"`) || text.includes(`\${${other}}`) || text.includes(`\${${other}.`)) named.add(other);
    }
  }
  return named;
}

/** The rows that cdk shows and we neither show nor prove to change nothing. */
export function missing(before, after, answer) {
  const all = rows(before, after);
  return all.filter((row) => {
    if (isThere(row, answer) || isRenamed(row, all)) return false;
    const about = new Set(origins(row, before, after).flatMap((id) => [...concerned(id, [before, after])]));
    const judged = [...answer.iam.subjects, ...answer.network.groups].filter(
      ({ id, lines }) => about.has(id) || [...lines.added, ...lines.removed].some(({ source }) => about.has(source)));
    // What has no lines of its own is shown by a verdict on the resource.
    if (row.kind === 'identity center' || row.unread) return judged.length === 0;
    return about.size === 0 || judged.some(({ verdict }) => verdict !== 'equivalent');
  });
}

/** A row in words. */
export function words(row) {
  return `${row.side === 'added' ? '+' : '-'} ${unnamed(row)}`;
}
