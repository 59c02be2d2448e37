// Runs the browser journeys against a running Gatehouse and ends with one line: N passed, N failed.
//   GATEHOUSE_ADDRESS=http://127.0.0.1:3000 node end2end/run.mjs [WORD…]   only journeys whose name holds a word
// GATEHOUSE_DATA names the data folder of script/sandbox, for the local AWS's own controls.
// GATEHOUSE_ROUNDS repeats everything, for script/soak.
import { readdir, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Visit, closeBrowser } from './visit.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const results = `${here}results`;
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const only = process.argv.find((word) => word.startsWith('--way='))?.slice(6);
const rounds = Number(process.env.GATEHOUSE_ROUNDS ?? 1);

/** Every journey of every file: a name, the ways of looking it is done in, and what is done. */
async function journeys() {
  const files = (await readdir(`${here}journeys`)).filter((name) => name.endsWith('.mjs')).sort();
  const found = [];
  for (const file of files) {
    const { default: list } = await import(`./journeys/${file}`);
    for (const journey of list) found.push({ file, ...journey });
  }
  return found.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}

async function attempt(journey, way) {
  const visit = new Visit(way);
  const began = Date.now();
  try {
    await visit.within(journey.seconds ?? 120, journey.go(visit));
    visit.mustBeQuiet();
    console.log(`ok      ${journey.name} (${way.name}) ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${journey.name} (${way.name})\n${indented(error.stack ?? String(error))}`);
    await visit.keepPictures(results, `${journey.name} ${way.name}`);
    return false;
  } finally {
    await visit.end();
  }
}

const indented = (text) => text.split('\n').slice(0, 14).map((line) => `        ${line}`).join('\n');

/** Ways of looking at the product; a journey names those it is done in. */
const ways = {
  scripts: { name: 'scripts on', scripts: true },
  plain: { name: 'scripts off', scripts: false },
};

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
let passed = 0;
let failed = 0;
for (let round = 0; round < rounds; round += 1) {
  for (const journey of await journeys()) {
    for (const way of (journey.ways ?? ['scripts', 'plain']).filter((name) => !only || name === only)) {
      if (await attempt(journey, ways[way])) passed += 1;
      else failed += 1;
    }
  }
}
await closeBrowser();
if (passed + failed === 0) {
  console.log('no journey has such a name');
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
