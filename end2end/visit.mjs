// One visit to Gatehouse: browsers with people signed in, and what every page must hold.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Where Gatehouse answers. */
export const address = process.env.GATEHOUSE_ADDRESS ?? 'http://127.0.0.1:3000';

let browser;
async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.GATEHOUSE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
}

/** A name that no other journey uses. */
export const unusedName = (start) => `${start}-${Date.now().toString(36).slice(-5)}${Math.random().toString(36).slice(2, 5)}`;

export class Visit {
  #people = [];
  #complaints = [];

  constructor(way) {
    this.way = way;
  }

  /** A browser of their own for somebody; nobody is signed in yet. */
  async someone({ width = 1280, colorScheme = 'light' } = {}) {
    const context = await (await theBrowser()).newContext({
      baseURL: address,
      javaScriptEnabled: this.way.scripts,
      viewport: { width, height: 900 },
      colorScheme,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    page.on('console', (message) => {
      // Without scripts the browser still preloads the wasm, and then wonders that nothing uses it.
      const preloaded = !this.way.scripts && /was preloaded using link preload but not used/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !preloaded && !this.expected?.test(message.text())) {
        this.#complaints.push(`${page.url()}: ${message.type()}: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.#complaints.push(`${page.url()}: ${error.message}`));
    this.#people.push({ context, page });
    return page;
  }

  /** Somebody signed in, at a page. */
  async signedIn(persona, path = '/', options = {}) {
    const page = await this.someone(options);
    await page.goto(`/sign-in?as=${persona}&return_to=${encodeURIComponent(path)}`);
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, path);
    return page;
  }

  /** No console error or warning was seen on any page. */
  mustBeQuiet() {
    assert.deepEqual(this.#complaints, [], 'the console must stay silent');
  }

  /** Fails when it takes longer. */
  async within(seconds, doing) {
    let timer;
    const late = new Promise((_, refuse) => {
      timer = setTimeout(() => refuse(new Error(`not done within ${seconds} s`)), seconds * 1000);
    });
    try {
      await Promise.race([doing, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Pictures of every page as it was left. */
  async keepPictures(folder, name) {
    for (const [index, { page }] of this.#people.entries()) {
      const file = `${folder}/${name.replace(/[^a-z0-9]+/gi, '-')}-${index}.png`;
      await page.screenshot({ path: file, fullPage: true }).catch(() => {});
      console.log(`        ${page.url()}  ${file}`);
    }
  }

  async end() {
    for (const { context } of this.#people) await context.close();
  }
}

/** Waits until the page says so: it updates by itself with scripts, and is opened again without. */
export async function until(page, visit, text, { seconds = 60 } = {}) {
  const ends = Date.now() + seconds * 1000;
  const said = page.getByText(text).first();
  while (!(await said.isVisible().catch(() => false))) {
    if (Date.now() > ends) {
      const shown = await page.locator('main').innerText().catch(() => '(no page)');
      throw new Error(`the page never said ${text}; it said:\n${shown.slice(0, 1500)}`);
    }
    await page.waitForTimeout(visit.way.scripts ? 200 : 700);
    if (!visit.way.scripts) await page.reload();
  }
}

/** axe finds nothing (WCAG 2.2 AA), nothing scrolls sideways, and there is one main heading. */
export async function mustBeAccessible(page) {
  const source = await readFile(axePath, 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  }));
  const violations = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  assert.deepEqual(violations, [], `axe on ${page.url()}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} scrolls sideways by ${overflow} px`);
  assert.equal(await page.locator('h1').count(), 1, `${page.url()} has one h1`);
  assert.match(await page.title(), /· Gatehouse$/);
}

/** Tells the local AWS to misbehave; see end2end/sandbox/faults.py. */
export async function sandbox(order) {
  const file = await readFile(`${process.env.GATEHOUSE_DATA}/environment`, 'utf8');
  const endpoint = file.match(/^AWS_ENDPOINT_URL=(.*)$/m)[1];
  const answer = await fetch(`${endpoint}/_sandbox/fail`, { method: 'POST', body: JSON.stringify(order) });
  assert.equal(answer.status, 200, await answer.text());
}
