import { condition } from '@temporalio/workflow';
import { effects } from './effects';
import { finalFailure } from './failures';
import type { Memory } from './memory';
import { remember } from './provisioning-state';

/**
 * Invalidates the portal's caches beside the path, whenever `memory.cachesStale` says so: best effort and late at worst. A paid
 * order is never undone or blocked by a cache, and a person's signal never waits for one.
 *
 * idle         nothing to do
 * invalidating one invalidation is under way, retried for a day; what becomes stale meanwhile is done after it
 */
export class CacheInvalidation {
  private isUnderWay = false;

  constructor(private readonly memory: Memory) {}

  /** Begins the work, which lasts as long as the run. */
  begin(): void {
    void this.work();
  }

  get isDone(): boolean {
    return !this.isUnderWay && !this.memory.cachesStale;
  }

  /** For continue-as-new: what is under way is left behind, and done by the run that goes on. */
  handOver(): void {
    this.memory.cachesStale ||= this.isUnderWay;
  }

  private async work(): Promise<never> {
    const { memory } = this;
    for (;;) {
      await condition(() => memory.cachesStale);
      memory.cachesStale = false;
      this.isUnderWay = true;
      try {
        await effects.invalidateCaches({ orderId: memory.orderId, accountId: memory.accountId });
      } catch (error) {
        // No error of the order's: what is cached expires by itself.
        const { message } = finalFailure(error);
        remember(memory.status, new Date(), `caches not invalidated, their entries expire: ${message}`);
      }
      this.isUnderWay = false;
    }
  }
}
