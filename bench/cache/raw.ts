import { createClient } from 'redis';
import { ioredis } from './peers';

/** What Redis and a client can do at best: one command, its bytes not parsed, nothing promised. */
export interface Raw {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
  close(): unknown;
}

/** With the settings of the product's connection, but for the client's own time limit. */
export async function nodeRedis(url: string, commandOptions: { timeout?: number } = {}) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 3_000,
    commandOptions,
    socket: { connectTimeout: 2_000, socketTimeout: 10_000, keepAlive: true },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function rawNodeRedis(url: string, timeout?: number): Promise<Raw> {
  const client = await nodeRedis(url, timeout === undefined ? {} : { timeout });
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    unlink: (key) => client.unlink(key),
    close: () => client.destroy(),
  };
}

async function rawIoredis(url: string): Promise<Raw> {
  const client = await ioredis(url);
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    unlink: (key) => client.unlink(key),
    close: () => client.disconnect(),
  };
}

/** node-redis has a time limit of 5 s for each command unless told otherwise, and most of a command's cost is that. */
export const RAW_UNLIMITED = 'node-redis, no time limit';
export const RAW: Record<string, (url: string) => Promise<Raw>> = {
  'node-redis': (url) => rawNodeRedis(url),
  [RAW_UNLIMITED]: (url) => rawNodeRedis(url, 0),
  ioredis: rawIoredis,
};
