import assert from 'node:assert/strict';
import { askAndPlan, mustComplain } from '../asking.mjs';
import { until, unusedName } from '../visit.mjs';

export default [
  {
    name: 'asking for changes takes a comment and closes the change',
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, unusedName('back'));
      const approver = await visit.signedIn('approver', `/changes/${number}`);
      await approver.getByRole('button', { name: 'Ask for changes' }).click();
      await mustComplain(approver, ['Enter a comment']);
      await approver.getByLabel('Comment', { exact: true }).fill('Fewer days of logs, please.');
      await approver.getByRole('button', { name: 'Ask for changes' }).click();
      await until(approver, visit, 'changes asked for');
      await until(developer, visit, 'Fewer days of logs, please.');
    },
  },
  {
    name: 'a rejected change is closed and its change set is gone',
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, unusedName('no'));
      const approver = await visit.signedIn('approver', `/changes/${number}`);
      await approver.getByLabel('Comment', { exact: true }).fill('Not needed any more.');
      await approver.getByRole('button', { name: 'Reject' }).click();
      await until(approver, visit, /nothing of it is left at AWS/);
      await until(approver, visit, 'rejected');
    },
  },
  {
    name: 'people of another team see nothing of it',
    async go(visit) {
      visit.expected = /status of 40[34]/;
      const developer = await visit.signedIn('developer');
      const service = unusedName('mine');
      const number = await askAndPlan(developer, visit, service);
      const other = await visit.signedIn('logistics');
      for (const path of [`/changes/${number}`, `/services/payments/${service}`, `/services/payments/${service}/dev`]) {
        const answer = await other.goto(path);
        assert.equal(answer.status(), 404, path);
        assert.ok(!(await other.locator('body').innerText()).includes('AWS::SQS'), path);
      }
      for (const part of ['needs-approval', 'completed', 'all']) {
        await other.goto(`/approvals?show=${part}&team=payments`);
        await other.getByText('Nothing here fits these filters.').waitFor();
      }
      const auditor = await visit.signedIn('auditor', `/changes/${number}`);
      assert.equal(await auditor.getByRole('button', { name: /Approve|Comment|Withdraw|Stop/ }).and(auditor.locator(':enabled')).count(), 0);
    },
  },
  {
    name: 'a decision on a plan that is no longer on show is refused',
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, unusedName('stale'));
      const approver = await visit.signedIn('approver', `/changes/${number}`);
      await approver.locator('input[name=digest]').evaluate((input) => { input.value = '0'.repeat(64); });
      await approver.getByRole('button', { name: 'Approve' }).click();
      await mustComplain(approver, ['The plan has changed']);
    },
  },
  {
    name: 'prod takes an approver, platform and, where access is widened, security',
    seconds: 240,
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const service = unusedName('gate');
      const number = await askAndPlan(developer, visit, service, 'prod');
      const review = developer.locator('section', { has: developer.getByRole('heading', { name: 'Your review' }) });
      for (const asked of ['one approver of payments', 'one of platform', 'one of security']) {
        await review.getByText(asked, { exact: true }).waitFor();
      }
      for (const [persona, name] of [['security', 'Sky Security'], ['approver', 'Ari Approver'], ['platform', 'Pat Platform']]) {
        const person = await visit.signedIn(persona, '/approvals');
        await person.getByRole('link', { name: `Provision ${service} at prod` }).click();
        await person.waitForURL(new RegExp(`/changes/${number}$`));
        // Production wants to know who it is, just now.
        await person.getByText('takes a sign-in within the last 15 minutes').waitFor();
        assert.equal(await person.getByRole('button', { name: 'Approve' }).isDisabled(), true);
        assert.equal(await person.getByRole('button', { name: 'Reject' }).isEnabled(), true);
        await person.getByRole('link', { name: 'Sign in again' }).click();
        await person.waitForURL(new RegExp(`/changes/${number}$`));
        await person.getByRole('button', { name: 'Approve' }).click();
        await until(developer, visit, `approved by ${name}`);
        if (persona !== 'platform') {
          // Once is enough: a second approval would not count, and the page says so.
          await until(person, visit, 'You have approved this plan already.');
          assert.equal(await person.getByRole('button', { name: 'Approve' }).isDisabled(), true);
          await person.goto('/approvals');
          const listed = person.getByRole('link', { name: `Provision ${service} at prod` });
          assert.equal(await listed.count(), 0);
          await person.getByRole('link', { name: 'Completed' }).click();
          await listed.waitFor();
          await person.getByLabel('Stage', { exact: true }).selectOption('dev');
          await person.getByRole('button', { name: 'Filter' }).click();
          await person.waitForURL(/show=completed.*stage=dev/);
          assert.equal(await listed.count(), 0);
          await person.getByRole('link', { name: 'Clear filters' }).first().click();
          await listed.waitFor();
          await person.getByRole('link', { name: 'All', exact: true }).click();
          await listed.waitFor();
        } else {
          await person.goto('/');
        }
      }
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
    },
  },
];
