import { Cli } from '../../src/cli/cli';
import { examine, type CheckResult } from '../../src/cli/doctor/check';
import { redisChecks } from '../../src/cli/doctor/redis';
import { PrivateCluster } from '../support/private-cluster';

/** The doctor before a Redis Cluster of three masters with a password. */

const clusters: PrivateCluster[] = [];
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
});

it('examines a cluster master by master, and tells a node of a cluster from a server', async () => {
  const cluster = await PrivateCluster.start('hunter2');
  clusters.push(cluster);
  const sink = { write: () => true, isTTY: false };
  const examined = async (env: Record<string, string>): Promise<CheckResult[]> => {
    const cli = new Cli(env, true, sink, sink);
    try {
      return await examine(redisChecks(cli));
    } finally {
      await cli.resources.release();
    }
  };
  const asCluster = { REDIS_CLUSTER_URLS: cluster.urls.join(',') };
  const policy = async (): Promise<CheckResult | undefined> =>
    (await examined(asCluster)).find(({ name }) => name === 'eviction policy');
  expect(await policy()).toMatchObject({ status: 'ok' });
  await cluster.command(2, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await policy()).toMatchObject({ status: 'fail', finding: 'allkeys-lru may evict checkpoints' });
  const [connection] = await examined({ REDIS_URL: cluster.urls[0]! });
  expect(connection).toMatchObject({ status: 'fail', repair: 'Set REDIS_CLUSTER_URLS instead of REDIS_URL.' });
  const [refused] = await examined({ REDIS_CLUSTER_URLS: cluster.urls[0]!.replace('hunter2', 'hunter3') });
  expect(refused).toMatchObject({
    status: 'fail',
    finding: expect.stringMatching(/refuses the login: WRONGPASS/) as string,
  });
  expect(JSON.stringify(refused)).not.toContain('hunter3');
});
