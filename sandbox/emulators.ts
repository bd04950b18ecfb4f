import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadCast, type Cast } from './demo/cast';
import { countSettled, settling, tableOf, verdictOf } from './demo/report';
import { judge } from './demo/verdict';
import { startSalesforce, type SalesforceEmulator } from './salesforce';
import { controlRoutes } from './salesforce/control';
import { newOrg } from './salesforce/new-org';
import { endWith } from './start/end';
import { parsed } from './start/usage';
import { startWhmcs, type WhmcsEmulator } from './whmcs';

/**
 * The Salesforce and WHMCS emulators alone, on fixed loopback ports, for a set-up that brings its own Temporal, Redis and
 * processes: `docker compose --profile sandbox up`. With `--approve-when-ready=URL`, once or more, it waits until each of these
 * processes answers /readyz, approves the demo's orders, and tells what became of them. It serves until SIGTERM.
 */
const OPTIONS = {
  'approve-when-ready': { type: 'string', multiple: true, default: [] as string[] },
  'salesforce-port': { type: 'string', default: '8301' },
  'pubsub-port': { type: 'string', default: '7443' },
  'whmcs-port': { type: 'string', default: '8302' },
} as const;

const CREDENTIALS = { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' };
const POLL_MS = 500;
const SETTLE_LIMIT_MS = 180_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parsed(() => parseArgs({ options: OPTIONS }));
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());

  const salesforce = await startSalesforce({
    routes: controlRoutes,
    credentials: CREDENTIALS,
    ...newOrg(),
    httpPort: Number(values['salesforce-port']),
    pubsubPort: Number(values['pubsub-port']),
  });
  const whmcs = await startWhmcs({ port: Number(values['whmcs-port']) });
  say(`Salesforce ${salesforce.loginUrl}, Pub/Sub ${salesforce.pubsubEndpoint}, WHMCS ${whmcs.apiUrl}`);
  try {
    const processes = values['approve-when-ready'];
    if (processes.length > 0) await tell(processes, salesforce, whmcs, stopping.signal);
    await until(() => Promise.resolve(false), stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await whmcs.close();
    await salesforce.close();
  }
}

async function tell(
  processes: string[],
  salesforce: SalesforceEmulator,
  whmcs: WhmcsEmulator,
  signal: AbortSignal,
): Promise<void> {
  const cast = loadCast(salesforce);
  say(`Waiting for ${processes.join(', ')}`);
  for (const url of processes) await until(() => isReady(url), signal);
  say(`All are ready: approving ${cast.orders.length} orders`);
  cast.begin();
  const end = performance.now() + SETTLE_LIMIT_MS;
  const isSettled = (): boolean => countSettled(cast, salesforce) === settling(cast).length;
  await until(() => Promise.resolve(isSettled() || performance.now() > end), signal);
  report(cast, salesforce, whmcs);
}

/** @throws AbortError when the signal comes first */
async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await condition())) await sleep(POLL_MS, undefined, { signal });
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

function report(cast: Cast, salesforce: SalesforceEmulator, whmcs: WhmcsEmulator): void {
  const judgement = judge(cast, { salesforce, whmcs });
  say(tableOf(judgement.findings, [{ head: 'activation', cell: ({ activation }) => activation || '-' }]));
  say(verdictOf(judgement));
}

main().then(
  () => process.exit(0),
  (error: unknown) => endWith('emulators', error),
);
