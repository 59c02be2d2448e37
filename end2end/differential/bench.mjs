// The figures of script/bench for the access review, beside those of the package behind `cdk diff`.
//
//   GATEHOUSE_PROGRAM=… GATEHOUSE_WARM=… node end2end/differential/bench.mjs FOLDER
// FOLDER holds what large.mjs wrote; GATEHOUSE_WARM is what `cargo bench --bench review` printed for it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullDiff } from './cdk.mjs';

const [folder, once] = process.argv.slice(2);
const files = ['before', 'after'].map((side) => join(folder, `${side}-500.json`));
const texts = files.map((file) => readFileSync(file, 'utf8'));
const cdk = () => fullDiff(...texts.map((text) => JSON.parse(text))).permissionsBroadened;

if (once) {
  cdk();
  process.exit();
}

function median(rounds, run) {
  const took = Array.from({ length: rounds }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return took.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

const program = process.env.GATEHOUSE_PROGRAM;
const sizes = process.env.GATEHOUSE_WARM.trim().split('\n').map((line) => line.split(' ').map(Number));
if (sizes.length !== 3 || sizes.flat().some(Number.isNaN)) throw new Error('GATEHOUSE_WARM must have two figures for each of three sizes');
const [half, [warm, parsed], double] = sizes;

for (let round = 0; round < 5; round += 1) cdk();
const cdkWarm = median(21, cdk);
const whole = median(31, () => execFileSync(program, ['diff', ...files, '--format', 'json'], { stdio: ['ignore', 'ignore', 'inherit'] }));
const cdkWhole = median(9, () => execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, 'once'], { stdio: ['ignore', 'ignore', 'inherit'] }));

const figure = (name, value, words) => console.log(`${name.padEnd(34)} ${value.toFixed(1)} ms ${words}`);
console.log('review of 500 resources with 200 roles, 30 % changed, at the median:');
figure('  warm in process', warm, `(at most 10), ${parsed.toFixed(1)} ms of it after parsing; 250 resources ${half[0].toFixed(1)} ms, 1,000 ${double[0].toFixed(1)} ms   cargo bench -p domain --features template --bench review`);
figure("  cdk's package, warm in process", cdkWarm, `${(cdkWarm / warm).toFixed(0)} times ours   fullDiff of @aws-cdk/cloudformation-diff`);
figure('  as a whole command', whole, '(at most 50)   gatehouse diff OLD NEW --format json');
figure("  cdk's package, as a whole process", cdkWhole, `${(cdkWhole / whole).toFixed(0)} times ours   node end2end/differential/bench.mjs`);
