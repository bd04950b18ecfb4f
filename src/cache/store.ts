import type { CacheConnection } from './connection';
import { DependencyIndex, stampOf, type Generation } from './dependency-index';
import { KIND_LETTER, type Entry } from './entry';
import { NextFlight } from './next-flight';
import type { CacheObserver } from './observer';
import { ParsedEntries } from './parsed-entries';
import type { CachePolicy } from './policy';
import type { Query } from './query';
import { ACQUIRE, DISCARD, FILL, RELEASE, RENEW } from './scripts';

/** What a reader sees in Redis at one moment. */
export interface Look {
  generation: Generation | undefined;
  stamp: string | undefined;
  trustFrom: number;
  epoch: number;
  /** Only where it may be served, fresh or stale. */
  entry: Entry | undefined;
  /** Whether the entry is within its TTL. */
  fresh: boolean;
}

/** The right to fill, given by Redis. */
export interface Lease {
  token: string;
  /** By Redis's clock, ms. */
  acquiredAt: number;
  look: Look;
}

export type Acquisition =
  | { is: 'entry'; entry: Entry }
  /** `seen`: as of a moment after the caller began; with the generation, where the index had to be made. */
  | { is: 'busy'; token: string; revoked: boolean; seen: Look }
  | { is: 'granted'; lease: Lease };

/** The commands and scripts of one query's field. Knows Redis; knows nothing of the source, of waiting, of flights. */
export class EntryStore {
  readonly index: DependencyIndex;
  readonly #parsed = new ParsedEntries();
  readonly #looks = new Map<string, NextFlight<Look>>();

  constructor(
    private readonly connection: CacheConnection,
    private readonly observer: CacheObserver,
  ) {
    this.index = new DependencyIndex(connection);
  }

  /** One round trip: the generation and the field, as of a moment after this call. @throws CacheUnavailableError */
  look(query: Query<unknown>): Promise<Look> {
    return query.isLarge === true ? this.#lookTogether(query) : this.#look(query);
  }

  /** Everything that a look takes note of is in the shared run, so that no reader is given what was seen before he came. */
  async #lookTogether(query: Query<unknown>): Promise<Look> {
    const name = `${query.group} ${query.field}`;
    let looks = this.#looks.get(name);
    if (looks === undefined) {
      looks = new NextFlight(() => this.#look(query));
      this.#looks.set(name, looks);
    }
    try {
      return await looks.run();
    } finally {
      if (looks.idle && this.#looks.get(name) === looks) this.#looks.delete(name);
    }
  }

  async #look(query: Query<unknown>): Promise<Look> {
    if (this.connection.trustFrom === undefined) await this.connection.learnTrust();
    const { trustFrom = Infinity, epoch } = this.connection;
    const looked = query.scope === 'catalog' ? undefined : this.index.look();
    const text = await this.#get(query);
    const generation = await looked;
    const stamp = stampOf(query.scope, generation);
    const entry = text === null ? undefined : this.#parsed.parse(query.group, text);
    if (text !== null && entry === undefined) await this.#discard(query, text);
    const trusted = entry !== undefined && entry.stamp === stamp && entry.readAt >= trustFrom;
    const now = this.connection.now();
    const servable = trusted && entry.staleUntil > now ? entry : undefined;
    const fresh = servable !== undefined && servable.freshUntil > now;
    return { generation, stamp, trustFrom, epoch, entry: servable, fresh };
  }

  /** Asks for the lease. @throws CacheUnavailableError */
  async acquire(query: Query<unknown>, seen: Look, token: string, policy: CachePolicy): Promise<Acquisition> {
    let look = seen;
    if (look.stamp === undefined) {
      const generation = await this.index.begin();
      look = { ...look, generation, stamp: stampOf(query.scope, generation) };
    }
    const reply = (await this.connection.readScript(ACQUIRE, this.#key(query), [
      query.field,
      token,
      look.stamp ?? '-',
      policy.leaseMs.toFixed(0),
      policy.leaseCapMs.toFixed(0),
      look.trustFrom.toFixed(0),
    ])) as [string, number, string?, string?];
    const [is, now, text = '', holder = ''] = reply;
    this.connection.observe(now);
    if (is === 'busy') return { is, token: holder, revoked: text === 'R', seen: look };
    if (is === 'granted') return { is, lease: { token, acquiredAt: now, look } };
    const entry = this.#parsed.parse(query.group, text);
    if (entry !== undefined) return { is: 'entry', entry };
    await this.#discard(query, text);
    // The caller looks again.
    return { is: 'busy', token: '', revoked: true, seen: look };
  }

  /** Keeps the lease. False once it is lost. Never throws: a lease that cannot be renewed lapses. */
  async renew(query: Query<unknown>, lease: Lease, leaseMs: number): Promise<boolean> {
    try {
      const reply = await this.connection.readScript(RENEW, this.#key(query), [
        query.field,
        lease.token,
        leaseMs.toFixed(0),
      ]);
      return reply === 1;
    } catch {
      return true;
    }
  }

  /**
   * Writes an entry, if nothing that it shows was invalidated since the lease was given. Ends the lease.
   * @throws CacheUnavailableError
   */
  async fill(query: Query<unknown>, lease: Lease, fill: Fill): Promise<'filled' | 'revoked'> {
    if (fill.ids.length > 0 && !(await this.#register(query, lease, fill))) {
      await this.release(query, lease);
      return 'revoked';
    }
    // Between the outage and now an invalidation may have failed, or a restored snapshot may have revived the lease.
    if (this.connection.epoch !== lease.look.epoch) return 'revoked';
    const reply = await this.connection.readScript(FILL, this.#key(query), [
      query.field,
      lease.token,
      KIND_LETTER[fill.kind],
      fill.freshMs.toFixed(0),
      fill.staleMs.toFixed(0),
      fill.payload,
    ]);
    return reply === 1 ? 'filled' : 'revoked';
  }

  async release(query: Query<unknown>, lease: Lease): Promise<void> {
    await this.connection.readScript(RELEASE, this.#key(query), [query.field, lease.token]);
  }

  /** The token that holds the field's lease and until when (Redis's clock, ms); for those who wait. @throws CacheUnavailableError */
  async holder(query: Query<unknown>): Promise<{ token: string | undefined; until: number }> {
    const text = (await this.connection.read(this.#key(query), ['HGET', this.#key(query), `${query.field}~`])) as
      string | null;
    const [, until, , , , token] = (text ?? '').split(' ');
    return { token, until: Number(until ?? 0) };
  }

  /** Redis's clock, ms. */
  now(): number {
    return this.connection.now();
  }

  async #register(query: Query<unknown>, lease: Lease, fill: Fill): Promise<boolean> {
    const { generation, epoch } = lease.look;
    if (generation === undefined || this.connection.epoch !== epoch) return false;
    return this.index.register({
      generation,
      scope: query.scope,
      startedAt: lease.acquiredAt,
      capMs: fill.capMs,
      keepMs: fill.capMs + fill.freshMs + fill.staleMs + REGISTRATION_SLACK_MS,
      group: query.group,
      ids: fill.ids,
    });
  }

  #key(query: Query<unknown>): string {
    return this.connection.prefix + query.group;
  }

  #get(query: Query<unknown>): Promise<string | null> {
    const key = this.#key(query);
    return this.connection.read(key, ['HGET', key, query.field]) as Promise<string | null>;
  }

  /** Removes bytes that nobody can read; they count as a miss. */
  async #discard(query: Query<unknown>, text: string): Promise<void> {
    this.observer.record(query.cache, 'unreadable');
    await this.connection.readScript(DISCARD, this.#key(query), [query.field, text]);
  }
}

/** A registration outlives the value by this, whatever the clocks do. */
const REGISTRATION_SLACK_MS = 60_000;

export interface Fill {
  kind: Entry['kind'];
  freshMs: number;
  staleMs: number;
  payload: string;
  ids: readonly string[];
  capMs: number;
}
