import assert from 'node:assert/strict';
import { approve, mustComplain, openForm, send } from '../asking.mjs';
import { until, unusedName } from '../visit.mjs';

/** An environment as it was vetted: at dev it deploys by itself, at prod security need not look at it again. */
async function provisioned(visit, stage) {
  const service = unusedName('end');
  const developer = await visit.signedIn('developer');
  const approver = await visit.signedIn('approver');
  await openForm(developer, service, stage);
  const number = await send(developer);
  if (stage === 'prod') {
    await until(developer, visit, 'waiting for an approver');
    await approve(approver, number);
    await approve(await visit.signedIn('platform'), number);
  }
  await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
  return { service, developer, approver };
}

export default [
  {
    name: 'an environment is changed, and then decommissioned',
    seconds: 300,
    async go(visit) {
      const { service, developer, approver } = await provisioned(visit, 'dev');
      await openForm(developer, service);
      await developer.getByLabel(/^Mail alarms to/).fill('alarms@example.test');
      await send(developer, 'Somebody has to hear the alarms.');
      // Nobody gains access by it, so at dev it deploys by itself.
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
      await developer.getByText('alarms@example.test').first().waitFor();
      await developer.getByText('No approval asked for').waitFor();

      const thing = `payments/${service}/dev`;
      await developer.goto(`/services/${thing}`);
      await developer.locator('summary', { hasText: /Decommission/ }).click();
      const form = developer.locator('form[action*="decommission"]');
      await form.getByLabel(/Why/).fill('The trial is over.');
      await form.getByRole('button', { name: /decommission/i }).click();
      await mustComplain(developer, [`Enter ${thing}`]);
      const again = developer.locator('form[action*="decommission"]');
      if (!(await again.isVisible())) await developer.locator('summary', { hasText: /Decommission/ }).click();
      assert.equal(await again.getByLabel(/Why/).inputValue(), 'The trial is over.');
      await again.locator('input[name=confirmation]').fill(thing);
      await again.getByRole('button', { name: /decommission/i }).click();
      await developer.waitForURL(/\/changes\/CH-\d+$/);
      const number = developer.url().match(/CH-\d+/)[0];
      await until(developer, visit, 'waiting for an approver');
      await developer.getByText('AWS::DynamoDB::GlobalTable').first().waitFor();
      await approve(approver, number);
      await until(developer, visit, 'decommissioned', { seconds: 120 });
    },
  },
  {
    name: 'production says what must happen before it can be decommissioned',
    ways: ['plain'],
    seconds: 240,
    async go(visit) {
      const { service, developer } = await provisioned(visit, 'prod');
      await developer.goto(`/services/payments/${service}/prod`);
      await developer.locator('summary', { hasText: /Decommission/ }).click();
      const words = await developer.locator('main').innerText();
      assert.match(words, /(is on|keeps it on)/, words);
      assert.equal(await developer.locator('form[action*="decommission"] button:enabled').count(), 0);
    },
  },
];
