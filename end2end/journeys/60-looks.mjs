import { askAndPlan, askToWiden, mustComplain, openForm } from '../asking.mjs';
import { mustBeAccessible, unusedName } from '../visit.mjs';

const looks = [
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 320, colorScheme: 'light' },
  { width: 320, colorScheme: 'dark' },
];

/** Keeps a picture for whoever wants to look: GATEHOUSE_PICTURES names the folder. */
async function picture(page, look, name) {
  const folder = process.env.GATEHOUSE_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}-${look.width}-${look.colorScheme}.png`, fullPage: true });
}

export default looks.map((look) => ({
  name: `every page is accessible at ${look.width} px, ${look.colorScheme}`,
  ways: ['scripts'],
  seconds: 300,
  async go(visit) {
    visit.expected = /status of 404/;
    const service = unusedName('look');
    const developer = await visit.signedIn('developer', '/', look);
    const number = await askAndPlan(developer, visit, service);
    const ask = `/ask?team=payments&service=${service}2&blueprint=customer-data-platform&stage=prod`;
    const pages = {
      work: '/', approvals: '/approvals', completed: '/approvals?show=completed', services: '/services', service: `/services/payments/${service}`,
      environment: `/services/payments/${service}/dev`, 'not-promoted': `/services/payments/${service}/dev/promote`, ask: '/ask', values: ask, change: `/changes/${number}`,
      history: '/history', empty: '/history?service=nothing-of-this-name', blueprints: '/blueprints', freezes: '/freezes', waivers: '/waivers',
      blueprint: '/blueprints/customer-data-platform', unknown: '/nowhere',
    };
    for (const [name, path] of Object.entries(pages)) {
      await developer.goto(path);
      await mustBeAccessible(developer);
      await picture(developer, look, name);
    }
    await developer.goto('/blueprints/customer-data-platform');
    const version = await developer.locator('section[aria-labelledby=versions] a').first().getAttribute('href');
    for (const [name, query] of Object.entries({ version: '', 'whole-version': '?stage=prod&against=nothing&access=side-by-side' })) {
      await developer.goto(version + query);
      await mustBeAccessible(developer);
      await picture(developer, look, name);
    }
    await openForm(developer, `${service}3`);
    await developer.getByRole('button', { name: /^Ask for this/ }).click();
    await mustComplain(developer, ['Say why']);
    await mustBeAccessible(developer);
    await picture(developer, look, 'refused');

    const approver = await visit.signedIn('approver', `/changes/${number}`, look);
    await mustBeAccessible(approver);
    await picture(approver, look, 'review');

    const widening = await askToWiden(developer, visit, `${service}4`);
    const proof = {
      widened: `/changes/${widening}`, beside: `/changes/${widening}?access=side-by-side`,
      template: `/changes/${widening}/template?stack=main`, stages: `/services/payments/${service}4`,
      promotion: `/services/payments/${service}4/dev/promote`, rollback: `/services/payments/${service}4/dev/rollback/r1`, approvals: '/approvals',
    };
    for (const [name, path] of Object.entries(proof)) {
      await approver.goto(path);
      await mustBeAccessible(approver);
      await picture(approver, look, name);
    }
    // And with everything that is folded open.
    await approver.goto(proof.widened);
    for (const folded of await approver.locator('details').all()) await folded.evaluate((it) => { it.open = true; });
    await mustBeAccessible(approver);
    await picture(approver, look, 'unfolded');
  },
}));
