import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { startRedis } from '../sandbox/servers/redis';
import { startTemporalDevServer } from '../sandbox/servers/temporal';
import { ProvisioningWorld } from '../test/support/provisioning-world';
import { RECORDED_PATHS } from '../test/support/recorded-paths';

/**
 * Walks every path of `provisionOrder` on real servers and keeps its history for the replay tests. Histories that are kept
 * stand for runs that live somewhere: a new one is added beside them, with a name of its own, and none is replaced while
 * runs of its build may be open. `npx tsx scripts/record-histories.ts <suffix>`, the suffix being the version.
 */
async function main(suffix: string): Promise<void> {
  const folder = join(__dirname, '..', 'test', 'histories');
  mkdirSync(folder, { recursive: true });
  const [temporal, redis] = await Promise.all([startTemporalDevServer({ headless: true }), startRedis()]);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, identity: 'recorder' });
  const world = await ProvisioningWorld.start({
    temporal: { client, address: temporal.address },
    redisUrl: redis.url,
    quietPeriodMs: 500,
  });
  try {
    for (const [name, walk] of Object.entries(RECORDED_PATHS)) {
      const orderId = await walk(world);
      const history = await world.handle(orderId).fetchHistory();
      writeFileSync(
        join(folder, `${name}.${suffix}.json`),
        `${historyToJSON(history).replaceAll(`${join(__dirname, '..')}/`, '')}\n`,
      );
      process.stdout.write(`${name}\n`);
      world.whmcs.faults.clear();
    }
  } finally {
    await world.close();
    await connection.close();
    await redis.stop();
    await temporal.stop();
  }
}

const suffix = process.argv[2];
if (suffix === undefined || !/^[\w.-]+$/.test(suffix)) {
  process.stderr.write('Usage: npx tsx scripts/record-histories.ts <version>\n');
  process.exit(2);
}
main(suffix).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
