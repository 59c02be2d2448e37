import assert from 'node:assert/strict';
import { askAndPlan, mustComplain, openForm, send } from '../asking.mjs';
import { mustBeAccessible, until, unusedName } from '../visit.mjs';

const blueprint = '/blueprints/parcel-queue';

/** The names of the blueprints that somebody may ask for. */
async function offered(page) {
  await page.goto('/ask');
  const options = page.getByLabel('Blueprint', { exact: true }).locator('option');
  return options.evaluateAll((all) => all.map((option) => option.value));
}

/** Opens the only version of the blueprint. */
async function openVersion(page) {
  await page.goto(blueprint);
  await page.getByRole('region', { name: 'Versions' }).getByRole('link', { name: '1.0.0' }).click();
  await page.getByRole('heading', { name: 'What comes next' }).waitFor();
}

async function withdraw(platform, words) {
  await openVersion(platform);
  await platform.getByLabel('Why is it withdrawn?').fill(words);
  await platform.getByRole('button', { name: 'Withdraw' }).click();
  await platform.getByText('withdrawn by Pat Platform').first().waitFor();
}

export default [
  {
    name: 'a blueprint version is offered once platform has proposed and security has accepted it',
    seconds: 300,
    async go(visit) {
      const developer = await visit.signedIn('developer', '/blueprints');
      await developer.getByRole('region', { name: 'Not on offer yet' }).getByRole('link', { name: 'Parcel queue 1.0.0' }).waitFor();
      assert.ok(!(await offered(developer)).includes('parcel-queue'));
      await openVersion(developer);
      assert.ok(await developer.getByRole('button', { name: 'Propose this version' }).isDisabled());
      await developer.getByText(/takes the platform role/).waitFor();

      const platform = await visit.signedIn('platform', blueprint);
      await platform.getByRole('heading', { name: 'No version is on offer' }).waitFor();
      await openVersion(platform);
      await platform.getByRole('button', { name: 'Propose this version' }).click();
      await mustComplain(platform, ['Say why teams should have it']);
      await platform.getByLabel('Why should teams have it?').fill('Parcels have to wait somewhere.');
      await platform.getByRole('button', { name: 'Propose this version' }).click();
      await platform.getByText('waits for security').first().waitFor();
      assert.ok(await platform.getByRole('button', { name: 'Accept' }).isDisabled(), 'platform proposes, security answers');

      const security = await visit.signedIn('security');
      await security.getByRole('region', { name: 'Blueprint versions for you to vet' }).getByRole('link', { name: 'Parcel queue 1.0.0' }).click();
      await security.getByText('Parcels have to wait somewhere.').first().waitFor();
      const stages = security.getByRole('region', { name: 'Access at every stage' });
      for (const stage of ['dev', 'prod']) await stages.getByRole('rowheader', { name: stage }).waitFor();
      await security.getByRole('region', { name: /^.?\s*At dev: access/ }).waitFor();
      assert.doesNotMatch(await security.locator('main').innerText(), /sqs:SendMessage/);
      await stages.getByRole('row').filter({ hasText: 'prod' }).getByRole('link').last().click();
      await security.waitForURL(/stage=prod/);
      await security.getByRole('region', { name: /At prod: access/ }).waitFor();
      await security.getByRole('region', { name: 'Who may do what' }).getByText('sqs:SendMessage').first().waitFor();
      if (visit.way.scripts) await mustBeAccessible(security);
      await security.getByRole('button', { name: 'Refuse' }).click();
      await mustComplain(security, ['Say why it is refused']);
      if (visit.way.scripts) await mustBeAccessible(security);
      await security.getByLabel('What do you say to it?').fill('As narrow as it can be.');
      await security.getByRole('button', { name: 'Accept' }).click();
      await security.getByText('accepted by Sky Security').first().waitFor();

      // What was vetted deploys by itself at dev, and its whole access can still be seen.
      assert.ok((await offered(developer)).includes('parcel-queue'));
      await openForm(developer, unusedName('vet'), 'dev', 'payments', 'parcel-queue');
      const number = await send(developer);
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
      await developer.getByText('No approval asked for').waitFor();
      await developer.getByText('Compared with what version 1.0.0 was vetted with at dev').first().waitFor();
      await developer.getByText('Access is as it was vetted').first().waitFor();
      await developer.getByRole('link', { name: 'Show its whole access' }).click();
      await developer.waitForURL(/against=nothing/);
      await developer.getByRole('region', { name: 'Who may do what' }).getByText('sqs:ReceiveMessage').first().waitFor();
      if (visit.way.scripts) await mustBeAccessible(developer);
      assert.ok(developer.url().includes(number));

      // So that the next journey finds it as this one did.
      await withdraw(platform, 'The journey is over.');
      assert.ok(!(await offered(developer)).includes('parcel-queue'));
    },
  },
  {
    name: 'what a request adds to what was vetted counts as widened',
    ways: ['plain'],
    async go(visit) {
      const developer = await visit.signedIn('developer');
      await askAndPlan(developer, visit, unusedName('more'), 'prod');
      await developer.getByText('Compared with what version 1.0.0 was vetted with at prod').first().waitFor();
      await developer.getByRole('region', { name: /Access (grows|may grow) for 1 identity/ }).first().waitFor();
      await developer.getByText('one of security', { exact: true }).waitFor();
    },
  },
];
