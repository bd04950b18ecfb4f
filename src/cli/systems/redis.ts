import { loadCliConfig, type Environment } from '../../config';
import { redisHosts, type RedisAddress } from '../../domain/redis-address';
import { redisConnection, type RedisConnection } from '../../processes/redis';
import { CliFailure } from '../failure';

/** How long a verb waits before it says that Redis cannot be reached. */
const CONNECT_LIMIT_MS = 5_000;

export type Redis = RedisConnection;

/** Connects. @throws CliFailure `REDIS_UNREACHABLE`, `REDIS_CREDENTIALS_REFUSED`; ConfigurationError */
export async function openRedis(environment: Environment): Promise<Redis> {
  const { url } = loadCliConfig.redis(environment);
  const redis = redisConnection(
    url,
    {
      name: 'order-provisioning-cli',
      commandsQueueMaxLength: 1_000,
      socket: { reconnectStrategy: false, connectTimeout: CONNECT_LIMIT_MS, socketTimeout: 2 * CONNECT_LIMIT_MS },
    },
    () => undefined,
  );
  try {
    await redis.connect();
  } catch (error) {
    // A server that refuses the login keeps its socket open.
    redis.destroy();
    throw redisUnreachable(url, error);
  }
  return redis;
}

/** Hosts alone: a URL may hold a password. */
export function redisUnreachable(address: RedisAddress, error: unknown): CliFailure {
  const variable = typeof address === 'string' ? 'REDIS_URL' : 'REDIS_CLUSTER_URLS';
  const text = error instanceof Error ? error.message : '';
  const refused = /^(?:NOAUTH|WRONGPASS|NOPERM)/.exec(text)?.[0];
  return new CliFailure({
    code: refused === undefined ? 'REDIS_UNREACHABLE' : 'REDIS_CREDENTIALS_REFUSED',
    message:
      refused === undefined
        ? `Redis cannot be reached at ${redisHosts(address)}`
        : `Redis at ${redisHosts(address)} refuses the login: ${refused}`,
    advice:
      refused === undefined ? `Check ${variable} and that Redis runs.` : `Check the user and password in ${variable}.`,
    cause: error,
  });
}
