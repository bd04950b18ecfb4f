import type { Entry } from '../../../src/listener/subscription/ledger';
import { isAfter, type ReplayId } from '../../../src/listener/subscription/replay-id';

/**
 * The ledger in its plainest form: every remembered place is held against every entry that is not done. It is what the
 * ledger is measured by, in what it says and not in what it costs.
 */
export class NaiveLedger {
  readonly #entries: Entry[] = [];
  #highest: ReplayId | undefined;
  #passed: ReplayId[] = [];
  #position: ReplayId | undefined;
  #saved: ReplayId | undefined;
  #unsaved = 0;

  constructor(
    start: ReplayId | undefined,
    private readonly memory: number,
  ) {
    if (start === undefined) return;
    this.#highest = this.#position = this.#saved = start;
    this.#passed = [start];
  }

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
    if (this.#passed.length > 2 * this.memory) this.#passed = this.#passed.slice(-this.memory);
  }

  restart(): void {
    this.#highest = undefined;
    this.#passed = [];
  }

  get due(): { position: ReplayId | undefined; credit: number } | undefined {
    const position = this.#position === this.#saved ? undefined : this.#position;
    return position === undefined && this.#unsaved === 0 ? undefined : { position, credit: this.#unsaved };
  }

  saved({ position, credit }: { position: ReplayId | undefined; credit: number }): void {
    if (position !== undefined) this.#saved = position;
    this.#unsaved -= credit;
  }

  get held(): number {
    return this.#entries.filter((entry) => entry.counts).length + this.#unsaved;
  }

  get unsettled(): number {
    return this.#entries.length;
  }

  get oldest(): number | undefined {
    return this.#entries[0]?.since;
  }

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
