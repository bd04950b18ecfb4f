import { rmSync, writeFileSync } from 'node:fs';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox';
import { seedAccounts, seedCatalog, seedDraftOrder } from './salesforce/seed';
import { ChildFailed } from './servers/child';
import { parseArguments, USAGE, withPortAdvice, type StartArguments } from './start/arguments';
import { endWith } from './start/end';
import { envFile, guide, starting } from './start/guide';
import { UsageError } from './start/usage';

/** `npm run sandbox`: everything that the product talks to, on fixed ports, until Ctrl-C. */

const ACCOUNTS = 4;
const BASKETS = [['HOST-START'], ['HOST-BUS', 'MAIL'], ['VPS-S', 'BACKUP'], ['HOST-START', 'ONBOARD']];

async function main(): Promise<number> {
  const wanted = parseArguments(process.argv.slice(2), process.env);
  if (wanted === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const interrupted = new Promise<number>((resolve) => {
    process.once('SIGINT', () => resolve(130));
    process.once('SIGTERM', () => resolve(143));
  });
  process.stderr.write(`${starting(wanted.redisUrl)}\n`);
  const begun = startSandbox(optionsOf(wanted)).catch((error: unknown) => {
    throw withPortAdvice(error, wanted.ports);
  });
  const first = await Promise.race([begun, interrupted]);
  // A Ctrl-C during the start waits for the start, so that all that was begun is also stopped.
  const sandbox = typeof first === 'number' ? await begun : first;
  try {
    if (typeof first === 'number') return first;
    const drafts = seed(sandbox);
    if (wanted.envFile !== undefined) writeEnvironment(wanted.envFile, envFile(sandbox.env));
    process.stdout.write(guide(sandbox, drafts, wanted.envFile === undefined ? {} : { envFile: wanted.envFile }));
    await Promise.race([interrupted, serverEnds(sandbox)]);
    process.stderr.write('\nStopping …\n');
    return 0;
  } finally {
    await sandbox.stop();
    if (wanted.envFile !== undefined) rmSync(wanted.envFile, { force: true });
  }
}

/** @throws UsageError when nothing can be written there */
function writeEnvironment(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`--write-env: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function optionsOf({ ports, dbFile, redisUrl }: StartArguments): SandboxOptions {
  const fixed = {
    // The same after a restart, so that an exported environment stays right. Nothing outside this machine can use them.
    credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' },
    httpPort: ports.salesforce,
    pubsubPort: ports.pubsub,
  };
  return {
    temporal: { port: ports.temporal, uiPort: ports.temporalUi, ...(dbFile === undefined ? {} : { dbFile }) },
    ...(redisUrl === undefined ? { redis: { port: ports.redis } } : { redisUrl }),
    salesforce: fixed,
    whmcs: { port: ports.whmcs },
  };
}

/** A catalog, accounts, and a draft order for each, ready to be approved. @returns the ids of the orders */
function seed({ salesforce: { store, salesUserId } }: Sandbox): string[] {
  const by = { userId: salesUserId };
  const catalog = seedCatalog(store, by);
  return seedAccounts(store, by, ACCOUNTS).map((accountId, index) => {
    const items = (BASKETS[index % BASKETS.length] ?? []).map((code) => ({ code }));
    return seedDraftOrder(store, by, catalog, { accountId, items }).orderId;
  });
}

/** @throws ChildFailed when a server ends by itself */
async function serverEnds({ temporal, redis }: Sandbox): Promise<void> {
  const ended = await Promise.race([
    temporal.end.then((how) => `The Temporal dev server ${how}`),
    ...(redis.end === undefined ? [] : [redis.end.then((how) => `Redis ${how}`)]),
  ]);
  throw new ChildFailed(ended, '');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => endWith('sandbox', error, USAGE),
);
