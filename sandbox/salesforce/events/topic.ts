import type { Clock } from '../clock';

/** An event as the bus keeps it: ready to be sent. */
export interface StoredEvent {
  /** Where it stands in the stream; grows with each event of the topic. */
  position: bigint;
  /** UUID of the event, or what its publisher gave. */
  id: string;
  schemaId: string;
  payload: Buffer;
  /** The payload as it is when the event is delivered, for events that are completed only then (enrichment). */
  payloadNow?: () => Buffer;
  /** Epoch ms of publication, by the emulator's clock. */
  publishedAt: number;
  /** The same by real time, against which delays of delivery run. */
  arrivedAt: number;
}

/** "Salesforce stores platform events and change data capture events for 72 hours" (Pub/Sub API guide, "Event Message Durability"). */
export const RETENTION_MS = 72 * 60 * 60 * 1000;

/** The retained stream of one topic, which forgets by the clock. */
export class TopicLog {
  #events: StoredEvent[] = [];
  readonly #listeners = new Set<() => void>();
  /** Positions handed out as "latest" while no event stood there, with the time at which they were. */
  readonly #tips = new Map<bigint, number>();
  #tip: bigint;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly nextPosition: () => bigint,
  ) {
    this.#tip = nextPosition();
    this.#tips.set(this.#tip, clock.now());
  }

  append(event: Pick<StoredEvent, 'id' | 'schemaId' | 'payload' | 'payloadNow'>): StoredEvent {
    const stored = { ...event, position: this.nextPosition(), publishedAt: this.clock.now(), arrivedAt: Date.now() };
    this.#events.push(stored);
    this.#tip = stored.position;
    for (const listener of [...this.#listeners]) listener();
    return stored;
  }

  /** Forgets every event and every position, as after 72 hours, though the clock stands still. */
  forget(): void {
    this.#events = [];
    this.#tips.clear();
    this.#tip = this.nextPosition();
    this.#tips.set(this.#tip, this.clock.now());
  }

  /** At most `limit` retained events after `position`, oldest first. */
  after(position: bigint, limit: number): StoredEvent[] {
    const events = this.retained();
    const first = firstAfter(events, position);
    return events.slice(first, first + limit);
  }

  /** The position from which the last `count` events up to `position` come once more. */
  rewound(position: bigint, count: number): bigint {
    const events = this.retained();
    const first = events[Math.max(0, firstAfter(events, position) - count)];
    return first && first.position <= position ? first.position - 1n : position;
  }

  /** The last `count` retained events, oldest first. */
  last(count: number): StoredEvent[] {
    return count > 0 ? this.retained().slice(-count) : [];
  }

  /** All retained events. */
  retained(): readonly StoredEvent[] {
    const horizon = this.clock.now() - RETENTION_MS;
    if (this.#events[0] && this.#events[0].publishedAt < horizon) {
      this.#events = this.#events.filter((event) => event.publishedAt >= horizon);
      for (const [position, at] of this.#tips) if (at < horizon && position !== this.#tip) this.#tips.delete(position);
    }
    return this.#events;
  }

  /** The position of the newest event, or where the stream began. */
  get tip(): bigint {
    return this.#tip;
  }

  /**
   * The position for a keepalive. A quiet stream moves on, so that whoever keeps the latest replay id of its keepalives
   * does not fall out of the retention window.
   */
  refreshedTip(): bigint {
    const last = this.retained().at(-1);
    const since = last?.position === this.#tip ? last.publishedAt : (this.#tips.get(this.#tip) ?? 0);
    if (this.clock.now() - since > RETENTION_MS / 3) {
      this.#tip = this.nextPosition();
      this.#tips.set(this.#tip, this.clock.now());
    }
    return this.#tip;
  }

  /** Before the oldest retained event. */
  get beginning(): bigint {
    const first = this.retained()[0];
    return first ? first.position - 1n : this.#tip;
  }

  /** Whether a subscription may start after `position`: an event or a latest replay id of this topic, within retention. */
  knows(position: bigint): boolean {
    if (this.after(position - 1n, 1)[0]?.position === position) return true;
    const handedOut = this.#tips.get(position);
    return handedOut !== undefined && handedOut >= this.clock.now() - RETENTION_MS;
  }

  /** Calls `listener` after each event. @returns a function that ends it. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Index of the first event after `position`; positions grow. */
function firstAfter(events: readonly StoredEvent[], position: bigint): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events[middle]!.position > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
