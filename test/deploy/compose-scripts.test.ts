import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { findProgram } from '../../sandbox/servers/find-program';
import { startTemporalDevServer, type TemporalServer } from '../../sandbox/servers/temporal';
import { composeFile, ROOT } from './compose-file';

/** The scripts that Compose runs once beside Temporal. Its schema tool is in its image only, so that script is read, not run. */
const { services } = composeFile();
const scriptOf = (service: string) => join(ROOT, services[service]!.volumes![0]!.split(':')[0]!);
let temporal: TemporalServer;
let folder: string;

beforeAll(async () => {
  temporal = await startTemporalDevServer({ headless: true });
  folder = mkdtempSync(join(tmpdir(), 'order-provisioning-scripts-'));
  symlinkSync(await findProgram('temporal'), join(folder, 'temporal'));
}, 120_000);
afterAll(async () => {
  await temporal.stop();
  rmSync(folder, { recursive: true });
});

test('the namespaces that the services use are made, and a second run changes nothing', async () => {
  const run = () =>
    execFileSync('sh', [scriptOf('temporal-namespaces')], {
      env: { PATH: `${folder}:${process.env['PATH']}`, TEMPORAL_ADDRESS: temporal.address, HOME: folder },
      stdio: 'pipe',
    });
  run();
  run();
  const connection = await Connection.connect({ address: temporal.address });
  const { namespaces } = await connection.workflowService.listNamespaces({});
  await connection.close();
  const there = namespaces.map(({ namespaceInfo }) => namespaceInfo?.name);
  const used = Object.values(services).map(({ environment }) => environment?.['TEMPORAL_NAMESPACE'] ?? 'default');
  expect(there).toEqual(expect.arrayContaining([...new Set(used)]));
}, 60_000);

test('the schema script is one that a shell can read', () => {
  expect(execFileSync('sh', ['-n', scriptOf('temporal-schema')], { encoding: 'utf8' })).toBe('');
});
