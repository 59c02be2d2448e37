import assert from 'node:assert/strict';
import { approve, askAndPlan, mustComplain, openForm, send } from '../asking.mjs';
import { until, unusedName } from '../visit.mjs';

export default [
  {
    name: 'from asking to a stack and back',
    seconds: 240,
    async go(visit) {
      const service = unusedName('shop');
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, service);
      await developer.getByText('AWS::SQS::Queue').first().waitFor();
      assert.ok(await developer.getByRole('button', { name: 'Approve' }).isDisabled(), 'nobody approves their own change');
      await developer.getByText(/you asked for this change/i).first().waitFor();

      const approver = await visit.signedIn('approver', '/approvals');
      await approver.locator(`a[href="/changes/${number}"]`).first().click();
      await approver.getByRole('button', { name: 'Approve' }).click();
      await until(approver, visit, 'CREATE_COMPLETE', { seconds: 60 });
      await until(approver, visit, /^.?\s*succeeded$/i, { seconds: 120 });

      await until(developer, visit, 'Deployment succeeded');
      await developer.goto(`/services/payments/${service}/dev`);
      await developer.getByText('Where orders wait').first().waitFor();
      await developer.goto(`/history?service=${service}`);
      await developer.getByRole('link', { name: number }).waitFor();
      assert.match(await developer.locator('main').innerText(), /succeeded/);
    },
  },
  {
    name: 'bad fields each get their own words, and nothing typed is lost',
    async go(visit) {
      const page = await visit.signedIn('developer');
      await openForm(page, unusedName('typo'));
      await page.getByLabel(/^Event history/).fill('0');
      await page.getByLabel(/^Mail alarms to/).fill('nonsense');
      await page.getByLabel('Why?').fill('');
      await page.getByRole('button', { name: /^Ask for this/ }).click();
      await mustComplain(page, ['Say why', 'is an e-mail address']);
      assert.equal(await page.getByLabel(/^Mail alarms to/).inputValue(), 'nonsense');
      const described = await page.getByLabel(/^Mail alarms to/).getAttribute('aria-describedby');
      assert.match(await page.locator(`#${described.split(' ').at(-1)}`).innerText(), /e-mail address/);
      await page.getByLabel(/^Mail alarms to/).fill('team@example.test');
    },
  },
  {
    name: 'a bad choice is named before any value is asked for',
    async go(visit) {
      const page = await visit.signedIn('developer');
      await page.goto('/ask?team=payments&service=Not+A+Name&blueprint=customer-data-platform&stage=dev');
      await mustComplain(page, ['service name']);
      assert.equal(await page.getByLabel('Service', { exact: true }).inputValue(), 'Not A Name');
      await page.goto('/ask?team=logistics&service=shop&blueprint=customer-data-platform&stage=dev');
      await mustComplain(page, ['not a developer of logistics']);
    },
  },
  {
    name: 'one open change an environment',
    async go(visit) {
      const service = unusedName('twice');
      const page = await visit.signedIn('developer');
      const number = await askAndPlan(page, visit, service);
      await openForm(page, service, 'dev', 'payments', 'orders-queue');
      await page.getByRole('link', { name: number }).waitFor();
      assert.ok(await page.getByRole('button', { name: /^Ask for this/ }).isDisabled());
      await page.goto(`/changes/${number}`);
      await page.getByRole('button', { name: 'Withdraw it' }).click();
      await until(page, visit, /nothing of it is left at AWS/);
      await openForm(page, service, 'dev', 'payments', 'orders-queue');
      assert.ok(await page.getByRole('button', { name: /^Ask for this/ }).isEnabled());
    },
  },
  {
    name: 'a page that is open follows its change',
    ways: ['scripts'],
    seconds: 180,
    async go(visit) {
      const service = unusedName('live');
      const developer = await visit.signedIn('developer');
      const number = await askAndPlan(developer, visit, service);
      await developer.evaluate(() => { window.sameDocument = true; });
      const approver = await visit.signedIn('approver');
      await approve(approver, number, 'Go ahead.');
      await until(developer, visit, 'Go ahead.');
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
      assert.equal(await developer.evaluate(() => window.sameDocument), true, 'the page was never opened anew');
    },
  },
  {
    name: 'what people write stays text',
    async go(visit) {
      const page = await visit.signedIn('developer');
      const evil = '</textarea><script>document.title="owned"</script><img src=x onerror=alert(1)>';
      await openForm(page, unusedName('evil'));
      const number = await send(page, evil);
      assert.ok((await page.locator('main').innerText()).includes('<script>document.title'));
      await page.getByLabel('Add a comment').fill(evil);
      await page.getByRole('button', { name: 'Comment', exact: true }).click();
      await page.waitForURL(new RegExp(number));
      await page.reload();
      assert.ok((await page.locator('main').innerText()).includes('onerror=alert(1)'));
      assert.notEqual(await page.title(), 'owned');
    },
  },
];
