import { createClient, createCluster } from 'redis';
import { clusterLogin } from '../domain/redis-address';
import { watchPeers } from './peer-watch';

/**
 * The one thing the caches need of Redis: send a command to the node that has `key`. Over a single node or a cluster.
 * Commands are never kept for later: a command that was queued during an outage and sent after it could do what is
 * no longer right.
 */
export interface RedisLink {
  send(key: string, readonly: boolean, args: string[]): Promise<unknown>;
  /** Whether commands can go out now. */
  readonly isReady: boolean;
  /** Closes at once, without waiting for replies. */
  destroy(): void;
}

export interface LinkEvents {
  /** Connected, for the first time or again. */
  ready(): void;
  /** A connection was lost or could not be made. */
  lost(error: Error): void;
}

/**
 * Reconnects for ever, each time a little later, up to a second: a cache that is away costs Salesforce calls. node-redis's own gives up
 * for good after a `socketTimeout`, which a process that was paused for longer meets when it goes on.
 */
export const reconnectStrategy = (retries: number): number =>
  Math.min(25 * 2 ** retries, 1000) * (0.75 + Math.random() / 2);

/**
 * A peer that accepts a connection and says nothing is given up after 10 s; one that stops answering later, by the watch. The
 * time limits of commands are the connection's (src/limits/time-limit.ts): the client's own make an AbortSignal for each command,
 * which costs more than the command.
 */
const settings = {
  disableOfflineQueue: true,
  commandOptions: { timeout: 0 },
  socket: { reconnectStrategy, connectTimeout: 2000, socketTimeout: 10_000, keepAlive: true },
} as const;

/** Begins to connect and returns at once; `events.ready` tells when it is. */
export function openNode(url: string, events: LinkEvents): RedisLink {
  const client = createClient({ ...settings, url, name: 'order-provisioning-cache' });
  client.on('ready', () => events.ready());
  client.on('error', (error: Error) => events.lost(error));
  let closed = false;
  // node-redis 6.3 forgets a socket that is still being made when the client is destroyed, and connects it afterwards.
  client.on('connect', () => {
    if (closed) client.destroy();
  });
  // Rejects only when it is destroyed before it ever connected; every other fault arrives as an event.
  client.connect().catch(() => undefined);
  const unwatch = watchPeers(
    () => [client],
    (error) => events.lost(error),
  );
  return {
    send: (_key, _readonly, args) => client.sendCommand(args),
    get isReady() {
      return client.isReady;
    },
    destroy: () => {
      closed = true;
      unwatch();
      client.destroy();
    },
  };
}

/** The same over Redis Cluster, whose topology is learnt from any of `urls`. Reads go to masters only: replicas lag. */
export function openCluster(urls: readonly string[], events: LinkEvents): RedisLink {
  const { tls, ...login } = clusterLogin(urls);
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ ...settings, url })),
    defaults: { ...settings, ...login, socket: { ...settings.socket, tls } },
    commandOptions: settings.commandOptions,
    useReplicas: false,
  });
  let ready = false;
  let closed = false;
  cluster.on('error', (error: Error) => events.lost(error));
  cluster.on('node-error', (error: Error) => events.lost(error));
  cluster.on('node-ready', () => {
    if (ready) events.ready();
  });
  const connect = async (retries: number): Promise<void> => {
    try {
      await cluster.connect();
      if (closed) {
        cluster.destroy();
        return;
      }
      ready = true;
      events.ready();
    } catch (error) {
      events.lost(error instanceof Error ? error : new Error(String(error)));
      setTimeout(() => void (closed ? undefined : connect(retries + 1)), reconnectStrategy(retries)).unref();
    }
  };
  void connect(0);
  const unwatch = watchPeers(
    () => cluster.masters.flatMap(({ client }) => client ?? []),
    (error) => events.lost(error),
  );
  return {
    send: (key, readonly, args) => cluster.sendCommand(key, readonly, args),
    get isReady() {
      return ready && !closed;
    },
    destroy: () => {
      closed = true;
      unwatch();
      cluster.destroy();
    },
  };
}
