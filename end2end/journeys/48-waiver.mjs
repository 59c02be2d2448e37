import assert from 'node:assert/strict';
import { mustComplain, openForm, send } from '../asking.mjs';
import { mustBeAccessible, until, unusedName } from '../visit.mjs';

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

export default [
  {
    name: 'a finding stops a change until security has granted a waiver',
    seconds: 240,
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const service = unusedName('letters');
      await openForm(developer, service, 'dev', 'payments', 'letterbox');
      await developer.locator('input[name*="Encrypted"][value=false]').check();
      const number = await send(developer);
      await until(developer, visit, 'stopped by a finding');
      const findings = developer.getByRole('region', { name: 'Findings' });
      assert.match(await findings.innerText(), /blocks[^]*Queues are encrypted[^]*Letters[^]*What would be right/);
      if (visit.way.scripts) await mustBeAccessible(developer);
      assert.equal(await developer.getByRole('button', { name: 'Approve' }).count(), 0, 'nothing can be approved');

      // What is wrong stands beside its field, and what was typed is kept.
      await findings.getByRole('link', { name: 'Ask for a waiver' }).first().click();
      await developer.getByLabel('Why should it be let through?').fill('The letters hold no data.');
      await developer.getByLabel('Last day').fill(day(91));
      await developer.getByRole('button', { name: 'Ask security' }).click();
      await mustComplain(developer, ['a waiver lasts at most 90 days']);
      assert.equal(await developer.getByLabel('Why should it be let through?').inputValue(), 'The letters hold no data.');
      if (visit.way.scripts) await mustBeAccessible(developer);
      await developer.getByLabel('Last day').fill(day(7));
      await developer.getByRole('button', { name: 'Ask security' }).click();
      await developer.waitForURL(/\/waivers\/W-\d+$/);
      const waiver = developer.url().match(/W-\d+/)[0];
      await developer.getByText('takes the security role').waitFor();

      const security = await visit.signedIn('security', '/waivers?state=asked');
      if (visit.way.scripts) await mustBeAccessible(security);
      await security.getByRole('link', { name: waiver, exact: true }).click();
      await security.getByText('The letters hold no data.').first().waitFor();
      await security.getByRole('button', { name: 'Refuse' }).click();
      await mustComplain(security, ['Say why not']);
      await security.getByLabel('Comment').fill('Until the move is over.');
      await security.getByRole('button', { name: 'Grant' }).click();
      await security.getByText('in force').first().waitFor();
      if (visit.way.scripts) await mustBeAccessible(security);

      // It is planned again by itself, and needs nobody more at dev.
      await developer.goto(`/changes/${number}`);
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
      await developer.getByText(`Waived until ${day(7)} by`).waitFor();
      await developer.getByRole('link', { name: waiver, exact: true }).waitFor();
    },
  },
];
