import { setMaxListeners } from 'node:events';
import Fastify from 'fastify';
import { API_PATH, apiRoute } from './api-route';
import type { Credentials } from './access';
import { controlRoutes } from './control';
import { Faults } from './faults';
import { Ledger } from './ledger';
import { defaultSeed } from './seed';
import { Store, type Seed } from './store';

export interface WhmcsOptions {
  /** Port to listen on; one that the system chooses if left out. */
  port?: number;
  /** Address to listen on; 127.0.0.1 if left out. */
  host?: string;
  /** Credentials that callers must show. */
  credentials?: Credentials;
  /** First contents; `defaultSeed()` if left out. `reset` goes back to it. */
  seed?: Seed;
  /** Addresses that may call without an access key; any if left out. */
  allowedIps?: readonly string[];
  /** Actions that the API role allows; all if left out. */
  allowedActions?: readonly string[];
  /** Clock for dates and the ledger. */
  now?: () => Date;
}

/** A running emulator. */
export interface WhmcsEmulator {
  /** `http://127.0.0.1:PORT/includes/api.php` */
  apiUrl: string;
  /** `http://127.0.0.1:PORT/control` */
  controlUrl: string;
  credentials: Credentials;
  store: Store;
  ledger: Ledger;
  faults: Faults;
  /** Back to the first contents: no orders, no faults, an empty ledger. */
  reset: () => void;
  /** Cuts all connections; nothing commits after this. */
  close: () => Promise<void>;
}

export const DEFAULT_CREDENTIALS: Credentials = { identifier: 'sandbox-identifier', secret: 'sandbox-secret' };

/**
 * Starts a WHMCS: its HTTP API with the real quirks, and a control API beside it.
 * @throws Error with code EADDRINUSE if the port is taken
 */
export async function startWhmcs(options: WhmcsOptions = {}): Promise<WhmcsEmulator> {
  const now = options.now ?? (() => new Date());
  const credentials = options.credentials ?? DEFAULT_CREDENTIALS;
  const seed = structuredClone(options.seed ?? defaultSeed());
  const ledger = new Ledger(now);
  const store = new Store(ledger, now);
  const faults = new Faults();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const reset = () => {
    faults.clear();
    store.reset(seed);
    ledger.clear();
  };
  reset();

  const app = Fastify({ forceCloseConnections: true, bodyLimit: 8 * 1024 * 1024 });
  const access = { credentials, allowedIps: options.allowedIps, allowedActions: options.allowedActions };
  await app.register(apiRoute({ store, ledger, faults, access, closing: closing.signal }));
  await app.register(controlRoutes({ store, ledger, faults, reset }));
  const address = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });

  return {
    apiUrl: `${address}${API_PATH}`,
    controlUrl: `${address}/control`,
    credentials,
    store,
    ledger,
    faults,
    reset,
    close: async () => {
      closing.abort();
      faults.clear();
      await app.close();
    },
  };
}
