import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import { CacheOverloadedError } from './failures';
import { frozen } from './frozen';
import { NextFlight } from './next-flight';
import type { CacheObserver } from './observer';
import type { CachePolicy } from './policy';
import type { Query, ReadOptions } from './query';
import { within } from './source-failure';

/** Reads of one thing, and who waits for them. */
interface Flights<T> {
  flight: NextFlight<T | undefined>;
  readers: Set<Pick<ReadOptions, 'signal'>>;
}

/**
 * Reads the source without Redis and without filling: coalesced with those who come before it begins, capped in number, and
 * not begun when all who wait for it have gone.
 */
export class WayAround<T> {
  readonly #flights = new Map<string, Flights<T>>();

  constructor(
    private readonly policy: CachePolicy,
    private readonly observer: CacheObserver,
    private readonly limit: ConcurrencyLimit,
  ) {}

  /** @throws what the source throws; CacheOverloadedError; the reason of `signal` */
  async read(query: Query<T>, signal?: AbortSignal): Promise<T | undefined> {
    signal?.throwIfAborted();
    const name = `${query.group} ${query.field}`;
    const flights = this.#flights.get(name) ?? this.#open(name, query);
    const { flight, readers } = flights;
    const reader = { signal };
    readers.add(reader);
    try {
      return await flight.run();
    } finally {
      readers.delete(reader);
      if (flight.idle && this.#flights.get(name) === flights) this.#flights.delete(name);
    }
  }

  #open(name: string, query: Query<T>): Flights<T> {
    const readers: Flights<T>['readers'] = new Set();
    const read = async (): Promise<T | undefined> => {
      if ([...readers].every(({ signal }) => signal?.aborted)) throw new CacheOverloadedError('nobody waits any more');
      this.observer.record(query.cache, 'source-read');
      try {
        return frozen(await within(query.read(), this.policy.leaseCapMs));
      } catch (error) {
        this.observer.record(query.cache, 'source-failure');
        throw error;
      }
    };
    const opened = { flight: new NextFlight(read, (start) => this.limit.run(start)), readers };
    this.#flights.set(name, opened);
    return opened;
  }
}
