// The figures of script/bench that take a signed-in person: the change page with a plan of 120
// resources, and how soon an approved change is executed.
import { execFileSync } from 'node:child_process';
import { address, closeBrowser, unusedName, Visit } from './visit.mjs';
import { approve, openForm, send } from './asking.mjs';
import { until } from './visit.mjs';

const psql = (sql) => execFileSync(process.env.GATEHOUSE_PSQL, [process.env.GATEHOUSE_OWNER_URL, '-AtXq', '-c', sql], { encoding: 'utf8' }).trim();
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const visit = new Visit({ name: 'bench', scripts: false });
const developer = await visit.signedIn('developer');
const approver = await visit.signedIn('approver');

/** Asks for an environment at staging, where an approver is always asked for, and waits for its plan. */
async function askAndPlan(service) {
  await openForm(developer, service, 'staging');
  const number = await send(developer);
  await until(developer, visit, 'waiting for an approver');
  return number;
}

const latencies = [];
for (let round = 0; round < 7; round += 1) {
  const number = await askAndPlan(unusedName('bench'));
  await approve(approver, number);
  await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
  const digits = number.slice(3);
  latencies.push(Number(psql(`select extract(epoch from (select min(happened_at) from stack_event
      join deployment on deployment.id = stack_event.deployment join change on change.id = deployment.change
      where change.number = ${digits} and stack_event.resource_type = 'AWS::CloudFormation::Stack')
    - (select at from audit_entry where change = ${digits} and action = 'change.approved')) * 1000`)));
}
console.log(`from approved to executed          ${median(latencies).toFixed(0)} ms at the median of ${latencies.length} (at most 300)   first event of the stack less the approval's audit entry`);

// A plan of 120 resources: the one just planned, its resource changes repeated under other names.
const number = await askAndPlan(unusedName('large'));
psql(`alter table plan disable trigger user;
  update plan set reviewed = jsonb_set(reviewed, '{stacks,0,operation,changes}', (
    select jsonb_agg(jsonb_set(one.value, '{logical_id}', to_jsonb('Resource' || copy)) order by copy)
    from generate_series(1, 120) as copy
    join lateral (select value, row_number() over () as place from jsonb_array_elements(reviewed #> '{stacks,0,operation,changes}')) as one
      on one.place = 1 + copy % jsonb_array_length(reviewed #> '{stacks,0,operation,changes}')))
  where change = (select id from change where number = ${number.slice(3)})`);
const cookie = (await developer.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
async function timed(path) {
  const began = performance.now();
  const answer = await fetch(address + path, { headers: { cookie } });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return { took: performance.now() - began, body };
}
const { body } = await timed(`/changes/${number}`);
if (!body.includes('Resource120')) throw new Error('the page does not show all 120 resources');
const page = [];
const live = [];
for (let round = 0; round < 200; round += 1) {
  page.push((await timed(`/changes/${number}`)).took);
  live.push((await timed('/livez')).took);
}
console.log(`change page, 120 resources         ${median(page).toFixed(1)} ms at the median of 200 (at most 25), ${(median(page) / median(live)).toFixed(0)} times /livez   fetch ${address}/changes/${number}`);
await visit.end();
await closeBrowser();
