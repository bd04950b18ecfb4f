import { randomUUID } from 'node:crypto';
import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import type { CacheConnection } from './connection';
import type { Entry } from './entry';
import { CacheOverloadedError, CacheUnavailableError } from './failures';
import { silentObserver, type CacheObserver, type Oversized } from './observer';
import type { CachePolicy } from './policy';
import type { CacheReply, Query, ReadOptions } from './query';
import { Refill } from './refill';
import { revivedFailure } from './source-failure';
import { EntryStore, type Lease, type Look } from './store';
import { WaitingRoom } from './waiting-room';
import { WayAround } from './way-around';

export interface ReadThroughOptions {
  connection: CacheConnection;
  policy: CachePolicy;
  observer?: CacheObserver | undefined;
  /** Told when a value was too large to be cached: once for each TTL of it. */
  onOversized?: ((oversized: Oversized) => void) | undefined;
  /** For all reads of the source. */
  limit: ConcurrencyLimit;
  /** What a reader does that has waited for another process for as long as it may: see {@link ReadThrough}. */
  atWaitLimit: 'go-around' | 'refuse';
}

/** A refill under way in this process. */
interface Flight<T> {
  answer: Promise<T | undefined>;
  /** What its reader saw before it asked for the lease. */
  began: Look;
}

/**
 * Whether a reader may share a flight whose token it saw holding the field. An invalidation that did not know the group
 * marks a record and leaves the lease standing, until the fill is refused; so not a single invalidation may have come
 * between the look of the flight and that of the reader. Where one has, whatever it was, the reader waits for the end of
 * the flight and looks again.
 */
function mayJoin({ began }: Flight<unknown>, seen: Look): boolean {
  return began.generation?.seq === seen.generation?.seq;
}

/**
 * Reads through the cache. A reader
 *   looks        one round trip; a servable entry is the answer
 *   acquires     asks for the lease of the field
 *   refills      when it was given: reads the source and fills
 *   joins        when a reader of this process holds it, and no invalidation came since: shares that reader's answer
 *   waits        when another holds it, then looks again
 *   goes around  Redis when it is down, or when the wait reached its bound: the other process may be cut off from the source.
 *                Where a second read at the same time is not to be had (the catalog), it is refused instead
 *
 * Every reader looks for itself, and joins only the flight whose token it saw holding the field; so nobody who comes
 * after an invalidation is answered by a read of the source that began before it.
 */
export class ReadThrough<T> {
  readonly #store: EntryStore;
  readonly #policy: CachePolicy;
  readonly #observer: CacheObserver;
  readonly #atWaitLimit: ReadThroughOptions['atWaitLimit'];
  readonly #waiting: WaitingRoom;
  readonly #refill: Refill<T>;
  /** Refills under way in this process, by the token of their lease. */
  readonly #flights = new Map<string, Flight<T>>();
  readonly #around: WayAround<T>;

  constructor(options: ReadThroughOptions) {
    this.#policy = options.policy;
    this.#observer = options.observer ?? silentObserver;
    this.#store = new EntryStore(options.connection, this.#observer);
    this.#atWaitLimit = options.atWaitLimit;
    this.#waiting = new WaitingRoom(this.#store, this.#policy);
    const { limit, onOversized = () => undefined } = options;
    this.#refill = new Refill(this.#store, this.#policy, this.#observer, limit, onOversized);
    this.#around = new WayAround(this.#policy, this.#observer, limit);
  }

  /**
   * The value, and how it was come by. Values are frozen, since readers share them.
   * @throws what the source throws; SourceFailedError when it failed for another reader a moment ago; CacheOverloadedError;
   *   the reason of `signal`
   */
  async read(query: Query<T>, options?: ReadOptions): Promise<CacheReply<T>> {
    let answer: CacheReply<T> | undefined;
    try {
      const look = await this.#store.look(query);
      // A hit ends here and not some calls deeper: each async call costs it another turn of the queue.
      const { entry, fresh } = look;
      answer =
        fresh && entry !== undefined
          ? this.#answer(query, entry, false)
          : await this.#readThrough(query, look, options?.signal);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw this.#counted(query, error);
    }
    answer ??= await this.#goAround(query, options?.signal);
    this.#observer.record(query.cache, answer.outcome);
    return answer;
  }

  /** Undefined: go around Redis. */
  async #readThrough(query: Query<T>, firstLook: Look, signal?: AbortSignal): Promise<CacheReply<T> | undefined> {
    const end = performance.now() + this.#policy.waitLimitMs;
    let look = firstLook;
    for (let waited = false; performance.now() < end; waited = true) {
      if (waited) look = await this.#store.look(query);
      const { entry } = look;
      if (entry !== undefined) {
        if (!look.fresh) await this.#refreshBehind(query, look);
        return this.#answer(query, entry, waited);
      }
      const acquired = await this.#store.acquire(query, look, randomUUID(), this.#policy);
      if (acquired.is === 'entry') return this.#answer(query, acquired.entry, waited);
      if (acquired.is === 'granted') return { value: await this.#fly(query, acquired.lease), outcome: 'miss' };
      const flight = acquired.revoked ? undefined : this.#flights.get(acquired.token);
      if (flight !== undefined && mayJoin(flight, acquired.seen)) return this.#join(query, flight);
      this.#observer.record(query.cache, 'wait');
      await this.#waiting.wait(query, acquired.token, end - performance.now());
      signal?.throwIfAborted();
    }
    this.#observer.record(query.cache, 'wait-expired');
    if (this.#atWaitLimit === 'go-around') return undefined;
    throw new CacheOverloadedError(`another read of Salesforce did not end within ${this.#policy.waitLimitMs} ms`);
  }

  #answer(query: Query<T>, entry: Entry, waited: boolean): CacheReply<T> | undefined {
    const outcome = waited ? 'coalesced' : 'hit';
    switch (entry.kind) {
      case 'value':
        return { value: entry.payload as T, outcome };
      case 'not-found':
        return { value: undefined, outcome };
      case 'failure':
        this.#observer.record(query.cache, 'failure-shared');
        throw revivedFailure(entry.payload);
      case 'oversized':
        return undefined;
    }
  }

  #counted(query: Query<T>, error: unknown): unknown {
    if (error instanceof CacheOverloadedError) this.#observer.record(query.cache, 'overloaded');
    return error;
  }

  async #goAround(query: Query<T>, signal?: AbortSignal): Promise<CacheReply<T>> {
    try {
      return { value: await this.#around.read(query, signal), outcome: 'bypass' };
    } catch (error) {
      throw this.#counted(query, error);
    }
  }

  async #join(query: Query<T>, { answer }: Flight<T>): Promise<CacheReply<T>> {
    try {
      return { value: await answer, outcome: 'coalesced' };
    } catch (error) {
      if (!(error instanceof CacheOverloadedError)) this.#observer.record(query.cache, 'failure-shared');
      throw error;
    }
  }

  #fly(query: Query<T>, lease: Lease): Promise<T | undefined> {
    const answer = this.#refill.run(query, lease).finally(() => this.#flights.delete(lease.token));
    this.#flights.set(lease.token, { answer, began: lease.look });
    return answer;
  }

  /** Stale-while-revalidate: one reader refreshes, and nobody waits for it. */
  async #refreshBehind(query: Query<T>, look: Look): Promise<void> {
    this.#observer.record(query.cache, 'stale');
    const acquired = await this.#store.acquire(query, look, randomUUID(), this.#policy);
    // Its failure is stored and told by the events; the readers have their answer.
    if (acquired.is === 'granted') this.#fly(query, acquired.lease).catch(() => undefined);
  }
}
