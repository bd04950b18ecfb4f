import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtProduct } from '../../support/servers';
import { SERVERS_VARIABLE } from '../../support/shared-servers';
import type { Report } from '../../../bench/report';

const root = join(__dirname, '../../..');

/** As `npm run bench` starts it: another loader resolves imports otherwise, and would hide that the command is broken. */
export function runBench(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  // Nor with what a run of the tests shares.
  const env = { ...process.env, [SERVERS_VARIABLE]: undefined };
  return promisify(execFile)(process.execPath, ['scripts/run.mjs', 'bench', ...args], { cwd: root, env });
}

/** A machine that runs the tests does other things too. */
const SECONDS = '230';

/** `npm run bench -- --quick --only PARTS`: what it printed, and what it wrote as JSON. */
export async function quickRun(parts: string): Promise<{ report: Report; stdout: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'report.json');
    const build = await builtProduct();
    const options = ['--seconds', SECONDS, '--build', build, '--json', file];
    const { stdout } = await runBench(['--quick', '--only', parts, ...options]);
    return { stdout, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
