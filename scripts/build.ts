import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWorkflowBundle } from './build-workflow-bundle';

/** `npm run build [-- --out-dir FOLDER]`: the compiled product and sandbox, their data files, and the workflow bundle. */

const root = join(__dirname, '..');
/** Read at run time from beside the code. */
const DATA_FILES = [
  'sandbox/no-profiles.toml',
  'sandbox/salesforce/schema/standard.json',
  'sandbox/salesforce/pubsub/pubsub.proto',
];

async function build(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const compiled = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', outDir], { cwd: root, stdio: 'inherit' });
  if (compiled.status !== 0) process.exit(1);
  for (const file of DATA_FILES) cpSync(join(root, file), join(outDir, file));
  await buildWorkflowBundle(outDir);
}

const { values } = parseArgs({ options: { 'out-dir': { type: 'string', default: join(root, 'dist') } } });
void build(resolve(values['out-dir']));
