import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type RunningProcess } from '../../sandbox/processes';
import { seedAccounts, seedCatalog, seedDraftOrder } from '../../sandbox/salesforce/seed';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { Resources } from '../../src/processes/resources';
import { watchRedisCommands } from '../redis-commands';
import type { Growth } from './report';

export interface GrowthCase {
  orders: number;
  workers: number;
}

/** Accounts, so that none has a list of orders that no customer would have. */
const ORDERS_AN_ACCOUNT = 20;
const LIMIT_FOR_EACH_MS = 1_000;
const MIB = 2 ** 20;

/** Each case on servers and processes of its own. @throws Error where an order is not activated, or not once */
export async function growth(cases: readonly GrowthCase[], build: string): Promise<Growth[]> {
  const rows: (Growth & { perMs: number })[] = [];
  for (const each of cases) rows.push(await play(each, build));
  const first = rows[0]?.perMs ?? NaN;
  return rows.map(({ perMs, ...row }) => ({ ...row, rate: perMs / first }));
}

async function play({ orders, workers }: GrowthCase, build: string): Promise<Growth & { perMs: number }> {
  const resources = new Resources();
  try {
    const sandbox = await startSandbox({ temporal: { headless: true } });
    resources.push('sandbox', () => sandbox.stop());
    const ids = drafts(sandbox, orders);
    const start = async (name: 'listener' | 'worker' | 'portal'): Promise<RunningProcess> => {
      const started = await startProcess(name, { ...sandbox.env, LOG_LEVEL: 'warn' }, { build });
      resources.push('process', () => started.stop());
      return started;
    };
    const portal = await start('portal');
    const running = await Promise.all(Array.from({ length: workers }, () => start('worker')));
    const listener = await start('listener');
    const redis = await watchRedisCommands(sandbox.redis.url);
    resources.push('Redis monitor', () => {
      redis.close();
    });
    sandbox.salesforce.rest.ledger.clear();
    sandbox.whmcs.ledger.clear();
    const upkeep = redis.count();

    const began = performance.now();
    await approveAll(sandbox, ids);
    const elapsed = performance.now() - began;

    const counted = {
      salesforceCalls: sandbox.salesforce.rest.ledger.total / orders,
      whmcsCalls: sandbox.whmcs.ledger.calls().length / orders,
      redisCommands: (redis.count() - upkeep) / orders,
    };
    const activated = requireOneEach(sandbox, ids);
    await readAll(portal, ids);
    const memory = {
      listener: await residentMiB(listener),
      worker: Math.max(...(await Promise.all(running.map(residentMiB)))),
      portal: await residentMiB(portal),
    };
    return { orders, workers, activated, ...counted, rate: NaN, memory, perMs: orders / elapsed };
  } finally {
    await resources.release();
  }
}

function drafts({ salesforce: { store, salesUserId: userId } }: Sandbox, count: number): string[] {
  const by = { userId };
  const catalog = seedCatalog(store, by);
  const accounts = seedAccounts(store, by, Math.ceil(count / ORDERS_AN_ACCOUNT));
  return Array.from({ length: count }, (_, index) => {
    const accountId = accounts[index % accounts.length] ?? '';
    return seedDraftOrder(store, by, catalog, { accountId, items: [{ code: 'HOST-START' }] }).orderId;
  });
}

async function approveAll(
  { salesforce: { store, salesUserId: userId } }: Sandbox,
  ids: readonly string[],
): Promise<void> {
  const end = performance.now() + 60_000 + ids.length * LIMIT_FOR_EACH_MS;
  for (const id of ids) {
    store.transaction({ userId }, (tx) => tx.update('Order', id, { Status: 'Approved' }));
    // The emulator is in this process: it must be able to answer meanwhile.
    await sleep(0);
  }
  let open = [...ids];
  while (open.length > 0) {
    open = open.filter((id) => store.get('Order', id)?.['Activation_Status__c'] !== 'Activated');
    if (performance.now() > end) throw new Error(`${open.length} of ${ids.length} orders are not activated`);
    // The emulator answers in between: a look at ten thousand orders is not to be most of what its process does.
    await sleep(Math.max(50, open.length / 10));
  }
}

function requireOneEach({ salesforce, whmcs }: Sandbox, ids: readonly string[]): number {
  const active = new Set(
    [...whmcs.store.orders.values()].filter(({ status }) => status === 'Active').map(({ id }) => id),
  );
  const named = new Set(ids.map((id) => Number(salesforce.store.get('Order', id)?.['WHMCS_Order_ID__c'])));
  const sound = active.size === ids.length && named.size === ids.length && [...named].every((id) => active.has(id));
  if (!sound) throw new Error(`${ids.length} orders have ${active.size} Active orders in WHMCS, and ${named.size} ids`);
  return named.size;
}

async function readAll({ url }: RunningProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const answer = await fetch(`${url}/orders/${id}`);
    if (!answer.ok) throw new Error(`The portal answers ${answer.status} for order ${id}`);
    await answer.arrayBuffer();
  }
}

async function residentMiB({ url }: RunningProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const bytes = /^\S*process_resident_memory_bytes\S* (\S+)$/m.exec(metrics)?.[1];
  if (bytes === undefined) throw new Error(`${url}/metrics does not tell the resident memory`);
  return Number(bytes) / MIB;
}
