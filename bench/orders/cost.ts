import { Client, Connection } from '@temporalio/client';
import { startRedis } from '../../sandbox/servers/redis';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import type { OrderId } from '../../src/domain/order';
import { Resources } from '../../src/processes/resources';
import { billableActions } from '../../test/support/billable-actions';
import { eventually } from '../../test/support/eventually';
import { ProvisioningWorld } from '../../test/support/provisioning-world';
import { watchRedisCommands, type RedisCommands } from '../redis-commands';
import type { OrderCost } from '../report';

/** What an order costs, as counts: on a real Temporal server and Redis, with Salesforce and WHMCS emulated. */
export async function orderCosts(): Promise<OrderCost[]> {
  const resources = new Resources();
  try {
    const temporal = await startTemporalDevServer({ headless: true });
    resources.push('Temporal', () => temporal.stop());
    const redis = await startRedis();
    resources.push('Redis', () => redis.stop());
    const connection = await Connection.connect({ address: temporal.address });
    resources.push('Temporal connection', () => connection.close());
    const world = await ProvisioningWorld.start({
      temporal: { client: new Client({ connection }), address: temporal.address },
      redisUrl: redis.url,
    });
    resources.push('world', () => world.close());
    const commands = await watchRedisCommands(redis.url);
    resources.push('Redis monitor', () => {
      commands.close();
    });
    return await measure(world, commands);
  } finally {
    await resources.release();
  }
}

async function measure(world: ProvisioningWorld, redis: RedisCommands): Promise<OrderCost[]> {
  const cost = (path: string, run: () => Promise<OrderId>): Promise<OrderCost> => costOf(world, redis, path, run);
  // What is asked once in the life of a worker (login, the marker's field) is no cost of an order.
  await provision(world, world.order(), 'Activated');

  const orderId = world.order();
  const usual = await cost('usual path', async () => {
    await provision(world, orderId, 'Activated');
    return orderId;
  });
  const repeat = await cost('a repeat after the end', async () => {
    await provision(world, orderId, 'Skipped');
    return orderId;
  });
  const failure = await cost('a failure and one re-provision', () => failAndReprovision(world));
  return [usual, repeat, failure];
}

/** @throws Error when the run ends in another phase: what it cost would not be what is claimed */
async function provision(world: ProvisioningWorld, orderId: OrderId, phase: string): Promise<void> {
  await world.orders.request(orderId, { trigger: 'cdc' });
  await ends(world, orderId, phase);
}

async function ends(world: ProvisioningWorld, orderId: OrderId, phase: string): Promise<void> {
  const status = await world.result(orderId);
  if (status.phase !== phase) throw new Error(`Order ${orderId} ended as ${status.phase}, not ${phase}`);
}

/** A product that nobody has linked with WHMCS; somebody links it and signals. */
async function failAndReprovision(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order({ products: [null] });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await world.in(orderId, 'AwaitingReprovision');
  await eventually(() => {
    if (world.record(orderId).activation !== 'Failed') throw new Error(`Order ${orderId} is not marked Failed`);
  });
  const { store } = world.salesforce;
  for (const item of store.rows('OrderItem').filter((row) => row['OrderId'] === orderId)) {
    const entry = store.get('PricebookEntry', String(item['PricebookEntryId']));
    world.edit('Product2', String(entry?.['Product2Id']), { WHMCS_Product_ID__c: '1' });
  }
  await world.signal(orderId, 'reprovision');
  await ends(world, orderId, 'Activated');
  return orderId;
}

async function costOf(
  world: ProvisioningWorld,
  redis: RedisCommands,
  path: string,
  run: () => Promise<OrderId>,
): Promise<OrderCost> {
  world.salesforce.rest.ledger.clear();
  world.whmcs.ledger.clear();
  const commands = redis.count();
  const handle = world.handle(await run());
  const { events } = await handle.fetchHistory();
  const history = events ?? [];
  const { historySize } = await handle.describe();
  return {
    path,
    salesforceCalls: world.salesforce.rest.ledger.total,
    whmcsCalls: world.calls().length,
    ...billableActions(history),
    redisCommands: redis.count() - commands,
    historyEvents: history.length,
    historyBytes: historySize ?? 0,
  };
}
