import { CacheConnection, CacheInvalidator, CacheUnavailableError, peekOrder, type CachedOrder } from '../../cache';
import { loadCliConfig, type Environment } from '../../config';
import type { OrderId } from '../../domain/order';
import { lacksRight } from '../failure';
import { redisUnreachable } from './redis';

const CONNECT_LIMIT_MS = 5_000;

/** What the caches hold of an order. @throws CliFailure `REDIS_UNREACHABLE` */
export function lookIntoCache(environment: Environment, orderId: OrderId): Promise<CachedOrder> {
  return withConnection(environment, (connection) => peekOrder(connection, orderId));
}

/** Over a connection that only invalidates. @throws CliFailure `REDIS_UNREACHABLE`: it was not done; what `work` throws */
export function withInvalidator<T>(
  environment: Environment,
  work: (caches: CacheInvalidator) => Promise<T>,
): Promise<T> {
  return withConnection(environment, (connection) => work(new CacheInvalidator(connection)));
}

/** Opens a connection of the caches' own kind for `work`. */
async function withConnection<T>(
  environment: Environment,
  work: (connection: CacheConnection) => Promise<T>,
): Promise<T> {
  const { url } = loadCliConfig.redis(environment);
  const connection = new CacheConnection({ url });
  try {
    await connection.ready(CONNECT_LIMIT_MS);
    return await work(connection);
  } catch (error) {
    if (!(error instanceof CacheUnavailableError)) throw error;
    throw lacksRight(error.cause) ? error.cause : redisUnreachable(url, error);
  } finally {
    connection.close();
  }
}
