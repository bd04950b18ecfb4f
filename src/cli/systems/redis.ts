import { createClient, type RedisClientType } from 'redis';
import { loadCliConfig, type Environment } from '../../config';
import { CliFailure } from '../failure';

/** How long a verb waits before it says that Redis cannot be reached. */
const CONNECT_LIMIT_MS = 5_000;

export type Redis = RedisClientType;

/** Connects. @throws CliFailure `REDIS_UNREACHABLE`, `REDIS_CREDENTIALS_REFUSED`; ConfigurationError */
export async function openRedis(environment: Environment): Promise<Redis> {
  const { url } = loadCliConfig.redis(environment);
  const client: Redis = createClient({
    url,
    name: 'order-provisioning-cli',
    commandsQueueMaxLength: 1_000,
    socket: { reconnectStrategy: false, connectTimeout: CONNECT_LIMIT_MS, socketTimeout: 2 * CONNECT_LIMIT_MS },
  });
  // Without a listener an error of the socket would end the process; the command that it concerns rejects anyhow.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw redisUnreachable(url, error);
  }
  return client;
}

/** The address alone: `REDIS_URL` may hold a password. */
export function redisUnreachable(url: string, error: unknown): CliFailure {
  const { hostname, port } = new URL(url);
  const text = error instanceof Error ? error.message : '';
  const refused = /^(?:NOAUTH|WRONGPASS|NOPERM)/.exec(text)?.[0];
  return new CliFailure({
    code: refused === undefined ? 'REDIS_UNREACHABLE' : 'REDIS_CREDENTIALS_REFUSED',
    message:
      refused === undefined
        ? `Redis cannot be reached at ${hostname}:${port === '' ? '6379' : port}`
        : `Redis at ${hostname} refuses the login: ${refused}`,
    advice:
      refused === undefined ? 'Check REDIS_URL and that Redis runs.' : 'Check the user and password in REDIS_URL.',
    cause: error,
  });
}
