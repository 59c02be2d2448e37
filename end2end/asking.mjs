// Steps that many journeys share: ask for an environment, decide on it.
import assert from 'node:assert/strict';
import { until } from './visit.mjs';

/** Opens the second step of the form. */
export async function openForm(page, service, stage = 'dev', team = 'payments', blueprint = 'customer-data-platform') {
  await page.goto('/ask');
  await page.getByLabel('Team', { exact: true }).selectOption(team);
  await page.getByLabel('Service', { exact: true }).fill(service);
  await page.getByLabel('Blueprint', { exact: true }).selectOption(blueprint);
  await page.getByLabel('Stage', { exact: true }).selectOption(stage);
  await page.getByRole('button', { name: 'Go on to the values' }).click();
  await page.getByLabel('Why?').waitFor();
}

/** Sends the form that is open; gives the change's number. */
export async function send(page, reason = 'A journey needs it.') {
  await page.getByLabel('Why?').fill(reason);
  await page.getByRole('button', { name: /^Ask for this/ }).click();
  await page.waitForURL(/\/changes\/CH-\d+$/);
  return page.url().match(/CH-\d+/)[0];
}

/** Asks for an orders queue whose worker may do more than what the blueprint was vetted with; gives the change's number. */
export async function askForMore(page, service, stage = 'dev', team = 'payments') {
  await openForm(page, service, stage, team, 'orders-queue');
  await page.locator('input[name*="WorkerWrites"][value=true]').check();
  return send(page);
}

/** Asks for an environment that adds access to what was vetted, and waits for its plan: at any stage it takes an approver. */
export async function askAndPlan(page, visit, service, stage = 'dev', team = 'payments') {
  const number = await askForMore(page, service, stage, team);
  await until(page, visit, 'waiting for an approver');
  return number;
}

/** Approving for production takes a sign-in of a few minutes ago: signs in again where the page of the change asks for it. */
async function signInAgain(page, number) {
  const link = page.getByRole('link', { name: 'Sign in again' });
  if ((await link.count()) === 0) return;
  await link.click();
  await page.waitForURL(new RegExp(`/changes/${number}$`));
}

/**
 * Approves a change whose plan is on show, and leaves its page: without scripts that page opens itself anew every few
 * seconds while the deployment runs, and would take a later visit elsewhere back.
 */
export async function approve(page, number, comment = '') {
  await page.goto(`/changes/${number}`);
  await signInAgain(page, number);
  if (comment) await page.getByLabel('Comment', { exact: true }).fill(comment);
  await page.getByRole('button', { name: 'Approve' }).click();
  // Gone with the decision, or disabled while others still have to approve.
  await page.locator('button[value=approve]:enabled').waitFor({ state: 'detached' });
  await page.goto('/');
}

/** The summary names the problem, and the field says it too. */
export async function mustComplain(page, words) {
  await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
  const summary = page.getByRole('alert');
  for (const word of words) {
    assert.ok((await summary.innerText()).includes(word), `the summary says “${word}”: ${await summary.innerText()}`);
  }
  assert.match(await page.title(), /^Error: /);
}

/** An orders queue that runs, and a change of it that widens what the worker may do and who reaches it; gives its number. */
export async function askToWiden(developer, visit, service) {
  await openForm(developer, service, 'dev', 'payments', 'orders-queue');
  await send(developer);
  await until(developer, visit, 'Deployment succeeded', { seconds: 120 });
  await openForm(developer, service, 'dev', 'payments', 'orders-queue');
  for (const name of ['WorkerWrites', 'Support']) {
    await developer.locator(`input[name*="${name}"][value=true]`).check();
  }
  const widening = await send(developer, 'Support has to get in.');
  await until(developer, visit, 'waiting for an approver');
  return widening;
}
