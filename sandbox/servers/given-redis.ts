import { createClient } from 'redis';

/** A Redis that a person named cannot be used; the message says which and why, without its password. */
export class RedisUnreachable extends Error {
  constructor(where: string, why: string) {
    super(`The Redis of REDIS_URL${where} cannot be used: ${why}. Start it, or unset REDIS_URL to have one started.`);
    this.name = 'RedisUnreachable';
  }
}

const LIMIT_MS = 5_000;

/** Host and port of a `redis://` address. @throws RedisUnreachable when it is none */
export function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new RedisUnreachable('', 'it is no redis:// or rediss:// address');
  }
  return parsed.port === '' ? parsed.hostname : parsed.host;
}

/**
 * Takes a Redis that runs already, once it has answered.
 * @throws RedisUnreachable
 */
export async function takeGivenRedis(url: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const where = ` (${hostOf(url)})`;
  const client = createClient({ url, socket: { connectTimeout: LIMIT_MS, reconnectStrategy: false } });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new RedisUnreachable(where, reasonOf(error));
  } finally {
    if (client.isOpen) client.destroy();
  }
  return { url, stop: () => Promise.resolve() };
}

/** The error of an address that resolves to several has theirs in `errors`, and itself no message. */
function reasonOf(error: unknown): string {
  const { errors, message } = error as { errors?: { message: string }[]; message?: string };
  return errors?.[0]?.message ?? (message || 'it does not answer');
}
