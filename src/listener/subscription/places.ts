import { compareReplayKeys, keyOfReplayId, type ReplayId, type ReplayKey } from './replay-id';

/** A place in a stream: its id, and the key by which it is compared. */
export interface Place {
  readonly id: ReplayId;
  readonly key: ReplayKey;
}

export function placeOf(id: ReplayId): Place {
  return { id, key: keyOfReplayId(id) };
}

/** Puts `place` where it belongs in a list in the order of the stream; in the usual case, at its end. */
export function insertPlace<P extends Place>(sorted: P[], place: P): void {
  const last = sorted.at(-1);
  if (last === undefined || compareReplayKeys(last.key, place.key) <= 0) sorted.push(place);
  else sorted.splice(firstNotBefore(sorted, place.key), 0, place);
}

/** Index of the first place of a list in the order of the stream that is not before `key`; its length where all are. */
function firstNotBefore(sorted: readonly Place[], key: ReplayKey): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const place = sorted[middle];
    if (place !== undefined && compareReplayKeys(place.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The places passed lately: where to go back to for an event that comes late. Those passed first are forgotten first.
 *
 * They are kept in two orders, since an event that came late is passed after places that lie behind it. In the usual case a
 * place is added at the end of both, and the last one is what is asked for.
 */
export class PassedPlaces {
  #inPassing: Place[] = [];
  #inStream: Place[] = [];

  /** `memory`: how many are remembered at least. */
  constructor(private readonly memory: number) {}

  add(place: Place): void {
    this.#inPassing.push(place);
    insertPlace(this.#inStream, place);
  }

  /** Forgets the oldest, now and then. To be called once the last one was asked for. */
  trim(): void {
    if (this.#inPassing.length <= 2 * this.memory) return;
    this.#inPassing = this.#inPassing.slice(-this.memory);
    this.#inStream = [...this.#inPassing].sort((a, b) => compareReplayKeys(a.key, b.key));
  }

  clear(): void {
    this.#inPassing = [];
    this.#inStream = [];
  }

  has({ key }: Place): boolean {
    return this.#inStream[firstNotBefore(this.#inStream, key)]?.key === key;
  }

  /** The last place before `limit`; the last of all without a limit. */
  lastBefore(limit: Place | undefined): Place | undefined {
    const last = this.#inStream.at(-1);
    if (last === undefined || limit === undefined || compareReplayKeys(last.key, limit.key) < 0) return last;
    return this.#inStream[firstNotBefore(this.#inStream, limit.key) - 1];
  }
}
