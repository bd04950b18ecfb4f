import { rmSync, writeFileSync } from 'node:fs';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox';
import { seedAccounts, seedCatalog, seedDraftOrder } from './salesforce/seed';
import { ChildFailed } from './servers/child';
import { ProgramMissing } from './servers/find-program';
import { RedisUnreachable } from './servers/given-redis';
import { PortInUse } from './servers/free-port';
import { parseArguments, USAGE, UsageError, type StartArguments } from './start/arguments';
import { envFile, guide } from './start/guide';

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
  process.stderr.write('Starting Temporal with its Web UI, Redis, and the Salesforce and WHMCS emulators …\n');
  const starting = startSandbox(optionsOf(wanted));
  const first = await Promise.race([starting, interrupted]);
  // A Ctrl-C during the start waits for the start, so that all that was begun is also stopped.
  const sandbox = typeof first === 'number' ? await starting : first;
  try {
    if (typeof first === 'number') return first;
    const drafts = seed(sandbox);
    if (wanted.envFile !== undefined) writeFileSync(wanted.envFile, envFile(sandbox.env), { mode: 0o600 });
    process.stdout.write(guide(sandbox, drafts, wanted.envFile));
    await Promise.race([interrupted, serverEnds(sandbox)]);
    process.stderr.write('\nStopping …\n');
    return 0;
  } finally {
    await sandbox.stop();
    if (wanted.envFile !== undefined) rmSync(wanted.envFile, { force: true });
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
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`sandbox: ${error.message}\n${USAGE}`);
      process.exit(2);
    }
    const told = [PortInUse, ProgramMissing, ChildFailed, RedisUnreachable].some((kind) => error instanceof kind);
    process.stderr.write(
      `sandbox: ${error instanceof Error ? (told ? error.message : (error.stack ?? '')) : String(error)}\n`,
    );
    process.exit(1);
  },
);
