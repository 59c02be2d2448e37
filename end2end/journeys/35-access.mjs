import assert from 'node:assert/strict';
import { askToWiden } from '../asking.mjs';
import { mustBeAccessible, until, unusedName } from '../visit.mjs';

/** Goes on with the Tab key until the focus is on something that fits; fails when it never is. */
async function tabTo(page, fits, what) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(fits)) return;
  }
  assert.fail(`the Tab key never came to ${what}`);
}

export default [
  {
    name: 'an approver sees whose access grows, and why',
    seconds: 240,
    async go(visit) {
      const service = unusedName('wide');
      const developer = await visit.signedIn('developer');
      const approver = await visit.signedIn('approver');
      const number = await askToWiden(developer, visit, service);
      await approver.goto(`/changes/${number}`);

      // In words, first.
      const banner = approver.getByRole('region', { name: /Access grows for 1 security group(,| and) may grow for 1 identity/ });
      await banner.waitFor();
      const top = await banner.innerText();
      // The role is bounded by a policy of the account, whose text no template holds.
      assert.match(top, /counts as a gain: WorkerRole: .*sqs:SendMessage.*gatehouse-boundary/, top);
      assert.match(top, /internet/i, top);

      // Then by identity and by group, with the lines that did it.
      const who = approver.getByRole('region', { name: 'Who may do what' });
      assert.match(await who.innerText(), /WorkerRole/);
      await who.getByText('undecided').first().waitFor();
      await who.getByRole('row').filter({ hasText: '+ added' }).filter({ hasText: 'sqs:SendMessage' }).first().waitFor();
      const reach = approver.getByRole('region', { name: 'Who may reach what' });
      assert.match(await reach.innerText(), /open to the internet/);

      // As a drawing, and the same as a table below it.
      await reach.getByRole('img', { name: /Network paths: \d+ gained, \d+ lost/ }).waitFor();
      await reach.getByRole('row').filter({ hasText: '+ gained' }).filter({ hasText: 'internet' }).first().waitFor();
      await reach.getByRole('row').filter({ hasText: '− lost' }).filter({ hasText: '10.0.0.0/8' }).first().waitFor();

      // The layout is kept in the address.
      await who.getByRole('link', { name: 'Side by side' }).click();
      await approver.waitForURL(/access=side-by-side/);
      await approver.getByRole('columnheader', { name: 'before' }).first().waitFor();
      await approver.reload();
      await approver.getByRole('columnheader', { name: 'after' }).first().waitFor();
      await approver.getByRole('region', { name: 'Who may do what' }).getByRole('link', { name: 'One below the other' }).click();
      await approver.getByRole('columnheader', { name: 'change' }).first().waitFor();

      // One identity alone stands in an address too, and leads back to all.
      await approver.goto(`/changes/${number}?subject=WorkerRole`);
      await approver.getByText('Only WorkerRole is shown').waitFor();
      await approver.getByRole('form', { name: 'Filter access' }).getByRole('link', { name: 'Show all' }).click();
      await approver.waitForURL((address) => !address.search);
      await approver.getByText('Only WorkerRole is shown').waitFor({ state: 'detached' });

      // A name leads to its place in the template.
      await who.getByRole('link', { name: 'WorkerRole' }).first().click();
      await approver.waitForURL(/\/template\?stack=main#resource-WorkerRole$/);
      const line = approver.locator('.source-line', { has: approver.locator('#resource-WorkerRole') });
      assert.match(await line.innerText(), /WorkerRole/);
      assert.ok(await line.evaluate((it) => { const { top, bottom } = it.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }), 'the line is in view');

      // Once decided, the verdict stays with the plan.
      await approver.goto(`/changes/${number}`);
      await approver.getByRole('button', { name: 'Approve' }).click();
      await until(approver, visit, 'Deployment succeeded', { seconds: 120 });
      await approver.getByRole('region', { name: /Access (grows|may grow) for/ }).waitFor();
    },
  },
  {
    name: 'whose access grows is read by keyboard alone, on a narrow screen',
    seconds: 240,
    async go(visit) {
      const developer = await visit.signedIn('developer', '/', { width: 320 });
      const approver = await visit.signedIn('approver', '/', { width: 320 });
      const number = await askToWiden(developer, visit, unusedName('keys'));
      await approver.goto(`/changes/${number}`);
      await approver.getByRole('region', { name: /Access (grows|may grow) for/ }).waitFor();
      // axe needs scripts.
      if (visit.way.scripts) await mustBeAccessible(approver);

      await tabTo(approver, () => document.activeElement.classList.contains('drawing'), 'the drawing');
      await approver.keyboard.press('ArrowRight');
      await approver.waitForTimeout(500);
      assert.ok(await approver.evaluate(() => document.activeElement.scrollLeft > 0), 'the arrow keys move the drawing');
      await tabTo(approver, () => document.activeElement.tagName === 'SUMMARY', 'something folded');
      await approver.keyboard.press('Enter');
      assert.ok(await approver.evaluate(() => document.activeElement.closest('details').open), 'Enter opens it');

      await approver.goto(`/changes/${number}`);
      await tabTo(approver, () => document.activeElement.textContent.trim() === 'Side by side', 'the other layout');
      await approver.keyboard.press('Enter');
      await approver.waitForURL(/access=side-by-side/);
      if (visit.way.scripts) await mustBeAccessible(approver);
    },
  },
];
