import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import { CacheOverloadedError } from './failures';
import { frozen } from './frozen';
import type { CacheObserver, Oversized } from './observer';
import type { CachePolicy } from './policy';
import type { Query } from './query';
import { describeFailure, within } from './source-failure';
import type { EntryStore, Fill, Lease } from './store';

/**
 * One read of the source under a lease, when its turn comes, and the fill that follows. The lease is asked for first and kept
 * meanwhile, so that all others can join or wait instead of standing in line themselves; and who stands there depends on
 * nobody who does. The answer belongs to those who asked while the
 * lease stood, even when the fill is refused: they began before whatever refused it was done.
 */
export class Refill<T> {
  constructor(
    private readonly store: EntryStore,
    private readonly policy: CachePolicy,
    private readonly observer: CacheObserver,
    private readonly limit: ConcurrencyLimit,
    private readonly onOversized: (oversized: Oversized) => void,
  ) {}

  async run(query: Query<T>, lease: Lease): Promise<T | undefined> {
    const stop = this.#keepLease(query, lease);
    try {
      const value = frozen(await this.limit.run(() => this.#read(query)));
      stop();
      await this.#fill(query, lease, this.#fillOf(query, value));
      return value;
    } catch (error) {
      stop();
      if (error instanceof CacheOverloadedError) await this.#giveBack(query, lease);
      else {
        this.observer.record(query.cache, 'source-failure');
        await this.#fill(query, lease, this.#failed(error));
      }
      throw error;
    }
  }

  #read(query: Query<T>): Promise<T | undefined> {
    this.observer.record(query.cache, 'source-read');
    return within(query.read(), this.policy.leaseCapMs);
  }

  /** So that another process, which has room, need not wait for it to lapse. */
  async #giveBack(query: Query<T>, lease: Lease): Promise<void> {
    await this.store.release(query, lease).catch(() => undefined);
  }

  #keepLease(query: Query<T>, lease: Lease): () => void {
    const timer = setInterval(() => {
      void this.store.renew(query, lease, this.policy.leaseMs).then((held) => {
        if (!held) clearInterval(timer);
      });
    }, this.policy.renewEveryMs);
    return () => {
      clearInterval(timer);
    };
  }

  #fillOf(query: Query<T>, value: T | undefined): Fill {
    const { policy } = this;
    const base = { capMs: policy.leaseCapMs, staleMs: 0, ids: [], payload: '{}' };
    if (value === undefined) return { ...base, kind: 'not-found', freshMs: this.#jittered(policy.notFoundTtlMs) };
    const payload = JSON.stringify(value);
    const ids = query.records(value);
    const freshMs = this.#jittered(policy.ttlMs);
    const bytes = Buffer.byteLength(payload);
    if (ids.length > policy.maxRecords || bytes > policy.maxBytes) {
      this.observer.record(query.cache, 'oversized');
      this.onOversized({ cache: query.cache, group: query.group, bytes, records: ids.length });
      return { ...base, kind: 'oversized', freshMs };
    }
    return { ...base, kind: 'value', freshMs, staleMs: policy.staleWhileRevalidateMs, payload, ids };
  }

  #failed(error: unknown): Fill {
    const { failureTtlMs, leaseCapMs } = this.policy;
    const payload = JSON.stringify(describeFailure(error));
    return { kind: 'failure', freshMs: failureTtlMs, staleMs: 0, payload, ids: [], capMs: leaseCapMs };
  }

  #jittered(ttlMs: number): number {
    return Math.max(1, Math.round(ttlMs * (1 - this.policy.ttlJitter * Math.random())));
  }

  /** A fill that cannot be done costs the next reader a read of the source; this one has its answer. */
  async #fill(query: Query<T>, lease: Lease, fill: Fill): Promise<void> {
    try {
      const outcome = await this.store.fill(query, lease, fill);
      if (outcome === 'revoked') this.observer.record(query.cache, 'fill-revoked');
    } catch {
      this.observer.record(query.cache, 'fill-failed');
    }
  }
}
