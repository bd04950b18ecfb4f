import { CacheConnection, peekOrder, type CachedOrder } from '../../cache';
import { loadCliConfig, type Environment } from '../../config';
import type { OrderId } from '../../domain/order';
import { redisUnreachable } from './redis';

const CONNECT_LIMIT_MS = 5_000;

/** What the caches hold of an order. Opens a connection of their own kind for it. @throws CliFailure `REDIS_UNREACHABLE` */
export async function lookIntoCache(environment: Environment, orderId: OrderId): Promise<CachedOrder> {
  const { url } = loadCliConfig.redis(environment);
  const connection = new CacheConnection({ url });
  try {
    await connection.ready(CONNECT_LIMIT_MS);
    return await peekOrder(connection, orderId);
  } catch (error) {
    throw redisUnreachable(url, error);
  } finally {
    connection.close();
  }
}
