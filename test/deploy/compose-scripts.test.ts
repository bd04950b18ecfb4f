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
});
afterAll(async () => {
  await temporal.stop();
  rmSync(folder, { recursive: true });
});

test.each([
  ['default', {}],
  ['orders-eu', { TEMPORAL_NAMESPACE: 'orders-eu' }],
] as const)(
  'the namespace %s is made, which the processes use, and a second run changes nothing',
  async (name, file) => {
    const environment = composeFile(file).services['temporal-namespaces']!.environment!;
    const env = { ...environment, PATH: `${folder}:${process.env['PATH']}`, HOME: folder };
    const run = () =>
      execFileSync('sh', [scriptOf('temporal-namespaces')], {
        env: { ...env, TEMPORAL_ADDRESS: temporal.address },
        stdio: 'pipe',
      });
    run();
    run();
    const connection = await Connection.connect({ address: temporal.address });
    const { namespaces } = await connection.workflowService.listNamespaces({});
    await connection.close();
    expect(namespaces.map(({ namespaceInfo }) => namespaceInfo?.name)).toContain(name);
  },
  60_000,
);

test('the schema script is one that a shell can read', () => {
  expect(execFileSync('sh', ['-n', scriptOf('temporal-schema')], { encoding: 'utf8' })).toBe('');
});
