import { Counter, type Registry } from 'prom-client';
import type { CacheEvent, CacheName, CacheObserver } from './observer';

/** Events that stand for a read of Salesforce that did not happen. */
const SAVED: ReadonlySet<CacheEvent> = new Set(['hit', 'coalesced']);

/** Counts cache events in `registry`: give the result to the caches as their observer. Once for each registry. */
export function registerCacheMetrics(registry: Registry): CacheObserver {
  const events = new Counter({
    name: 'order_provisioning_cache_events_total',
    help: 'What happened in the caches: hit, miss, coalesced, bypass, wait, fill-revoked, source-read and others',
    labelNames: ['cache', 'event'],
    registers: [registry],
  });
  const saved = new Counter({
    name: 'order_provisioning_cache_source_reads_saved_total',
    help: 'Reads of Salesforce that the caches made unnecessary',
    labelNames: ['cache'],
    registers: [registry],
  });
  return {
    record: (cache: CacheName, event: CacheEvent) => {
      events.inc({ cache, event });
      if (SAVED.has(event)) saved.inc({ cache });
    },
  };
}
