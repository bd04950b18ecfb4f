import { Counter, type Registry } from 'prom-client';
import { CACHE_EVENTS, type CacheEvent, type CacheName, type CacheObserver } from './observer';

/** Events that stand for a read of Salesforce that did not happen. */
const SAVED: readonly CacheEvent[] = ['hit', 'coalesced'];
const CACHES: readonly CacheName[] = ['order', 'account-orders', 'catalog'];

type Tally = Record<CacheEvent, number>;
const emptyTally = (): Tally => Object.fromEntries(CACHE_EVENTS.map((event) => [event, 0])) as Tally;

/**
 * Counts cache events in `registry`: give the result to the caches as their observer. Once for each registry. Events are
 * tallied as plain numbers and told to Prometheus when it asks, since a counter with labels costs more than a hit may.
 */
export function registerCacheMetrics(registry: Registry): CacheObserver {
  const tallies = Object.fromEntries(CACHES.map((cache) => [cache, emptyTally()])) as Record<CacheName, Tally>;
  new Counter({
    name: 'order_provisioning_cache_events_total',
    help: 'What happened in the caches: hit, miss, coalesced, bypass, wait, fill-revoked, source-read and others',
    labelNames: ['cache', 'event'],
    registers: [registry],
    collect() {
      this.reset();
      for (const cache of CACHES) {
        for (const event of CACHE_EVENTS) {
          if (tallies[cache][event] > 0) this.inc({ cache, event }, tallies[cache][event]);
        }
      }
    },
  });
  new Counter({
    name: 'order_provisioning_cache_source_reads_saved_total',
    help: 'Reads of Salesforce that the caches made unnecessary',
    labelNames: ['cache'],
    registers: [registry],
    collect() {
      this.reset();
      for (const cache of CACHES) {
        const saved = SAVED.reduce((sum, event) => sum + tallies[cache][event], 0);
        if (saved > 0) this.inc({ cache }, saved);
      }
    },
  });
  return {
    record: (cache, event) => {
      tallies[cache][event]++;
    },
  };
}
