// Holds `gatehouse diff` against the security part of `cdk diff`: what cdk shows is shown or proven to change nothing,
// and what it does not see is seen. Prints "N passed, M failed" at the end.
//
//   GATEHOUSE_SERVER=… node end2end/differential/run.mjs [FIRST_SEED COUNT]
import { rows } from './cdk.mjs';
import { review } from './gatehouse.mjs';
import { pair } from './generated.mjs';
import { resourceTypes } from './resource-types.mjs';
import { missing, words } from './shown.mjs';
import { unseen } from './unseen.mjs';

const [first = 1, count = 100] = process.argv.slice(2).map(Number);
const mayWiden = new Set(['widened', 'changed', 'undecided']);

let passed = 0;
let failed = 0;

/** One check: COMPARE gives what is wrong, in words. */
function check(name, compare) {
  let wrong;
  try {
    wrong = compare();
  } catch (error) {
    wrong = [error.message.trim()];
  }
  if (wrong.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`${name}:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
}

const unshown = (before, after, answer) => missing(before, after, answer).map((row) => `cdk shows ${words(row)}; we do not`);

for (const { name, before, after } of resourceTypes()) {
  check(name, () => {
    const answer = review(before, after);
    const wrong = unshown(before, after, answer);
    if (!mayWiden.has(answer.verdict)) wrong.push(`everyone gains access, and we say ${answer.verdict}`);
    return wrong;
  });
}

for (const { name, before, after, verdicts } of unseen) {
  check(`unseen by cdk: ${name}`, () => {
    const wrong = rows(before, after).map((row) => `cdk sees it after all: ${words(row)}`);
    const answer = review(before, after);
    if (!verdicts.includes(answer.verdict)) wrong.push(`we say ${answer.verdict}; right is ${verdicts.join(' or ')}`);
    return wrong;
  });
}

check('what is left out is missed', () => {
  const { before, after } = pair(first);
  const answer = review(before, after);
  for (const delta of [answer.iam.statements, answer.iam.managed_policies, answer.network.rules]) Object.assign(delta, { added: [], removed: [] });
  return rows(before, after).length === 0 || missing(before, after, answer).length > 0 ? [] : ['an answer without lines passes'];
});

let shown = 0;
for (let seed = first; seed < first + count; seed += 1) {
  check(`generated pair ${seed}`, () => {
    const { before, after } = pair(seed);
    shown += rows(before, after).length;
    return unshown(before, after, review(before, after));
  });
}
// Pairs of which cdk shows nothing would prove nothing.
check('generated pairs', () => (shown >= count ? [] : [`cdk shows only ${shown} rows of ${count} pairs`]));

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
