// The figures of script/bench that take a portal which has been in use for years: 10,000 services, 30,000 environments,
// 100,000 changes, a thousand of which wait for approval.
import { execFileSync } from 'node:child_process';
import { address, closeBrowser, unusedName, Visit } from './visit.mjs';
import { askAndPlan } from './asking.mjs';

const psql = (sql) => execFileSync(process.env.GATEHOUSE_PSQL, [process.env.GATEHOUSE_OWNER_URL, '-AtXq', '-v', 'ON_ERROR_STOP=1', '-c', sql], { encoding: 'utf8' }).trim();
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const visit = new Visit({ name: 'bench', scripts: false });
const developer = await visit.signedIn('developer');
const approver = await visit.signedIn('approver');
const security = await visit.signedIn('security');
// Its plan serves every change below.
const number = await askAndPlan(developer, visit, unusedName('model'), 'prod');

psql(`
create temporary table model as
  select plan.review_digest, plan.reviewed, plan.binding, release.blueprint_digest, release.parameters, environment.account,
    environment.region, service.blueprint
  from change join plan on plan.change = change.id join release on release.id = change.release
  join environment on environment.id = change.environment join service on service.id = environment.service
  where change.number = ${number.slice(3)};
insert into service (id, team, name, blueprint)
  select gen_random_uuid(), case when n % 2 = 0 then 'payments' else 'logistics' end, 's' || n, blueprint
  from generate_series(1, 10000) as n, model;
insert into release (id, service, number, blueprint_digest, parameters, created_by)
  select gen_random_uuid(), service.id, 1, blueprint_digest, parameters, 'developer'
  from service, model where service.name ~ '^s[0-9]+$';
insert into environment (id, service, stage, account, region, release, state)
  select gen_random_uuid(), service.id, stage, account, region, release.id, 'live'
  from service join release on release.service = service.id, unnest(array['dev', 'staging', 'prod']) as stage, model
  where service.name ~ '^s[0-9]+$';
create temporary table many as
  select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id,
    ('01900000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid as plan, n > 99000 as waits, of.*
  from generate_series(1, 100000) as n
  join (select environment.id as environment, release, stage, team, service.name, row_number() over () - 1 as place
        from environment join service on service.id = environment.service where service.name ~ '^s[0-9]+$') as of
    on of.place = n % 30000
  order by n;
insert into change (id, environment, kind, release, reason, requester, state, open, team, stage, waits_for)
  select many.id, environment, 'update', release, 'Another size.', 'developer',
    case when waits then jsonb_build_object('name', 'waiting', 'plan', plan, 'review', review_digest)
      else '{"name": "succeeded", "outcome": "deployed"}' end,
    waits, team, stage, case when waits then array['approver', 'security'] else '{}' end
  from many, model order by many.id;
insert into plan (id, change, review_digest, reviewed, binding)
  select many.plan, many.id, review_digest, reviewed, binding from many, model;
insert into decision (id, change, plan, review_digest, decision, comment, decided_by, groups)
  select gen_random_uuid(), many.id, many.plan, review_digest, 'approve', '', 'approver', '{approver}'
  from many, model where not waits;
insert into deployment (id, change, plan, environment, team, service, stage, requester, approved_by, state, started_at, ended_at)
  select gen_random_uuid(), many.id, many.plan, environment, team, name, stage, 'developer', 'approver', 'succeeded', now(), now()
  from many where not waits;
analyze;`);

const cookies = async (page) => (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
const people = { developer: await cookies(developer), approver: await cookies(approver), security: await cookies(security) };

async function timed(person, path) {
  const began = performance.now();
  const answer = await fetch(address + path, { headers: { cookie: people[person] } });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return { took: performance.now() - began, body };
}

const pages = [
  ['inbox, needs approval', 'approver', '/approvals', 'Update s'],
  ['inbox, needs approval, all teams', 'security', '/approvals', 'Update s'],
  ['inbox, completed', 'approver', '/approvals?show=completed', 'Update s'],
  ['inbox, all', 'developer', '/approvals?show=all', 'Update s'],
  ['inbox, all, one stage', 'security', '/approvals?show=all&stage=prod', 'Update s'],
  ['service page', 'developer', '/services/payments/s5000', 's5000'],
  ['my work', 'approver', '/', 'Update s'],
  ['history', 'security', '/history', 's'],
];
for (const [what, person, path, shows] of pages) {
  const { body } = await timed(person, path);
  if (!body.includes(shows)) throw new Error(`${path} shows nothing`);
  const page = [];
  const live = [];
  for (let round = 0; round < 100; round += 1) {
    page.push((await timed(person, path)).took);
    live.push((await timed(person, '/livez')).took);
  }
  const took = median(page);
  console.log(`${what.padEnd(34)} ${took.toFixed(1)} ms at the median of 100 (at most 25), ${(took / median(live)).toFixed(0)} times /livez   fetch ${path} as ${person}, with 10,000 services and 100,000 changes`);
}
await visit.end();
await closeBrowser();
