import { randomUUID } from 'node:crypto';
import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import type { CacheConnection } from './connection';
import type { Entry } from './entry';
import { CacheUnavailableError } from './failures';
import { frozen } from './frozen';
import { NextFlight } from './next-flight';
import { silentObserver, type CacheObserver } from './observer';
import type { CachePolicy } from './policy';
import type { CacheReply, Query } from './query';
import { Refill } from './refill';
import { revivedFailure, within } from './source-failure';
import { EntryStore, type Lease, type Look } from './store';
import { WaitingRoom } from './waiting-room';

export interface ReadThroughOptions {
  connection: CacheConnection;
  policy: CachePolicy;
  observer?: CacheObserver | undefined;
  /** For reads of the source without Redis: how many at a time, and how many more may wait. */
  fallback: ConcurrencyLimit;
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
 *   goes around  Redis when it is down, or when the wait reached its bound
 *
 * Every reader looks for itself, and joins only the flight whose token it saw holding the field; so nobody who comes
 * after an invalidation is answered by a read of the source that began before it.
 */
export class ReadThrough<T> {
  readonly #store: EntryStore;
  readonly #policy: CachePolicy;
  readonly #observer: CacheObserver;
  readonly #fallback: ConcurrencyLimit;
  readonly #waiting: WaitingRoom;
  readonly #refill: Refill<T>;
  /** Refills under way in this process, by the token of their lease. */
  readonly #flights = new Map<string, Flight<T>>();
  readonly #around = new Map<string, NextFlight<T | undefined>>();

  constructor(options: ReadThroughOptions) {
    this.#policy = options.policy;
    this.#observer = options.observer ?? silentObserver;
    this.#store = new EntryStore(options.connection, this.#observer);
    this.#fallback = options.fallback;
    this.#waiting = new WaitingRoom(this.#store, this.#policy);
    this.#refill = new Refill(this.#store, this.#policy, this.#observer);
  }

  /**
   * The value, and how it was come by. Values are frozen, since readers share them.
   * @throws what the source throws; SourceFailedError when it failed for another reader a moment ago; CacheOverloadedError
   */
  async read(query: Query<T>): Promise<CacheReply<T>> {
    let answer: CacheReply<T> | undefined;
    try {
      const look = await this.#store.look(query);
      // A hit ends here and not some calls deeper: each async call costs it another turn of the queue.
      const { entry, fresh } = look;
      answer = fresh && entry !== undefined ? this.#answer(entry, false) : await this.#readThrough(query, look);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
    }
    answer ??= { value: await this.#goAround(query), outcome: 'bypass' };
    this.#observer.record(query.cache, answer.outcome);
    return answer;
  }

  /** Undefined: go around Redis. */
  async #readThrough(query: Query<T>, firstLook: Look): Promise<CacheReply<T> | undefined> {
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
    }
    this.#observer.record(query.cache, 'wait-expired');
    return undefined;
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

  /** Reads the source without Redis and without filling: coalesced with those who come before it begins, capped in number. */
  async #goAround(query: Query<T>): Promise<T | undefined> {
    const name = `${query.group} ${query.field}`;
    let flight = this.#around.get(name);
    if (flight === undefined) {
      const read = (): Promise<T | undefined> => {
        this.#observer.record(query.cache, 'source-read');
        return within(query.read(), this.#policy.leaseCapMs).then(frozen);
      };
      flight = new NextFlight(read, (start) => this.#fallback.run(start));
      this.#around.set(name, flight);
    }
    try {
      return await flight.run();
    } finally {
      if (flight.idle) this.#around.delete(name);
    }
  }
}
