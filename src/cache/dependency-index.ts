import { randomUUID } from 'node:crypto';
import type { CacheConnection } from './connection';
import { BEGIN, MARK, REGISTER } from './scripts';

/**
 * Which cached groups hold which records: how an event that names only an order item, or an order without its account,
 * finds what it must invalidate. One hash:
 *
 *   all, lists   random generations. A cached order carries `all`, a list carries both, and is served only while they match
 *   seq          counts invalidations
 *   <record id>  <expires> <mark> <group>…   mark: the seq of the record's last invalidation; groups that hold the record
 *
 * A fill notes `seq` before it reads the source and registers what it read before it writes: a record marked since
 * refuses the fill, and a record registered before the mark is found by it. There is no moment between the two.
 *
 * Marks and counters are safe here, though they can be evicted, because the generations are evicted with them: when the
 * hash is gone, so are all values and all fills in flight. To invalidate everything is to remove it. docs/cache.md has the proof.
 */
export class DependencyIndex {
  readonly #key: string;
  #next: Promise<Generation | undefined> | undefined;

  constructor(private readonly connection: CacheConnection) {
    this.#key = `${connection.prefix}index`;
  }

  /**
   * The generation as of a moment after this call; undefined where the index is gone. All who call before the client
   * next writes to its socket share one command, which is queued after all of them have called.
   */
  look(): Promise<Generation | undefined> {
    if (this.#next === undefined) {
      this.#next = new Promise((resolve) => process.nextTick(resolve)).then(() => this.#read());
      // Whoever fails before he comes to await it leaves nobody to hear it.
      this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  async #read(): Promise<Generation | undefined> {
    this.#next = undefined;
    const reply = await this.connection.read(this.#key, ['HMGET', this.#key, 'all', 'lists', 'seq']);
    const [all, lists, seq] = reply as (string | null)[];
    return all == null || lists == null ? undefined : { all, lists, seq: seq ?? '0' };
  }

  /** The generation, made where there is none. */
  async begin(): Promise<Generation> {
    const reply = await this.connection.readScript(BEGIN, this.#key, [randomUUID(), randomUUID()]);
    const [now, all, lists, seq] = reply as [number, string, string, string];
    this.connection.observe(now);
    return { all, lists, seq };
  }

  /** Whether a fill may write what it read: false when one of `ids` was invalidated since `registration.generation`. */
  async register(registration: Registration): Promise<boolean> {
    const { generation, scope, startedAt, capMs, keepMs, group, ids } = registration;
    const reply = await this.connection.readScript(REGISTER, this.#key, [
      generation.all,
      scope === 'list' ? generation.lists : '-',
      generation.seq,
      startedAt.toFixed(0),
      capMs.toFixed(0),
      keepMs.toFixed(0),
      group,
      ...ids,
    ]);
    return reply === 1;
  }

  /** Marks the records as changed, revokes the fills in flight that hold them, and returns the groups that hold them. */
  async mark(ids: readonly string[], void_: '' | 'lists' | 'all', markMs: number): Promise<string[]> {
    const reply = await this.connection.invalidateScript(MARK, this.#key, [
      markMs.toFixed(0),
      void_,
      randomUUID(),
      ...ids,
    ]);
    return reply as string[];
  }

  /** Makes every cached order and list void at once, and every fill of one in flight. */
  clear(): Promise<void> {
    return this.connection.unlink([this.#key]);
  }
}

export interface Generation {
  all: string;
  lists: string;
  seq: string;
}

/** What a value depends on: an order on `all`, a list on `all` and `lists`, the catalog on neither. */
export type Scope = 'order' | 'list' | 'catalog';

/** What an entry carries and a reader compares. */
export function stampOf(scope: Scope, generation: Generation | undefined): string | undefined {
  switch (scope) {
    case 'catalog':
      return '-';
    case 'order':
      return generation?.all;
    case 'list':
      return generation === undefined ? undefined : `${generation.all}.${generation.lists}`;
  }
}

export interface Registration {
  /** As seen before the source was read. */
  generation: Generation;
  scope: Scope;
  /** When the lease was given, by Redis's clock, and how old it may be, ms. */
  startedAt: number;
  capMs: number;
  /** For how long the value may be served at most, ms. */
  keepMs: number;
  group: string;
  /** Records that the value shows. */
  ids: readonly string[];
}
