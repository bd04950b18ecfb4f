import { CacheConnection, OrdersCache } from '../../src/cache';
import type { OrderId } from '../../src/domain/order';
import { createSalesforce, type Salesforce } from '../../src/salesforce';
import { createOrderWorkflows } from '../../src/temporal/orders';
import { eventually } from '../support/eventually';
import { freePort } from '../../sandbox/servers/free-port';
import { documentOf, orders, startCliWorld, type CliWorld } from './support/world';

/** The verbs against real servers and the emulators, each as its own process. */

// Each verb is a process of its own, which on a busy machine takes seconds to start.
jest.setTimeout(180_000);

let cli: CliWorld;
/** Provisioned; failed for good and waiting; not approved yet. */
let activated: OrderId;
let waiting: OrderId;
let draft: OrderId;

beforeAll(async () => {
  cli = await startCliWorld();
  const { world } = cli;
  activated = world.order();
  waiting = world.order({ whmcsClientId: null });
  draft = world.order({ status: 'Draft' });
  await world.provision(activated);
  await world.orders.request(waiting, { trigger: 'cdc' });
  await world.in(waiting, 'AwaitingReprovision');
});

afterAll(() => cli.close());

/** The product's Salesforce against the world's. */
function salesforceOf({ world }: CliWorld): Salesforce {
  const { loginUrl, credentials } = world.salesforce;
  const { clientId, clientSecret } = credentials;
  return createSalesforce({ loginUrl, clientId, credentials: { clientSecret }, timeoutMs: 10_000 });
}

interface StatusDocument {
  salesforce: { value: { activationStatus: string | null; whmcsOrderId: string | null } | null };
  temporal: { value: { phase: string; state: string } | null };
  whmcs: { asked: boolean; value?: { marked: { whmcsOrderId: string; status: string }[] } };
  cache: { reached: boolean; value?: { state: string; view?: { whmcsOrderId: string | null } }; error?: unknown };
  nextStep: { need: string; text: string; commands: string[] };
}

describe('status', () => {
  it('tells the whole story of a provisioned order', async () => {
    const { whmcsOrderId } = cli.world.record(activated);
    const status = await cli.json<StatusDocument>('status', activated);
    expect(status).toMatchObject({
      exitCode: 0,
      orderId: activated,
      salesforce: { reached: true, value: { status: 'Approved', activationStatus: 'Activated', whmcsOrderId } },
      temporal: { reached: true, value: { phase: 'Activated', state: 'completed' } },
      whmcs: { reached: true, value: { marked: [{ whmcsOrderId, status: 'Active' }] } },
      cache: { reached: true, value: { state: 'not-cached' } },
      nextStep: { need: 'none', commands: [] },
    });
  });

  it('shows a cached view that is behind, and says so', async () => {
    const order = cli.world.order();
    const { views } = salesforceOf(cli);
    const connection = new CacheConnection({ url: cli.redis.url });
    try {
      await connection.ready();
      await new OrdersCache({ connection, source: views }).readOrder(order);
      // The worker of this world tells a cache of its own, so this view stays behind.
      await cli.world.provision(order);
      const status = await cli.json<StatusDocument>('status', order);
      expect(status.cache.value).toMatchObject({ state: 'cached', view: { whmcsOrderId: null } });
      expect(status.nextStep.need).toBe('wait');
      expect(status.nextStep.text).toContain('cached view is older');
    } finally {
      connection.close();
    }
  });

  it('says what to do about an order that waits for a person', async () => {
    const ran = await cli.run('status', waiting);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('ACCOUNT_NOT_LINKED');
    expect(ran.stdout).toContain('Put the WHMCS client id on the order’s account');
    expect(ran.stdout).toContain(`$ orders reprovision ${waiting}`);
  });

  it('says that no worker answers where none polls', async () => {
    const order = cli.world.order();
    await createOrderWorkflows(cli.world.client, 'nobody').request(order, { trigger: 'cdc' });
    for (const queue of ['nobody', cli.world.taskQueue]) {
      const ran = await orders(['status', order, '--json'], { ...cli.env, TEMPORAL_TASK_QUEUE: queue });
      expect(documentOf(ran)).toMatchObject({
        temporal: { value: { progress: null, silence: { code: 'NO_WORKER' } } },
        nextStep: { need: 'act', commands: ['orders doctor'] },
      });
    }
    await cli.world.handle(order).terminate();
    const left = `ProvisioningPhase = 'Loading' AND ExecutionStatus = 'Terminated' AND SalesforceOrderId = '${order}'`;
    await eventually(async () => expect((await cli.world.client.workflow.count(left)).count).toBe(1));
    // What it showed last is no place where an order is.
    const { runs } = await cli.json<Listed>('list', '--phase', 'Loading');
    expect(runs.map(({ orderId }) => orderId)).not.toContain(order);
  });

  it('of an order whose run Temporal cannot tell says so', async () => {
    const ran = await orders(['status', draft, '--json'], { ...cli.env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(ran.code).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      temporal: { reached: false, error: { code: 'TEMPORAL_UNREACHABLE' } },
      nextStep: { need: 'act', text: expect.stringContaining('cannot be told without Temporal') as string },
    });
  });

  it('takes the 15-character id and the record’s address', async () => {
    const address = `https://example.lightning.force.com/lightning/r/Order/${draft}/view`;
    for (const name of [draft.slice(0, 15), address]) {
      const status = await cli.json<StatusDocument>('status', name);
      expect(status).toMatchObject({ exitCode: 0, orderId: draft, nextStep: { need: 'none' } });
    }
  });

  it('writes neither secrets nor personal data', async () => {
    for (const args of [[activated], [activated, '--json'], [waiting]]) {
      const { stdout, stderr } = await cli.run('status', ...args);
      for (const name of ['SF_CLIENT_SECRET', 'WHMCS_API_SECRET', 'WHMCS_API_IDENTIFIER']) {
        expect(stdout + stderr).not.toContain(cli.env[name]);
      }
      expect(stdout + stderr).not.toMatch(/Test Customer|Company \d\d|@example\.com|Example Street/);
    }
  });

  it('does not know an order that no system knows', async () => {
    const status = await cli.json('status', '801000000000000AAA');
    expect(status).toMatchObject({ exitCode: 1, error: { code: 'UNKNOWN_ORDER' } });
  });
});

interface Listed {
  exitCode: number | null;
  runs: { orderId: string; code: string | null }[];
}
/** Of the two orders that every test knows. */
const codes = ({ runs }: Listed) =>
  Object.fromEntries(
    runs
      .filter(({ orderId }) => [activated, waiting].some((id) => id === orderId))
      .map((run) => [run.orderId, run.code]),
  );

describe('list', () => {
  it('lists orders of a phase, as a table', async () => {
    const ran = await eventually(async () => {
      const listed = await cli.run('list', '--phase', 'AwaitingReprovision');
      expect(listed.stdout).toContain(waiting);
      return listed;
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^ORDER +PHASE +CODE +RUN +WHMCS +TRIGGER +STARTED$/m);
    expect(ran.stdout).toMatch(new RegExp(`^${waiting} +AwaitingReprovision +ACCOUNT_NOT_LINKED +running`, 'm'));
    expect(ran.stdout).not.toContain(activated);
    expect(ran.stdout).not.toContain('\u001b');
  });

  it('gives the code of each order that waits, and goes on without where Salesforce is away', async () => {
    const listed = await cli.json<Listed>('list');
    expect(codes(listed)).toEqual({ [activated]: null, [waiting]: 'ACCOUNT_NOT_LINKED' });
    const away = await orders(['list', '--json'], { ...cli.env, SF_LOGIN_URL: `http://127.0.0.1:${await freePort()}` });
    expect(away).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Why the orders wait is not known/) as string,
    });
    expect(codes(documentOf(away) as Listed)).toEqual({ [activated]: null, [waiting]: null });
    const unset = await orders(['list', '--json'], { ...cli.env, SF_LOGIN_URL: '', SF_CLIENT_ID: '' });
    expect(unset).toMatchObject({ code: 0, stderr: '' });
  });

  it('says how many there are beyond the limit', async () => {
    const listed = await cli.json<{ runs: { orderId: string; phase: string }[]; total: number }>(
      'list',
      '--limit',
      '1',
    );
    expect(listed.exitCode).toBe(0);
    expect(listed.runs).toHaveLength(1);
    expect(listed.total).toBeGreaterThanOrEqual(2);
  });

  it('lists the older runs, which a limit would hide behind newer ones', async () => {
    const { startTime } = await cli.world.handle(waiting).describe();
    const listed = await cli.json<Listed>('list', '--before', new Date(startTime.getTime() + 1).toISOString());
    expect(Object.keys(codes(listed)).sort()).toEqual([activated, waiting].sort());
    const older = await cli.json<Listed>('list', '--before', startTime.toISOString());
    expect(Object.keys(codes(older))).toEqual([activated]);
  });

  it('lists orders in a phase that passes, by asking the runs', async () => {
    const order = cli.world.order();
    cli.world.whmcs.faults.add({ kind: '503', action: '^AddOrder$' });
    try {
      await cli.world.orders.request(order, { trigger: 'cdc' });
      await cli.world.in(order, 'AddingOrder');
      await eventually(async () => {
        const listed = await cli.json<Listed>('list', '--phase', 'AddingOrder');
        expect(listed).toMatchObject({ exitCode: 0, runs: [{ orderId: order, phase: 'AddingOrder' }], total: 1 });
      });
      expect(await cli.json('list', '--phase', 'AcceptingOrder')).toEqual({ exitCode: 0, runs: [], total: 0 });
    } finally {
      cli.world.whmcs.faults.clear();
    }
    await cli.world.signal(order, 'cancel');
    await cli.world.result(order);
  });

  it('lists nothing of a time without runs', async () => {
    for (const time of ['--since 2999-01-01', '--phase AddingOrder --before 2026-01-01'])
      expect(await cli.json('list', ...time.split(' '))).toEqual({ exitCode: 0, runs: [], total: 0 });
  });
});

describe('reprovision', () => {
  it('of all that failed asks first, and refuses where nobody can answer', async () => {
    const before = await cli.world.status(waiting);
    const ran = await cli.run('reprovision', '--all-failed');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--yes');
    expect(await cli.world.status(waiting)).toEqual(before);
  });

  it('tells the waiting run, with who and why', async () => {
    const order = cli.world.order({ whmcsClientId: null });
    await cli.world.orders.request(order, { trigger: 'cdc' });
    await cli.world.in(order, 'AwaitingReprovision');
    const account = cli.world.salesforce.store.get('Order', order)!['AccountId'] as string;
    cli.world.edit('Account', account, { WHMCS_Client_ID__c: '2' });

    const told = await cli.json('reprovision', order, '--reason', 'client linked', '--by', 'on-call');
    expect(told).toMatchObject({ exitCode: 0, orderId: order, began: false });
    expect(await cli.world.result(order)).toMatchObject({ phase: 'Activated' });
    expect(cli.world.books(order)).toHaveLength(1);
    const { events } = await cli.world.handle(order).fetchHistory();
    const signal = events!
      .map((event) => event.workflowExecutionSignaledEventAttributes)
      .find((s) => s?.signalName === 'reprovision');
    expect(Buffer.from(signal!.input!.payloads![0]!.data!).toString()).toBe(
      JSON.stringify({ requestedBy: 'on-call', reason: 'client linked' }),
    );
  });

  it('begins a run where none lives, and makes no second WHMCS order', async () => {
    const books = cli.world.books(activated);
    const begun = await cli.json('reprovision', activated);
    expect(begun).toMatchObject({ exitCode: 0, began: true });
    expect(await cli.world.result(activated)).toMatchObject({ phase: 'Skipped', trigger: 'manual' });
    expect(cli.world.books(activated)).toEqual(books);
  });

  it('begins nothing for an order that Salesforce does not have', async () => {
    const begun = await cli.json('reprovision', '801000000000000AAA', '--yes');
    expect(begun).toMatchObject({ exitCode: 1, error: { code: 'UNKNOWN_ORDER' } });
    expect(await cli.run('watch', '801000000000000AAA')).toMatchObject({ code: 1 });
  });

  it('tells every waiting order with --all-failed, and no other', async () => {
    const before = await cli.world.status(waiting);
    const all = await cli.json<{ reprovisioned: string[] }>('reprovision', '--all-failed', '--yes');
    expect(all).toMatchObject({ exitCode: 0, failed: [] });
    expect(all.reprovisioned).toEqual([waiting]);
    await eventually(async () => {
      const status = await cli.world.status(waiting);
      expect(status.attempt).toBe(before.attempt + 1);
      expect(status.phase).toBe('AwaitingReprovision');
    });
  });

  it('tells those that failed with a code, and no other', async () => {
    const other = cli.world.order({ products: [null] });
    await cli.world.orders.request(other, { trigger: 'cdc' });
    await cli.world.in(other, 'AwaitingReprovision');
    const before = await cli.world.status(waiting);
    await eventually(async () => {
      const listed = await cli.json<Listed>('list', '--phase', 'AwaitingReprovision');
      expect(listed.runs.map(({ orderId }) => orderId)).toContain(other);
    });
    const told = await cli.json('reprovision', '--all-failed', '--code', 'PRODUCT_NOT_LINKED', '--yes');
    expect(told).toEqual({ exitCode: 0, reprovisioned: [other], gone: [], failed: [] });
    await eventually(async () => expect((await cli.world.status(other)).attempt).toBe(2));
    expect(await cli.world.status(waiting)).toEqual(before);
    const away = { ...cli.env, SF_LOGIN_URL: `http://127.0.0.1:${await freePort()}` };
    const ran = await orders(['reprovision', '--all-failed', '--code', 'PRODUCT_NOT_LINKED', '--yes', '--json'], away);
    expect(documentOf(ran)).toMatchObject({ error: { code: 'CODES_UNKNOWN' } });
    await cli.world.signal(other, 'cancel');
    await cli.world.result(other);
  });

  it('needs an id or --all-failed, and not both', async () => {
    expect(await cli.run('reprovision', waiting, '--code', 'PRODUCT_NOT_LINKED')).toMatchObject({ code: 2 });
    expect(await cli.run('reprovision', '--all-failed', '--code', 'NO_SUCH_CODE', '--yes')).toMatchObject({ code: 2 });
    expect(await cli.run('reprovision', '--yes')).toMatchObject({ code: 2 });
    expect(await cli.run('reprovision', waiting, '--all-failed', '--yes')).toMatchObject({ code: 2 });
  });
});

describe('watch', () => {
  it('prints the transitions of one order and ends when it is at rest', async () => {
    const order = cli.world.order();
    const watching = cli.run('watch', order, '--for', '60s');
    await cli.world.orders.request(order, { trigger: 'cdc' });
    const ran = await watching;
    expect(ran.code).toBe(0);
    const phases = [...ran.stdout.matchAll(new RegExp(`${order} {2}(\\w+)`, 'g'))].map(([, phase]) => phase);
    expect(phases).toEqual(['Loading', 'Activating', 'AddingOrder', 'AcceptingOrder', 'WritingBack', 'Activated']);
  });

  it('ends with 1 where a person is needed', async () => {
    const watched = await cli.json('watch', waiting, '--for', '60s');
    expect(watched).toMatchObject({ exitCode: 1, orderId: waiting, phase: 'AwaitingReprovision', run: 'running' });
  });

  it('follows all orders', async () => {
    const watched = await cli.json<{ transitions: { orderId: string; phase: string }[] }>('watch', '--for', '1s');
    expect(watched.exitCode).toBe(0);
    expect(watched.transitions).toContainEqual(
      expect.objectContaining({ orderId: waiting, phase: 'AwaitingReprovision' }),
    );
  });
});

describe('cancel', () => {
  it('ends the run of a waiting order', async () => {
    const order = cli.world.order({ whmcsClientId: null });
    await cli.world.orders.request(order, { trigger: 'cdc' });
    await cli.world.in(order, 'AwaitingReprovision');
    const cancelled = await cli.json('cancel', order, '--reason', 'ordered twice');
    expect(cancelled).toEqual({ exitCode: 0, orderId: order, cancelled: true, over: true, phase: 'Cancelled' });
  });

  it('says that there is nothing to cancel', async () => {
    const cancelled = await cli.json('cancel', activated);
    expect(cancelled).toMatchObject({ exitCode: 1, error: { code: 'NO_LIVING_RUN' } });
  });
});

describe('reconcile', () => {
  it('sweeps now and says how many orders it requested', async () => {
    const forgotten = cli.world.order();
    const swept = await cli.json<{ requested: number }>('reconcile');
    expect(swept.exitCode).toBe(0);
    expect(swept.requested).toBeGreaterThanOrEqual(1);
    expect(await cli.world.result(forgotten)).toMatchObject({ phase: 'Activated', trigger: 'reconcile' });
  });
});

describe('errors', () => {
  const unreachable: [string, Record<string, string>, string, RegExp][] = [
    ['Temporal', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'TEMPORAL_UNREACHABLE', /Check TEMPORAL_ADDRESS/],
    ['a namespace', { TEMPORAL_NAMESPACE: 'nowhere' }, 'TEMPORAL_NAMESPACE_MISSING', /Check TEMPORAL_NAMESPACE/],
  ];
  it.each(unreachable)('says in one line that %s is not there', async (_what, env, code, advice) => {
    const [text, json] = await Promise.all([
      orders(['list'], { ...cli.env, ...env }),
      orders(['list', '--json'], { ...cli.env, ...env }),
    ]);
    expect(text.code).toBe(1);
    expect(text.stdout).toBe('');
    expect(text.stderr).toMatch(advice);
    expect(text.stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code } });
  });

  it('goes on with the story where a system is away, and exits with 1', async () => {
    const env = {
      ...cli.env,
      REDIS_URL: 'redis://:hidden-word@127.0.0.1:1',
      WHMCS_API_URL: `http://127.0.0.1:${await freePort()}/includes/api.php`,
    };
    const ran = await orders(['status', activated], env);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('Redis cannot be reached at 127.0.0.1:1. Check REDIS_URL');
    expect(ran.stdout).toMatch(/WHMCS could not be reached.*WHMCS_API_URL/);
    expect(ran.stdout).toContain('activation    Activated');
    expect(ran.stdout).toContain('WHMCS could not be asked');
    expect(ran.stdout + ran.stderr).not.toMatch(/hidden-word|\n\s+at /);
  });

  it('asks no cache where no Redis is named, which is no failure', async () => {
    const ran = await orders(['status', activated], { ...cli.env, REDIS_URL: undefined });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/Cache\n +not asked: REDIS_URL/) as string });
  });

  it('names every variable that is wrong, and exits with 2', async () => {
    const ran = await orders(['status', activated], { ...cli.env, SF_LOGIN_URL: 'ftp://x', SF_CLIENT_SECRET: '' });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('SF_LOGIN_URL must begin with https://');
    expect(ran.stderr).toContain('SF_CLIENT_SECRET is required');
  });
});
