import { insertPlace, PassedPlaces, placeOf, type Place } from './places';
import { compareReplayKeys, type ReplayId } from './replay-id';

/**
 * What has been taken from a stream and what of it is done: the arithmetic of checkpoint and credit, without I/O.
 *
 * Entries are added in the order of arrival and settled in any order. The position is the highest replay id of the settled
 * run at the head that is below every entry not done, so that it never passes one: neither an earlier one, nor one that came
 * late with a lower id. An entry holds its credit until the position behind it is saved, so that no more is asked for than could
 * be done again after a crash.
 */
export class Ledger {
  readonly #entries: PlacedEntry[] = [];
  /**
   * The places of the entries that are not done, in the order of the stream, so that the lowest is at hand. One that is done
   * leaves when it is the first.
   */
  readonly #open: (Place & { entry: Entry })[] = [];
  /** Where to go back to for an event that comes late. */
  readonly #passed: PassedPlaces;
  #highest: Place | undefined;
  #position: Place | undefined;
  #saved: ReplayId | undefined;
  #held = 0;
  /** Counted entries that are passed, whose position is not saved yet. */
  #unsaved = 0;

  /** `start`: the place from which the stream goes on, where one is known. `memory`: how many passed places are remembered. */
  constructor(start?: ReplayId, memory = MEMORY) {
    this.#passed = new PassedPlaces(memory);
    if (start === undefined) return;
    this.#highest = this.#position = placeOf(start);
    this.#saved = start;
    this.#passed.add(this.#position);
  }

  /** `replayId` is the entry's place, if it has one; `counts` whether credit was spent on it. */
  add(replayId: ReplayId | undefined, counts: boolean, now: number): Entry {
    const told = replayId === undefined ? undefined : placeOf(replayId);
    const late =
      told !== undefined && this.#highest !== undefined && compareReplayKeys(told.key, this.#highest.key) <= 0;
    // A repeated event is done again, but its place is known.
    const place = late && this.#knows(told) ? undefined : told;
    if (!late && told !== undefined) this.#highest = told;
    const entry: PlacedEntry = { replayId: place?.id, place, counts, since: now, settled: false };
    this.#entries.push(entry);
    if (place !== undefined) insertPlace(this.#open, { ...place, entry });
    if (counts) this.#held++;
    if (late) this.#reposition();
    return entry;
  }

  settle(entry: Entry): void {
    entry.settled = true;
    while (this.#open[0]?.entry.settled === true) this.#open.shift();
    for (let head = this.#entries[0]; head?.settled === true; head = this.#entries[0]) {
      this.#entries.shift();
      if (head.place !== undefined) this.#passed.add(head.place);
      if (head.counts) this.#unsaved++;
    }
    this.#reposition();
    this.#passed.trim();
  }

  /** Ids begin anew: the server does not know the old ones any more. */
  restart(): void {
    this.#highest = undefined;
    this.#passed.clear();
  }

  /** What is to be saved next, and the credit it holds; undefined where nothing is. */
  get due(): { position: ReplayId | undefined; credit: number } | undefined {
    const position = this.#position?.id === this.#saved ? undefined : this.#position?.id;
    return position === undefined && this.#unsaved === 0 ? undefined : { position, credit: this.#unsaved };
  }

  /** Whether nothing else is in hand that could be saved with what is due, or `many` entries wait for a save. */
  isPressing(many: number): boolean {
    return this.#entries.length === 0 || this.#unsaved >= many;
  }

  saved({ position, credit }: { position: ReplayId | undefined; credit: number }): void {
    if (position !== undefined) this.#saved = position;
    this.#unsaved -= credit;
    this.#held -= credit;
  }

  /** Credit in use: entries not passed, or passed and not saved. */
  get held(): number {
    return this.#held;
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
    return this.#highest?.id;
  }

  #knows(place: Place): boolean {
    return this.#passed.has(place) || this.#entries.some((entry) => entry.place?.key === place.key);
  }

  #reposition(): void {
    const lowest = this.#open[0];
    const position = this.#passed.lastBefore(lowest);
    if (position !== undefined) this.#position = position;
    // There is nothing known to go back to; what is not saved yet is at least not saved now.
    else if (
      lowest !== undefined &&
      this.#position !== undefined &&
      compareReplayKeys(lowest.key, this.#position.key) <= 0
    )
      this.#position = this.#saved === undefined ? undefined : placeOf(this.#saved);
  }
}

/** More than can be in flight at once. */
const MEMORY = 256;

export interface Entry {
  /** Undefined for what has no place of its own: a repeated event, a notice. */
  readonly replayId: ReplayId | undefined;
  readonly counts: boolean;
  /** As given to {@link Ledger.add}. */
  readonly since: number;
  settled: boolean;
}

interface PlacedEntry extends Entry {
  readonly place: Place | undefined;
}
