import { CacheConnection, CatalogCache, OrdersCache, registerCacheMetrics, type Oversized } from '../cache';
import { loadPortalConfig } from '../config';
import { createLogger } from '../observability/logger';
import { createMetrics } from '../observability/metrics';
import { rarely } from '../observability/rarely';
import { vendorCalls } from '../observability/vendor-calls';
import { buildPortal, registerPortalMetrics } from '../portal';
import { listen, serveHealth } from './http';
import { REDIS_RIGHTS } from './redis-rights';
import { run } from './run';
import { openSalesforce } from './salesforce';

const SEVERAL_BOOKS =
  'several custom price books are active and SF_PRICE_BOOK_ID names none: the catalog is of the book that priceBookId tells';

const OVERSIZED = 'a value is too large to be cached: each read of it goes to Salesforce';

/** The portal: orders and catalog as customers see them, over the caches. */
void run('portal', async (resources) => {
  const config = loadPortalConfig(process.env);
  const logger = createLogger('portal', config.logLevel);
  const metrics = createMetrics('portal');
  const salesforce = openSalesforce(config.salesforce, vendorCalls(metrics, 'salesforce'), {
    catalog: {
      priceBookId: config.catalog.priceBookId,
      onSeveralBooks: (priceBookId, active) => logger.warn({ priceBookId, active }, SEVERAL_BOOKS),
    },
  });

  const connection = new CacheConnection({
    url: config.redis.url,
    onLost: rarely((error) => logger.warn({ err: error }, 'Redis lost; reads go to Salesforce, coalesced')),
    onRefused: (error) => logger.error({ err: error }, REDIS_RIGHTS),
  });
  resources.push('Redis', () => connection.close());
  const shared = {
    connection,
    observer: registerCacheMetrics(metrics),
    onOversized: (oversized: Oversized) => logger.warn(oversized, OVERSIZED),
  };

  const app = buildPortal({
    orders: new OrdersCache({ ...shared, source: salesforce.views, policy: { ttlMs: config.cacheTtls.ordersMs } }),
    catalog: new CatalogCache({ ...shared, source: salesforce.catalog, policy: { ttlMs: config.cacheTtls.catalogMs } }),
    access: config.access,
    onFailure: (error, failed) => {
      const level = failed.code === 'INTERNAL' ? 'error' : 'warn';
      logger[level]({ err: error, ...failed }, 'a read failed');
    },
    onAnswer: registerPortalMetrics(metrics),
  });
  serveHealth(app, {
    metrics,
    health: () => ({ ready: true, redis: connection.available ? 'up' : 'down, reads go to Salesforce' }),
  });
  resources.push('HTTP', () => app.close());
  logger.info({ address: await listen(app, config.http) }, 'portal runs');
  return undefined;
});
