import assert from 'node:assert/strict';
import { approve, askAndPlan, mustComplain } from '../asking.mjs';
import { sandbox, until, unusedName } from '../visit.mjs';

const queue = 'Orders';

export default [
  {
    name: 'a resource that fails shows the reason of AWS beside it, and the dead stack has a way out',
    seconds: 240,
    async go(visit) {
      const service = unusedName('dead');
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, service);
      await sandbox({ logical_id: queue, reason: 'Rate of queue creation exceeded (a journey)', account: '111111111111' });
      const approver = await visit.signedIn('approver');
      await approve(approver, number);
      await until(developer, visit, 'Rate of queue creation exceeded (a journey)', { seconds: 120 });
      await until(developer, visit, 'failed, stack is stuck', { seconds: 120 });
      await developer.getByRole('button', { name: 'Delete the dead stack' }).click();
      await mustComplain(developer, ['Tick the box']);
      await developer.getByLabel('Delete this stack and whatever is left in it').check();
      await developer.getByRole('button', { name: 'Delete the dead stack' }).click();
      await until(developer, visit, /^Repaired/, { seconds: 90 });

      const next = await askAndPlan(developer, visit, service);
      await approve(approver, next);
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
    },
  },
  {
    name: 'stopping a creation says what it deletes, and does',
    seconds: 180,
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, unusedName('stop'));
      await sandbox({ delay_seconds: 5 });
      try {
        const approver = await visit.signedIn('approver');
        await approve(approver, number);
        await until(developer, visit, 'IN_PROGRESS', { seconds: 60 });
        await developer.getByLabel('Delete everything this has created so far').check();
        await developer.getByRole('button', { name: 'Stop it' }).click();
        await until(developer, visit, /stopping|Stop asked for/);
      } finally {
        await sandbox({ delay_seconds: 0.1 });
      }
      await until(developer, visit, 'It was stopped', { seconds: 120 });
    },
  },
  {
    name: 'throttling is waited out',
    ways: ['scripts'],
    seconds: 120,
    async go(visit) {
      const developer = await visit.signedIn('developer');
      await sandbox({ throttle: 6 });
      const number = await askAndPlan(developer, visit, unusedName('slow'));
      assert.match(number, /^CH-/);
    },
  },
  {
    name: 'an address that leads nowhere says so',
    async go(visit) {
      visit.expected = /status of 404/;
      const page = await visit.signedIn('developer');
      for (const path of ['/changes/CH-99999999', '/changes/nonsense', '/services/payments/none', '/nowhere', '/blueprints/none']) {
        const answer = await page.goto(path);
        assert.equal(answer.status(), 404, path);
        assert.equal(await page.locator('h1').count(), 1, path);
      }
    },
  },
];
