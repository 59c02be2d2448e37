// What `gatehouse diff` answers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.env.GATEHOUSE_SERVER;
if (!program) throw new Error('GATEHOUSE_SERVER must name the gatehouse program');

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-differential-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The answer about two templates, given as objects or as texts. Throws with the program's words when it gives none. */
export function review(before, after) {
  const file = (name, template) => {
    const path = join(folder, name);
    writeFileSync(path, typeof template === 'string' ? template : JSON.stringify(template, null, 1));
    return path;
  };
  const files = [file('before', before), file('after', after)];
  try {
    return JSON.parse(execFileSync(program, ['diff', ...files, '--format', 'json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  } catch (error) {
    throw new Error(error.stderr || error.message);
  }
}
