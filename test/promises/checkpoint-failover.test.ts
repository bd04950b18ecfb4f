import { Client, Connection } from '@temporalio/client';
import { startProcess, type RunningProcess } from '../../sandbox/processes';
import { parseOrderId, type OrderId } from '../../src/domain/record-id';
import { createCheckpoints, type ListenerStatus } from '../../src/listener';
import { createSearchAttributes } from '../../src/temporal/search-attributes';
import { provisionWorkflowId } from '../../src/workflows/contract';
import { ORDERS, startOrg, type TestOrg } from '../listener/support/org';
import { connectRedis, type TestRedis } from '../listener/support/world';
import { eventually } from '../support/eventually';
import { builtProduct, freshRedis, temporalAddress, uniqueName } from '../support/servers';

/**
 * Promise 3 and the failover: two real listener processes, of which the leading one is killed or frozen while orders are
 * approved. Nothing is lost, nothing is requested twice by the one that wakes, and the checkpoint is the new leader's alone.
 * No worker runs: a started workflow with its signal is the durable outcome that counts here.
 */

/** From DESIGN: "a standby takes over within 10 s". */
const FAILOVER_MS = 10_000;

let org: TestOrg;
let redisServer: Awaited<ReturnType<typeof freshRedis>>;
let redis: TestRedis;
let connection: Connection;
let client: Client;
let env: Record<string, string>;
let running: RunningProcess[] = [];

beforeAll(async () => {
  redisServer = await freshRedis();
  const address = await temporalAddress();
  connection = await Connection.connect({ address });
  client = new Client({ connection });
  await createSearchAttributes(client).catch(() => undefined);
});
afterAll(async () => {
  await connection.close();
  await redisServer.stop();
});
beforeEach(async () => {
  org = await startOrg({ times: { keepaliveMs: 2_000 } });
  redis = await connectRedis(redisServer.url);
  await redis.flushAll();
  const { clientId, clientSecret } = org.sf.credentials;
  env = {
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_TASK_QUEUE: uniqueName('failover'),
    REDIS_URL: redisServer.url,
    SF_LOGIN_URL: org.sf.loginUrl,
    SF_CLIENT_ID: clientId,
    SF_CLIENT_SECRET: clientSecret,
    SF_PUBSUB_ENDPOINT: org.sf.pubsubEndpoint,
    SF_PUBSUB_INSECURE: 'true',
  };
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGCONT');
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  redis.destroy();
  await org.sf.close();
});

async function startListener(more: Record<string, string> = {}): Promise<RunningProcess> {
  const one = await startProcess('listener', { ...env, ...more }, { build: await builtProduct() });
  running.push(one);
  return one;
}

const readyz = async ({ url }: RunningProcess) => (await (await fetch(`${url}/readyz`)).json()) as ListenerStatus;
const becomes = (role: string, one: RunningProcess, timeoutMs = 30_000) =>
  eventually(async () => expect(await readyz(one)).toMatchObject({ ready: true, role }), { timeoutMs });

/** Order ids that no other suite on this Temporal uses. */
const run = Math.floor(Math.random() * 1e6);
let used = 0;
const newOrder = (): OrderId =>
  parseOrderId(`801${run.toString().padStart(6, '0')}${(used++).toString().padStart(6, '0')}`);

/** How often the order was asked for: signals in its run; 0 where there is no run. */
async function requestsOf(orderId: OrderId): Promise<number> {
  const history = await client.workflow
    .getHandle(provisionWorkflowId(orderId))
    .fetchHistory()
    .catch(() => undefined);
  return history?.events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length ?? 0;
}
/** Of the newest order event. */
const lastPosition = (): bigint => org.sf.events.topics.get(ORDERS)?.log.last(1)[0]?.position ?? 0n;
const stateOf = () => createCheckpoints(redis, org.sf.orgId).get(ORDERS);

describe.each(['SIGKILL', 'SIGSTOP'] as const)('a leader that gets %s', (signal) => {
  it('is replaced within 10 s; nothing is lost, and on waking it changes nothing', async () => {
    const leader = await startListener();
    await becomes('leader', leader);
    const standby = await startListener();
    await becomes('standby', standby);
    const before = [newOrder(), newOrder(), newOrder()];
    for (const id of before) org.change(id);
    await eventually(async () => expect(await Promise.all(before.map(requestsOf))).toEqual([1, 1, 1]));
    // An effect that is done and not yet in the checkpoint is rightly done again by the next leader (a second, harmless
    // signal). What must never come twice is what the checkpoint has passed.
    const first = await eventually(async () => {
      const state = await stateOf();
      expect(BigInt(state.replayId ?? '0')).toBeGreaterThanOrEqual(lastPosition());
      return state;
    });

    leader.child.kill(signal);
    const during = [newOrder(), newOrder(), newOrder()];
    for (const id of during) org.change(id);
    await eventually(
      async () => expect((await readyz(standby)).topics.map(({ role }) => role)).toEqual(Array(4).fill('leader')),
      { timeoutMs: FAILOVER_MS },
    );
    await eventually(async () => expect(await Promise.all(during.map(requestsOf))).toEqual([1, 1, 1]));
    const second = await stateOf();
    expect(second.token).toBeGreaterThan(first.token);
    expect(second.leader).not.toBe(first.leader);

    if (signal === 'SIGSTOP') {
      leader.child.kill('SIGCONT');
      await becomes('standby', leader);
      await eventually(() => expect(org.open()).toBe(1));
    } else running = running.filter((one) => one !== leader);
    const after = newOrder();
    org.change(after);
    await eventually(async () => expect(await requestsOf(after)).toBe(1));
    expect(await Promise.all([...before, ...during].map(requestsOf))).toEqual([1, 1, 1, 1, 1, 1]);
    const last = await stateOf();
    expect(last.leader).toBe(second.leader);
    expect(BigInt(last.replayId ?? '0')).toBeGreaterThanOrEqual(BigInt(second.replayId ?? '0'));
  });
});

it('SIGTERM: finishes, saves, releases, exits 0, and the standby goes on at once', async () => {
  const leader = await startListener();
  await becomes('leader', leader);
  const standby = await startListener();
  await becomes('standby', standby);
  const orders = Array.from({ length: 20 }, newOrder);
  for (const id of orders) org.change(id);
  leader.child.kill('SIGTERM');
  expect(await leader.child.end).toMatch(/\b0\b/);
  running = running.filter((one) => one !== leader);
  await eventually(async () => expect(await Promise.all(orders.map(requestsOf))).toEqual(Array(20).fill(1)));
  await becomes('leader', standby);
});

it('a frozen leader keeps its managed subscription; the standby says so, and goes on when it is gone or awake', async () => {
  const managed = { SF_MANAGED_SUBSCRIPTION_ORDER: 'Order_Provisioning' };
  const committed = () => BigInt(org.sf.pubsub.managed.committed('Order_Provisioning') ?? '0');
  const leader = await startListener(managed);
  await becomes('leader', leader);
  const standby = await startListener(managed);
  await becomes('standby', standby);
  const before = newOrder();
  org.change(before);
  await eventually(async () => expect(await requestsOf(before)).toBe(1));

  leader.child.kill('SIGSTOP');
  const during = newOrder();
  org.change(during);
  // It has the lease, and Salesforce gives the stream to one subscriber only.
  await eventually(
    async () => {
      const { ready, role, reasons } = await readyz(standby);
      expect({ ready, role }).toEqual({ ready: false, role: 'leader' });
      expect(reasons.join()).toMatch(/OrderChangeEvent: .*already\.active/);
    },
    { timeoutMs: 30_000 },
  );
  expect(await requestsOf(during)).toBe(0);

  leader.child.kill('SIGCONT');
  await becomes('leader', standby, 60_000);
  await eventually(async () => expect(await requestsOf(during)).toBeGreaterThan(0));
  await eventually(() => expect(committed()).toBeGreaterThanOrEqual(lastPosition()));
  await eventually(() => expect(org.open()).toBe(1));
});
