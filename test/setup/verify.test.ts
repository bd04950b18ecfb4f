import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine';

/** `npm test` ends with `N passed, N failed`, and with an exit code that agrees, whatever fails. */

const SCRIPTS = join(__dirname, '..', '..', 'scripts');
let machine: Machine;
let bin: string;

beforeEach(() => {
  machine = new Machine();
  for (const file of ['verify.mjs', 'setup/root.mjs'])
    cpSync(join(SCRIPTS, file), join(machine.folder, 'scripts', file));
  bin = join(machine.folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  for (const check of ['tsc', 'eslint', 'prettier']) machine.program(check, 'exit 0', bin);
});
afterEach(() => machine.remove());

/** A jest that leaves a report, and ends with a code. */
function jest(report: object | undefined, code: number): void {
  const write = report === undefined ? '' : `echo '${JSON.stringify(report)}' > "\${2#--outputFile=}"`;
  machine.program('jest', `${write}\nexit ${code}`, bin);
}
const report = (passed: number, failed: number, ...broken: object[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults: broken,
});
const BROKEN = { status: 'failed', assertionResults: [] };

function verify(...args: string[]): { code: number | null; last: string; output: string } {
  const ran = spawnSync(process.execPath, [join(machine.folder, 'scripts', 'verify.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { code: ran.status, last: ran.stdout.trim().split('\n').at(-1) ?? '', output: ran.stdout };
}

test.each<[string, object | undefined, number, string]>([
  ['all is well', report(5, 0), 0, '8 passed, 0 failed'],
  ['a test failed', report(5, 2), 1, '8 passed, 2 failed'],
  ['a suite could not run', report(5, 0, BROKEN), 1, '8 passed, 1 failed'],
  ['no test failed, and jest did: something was left behind', report(5, 0), 1, '8 passed, 1 failed'],
  ['jest left no report', undefined, 1, '3 passed, 1 failed'],
])('%s', (_name, left, code, last) => {
  jest(left, code);
  expect(verify()).toMatchObject({ code, last });
});

test('a check that fails counts, is shown, and stops nothing', () => {
  jest(report(5, 0), 0);
  machine.program('tsc', "echo 'a.ts(1,1): error TS1'; exit 2", bin);
  const { code, last, output } = verify();
  expect([code, last]).toEqual([1, '7 passed, 1 failed']);
  expect(output).toMatch(/FAIL types \([\d.]+ s\)\na\.ts\(1,1\): error TS1\n/);
});

test('with arguments only jest runs, and gets them', () => {
  machine.program('jest', `echo "$3 $4"; echo '${JSON.stringify(report(1, 0))}' > "\${2#--outputFile=}"`, bin);
  const { code, last, output } = verify('test/some', '-t');
  expect([code, last]).toEqual([0, '1 passed, 0 failed']);
  expect(output).toContain('test/some -t\n');
});

test('a set-up that fails says all that is missing, and ends with the line too', () => {
  const names = ['TEMPORAL_CLI', 'TEMPORAL_TEST_SERVER', 'REDIS_SERVER', 'TOXIPROXY', 'PROMTOOL', 'CHROMIUM'];
  const env = { ...process.env, ...Object.fromEntries(names.map((name) => [`${name}_PATH`, '/nowhere'])) };
  const ran = spawnSync(process.execPath, [join(SCRIPTS, 'run.mjs'), 'test'], { encoding: 'utf8', env });
  expect(ran).toMatchObject({ status: 1, stdout: '\n0 passed, 1 failed\n' });
  for (const name of names) expect(ran.stderr).toContain(`${name}_PATH names /nowhere`);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
});
