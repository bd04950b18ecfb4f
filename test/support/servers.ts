import { startRedis, type RedisOptions, type RedisServer } from '../../sandbox/servers/redis';
import { createTimeSkippingEnvironment as create } from '../../sandbox/servers/time-skipping';
import { quietRuntime } from './quiet-runtime';
import { SERVERS_VARIABLE } from './shared-servers';

/**
 * The servers that all suites of a run share, started when the first suite asks. Suites keep out of each other's way with
 * a task queue of their own (`uniqueName('orders')`) on Temporal, and a key prefix or private server on Redis.
 */

/** @returns `host:port` of the run's Temporal dev server (namespace `default`, with our search attributes) */
export function temporalAddress(): Promise<string> {
  return ask('temporal');
}

/** @returns the `redis://…` URL of the run's Redis. A suite that flushes, stops or fills Redis takes `freshRedis()` */
export function redisUrl(): Promise<string> {
  return ask('redis');
}

/** @returns the folder of a build of this checkout, as `npm run build` leaves it: what a process of the product is run from */
export function builtProduct(): Promise<string> {
  return ask('build');
}

/** A Redis for this suite alone; `stop()` it in afterAll. */
export function freshRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return startRedis(options);
}

/** A time-skipping environment for this suite alone; `teardown()` it in afterAll. */
export const createTimeSkippingEnvironment: typeof create = (...options) => {
  quietRuntime();
  return create(...options);
};

let count = 0;

/** A name that no other suite of this or another run uses, for task queues, workflow ids and key prefixes. */
export function uniqueName(prefix: string): string {
  count += 1;
  return `${prefix}-${process.pid}-${Date.now().toString(36)}-${count}`;
}

async function ask(server: 'temporal' | 'redis' | 'build'): Promise<string> {
  const broker = process.env[SERVERS_VARIABLE];
  if (broker === undefined) throw new Error('No test servers: run the suite with jest from the root of the checkout.');
  const response = await fetch(`${broker}/${server}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
