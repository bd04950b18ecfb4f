import { CacheConnection, CacheInvalidator, registerCacheMetrics } from '../cache';
import { loadListenerConfig, together } from '../config';
import { createListener } from '../listener';
import { redisHosts, type RedisAddress } from '../domain/redis-address';
import { createLogger, type Logger } from '../observability/logger';
import { createMetrics } from '../observability/metrics';
import { rarely } from '../observability/rarely';
import { vendorCalls } from '../observability/vendor-calls';
import { dataConverterFor } from '../temporal/codec';
import { connectTemporal, temporalTarget } from '../temporal/connection';
import { createOrderWorkflows } from '../temporal/orders';
import { createHttp, listen, serveHealth, StartFailure } from './http';
import { REDIS_RIGHTS } from './redis-rights';
import { listening } from './listening';
import { lastingRedis, type RedisConnection } from './redis';
import { run } from './run';
import { openSalesforce } from './salesforce';
import { openTracing } from './tracing';

const REDIS_LIMIT_MS = 10_000;

/** The listener: Salesforce's change events in, workflow starts and cache invalidations out. */
void run('listener', async (resources) => {
  const [config, target] = together(() => loadListenerConfig(process.env), temporalTarget);
  const logger = createLogger('listener', config.logLevel);
  const tracing = await openTracing('listener', config.tracing, resources);
  const metrics = createMetrics('listener');
  const salesforce = openSalesforce(config.salesforce, vendorCalls(metrics, 'salesforce'));

  const client = await connectTemporal(target, dataConverterFor(config.temporal.codecKeys), tracing.client);
  resources.push('Temporal', () => client.connection.close());
  const redis = await connectRedis(config.redis.url, logger);
  resources.push('Redis', () => redis.destroy());
  const caches = new CacheConnection({
    url: config.redis.url,
    onLost: rarely((error) => logger.warn({ err: error }, 'Redis lost; events wait until caches can be invalidated')),
    onRefused: (error) => logger.error({ err: error }, REDIS_RIGHTS),
  });
  resources.push('cache connection', () => caches.close());

  const listener = createListener({
    config: listening(config, salesforce.fields),
    login: () => salesforce.session.login(),
    workflows: createOrderWorkflows(client, config.temporal.taskQueue),
    caches: new CacheInvalidator(caches, registerCacheMetrics(metrics)),
    redis: redis.commands,
    logger,
    metrics,
  });
  const http = createHttp();
  serveHealth(http, { metrics, health: () => ({ ...listener.status() }) });
  resources.push('HTTP', () => http.close());
  const address = await listen(http, config.http);
  await listener.start();
  resources.push('listener', () => listener.stop());
  logger.info({ address, mode: config.pubsub.channels.provisionEvent === undefined ? 'cdc' : 'dual' }, 'listener runs');
  return undefined;
});

/** Checkpoints and leases live there, so nothing can begin without it. @throws StartFailure */
async function connectRedis(address: RedisAddress, logger: Logger): Promise<RedisConnection> {
  const redis = lastingRedis(
    address,
    rarely((error) => logger.warn({ err: error }, 'Redis')),
  );
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer')), REDIS_LIMIT_MS).unref();
  });
  try {
    await Promise.race([redis.connect(), late]);
  } catch (error) {
    redis.destroy();
    const variable = typeof address === 'string' ? 'REDIS_URL' : 'REDIS_CLUSTER_URLS';
    throw new StartFailure(
      `Redis cannot be reached at ${redisHosts(address)}. Check ${variable} and that the server runs.`,
      { cause: error },
    );
  }
  return redis;
}
