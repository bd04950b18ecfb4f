import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { createClient } from 'redis';
import type { RedisServer } from '../../sandbox/servers/redis';
import { createDeadLetters, type DeadLetters } from '../../src/listener/dead-letters';
import type { Reconciled } from '../../src/workflows/reconcile-orders';
import { makeUsers } from '../support/redis-users';
import { freshRedis } from '../support/servers';
import { documentedKeys } from './support/documented-keys';
import { documentOf, freshNamespace, orders, type Environment } from './support/world';

/** What the verbs that sweep say of its end, on a real Temporal server; the test is the worker, so a sweep ends as it says. */

// Each verb is a process of its own, which on a busy machine takes seconds to start.
jest.setTimeout(60_000);

const REFUSED = '801000000000001AAA';
const LEFT: Reconciled = { requested: 0, notRequested: [REFUSED] };
const IN_WHMCS: Reconciled = {
  requested: 2,
  cancelled: ['77'],
  failed: [{ whmcsOrderId: '78', code: 'WHMCS_UNREACHABLE' }],
};

let client: Client;
let env: Environment;
let server: RedisServer;
let redis: ReturnType<typeof createClient>;
let deadLetters: DeadLetters;

beforeAll(async () => {
  const [{ address, namespace, ...temporalOf }, started] = await Promise.all([freshNamespace(), freshRedis()]);
  client = temporalOf.client;
  server = started;
  env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, REDIS_URL: server.url };
  redis = createClient({ url: server.url });
  await redis.connect();
  deadLetters = createDeadLetters(redis);
});

afterAll(async () => {
  redis.destroy();
  await client.connection.close();
  await server.stop();
});

/** Takes the next workflow task of `queue` and ends its run with `result`. */
async function endSweep(queue: string, result: Reconciled): Promise<void> {
  const { namespace } = client.options;
  // The server refuses a poll without a deadline.
  const { taskToken } = await client.connection.withDeadline(Date.now() + 60_000, () =>
    client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: queue } }),
  );
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(result)) };
  await client.workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    commands: [
      {
        commandType: temporal.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
        completeWorkflowExecutionCommandAttributes: { result: { payloads: [payload] } },
      },
    ],
  });
}

/** Runs a verb that sweeps, whose sweep ends with `result`. */
async function swept(result: Reconciled, ...args: string[]) {
  const queue = 'sweeps';
  const [ran] = await Promise.all([orders(args, { ...env, TEMPORAL_TASK_QUEUE: queue }), endSweep(queue, result)]);
  return ran;
}

const letter = () =>
  deadLetters.add({
    orgId: '00D000000000000EAA',
    topic: '/data/OrderChangeEvent',
    replayId: '7',
    eventId: 'e',
    schemaId: 's',
    reason: 'made by a test',
    payload: Buffer.from('x'),
  });

describe('reconcile', () => {
  it('does not say that all is well where an order could not be requested, and exits with 1', async () => {
    const ran = await swept(LEFT, 'reconcile');
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining(`begun for ${REFUSED}`) as string });
    expect(ran.stdout).not.toMatch(/Nothing to do/);
    const document = documentOf(await swept(LEFT, 'reconcile', '--json'));
    expect(document).toEqual({ ...LEFT, cancelled: [], failed: [] });
    expect(Object.keys(document as object).sort()).toEqual(documentedKeys('reconcile'));
  });

  it('says what the sweep did in WHMCS, and what it could not do there', async () => {
    const { code, stdout } = await swept(IN_WHMCS, 'reconcile');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 orders were requested/);
    expect(stdout).toMatch(/cancelled.*: 77\.$/m);
    expect(stdout).toMatch(/: 78 \(WHMCS_UNREACHABLE\)/);
  });

  it('says that there is nothing to do where there is nothing', async () => {
    expect(await swept({ requested: 0 }, 'reconcile')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing to do[^\n]*\n$/) as string,
    });
  });
});

describe('a Redis user that lacks a right', () => {
  it('is told as such, with the user to use', async () => {
    const users = await makeUsers(server.url);
    try {
      const ran = await orders(['dead-letters', '--json'], { ...env, REDIS_URL: users.url('order-worker') });
      expect(ran.code).toBe(1);
      expect(documentOf(ran)).toMatchObject({
        error: { code: 'REDIS_NO_PERMISSION', advice: expect.stringContaining('order-cli') as string },
      });
      const allowed = await orders(['dead-letters', '--json'], { ...env, REDIS_URL: users.url('order-cli') });
      expect(allowed.code).toBe(0);
    } finally {
      users.close();
    }
  });
});

describe('dead-letters retry --sweep', () => {
  it('keeps a letter that was not made good, and says for which orders', async () => {
    const { id } = await letter();
    const ran = await swept(LEFT, 'dead-letters', 'retry', id, '--sweep', '--json');
    expect(ran.code).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      error: { code: 'NOT_MADE_GOOD', message: expect.stringContaining(REFUSED) as string },
    });
    expect(await deadLetters.count()).toBe(1);
    const again = await swept(IN_WHMCS, 'dead-letters', 'retry', id, '--sweep', '--json');
    expect(documentOf(again)).toEqual({ id, retried: true, ...IN_WHMCS, notRequested: [] });
    expect(await deadLetters.count()).toBe(0);
  });

  it('says that no worker polls, and goes on once one does', async () => {
    const { id } = await letter();
    let ended: Promise<void> | undefined;
    const ran = await orders(
      ['dead-letters', 'retry', id, '--sweep'],
      { ...env, TEMPORAL_TASK_QUEUE: 'unattended' },
      (stderr) => {
        if (/No worker polls the task queue unattended/.test(stderr))
          ended ??= endSweep('unattended', { requested: 1 });
      },
    );
    await ended;
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('1 order was requested') as string });
    expect(ran.stderr).toContain('No worker polls');
  });
});
