import { approve, askAndPlan, mustComplain } from '../asking.mjs';
import { mustBeAccessible, until, unusedName } from '../visit.mjs';

export default [
  {
    name: 'a locked environment lets an approved change wait until it is unlocked',
    seconds: 240,
    async go(visit) {
      const developer = await visit.signedIn('developer');
      const service = unusedName('lock');
      const number = await askAndPlan(developer, visit, service);
      const environment = `/services/payments/${service}/dev`;
      const approver = await visit.signedIn('approver', environment);
      await approver.locator('summary', { hasText: 'Lock' }).click();
      await approver.getByRole('button', { name: 'Lock this environment' }).click();
      await mustComplain(approver, ['Say why it is locked']);
      await approver.getByLabel('Why is it locked?').fill('Stocktaking until noon.');
      await approver.getByRole('button', { name: 'Lock this environment' }).click();
      await approver.getByRole('heading', { name: /Locked by/ }).waitFor();
      if (visit.way.scripts) await mustBeAccessible(approver);

      await until(developer, visit, 'Once approved, it waits until the environment is unlocked');
      await approve(approver, number);
      await until(developer, visit, 'Waits until the environment is unlocked');
      await until(developer, visit, /Locked by .*: Stocktaking until noon\./);
      await until(developer, visit, 'approved, queued');

      await approver.goto(environment);
      await approver.getByRole('button', { name: 'Unlock' }).click();
      await approver.getByRole('heading', { name: /Locked by/ }).waitFor({ state: 'detached' });
      await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
    },
  },
];
