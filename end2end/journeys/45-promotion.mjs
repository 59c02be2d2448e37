import assert from 'node:assert/strict';
import { approve, openForm, send } from '../asking.mjs';
import { mustBeAccessible, until, unusedName } from '../visit.mjs';

/** Waits until the change on show has succeeded, and approves it on the way where it waits for somebody. */
async function succeed(developer, approver, visit, number) {
  await until(developer, visit, /waiting for|Deployment started/);
  if (await developer.getByText(/waiting for/).first().isVisible()) await approve(approver, number);
  await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
}

const changeOf = (page) => page.url().match(/CH-\d+/)[0];

/** Opens the promotion that the service's page offers, and asks for it. */
async function promote(developer, service, release, reason) {
  await developer.goto(`/services/payments/${service}`);
  await developer.getByRole('link', { name: `Promote ${release} to staging` }).click();
  await developer.getByRole('heading', { name: `Promote ${release} to staging` }).waitFor();
  await developer.getByLabel('Why?').fill(reason);
  await developer.getByRole('button', { name: `Promote ${release} to staging` }).click();
  await developer.waitForURL(/\/changes\/CH-\d+$/);
  return changeOf(developer);
}

async function rowOf(page, name) {
  return (await page.getByRole('row').filter({ hasText: name }).first().innerText()).replace(/\s+/g, ' ');
}

export default [
  {
    name: 'a release is promoted from dev to staging, and dev goes on and back',
    seconds: 420,
    async go(visit) {
      const service = unusedName('up');
      const developer = await visit.signedIn('developer');
      const approver = await visit.signedIn('approver');
      await openForm(developer, service, 'dev', 'payments', 'orders-queue');
      await developer.locator('input[name*="WorkerWrites"][value=true]').check();
      await succeed(developer, approver, visit, await send(developer));

      // To staging: the same release, since the manifest has nothing of staging's own.
      const promotion = await promote(developer, service, 'r1', 'It works at dev.');
      await until(developer, visit, /waiting for/);
      await developer.getByText('AWS::SQS::Queue').first().waitFor();
      await approve(approver, promotion);
      await developer.goto(`/changes/${promotion}`);
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
      await developer.goto(`/services/payments/${service}`);
      await developer.getByText('Has what dev has.').waitFor();
      assert.equal(await developer.getByText('healthy').count(), 2);

      // What already runs there can't be promoted again, and no stage is skipped.
      await developer.goto(`/services/payments/${service}/dev/promote`);
      await developer.getByText('so there is nothing to promote').waitFor();
      assert.equal(await developer.getByLabel('Why?').count(), 0);
      await developer.goto(`/services/payments/${service}/dev/promote?to=prod`);
      await developer.getByText('A release does not go from dev straight to prod').waitFor();

      // An update at dev, which may then go up, or be taken back.
      await openForm(developer, service, 'dev', 'payments', 'orders-queue');
      await developer.locator('input[name*="WorkerWrites"][value=false]').check();
      await succeed(developer, approver, visit, await send(developer, 'It only reads.'));
      await developer.goto(`/services/payments/${service}/dev/promote`);
      const row = await rowOf(developer, 'WorkerWrites');
      assert.match(row, /false.*true.*false.*changes.*stays as at dev/i, row);

      await developer.goto(`/services/payments/${service}/dev`);
      await developer.getByRole('link', { name: 'Roll back to r1' }).click();
      const back = await rowOf(developer, 'WorkerWrites');
      assert.match(back, /false.*true.*changes.*as in r1/i, back);
      if (visit.way.scripts) await mustBeAccessible(developer);
      await developer.getByRole('button', { name: 'Roll back to r1' }).click();
      await developer.getByRole('heading', { name: 'There is a problem' }).waitFor();
      await developer.getByLabel('Why?').fill('It has to write after all.');
      await developer.getByRole('button', { name: 'Roll back to r1' }).click();
      await developer.waitForURL(/\/changes\/CH-\d+$/);
      await developer.getByRole('heading', { name: `Roll back ${service} at dev` }).first().waitFor();
      await succeed(developer, approver, visit, changeOf(developer));
      await developer.goto(`/services/payments/${service}/dev`);
      await developer.getByRole('link', { name: 'Roll back to r2' }).waitFor();
      assert.equal(await developer.getByRole('link', { name: 'Roll back to r1' }).count(), 0);
    },
  },
  {
    name: 'a promotion brings the values that a stage has of its own',
    ways: ['plain'],
    seconds: 300,
    async go(visit) {
      const service = unusedName('own');
      const developer = await visit.signedIn('developer');
      const approver = await visit.signedIn('approver');
      await openForm(developer, service);
      await developer.getByLabel(/^Mail alarms to/).fill('alarms@example.test');
      await succeed(developer, approver, visit, await send(developer));
      await developer.goto(`/services/payments/${service}/dev/promote`);
      assert.match(await rowOf(developer, 'LogRetentionDays'), /14.*nothing.*30.*staging's own default/);
      assert.match(await rowOf(developer, 'AlarmEmail'), /alarms@example.test.*stays as at dev/);
      const number = await promote(developer, service, 'r1', 'With what staging needs.');
      await until(developer, visit, /waiting for/);
      await developer.goto(`/services/payments/${service}`);
      assert.match(await rowOf(developer, 'promoted from r1'), /r2/);
      await developer.goto(`/changes/${number}`);
      await developer.getByRole('button', { name: 'Withdraw' }).click();
      await until(developer, visit, 'withdrawn');
    },
  },
];
