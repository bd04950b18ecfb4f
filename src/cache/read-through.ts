import { randomUUID } from 'node:crypto';
import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import type { CacheConnection } from './connection';
import type { Entry } from './entry';
import { CacheOverloadedError, CacheUnavailableError } from './failures';
import { frozen } from './frozen';
import { NextFlight } from './next-flight';
import { silentObserver, type CacheObserver } from './observer';
import type { CachePolicy } from './policy';
import type { CacheReply, Query, ReadOptions } from './query';
import { Refill } from './refill';
import { revivedFailure, within } from './source-failure';
import { EntryStore, type Lease, type Look } from './store';
import { WaitingRoom } from './waiting-room';

export interface ReadThroughOptions {
  connection: CacheConnection;
  policy: CachePolicy;
  observer?: CacheObserver | undefined;
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

/** Reads of one thing around Redis, and who waits for them. */
interface Around<T> {
  flight: NextFlight<T | undefined>;
  readers: Set<Reader>;
}
type Reader = Pick<ReadOptions, 'signal'>;

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
  readonly #limit: ConcurrencyLimit;
  readonly #atWaitLimit: ReadThroughOptions['atWaitLimit'];
  readonly #waiting: WaitingRoom;
  readonly #refill: Refill<T>;
  /** Refills under way in this process, by the token of their lease. */
  readonly #flights = new Map<string, Flight<T>>();
  readonly #around = new Map<string, Around<T>>();

  constructor(options: ReadThroughOptions) {
    this.#policy = options.policy;
    this.#observer = options.observer ?? silentObserver;
    this.#store = new EntryStore(options.connection, this.#observer);
    this.#limit = options.limit;
    this.#atWaitLimit = options.atWaitLimit;
    this.#waiting = new WaitingRoom(this.#store, this.#policy);
    this.#refill = new Refill(this.#store, this.#policy, this.#observer, this.#limit);
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
          ? this.#answer(entry, false)
          : await this.#readThrough(query, look, options?.signal);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
    }
    answer ??= { value: await this.#goAround(query, options?.signal), outcome: 'bypass' };
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
        return this.#answer(entry, waited);
      }
      const acquired = await this.#store.acquire(query, look, randomUUID(), this.#policy);
      if (acquired.is === 'entry') return this.#answer(acquired.entry, waited);
      if (acquired.is === 'granted') return { value: await this.#fly(query, acquired.lease), outcome: 'miss' };
      const flight = acquired.revoked ? undefined : this.#flights.get(acquired.token);
      if (flight !== undefined && mayJoin(flight, acquired.seen))
        return { value: await flight.answer, outcome: 'coalesced' };
      this.#observer.record(query.cache, 'wait');
      await this.#waiting.wait(query, acquired.token, end - performance.now());
      signal?.throwIfAborted();
    }
    this.#observer.record(query.cache, 'wait-expired');
    if (this.#atWaitLimit === 'go-around') return undefined;
    throw new CacheOverloadedError(`another read of Salesforce did not end within ${this.#policy.waitLimitMs} ms`);
  }

  #answer(entry: Entry, waited: boolean): CacheReply<T> | undefined {
    const outcome = waited ? 'coalesced' : 'hit';
    switch (entry.kind) {
      case 'value':
        return { value: entry.payload as T, outcome };
      case 'not-found':
        return { value: undefined, outcome };
      case 'failure':
        throw revivedFailure(entry.payload);
      case 'oversized':
        return undefined;
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

  /**
   * Reads the source without Redis and without filling: coalesced with those who come before it begins, capped in number, and
   * not begun when all who wait for it have gone.
   */
  async #goAround(query: Query<T>, signal?: AbortSignal): Promise<T | undefined> {
    signal?.throwIfAborted();
    const name = `${query.group} ${query.field}`;
    const known = this.#around.get(name);
    const around = known ?? this.#wayAround(query);
    if (known === undefined) this.#around.set(name, around);
    const reader: Reader = { signal };
    around.readers.add(reader);
    try {
      return await around.flight.run();
    } finally {
      around.readers.delete(reader);
      if (around.flight.idle) this.#around.delete(name);
    }
  }

  #wayAround(query: Query<T>): Around<T> {
    const readers = new Set<Reader>();
    const read = async (): Promise<T | undefined> => {
      if ([...readers].every(({ signal }) => signal?.aborted)) throw new CacheOverloadedError('nobody waits any more');
      this.#observer.record(query.cache, 'source-read');
      return frozen(await within(query.read(), this.#policy.leaseCapMs));
    };
    return { flight: new NextFlight(read, (start) => this.#limit.run(start)), readers };
  }
}
