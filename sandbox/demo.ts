import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { loadCast, type Cast } from './demo/cast';
import { askPortal, type Shown } from './demo/portal';
import { phasesAtRest } from './demo/runs';
import { judge, type Finding } from './demo/verdict';
import { startProcess, type RunningProcess } from './processes';
import { hostOf } from './servers/given-redis';
import { givenRedis } from './start/arguments';
import { startSandbox, type Sandbox } from './sandbox';

/**
 * The whole path on real servers: approves orders in (emulated) Salesforce, and shows what came of each in WHMCS, in
 * Salesforce, in the portal and in Temporal. Exits 0 only if every order is as it should be.
 */

const TIME_LIMIT_MS = 90_000;
const DUAL_CHANNEL = '/event/Order_Fulfilment_Requested__e';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, mode: { type: 'string', default: 'cdc' } },
  });
  if (values.mode !== 'cdc' && values.mode !== 'dual') {
    process.stderr.write('demo: --mode is cdc or dual\n');
    return 2;
  }
  const dual = values.mode === 'dual';
  const running: { stop(): Promise<void> }[] = [];
  const stopAll = async (): Promise<void> => {
    for (let next = running.pop(); next !== undefined; next = running.pop()) await next.stop();
  };
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    const told = await Promise.race([tell(running, dual), interrupted.then(() => 'interrupted' as const)]);
    if (told === 'interrupted') return 130;
    if (values.keep) {
      say('\nEverything is left running; Ctrl-C ends it.');
      await interrupted;
    }
    return told ? 0 : 1;
  } finally {
    await stopAll();
  }
}

async function tell(running: { stop(): Promise<void> }[], dual: boolean): Promise<boolean> {
  const redisUrl = givenRedis(process.env);
  const redis = redisUrl === undefined ? 'Redis,' : `using the Redis of REDIS_URL (${hostOf(redisUrl)}),`;
  say(`Starting Temporal with its Web UI, ${redis} and the Salesforce and WHMCS emulators`);
  const sandbox = await startSandbox(redisUrl === undefined ? {} : { redisUrl });
  running.push(sandbox);
  const cast = loadCast(sandbox.salesforce);
  say('Starting worker, listener and portal');
  const env = { ...sandbox.env, ...(dual ? { SF_PROVISION_EVENT_CHANNEL: DUAL_CHANNEL } : {}) };
  const start = async (name: 'worker' | 'listener' | 'portal'): Promise<RunningProcess> => {
    const started = await startProcess(name, env);
    running.push(started);
    return started;
  };
  const [portal] = await Promise.all([start('portal'), start('worker'), start('listener')]);
  // The first reading fills the cache; the second shows that it holds.
  await shown(cast, portal.url);
  const before = await shown(cast, portal.url);

  say(`Setting ${cast.orders.length} orders to their status in Salesforce: ${counts(cast)}`);
  cast.begin();
  if (dual) publishRequests(cast, sandbox);
  await untilSettled(cast, sandbox);

  const phases = await phasesAtRest(cast, sandbox.temporal);
  const after = await shown(cast, portal.url);
  const { findings, faults } = judge(cast, sandbox.salesforce, sandbox.whmcs);
  const stale = findings.filter(
    ({ order, activation }) => order.role !== 'cancelled' && after.get(order.id)?.status !== activation,
  );
  faults.push(
    ...stale.map(({ order }) => `The portal shows order ${order.id} as ${after.get(order.id)?.status ?? 'nothing'}`),
  );
  say(table(findings, phases, before, after));
  say(`\nWeb UI: ${sandbox.temporal.uiUrl}/namespaces/${sandbox.temporal.namespace}/workflows`);
  return verdict(findings, faults);
}

function counts({ orders }: Cast): string {
  const roles = new Set(orders.map(({ role }) => role));
  return [...roles].map((role) => `${orders.filter((order) => order.role === role).length} ${role}`).join(', ');
}

/** In dual mode a Flow in the org publishes this event on approval; the emulator has no Flows. */
function publishRequests(cast: Cast, { salesforce }: Sandbox): void {
  for (const { id, role } of cast.orders) {
    if (role === 'cancelled') continue;
    const request = { OrderId__c: id, RequestedBy__c: 'demo', Priority__c: 'Normal', CorrelationId__c: `demo-${id}` };
    salesforce.events.publishPlatformEvent('Order_Fulfilment_Requested__e', request, salesforce.salesUserId);
  }
}

/** Each order as a customer would see it now; reading it also fills the cache. */
async function shown(cast: Cast, portalUrl: string): Promise<Map<string, Shown>> {
  const pairs = await Promise.all(cast.orders.map(async ({ id }) => [id, await askPortal(portalUrl, id)] as const));
  return new Map(pairs);
}

async function untilSettled(cast: Cast, { salesforce }: Sandbox): Promise<void> {
  const wanted = cast.orders.filter(({ role }) => role === 'approved' || role === 'bad product');
  const end = performance.now() + TIME_LIMIT_MS;
  const started = performance.now();
  let last = -1;
  while (performance.now() < end) {
    const settled = wanted.filter(({ id }) => {
      const status = salesforce.store.get('Order', id)?.['Activation_Status__c'];
      return status === 'Activated' || status === 'Failed';
    }).length;
    if (settled !== last) {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(
        `  ${'█'.repeat(settled)}${'░'.repeat(wanted.length - settled)} ${settled}/${wanted.length} settled, ${seconds} s`,
      );
    }
    last = settled;
    if (settled === wanted.length) return;
    await sleep(250);
  }
}

function table(
  findings: Finding[],
  phases: Map<string, string>,
  before: Map<string, Shown>,
  after: Map<string, Shown>,
): string {
  const rows = new Table({
    head: ['order', 'role', 'phase', 'WHMCS order', 'portal before', 'portal after', ''],
    style: { head: [], border: [] },
  });
  const cell = (seen: Shown | undefined): string => (seen === undefined ? '-' : `${seen.status} (${seen.cache})`);
  for (const { order, whmcsOrderId, faults } of findings) {
    const { id, role } = order;
    const sound = faults.length === 0 ? 'ok' : faults.join('; ');
    rows.push([
      id,
      role,
      phases.get(id) ?? '-',
      whmcsOrderId === '' ? '-' : whmcsOrderId,
      cell(before.get(id)),
      cell(after.get(id)),
      sound,
    ]);
  }
  return rows.toString();
}

function verdict(findings: Finding[], faults: string[]): boolean {
  const wrong = findings.filter((finding) => finding.faults.length > 0);
  for (const fault of faults) say(`  ${fault}`);
  const sound = wrong.length === 0 && faults.length === 0;
  const approved = findings.filter(({ order }) => order.role === 'approved').length;
  say(
    sound
      ? `Verdict: sound. ${approved} approved orders, ${approved} active WHMCS orders with their marker and invoice, none doubled, none left pending; nothing was sold that should not be.`
      : `Verdict: NOT sound. ${wrong.length} order(s) and ${faults.length} book(s) are not as they should be.`,
  );
  return sound;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : 'failed'}\n`);
    process.exit(1);
  },
);
