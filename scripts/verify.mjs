import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './setup/root.mjs';

/**
 * `npm test [-- jest arguments]`: types, lint, format, and every suite. The last line is `N passed, N failed`, where
 * types, lint and format count as one check each, and so does a suite that could not run. With arguments, jest alone.
 */
const bin = (name) => join(root, 'node_modules', '.bin', name);
const checks = [
  { name: 'types', command: bin('tsc'), args: ['--noEmit'] },
  { name: 'lint', command: bin('eslint'), args: ['.', '--max-warnings', '0'] },
  { name: 'format', command: bin('prettier'), args: ['--check', '.', '--log-level', 'warn'] },
];

const jestArguments = process.argv.slice(2);
const total = { passed: 0, failed: 0 };

if (jestArguments.length > 0)
  process.stdout.write('Jest only, since arguments were given; types, lint and format: npm run check\n');
const checking = jestArguments.length > 0 ? [] : checks.map(runCheck);
// The longest has a core to itself when the others are done: the suites need not wait for that.
await Promise.all(checking.filter((_check, index) => checks[index].name !== 'lint'));
await runSuites(jestArguments);
await tell(checking);

process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** In their order, and behind the suites, whose lines they would break up. */
async function tell(outcomes) {
  for (const outcome of outcomes) {
    const { name, code, seconds, output } = await outcome;
    total[code === 0 ? 'passed' : 'failed'] += 1;
    process.stdout.write(`${code === 0 ? 'PASS' : 'FAIL'} ${name} (${seconds} s)\n${code === 0 ? '' : `${output}\n`}`);
  }
}

async function runCheck({ name, command, args }) {
  const began = performance.now();
  const { code, output } = await run(command, args, 'pipe');
  return { name, code, output, seconds: ((performance.now() - began) / 1000).toFixed(1) };
}

async function runSuites(args) {
  const folder = mkdtempSync(join(tmpdir(), 'order-provisioning-test-'));
  const report = join(folder, 'report.json');
  try {
    const { code } = await run(bin('jest'), ['--json', `--outputFile=${report}`, ...args], 'inherit');
    const results = readReport(report);
    const broken = results.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    );
    total.passed += results.numPassedTests;
    total.failed += results.numFailedTests + broken.length;
    // No test failed and jest did: a global teardown, a leak, or nothing ran.
    if (code !== 0 && results.numFailedTests + broken.length === 0) total.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

/** Passes on the signals that end us; a child that one of them ended ends us the same way. */
function run(command, args, stdout) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', stdout, stdout === 'pipe' ? 'pipe' : 'inherit'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, forward);
      if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(128 + constants.signals[signal]);
      resolve({ code, output: output.trim() });
    });
  });
}
