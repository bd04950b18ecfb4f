import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils';
import { startRedis } from '../sandbox/servers/redis';
import { DYNAMIC_CONFIG, startTemporalDevServer } from '../sandbox/servers/temporal';
import { ProvisioningWorld } from '../test/support/provisioning-world';
import { LONG_HISTORY_WHEN_RECORDED, RECORDED_PATHS } from '../test/support/recorded-paths';

/**
 * Walks every path of the workflows on real servers and keeps its history for the replay tests. Histories that are kept
 * stand for runs that live somewhere: a new one is added beside them, with a name of its own, and none is replaced while
 * runs of its build may be open. `npx tsx scripts/record-histories.ts <suffix>`, the suffix being the version.
 */
async function main(suffix: string): Promise<void> {
  const root = join(__dirname, '..');
  const folder = join(root, 'test', 'histories');
  mkdirSync(folder, { recursive: true });
  const dynamicConfig = {
    ...DYNAMIC_CONFIG,
    'limit.historyCount.suggestContinueAsNew': String(LONG_HISTORY_WHEN_RECORDED),
  };
  const [temporal, redis] = await Promise.all([
    startTemporalDevServer({ headless: true, dynamicConfig }),
    startRedis(),
  ]);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, identity: 'recorder' });
  const options = { temporal: { client, address: temporal.address }, redisUrl: redis.url, quietPeriodMs: 500 };
  const world = await ProvisioningWorld.start(options);
  const impatient = await ProvisioningWorld.start({ ...options, reprovisionWaitMs: 1_000 });
  try {
    for (const [name, walk] of Object.entries(RECORDED_PATHS)) {
      const runs = await runsOf(client, await walk(world, impatient));
      runs.forEach((history, at) => {
        const file = `${name}.${suffix}${at === 0 ? '' : `.continued-${at}`}.json`;
        writeFileSync(join(folder, file), `${historyToJSON(history).replaceAll(`${root}/`, '')}\n`);
      });
      process.stdout.write(`${name}\n`);
      for (const { whmcs, salesforce } of [world, impatient]) {
        whmcs.faults.clear();
        salesforce.rest.faults.clear();
      }
    }
  } finally {
    await impatient.close();
    await world.close();
    await connection.close();
    await redis.stop();
    await temporal.stop();
  }
}

/** The histories of a workflow's runs, from the first to the one that ended, each of which continued the one before. */
async function runsOf(client: Client, workflowId: string): Promise<History[]> {
  const histories: History[] = [];
  let { runId } = await client.workflow.getHandle(workflowId).describe();
  for (;;) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.unshift(history);
    const start = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (start == null) throw new Error(`The history of ${workflowId} does not begin with its start`);
    // The id under which it is replayed. A run that was reset has the one of its predecessor there, and is told apart by it.
    start.originalExecutionRunId = runId;
    if (start.continuedExecutionRunId == null || start.continuedExecutionRunId === '') return histories;
    runId = start.continuedExecutionRunId;
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
