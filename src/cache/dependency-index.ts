import { randomUUID } from 'node:crypto';
import type { CacheConnection } from './connection';
import { keysOfIndex, type KeyPair } from './keys';
import { BEGIN, MARK, REGISTER } from './scripts';

/**
 * Which cached groups hold which records: how an event that names only an order item, or an order without its account,
 * finds what it must invalidate. A hash:
 *
 *   all, lists   random generations. A cached order carries `all`, a list carries both, and is served only while they match
 *   seq          counts invalidations
 *   <record id>  <expires> <mark> <group>…   mark: the seq of the record's last invalidation; groups that hold the record
 *
 * A fill notes `seq` before it reads the source and registers what it read before it writes: a record marked since
 * refuses the fill, and a record registered before the mark is found by it. There is no moment between the two.
 *
 * Beside it a string, the generation: `<all> <lists> <seq>`, which readers get by the MGET that gives them the entries. The
 * scripts write both; without it nothing is served.
 *
 * Marks and counters are safe here, though they can be evicted, because whoever needs them and finds the hash gone ends the
 * generation: then all values and all fills in flight are void. To invalidate everything is to remove both.
 * docs/cache.md has the proof.
 */
export class DependencyIndex {
  readonly #keys: KeyPair;

  constructor(private readonly connection: CacheConnection) {
    this.#keys = keysOfIndex(connection.prefix);
  }

  /** The generation, made where there is none. */
  async begin(): Promise<Generation | undefined> {
    const reply = await this.connection.readScript(BEGIN, this.#keys, [randomUUID(), randomUUID()]);
    const [now, generation] = reply as [number, string];
    this.connection.observe(now);
    return generationOf(generation);
  }

  /** Whether a fill may write what it read: false when one of `ids` was invalidated since `registration.generation`. */
  async register(registration: Registration): Promise<boolean> {
    const { generation, scope, startedAt, capMs, keepMs, group, ids } = registration;
    const reply = await this.connection.readScript(REGISTER, this.#keys, [
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
    const reply = await this.connection.invalidateScript(MARK, this.#keys, [
      markMs.toFixed(0),
      void_,
      randomUUID(),
      ...ids,
    ]);
    return reply as string[];
  }

  /** Makes every cached order and list void at once, and every fill of one in flight. */
  clear(): Promise<void> {
    return this.connection.unlink([this.#keys]);
  }
}

export interface Generation {
  all: string;
  lists: string;
  seq: string;
}

/** Undefined where there is none. */
export function generationOf(text: string | null): Generation | undefined {
  const [all, lists, seq] = text?.split(' ') ?? [];
  return all === undefined || lists === undefined || seq === undefined ? undefined : { all, lists, seq };
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
