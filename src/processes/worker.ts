import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities';
import { CacheConnection, CacheInvalidator, registerCacheMetrics } from '../cache';
import { loadWorkerConfig, together } from '../config';
import { createLogger } from '../observability/logger';
import { createMetrics } from '../observability/metrics';
import { rarely } from '../observability/rarely';
import { vendorCalls } from '../observability/vendor-calls';
import { dataConverterFor } from '../temporal/codec';
import { connectTemporal, nativeOptions, temporalTarget } from '../temporal/connection';
import { registerOrderCounts } from '../temporal/order-counts';
import { createOrderWorkflows } from '../temporal/orders';
import { installRuntime } from '../temporal/runtime';
import { ensureReconcileSchedule, watchReconcileSchedule } from '../temporal/schedule';
import { ensureSearchAttributes } from '../temporal/search-attributes';
import { createWorker, workflowBundle } from '../temporal/worker';
import { createWhmcs } from '../whmcs';
import { openLimits } from './limits';
import { createHttp, listen, serveHealth } from './http';
import { REDIS_RIGHTS } from './redis-rights';
import { run } from './run';
import { openSalesforce } from './salesforce';
import { openTracing } from './tracing';

/** The worker: runs the workflows and their activities. */
void run('worker', async (resources) => {
  const [config, target] = together(() => loadWorkerConfig(process.env), temporalTarget);
  const logger = createLogger('worker', config.logLevel);
  const tracing = await openTracing('worker', config.tracing, resources);
  const metrics = createMetrics('worker');
  const runtimeMetrics = await installRuntime(logger);

  const dataConverter = dataConverterFor(config.temporal.codecKeys, (err) =>
    logger.error({ err }, 'TEMPORAL_CODEC_KEYS_FILE does not fit; the run waits'),
  );
  const client = await connectTemporal(target, dataConverter, tracing.client);
  resources.push('Temporal client', () => client.connection.close());
  const { created, refused } = await ensureSearchAttributes(client);
  if (created.length > 0) logger.info({ searchAttributes: created }, 'search attributes registered');
  if (refused) logger.warn('this identity may not look at search attributes; they must have been made by an operator');
  const { taskQueue } = config.temporal;
  const schedule = { everyMs: config.policy.reconcileEveryMs, taskQueue };
  await ensureReconcileSchedule(client, schedule);
  resources.push('schedule', watchReconcileSchedule(client, schedule, logger));

  const cacheConnection = new CacheConnection({
    url: config.redis.url,
    onLost: rarely((error) => logger.warn({ err: error }, 'Redis lost; invalidations are retried')),
    onRefused: (error) => logger.error({ err: error }, REDIS_RIGHTS),
  });
  resources.push('Redis', () => cacheConnection.close());

  registerOrderCounts(metrics, client, config.policy);
  const limits = openLimits(config, { metrics, logger, resources });
  const { orders } = openSalesforce(config.salesforce, vendorCalls(metrics, 'salesforce'), {
    admit: limits.salesforce,
  });
  const { policy, whmcs } = config;
  const activities = createActivities({
    salesforce: orders,
    whmcs: createWhmcs({ ...whmcs, onCall: vendorCalls(metrics, 'whmcs'), admit: limits.whmcs }).orders,
    caches: new CacheInvalidator(cacheConnection, registerCacheMetrics(metrics)),
    workflows: createOrderWorkflows(client, taskQueue),
    policy: { ...policy, whmcsTimeoutMs: whmcs.timeoutMs, quietPeriodMs: whmcs.quietPeriodMs },
  });

  const connection = await NativeConnection.connect(nativeOptions(target));
  resources.push('Temporal connection', () => connection.close());
  const worker = await createWorker({
    connection,
    namespace: target.namespace,
    taskQueue,
    activities,
    workflowBundle: await workflowBundle(),
    size: config.size,
    deployment: config.deployment,
    dataConverter,
    logger,
    activityInterceptors: tracing.activities,
  });
  const running = worker.run();
  // It may fail while the port is still being opened: `failed` below tells of it then, too.
  running.catch(() => undefined);
  resources.push('worker', async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  });

  const http = createHttp();
  serveHealth(http, {
    metrics,
    moreMetrics: runtimeMetrics,
    health: () => ({
      ready: worker.getState() === 'RUNNING',
      worker: worker.getState(),
      redis: cacheConnection.available,
    }),
  });
  resources.push('HTTP', () => http.close());
  logger.info({ address: await listen(http, config.http), taskQueue, namespace: target.namespace }, 'worker runs');
  // Resolves at a shutdown; rejects when the worker can no longer poll.
  return { failed: running.then(() => new Promise<never>(() => undefined)) };
});
