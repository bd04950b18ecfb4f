import type { CacheConnection } from './connection';
import { DependencyIndex, stampOf, type Generation } from './dependency-index';
import { entryOf, KIND_LETTER, type Entry } from './entry';
import { entriesKey, keysOfGroup, type KeyPair } from './keys';
import { Looks } from './looks';
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

/** Who looks, and what this process knew of Redis when he began. */
interface Reader {
  query: Query<unknown>;
  /** Of the entries of its group. */
  key: string;
  trustFrom: number;
  epoch: number;
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

/** The commands and scripts of one query. Knows Redis; knows nothing of the source, of waiting, of flights. */
export class EntryStore {
  readonly index: DependencyIndex;
  readonly #parsed = new ParsedEntries();
  readonly #looks: Looks<Reader, Look>;
  readonly #large = new Map<string, NextFlight<Look>>();

  constructor(
    private readonly connection: CacheConnection,
    private readonly observer: CacheObserver,
  ) {
    this.index = new DependencyIndex(connection);
    this.#looks = new Looks(connection, (reader, generation, lines) => this.#judge(reader, generation, lines));
  }

  /** One round trip: the generation and the entry, as of a moment after this call. @throws CacheUnavailableError */
  look(query: Query<unknown>): Promise<Look> {
    return query.isLarge === true ? this.#lookTogether(query) : this.#look(query);
  }

  /** Everything that a look takes note of is in the shared run, so that no reader is given what was seen before he came. */
  async #lookTogether(query: Query<unknown>): Promise<Look> {
    const name = `${query.group} ${query.field}`;
    let looks = this.#large.get(name);
    if (looks === undefined) {
      looks = new NextFlight(() => this.#look(query));
      this.#large.set(name, looks);
    }
    try {
      return await looks.run();
    } finally {
      if (looks.idle && this.#large.get(name) === looks) this.#large.delete(name);
    }
  }

  async #lookOnceTrustIsKnown(query: Query<unknown>): Promise<Look> {
    await this.connection.learnTrust();
    return this.#look(query);
  }

  #look(query: Query<unknown>): Promise<Look> {
    const { trustFrom, epoch } = this.connection;
    if (trustFrom === undefined) return this.#lookOnceTrustIsKnown(query);
    const key = entriesKey(this.connection.prefix, query.group);
    const reader = { query, key, trustFrom, epoch };
    // The catalog depends on no generation.
    return query.isLarge === true ? this.#looks.alone(key, reader) : this.#looks.look(key, reader);
  }

  #judge(
    { query, key, trustFrom, epoch }: Reader,
    generation: Generation | undefined,
    lines: string | null,
  ): Look | Promise<Look> {
    const stamp = stampOf(query.scope, generation);
    const entry = lines === null ? undefined : this.#parsed.parse(key, query.field, lines);
    const trusted = entry !== undefined && entry.stamp === stamp && entry.readAt >= trustFrom;
    const now = this.connection.now();
    const servable = trusted && entry.staleUntil > now ? entry : undefined;
    const fresh = servable !== undefined && servable.freshUntil > now;
    const look = { generation, stamp, trustFrom, epoch, entry: servable, fresh };
    return lines === null || entry !== undefined ? look : this.#discard(query, lines).then(() => look);
  }

  /** Asks for the lease. @throws CacheUnavailableError */
  async acquire(query: Query<unknown>, seen: Look, token: string, policy: CachePolicy): Promise<Acquisition> {
    let look = seen;
    if (look.stamp === undefined) {
      const generation = await this.index.begin();
      look = { ...look, generation, stamp: stampOf(query.scope, generation) };
    }
    const keys = this.#keys(query);
    const reply = (await this.connection.readScript(ACQUIRE, keys, [
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
    const entry = this.#parsed.parse(keys[1], query.field, text);
    if (entry !== undefined) return { is: 'entry', entry };
    await this.#discard(query, text);
    // The caller looks again.
    return { is: 'busy', token: '', revoked: true, seen: look };
  }

  /** Keeps the lease. False once it is lost. Never throws: a lease that cannot be renewed lapses. */
  async renew(query: Query<unknown>, lease: Lease, leaseMs: number): Promise<boolean> {
    try {
      const reply = await this.connection.readScript(RENEW, this.#keys(query), [
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
    const reply = await this.connection.readScript(FILL, this.#keys(query), [
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
    await this.connection.readScript(RELEASE, this.#keys(query), [query.field, lease.token]);
  }

  /** The token that holds the query's lease and until when (Redis's clock, ms); for those who wait. @throws CacheUnavailableError */
  async holder(query: Query<unknown>): Promise<{ token: string | undefined; until: number }> {
    const [leases] = this.#keys(query);
    const text = (await this.connection.read(leases, ['HGET', leases, query.field])) as string | null;
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

  #keys(query: Query<unknown>): KeyPair {
    return keysOfGroup(this.connection.prefix, query.group);
  }

  /** Removes bytes that nobody can read; they count as a miss. */
  async #discard(query: Query<unknown>, lines: string): Promise<void> {
    if (entryOf(lines, query.field) === undefined) return;
    this.observer.record(query.cache, 'unreadable');
    await this.connection.readScript(DISCARD, this.#keys(query), [query.field, lines]);
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
