import { mustComplain, openForm, send } from '../asking.mjs';
import { until, unusedName } from '../visit.mjs';

export default [
  {
    name: 'a deployment is set for a time, which is refused when it is over',
    async go(visit) {
      const developer = await visit.signedIn('developer');
      await openForm(developer, unusedName('later'));
      await developer.locator('summary', { hasText: 'Deploy later' }).click();
      await developer.getByLabel('Not before').fill('2020-01-01T22:00');
      await developer.getByLabel('Time zone').fill('Europe/Berlin');
      await developer.getByLabel('Why?').fill('When nobody is looking.');
      await developer.getByRole('button', { name: /^Ask for this/ }).click();
      await mustComplain(developer, ['Wed 1 Jan 2020 22:00 Europe/Berlin is over']);

      // What was typed is still there.
      const tomorrow = new Date(Date.now() + 26 * 3600 * 1000).toISOString().slice(0, 11);
      await developer.getByLabel('Not before').fill(`${tomorrow}22:00`);
      await send(developer, 'When nobody is looking.');
      await until(developer, visit, /waits until .* 22:00 Europe\/Berlin/i);
    },
  },
];
