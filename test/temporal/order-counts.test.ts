import { Client, Connection } from '@temporalio/client';
import { Registry } from 'prom-client';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import { filterOf } from '../../src/cli/commands/list';
import { createOrderWorkflows } from '../../src/temporal/orders';
import { registerOrderCounts } from '../../src/temporal/order-counts';
import { parseOrderId } from '../../src/domain/order';
import { provisionWorkflowId } from '../../src/workflows/contract';
import { eventually } from '../support/eventually';

const SECOND = 1_000;
const realNow = Date.now;
let shift = 0;

/** Samples of a scrape, by name. */
async function scrape(registry: Registry): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('order_provisioning_orders_'));
  return Object.fromEntries(
    lines.map((line) => [line.split(' ')[0]!.replace('order_provisioning_orders_', ''), Number(line.split(' ')[1])]),
  );
}

it('an outage of Temporal ends the figures, and shows as their age', async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + shift);
  const temporal = await startTemporalDevServer({ headless: true });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  try {
    const registry = new Registry();
    registerOrderCounts(registry, client, { stuckAfterMs: 60 * SECOND, reprovisionWaitMs: 600 * SECOND });
    // No worker: the runs stay where they are.
    const orders = createOrderWorkflows(client, 'orders');
    const brokenOff = parseOrderId('801xx000003DHPyAAO');
    await orders.request(parseOrderId('801xx000003DHPxAAO'), { trigger: 'cdc' });
    await orders.request(brokenOff, { trigger: 'cdc' });
    await client.workflow.getHandle(provisionWorkflowId(brokenOff)).terminate('by a test');
    await eventually(async () => {
      shift += 16 * SECOND;
      expect(await scrape(registry)).toMatchObject({ under_way: 1, broken_off: 1 });
    });
    // What a terminated run showed last is not where its order is.
    expect((await client.workflow.count(filterOf({ phase: 'Loading' }))).count).toBe(1);
    expect(await scrape(registry)).toMatchObject({
      waiting_for_person: 0,
      count_age_seconds: expect.any(Number) as number,
    });
    expect((await scrape(registry))['count_age_seconds']).toBeLessThan(60);

    // What broke off longer than a day ago has been seen to.
    shift += 86_400 * SECOND;
    expect(await scrape(registry)).toMatchObject({ under_way: 1, broken_off: 0 });

    temporal.kill('SIGKILL');
    await temporal.end;
    shift += 100 * SECOND;
    // One count that fails breaks no alert's wait.
    expect(await scrape(registry)).toMatchObject({ under_way: 1, waiting_for_person: 0 });
    shift += 300 * SECOND;
    const late = await scrape(registry);
    expect(Object.keys(late)).toEqual(['count_age_seconds']);
    expect(late['count_age_seconds']).toBeGreaterThan(400);
    // Asked again at once, it stays so: no zero that nobody has counted.
    expect(Object.keys(await scrape(registry))).toEqual(['count_age_seconds']);
  } finally {
    await connection.close();
    await temporal.stop();
  }
});

it('what was never counted is not shown, and its age grows from the start', async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + shift);
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const registry = new Registry();
  registerOrderCounts(registry, new Client({ connection }), { stuckAfterMs: 1, reprovisionWaitMs: 1 });
  shift += 400 * SECOND;
  const { count_age_seconds: age, ...figures } = await scrape(registry);
  expect(figures).toEqual({});
  expect(age).toBeGreaterThanOrEqual(400);
  await connection.close();
});
