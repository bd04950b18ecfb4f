import { isAfter, type ReplayId } from './replay-id';

/**
 * What has been taken from a stream and what of it is done: the arithmetic of checkpoint and credit, without I/O.
 *
 * Entries are added in the order of arrival and settled in any order. The position is the highest replay id of the settled
 * run at the head that is below every entry not done, so that it never passes one: neither an earlier one, nor one that came
 * late with a lower id. An entry holds its credit until the position behind it is saved, so that no more is asked for than could
 * be done again after a crash.
 */
export class Ledger {
  readonly #entries: Entry[] = [];
  #highest: ReplayId | undefined;
  /** Lately passed ids, in the order in which they were passed: where to go back to for an event that comes late. */
  #passed: ReplayId[] = [];
  #position: ReplayId | undefined;
  #saved: ReplayId | undefined;
  /** Counted entries that are passed, whose position is not saved yet. */
  #unsaved = 0;

  /** `start`: the place from which the stream goes on, where one is known. */
  constructor(start?: ReplayId) {
    if (start === undefined) return;
    this.#highest = this.#position = this.#saved = start;
    this.#passed = [start];
  }

  /** `replayId` is the entry's place, if it has one; `counts` whether credit was spent on it. */
  add(replayId: ReplayId | undefined, counts: boolean, now: number): Entry {
    const late = replayId !== undefined && this.#highest !== undefined && !isAfter(replayId, this.#highest);
    // A repeated event is done again, but its place is known.
    const place = late && this.#knows(replayId) ? undefined : replayId;
    if (!late && replayId !== undefined) this.#highest = replayId;
    const entry: Entry = { replayId: place, counts, since: now, settled: false };
    this.#entries.push(entry);
    if (late) this.#reposition();
    return entry;
  }

  settle(entry: Entry): void {
    entry.settled = true;
    for (let head = this.#entries[0]; head?.settled === true; head = this.#entries[0]) {
      this.#entries.shift();
      if (head.replayId !== undefined) this.#passed.push(head.replayId);
      if (head.counts) this.#unsaved++;
    }
    this.#reposition();
    if (this.#passed.length > 2 * MEMORY) this.#passed = this.#passed.slice(-MEMORY);
  }

  /** Ids begin anew: the server does not know the old ones any more. */
  restart(): void {
    this.#highest = undefined;
    this.#passed = [];
  }

  /** What is to be saved next, and the credit it holds; undefined where nothing is. */
  get due(): { position: ReplayId | undefined; credit: number } | undefined {
    const position = this.#position === this.#saved ? undefined : this.#position;
    return position === undefined && this.#unsaved === 0 ? undefined : { position, credit: this.#unsaved };
  }

  saved({ position, credit }: { position: ReplayId | undefined; credit: number }): void {
    if (position !== undefined) this.#saved = position;
    this.#unsaved -= credit;
  }

  /** Credit in use: entries not passed, or passed and not saved. */
  get held(): number {
    return this.#entries.filter((entry) => entry.counts).length + this.#unsaved;
  }

  /** Entries that are not done, or not passed because one before them is not. */
  get unsettled(): number {
    return this.#entries.length;
  }

  /** When the oldest entry that is not done was added. */
  get oldest(): number | undefined {
    return this.#entries[0]?.since;
  }

  /** The highest place taken from the stream: where a new stream goes on. */
  get taken(): ReplayId | undefined {
    return this.#highest;
  }

  #knows(replayId: ReplayId): boolean {
    return this.#passed.includes(replayId) || this.#entries.some((entry) => entry.replayId === replayId);
  }

  #reposition(): void {
    const open = this.#entries
      .filter((entry) => !entry.settled && entry.replayId !== undefined)
      .map((e) => e.replayId as ReplayId);
    let position: ReplayId | undefined;
    for (const id of this.#passed) {
      if (open.every((other) => isAfter(other, id)) && (position === undefined || isAfter(id, position))) position = id;
    }
    if (position !== undefined) this.#position = position;
    // There is nothing known to go back to; what is not saved yet is at least not saved now.
    else if (open.some((other) => this.#position !== undefined && !isAfter(other, this.#position)))
      this.#position = this.#saved;
  }
}

/** How many passed ids are remembered: more than can be in flight at once. */
const MEMORY = 256;

export interface Entry {
  /** Undefined for what has no place of its own: a repeated event, a notice. */
  readonly replayId: ReplayId | undefined;
  readonly counts: boolean;
  /** As given to {@link Ledger.add}. */
  readonly since: number;
  settled: boolean;
}
