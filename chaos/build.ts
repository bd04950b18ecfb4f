import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** The product as a container runs it: compiled, the workflow code in one piece. */
export interface Build {
  folder: string;
  remove(): void;
}

/** @throws Error with what the build wrote */
export async function buildProduct(): Promise<Build> {
  const folder = mkdtempSync(join(tmpdir(), 'order-provisioning-build-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const script = join(ROOT, 'scripts', 'build.ts');
    await run(process.execPath, ['--require', 'tsx/cjs', script, '--out-dir', folder]);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`The build failed:\n${output}`))));
  });
}
