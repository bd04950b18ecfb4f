import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_USAGE, parseDemoArguments, type DemoArguments } from './demo/arguments';
import { loadCast, type Cast } from './demo/cast';
import { EXPECTED, isView, viewOf } from './demo/expected';
import { shownOnce, type Shown } from './demo/portal';
import { countSettled, rolesOf, settling, tableOf, verdictOf, type Column } from './demo/report';
import { phasesAtRest } from './demo/runs';
import { Stage } from './demo/stage';
import { isSound, judge, judgeTold, type Judgement, type Told } from './demo/verdict';
import type { Sandbox } from './sandbox';
import { givenRedis } from './start/arguments';
import { endWith } from './start/end';
import { guide, starting } from './start/guide';

/**
 * The whole path on real servers: approves orders in (emulated) Salesforce, and shows what came of each in WHMCS, in
 * Salesforce, in the portal and in Temporal. Exits 0 only if every order is as it should be in each of them.
 */

const SETTLE_LIMIT_MS = 90_000;
/** For what follows an effect that is there already: an invalidation, the close of a run. */
const AFTERMATH_LIMIT_MS = 30_000;
const DUAL_CHANNEL = '/event/Order_Fulfilment_Requested__e';
/** The emulated WHMCS commits nothing late: an answer lost on a busy machine need not cost the demo its time. */
const SHORT_WAITS = { WHMCS_QUIET_PERIOD: '5 seconds' };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const wanted = parseDemoArguments(process.argv.slice(2));
  if (wanted === 'help') {
    process.stdout.write(DEMO_USAGE);
    return 0;
  }
  const stage = new Stage();
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });
  try {
    const told = await Promise.race([tell(stage, wanted), interrupted]);
    if (told === 'interrupted') return 130;
    if (wanted.keep) await keep(stage, told, interrupted);
    return told.isSound && stage.fallen.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

interface Outcome {
  isSound: boolean;
  /** How to drive what is left running. */
  guide: string;
}

async function tell(stage: Stage, { dual }: DemoArguments): Promise<Outcome> {
  const redisUrl = givenRedis(process.env);
  say(starting(redisUrl));
  const sandbox = await stage.openSandbox(redisUrl);
  const cast = loadCast(sandbox.salesforce);
  say('Starting worker, listener and portal');
  const env = { ...sandbox.env, ...SHORT_WAITS, ...(dual ? { SF_PROVISION_EVENT_CHANNEL: DUAL_CHANNEL } : {}) };
  const portalUrl = await stage.startProduct(env);
  const patience = { limitMs: AFTERMATH_LIMIT_MS, giveUp: stage.isDown };
  // Held by the cache only once the listener has dealt with the events of the orders' own making.
  const before = await shownOnce(cast, portalUrl, (_, { cache }) => cache === 'hit', patience);

  say(`Setting ${cast.orders.length} orders to their status in Salesforce: ${rolesOf(cast)}`);
  cast.begin();
  if (dual) publishRequests(cast, sandbox);
  await untilSettled(cast, sandbox, stage.isDown);

  const asItEnds = ({ role }: Cast['orders'][number], shown: Shown): boolean => isView(shown, EXPECTED[role].after);
  const after = await shownOnce(cast, portalUrl, asItEnds, patience);
  // Later, since a change that the portal shows is one that the listener has dealt with: it would have begun a run by now.
  const phases = await phasesAtRest(cast, sandbox.temporal, patience);
  const judgement = judgeAll(cast, sandbox, { phases, before, after }, stage);
  if (!isSound(judgement)) say(stage.lastWords());
  say(tableOf(judgement.findings, columnsOf({ phases, before, after })));
  say(`\nWeb UI: ${sandbox.temporal.uiUrl}/namespaces/${sandbox.temporal.namespace}/workflows`);
  say(verdictOf(judgement));
  const addresses = [...stage.processes].map(([name, { url }]) => ({ name, url }));
  return { isSound: isSound(judgement), guide: guide({ ...sandbox, env }, cast.spare, { processes: addresses }) };
}

function judgeAll(cast: Cast, sandbox: Sandbox, told: Told, { fallen }: Stage): Judgement {
  const { findings, faults } = judge(cast, sandbox);
  return {
    findings: findings.map((finding) => ({
      ...finding,
      faults: [...finding.faults, ...judgeTold(finding.order, told)],
    })),
    faults: [...faults, ...fallen],
  };
}

/** In dual mode a Flow in the org publishes this event on approval; the emulator has no Flows. */
function publishRequests(cast: Cast, { salesforce }: Sandbox): void {
  for (const { id, role } of cast.orders) {
    if (role === 'cancelled') continue;
    const request = { OrderId__c: id, RequestedBy__c: 'demo', Priority__c: 'Normal', CorrelationId__c: `demo-${id}` };
    salesforce.events.publishPlatformEvent('Order_Fulfilment_Requested__e', request, salesforce.salesUserId);
  }
}

async function untilSettled(cast: Cast, { salesforce }: Sandbox, giveUp: AbortSignal): Promise<void> {
  const wanted = settling(cast).length;
  const started = performance.now();
  for (let last = -1; last < wanted;) {
    const settled = countSettled(cast, salesforce);
    const elapsedMs = performance.now() - started;
    if (settled !== last) {
      const bar = `${'█'.repeat(settled)}${'░'.repeat(wanted - settled)}`;
      say(`  ${bar} ${settled}/${wanted} settled, ${(elapsedMs / 1000).toFixed(1)} s`);
    }
    last = settled;
    if (giveUp.aborted || elapsedMs > SETTLE_LIMIT_MS) return;
    if (settled < wanted) await sleep(250, undefined, { signal: giveUp }).catch(() => undefined);
  }
}

function columnsOf({ phases, before, after }: Told): Column[] {
  const cell = (shown: Shown | undefined): string => (shown === undefined ? '-' : `${viewOf(shown)} (${shown.cache})`);
  return [
    { head: 'phase', cell: ({ order }) => phases.get(order.id) ?? '-' },
    { head: 'portal before', cell: ({ order }) => cell(before.get(order.id)) },
    { head: 'portal after', cell: ({ order }) => cell(after.get(order.id)) },
  ];
}

/** Leaves everything running until a person ends it, or something ends by itself. */
async function keep(stage: Stage, { guide: text }: Outcome, interrupted: Promise<unknown>): Promise<void> {
  say(text);
  const down = new Promise<void>((resolve) => {
    if (stage.isDown.aborted) resolve();
    stage.isDown.addEventListener('abort', () => resolve());
  });
  await Promise.race([interrupted, down]);
  if (stage.fallen.length > 0) say(`${stage.lastWords()}\n${stage.fallen.join('\n')}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => endWith('demo', error, DEMO_USAGE),
);
