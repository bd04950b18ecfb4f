import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflows } from '../src/temporal/worker';

/** Leaves the workflow code in one piece beside the compiled worker, so that a container need not bundle at each start. */
export async function buildWorkflowBundle(outDir: string): Promise<void> {
  const { code } = await bundleWorkflows();
  writeFileSync(join(outDir, 'src', 'temporal', 'workflow-bundle.js'), code);
}
