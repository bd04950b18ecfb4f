import { createClient, createCluster } from 'redis';
import { watchPeers } from '../cache/peer-watch';
import { reconnectStrategy } from '../cache/redis-link';
import { clusterLogin, type RedisAddress } from '../domain/redis-address';
import type { SlotsRedis } from '../limits/slots';
import type { ListenerRedis } from '../listener';

/** A connection for what is not cached: checkpoints, leases, dead letters, limits. Over one server or a cluster. */
export interface RedisConnection {
  readonly commands: ListenerRedis & SlotsRedis;
  /** @throws what the client failed with; nobody has to be told who is not there. */
  connect(): Promise<void>;
  /** A section of `INFO` as each master tells it; of one server, the one. */
  info(section: string): Promise<string[]>;
  /** Without waiting for replies. May be called again. */
  destroy(): void;
}

export interface RedisSettings {
  name?: string;
  disableOfflineQueue?: boolean;
  /** Of each command, ms; 0 is none. */
  commandOptions?: { timeout: number };
  commandsQueueMaxLength?: number;
  socket: { connectTimeout: number; socketTimeout?: number; reconnectStrategy?: false | ((retries: number) => number) };
}

/**
 * Of a process that runs for long: commands are never kept for later, and a server that is lost, or has vanished without a word,
 * is connected to again for as long as it takes. Connects nothing yet; `onError` as in {@link redisConnection}.
 * @param socketTimeout how long nothing may come, ms
 */
export function lastingRedis(
  address: RedisAddress,
  onError: (error: unknown) => void,
  socketTimeout = 10_000,
): RedisConnection {
  const settings = {
    disableOfflineQueue: true,
    // Its own makes an AbortSignal for each command; whoever sends one limits it (src/limits/time-limit.ts).
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: 2_000, socketTimeout, reconnectStrategy },
  };
  return redisConnection(address, settings, onError);
}

/** Connects nothing yet. `onError` is told of every fault of a socket; the command that it concerns rejects anyhow. */
export function redisConnection(
  address: RedisAddress,
  settings: RedisSettings,
  onError: (error: unknown) => void,
): RedisConnection {
  return typeof address === 'string' ? ofServer(address, settings, onError) : ofCluster(address, settings, onError);
}

function ofServer(url: string, settings: RedisSettings, onError: (error: unknown) => void): RedisConnection {
  const client = createClient({ ...settings, url });
  client.on('error', onError);
  const unwatch = watchPeers(() => [client], onError);
  return {
    commands: client,
    connect: async () => {
      await client.connect();
    },
    info: async (section) => [await client.info(section)],
    destroy: () => {
      unwatch();
      if (client.isOpen) client.destroy();
    },
  };
}

function ofCluster(
  seeds: readonly string[],
  settings: RedisSettings,
  onError: (error: unknown) => void,
): RedisConnection {
  const { tls, ...login } = clusterLogin(seeds);
  const cluster = createCluster({
    rootNodes: seeds.map((url) => ({ ...settings, url })),
    defaults: { ...settings, ...login, socket: { ...settings.socket, tls } },
    ...(settings.commandOptions === undefined ? {} : { commandOptions: settings.commandOptions }),
  });
  let lastFault: unknown;
  const note = (error: unknown): void => {
    lastFault = error;
    onError(error);
  };
  cluster.on('error', note);
  cluster.on('node-error', note);
  const unwatch = watchPeers(() => cluster.masters.flatMap(({ client }) => client ?? []), note);
  return {
    commands: cluster,
    connect: async () => {
      try {
        await cluster.connect();
      } catch (error) {
        // Why no seed would do is told by events; the rejection itself only counts them.
        throw lastFault ?? error;
      }
    },
    info: (section) =>
      Promise.all(cluster.masters.map(async (master) => (await cluster.nodeClient(master)).info(section))),
    destroy: () => {
      unwatch();
      if (cluster.isOpen) cluster.destroy();
    },
  };
}
