import { randomUUID } from 'node:crypto';
import type { Topic } from '../events/bus';
import { toReplayId } from '../events/replay-id';
import type { StoredEvent } from '../events/topic';
import type { FaultChange, Faults } from '../faults/faults';
import { PubSubFailure } from './failure';
import type { FetchResponse } from './messages';
import type { StatsCollector } from './stats';

/** "The maximum value for num_requested is 100": more is taken for 100 (Pub/Sub API guide, "Pull Subscription and Flow Control"). */
export const MAX_CREDIT = 100;

export interface SubscriptionTimes {
  /** An open stream with credit and no event gets an empty answer this often ("within 270 seconds"). */
  keepaliveMs: number;
  /** A stream without credit is ended after this (Subscribe RPC page: 60 seconds). */
  idleMs: number;
}

export interface SubscriptionWire {
  send(response: FetchResponse): void;
  fail(failure: PubSubFailure): void;
  end(): void;
}

export interface SubscriptionOptions {
  topic: Topic;
  /** Delivery begins after this position. */
  after: bigint;
  faults: Faults;
  stats: StatsCollector;
  times: SubscriptionTimes;
  wire: SubscriptionWire;
  /** Throws when the session of the stream is no longer valid. */
  checkSession: () => void;
}

/**
 * One subscription stream. Modes:
 * - flowing: credit is left; events are sent as they come, keepalives when none comes;
 * - starved: credit is used up; nothing is sent, and the idle timer runs;
 * - closed: ended, failed, or left by the client; nothing is sent any more.
 * A request of the client moves starved to flowing; the last event of the credit moves flowing to starved.
 */
export class Subscription {
  readonly topic: Topic;
  readonly #o: SubscriptionOptions;
  readonly #stop: (() => void)[] = [];
  #cursor: bigint;
  #credit = 0;
  #closed = false;
  #repeats: StoredEvent[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #keepalive: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #delay: NodeJS.Timeout | undefined;

  constructor(options: SubscriptionOptions) {
    this.#o = options;
    this.topic = options.topic;
    this.#cursor = options.after;
    options.stats.countBy('openStreams', this.topic.name);
    options.stats.countBy('streamsOpened', this.topic.name);
    this.#stop.push(this.topic.log.onAppend(() => this.#schedule()));
    this.#stop.push(options.faults.onChange((change) => this.#faultChanged(change)));
  }

  /** Everything up to here was sent. */
  get cursor(): bigint {
    return this.#cursor;
  }

  /** Adds to the credit of the stream, at most {@link MAX_CREDIT} in all. */
  request(count: number): void {
    if (this.#closed) return;
    this.#credit = Math.min(this.#credit + count, MAX_CREDIT);
    this.#o.stats.countBy('eventsRequested', this.topic.name, count);
    this.#armTimers();
    this.#schedule();
  }

  /** Ends it without a word to the client: it has gone, or has been told. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of [this.#keepalive, this.#idle, this.#delay]) clearTimeout(timer);
    if (this.#scheduled) clearImmediate(this.#scheduled);
    for (const stop of this.#stop) stop();
    this.#o.stats.countBy('openStreams', this.topic.name, -1);
  }

  fail(failure: PubSubFailure): void {
    if (this.#closed) return;
    this.close();
    this.#o.wire.fail(failure);
  }

  end(): void {
    if (this.#closed) return;
    this.close();
    this.#o.wire.end();
  }

  /** The client's last credit is as good as its session. */
  #sessionHolds(): boolean {
    try {
      this.#o.checkSession();
      return true;
    } catch (error) {
      if (!(error instanceof PubSubFailure)) throw error;
      this.fail(error);
      return false;
    }
  }

  #faultChanged({ cut, repeat, leap }: FaultChange): void {
    const { topic } = this;
    if (cut && (cut.topic === undefined || cut.topic === topic.name)) {
      if (cut.code) this.fail(new PubSubFailure(cut.code));
      else this.end();
      return;
    }
    if (leap === topic.name) this.#send([], topic.log.refreshedTip());
    if (repeat?.topic === topic.name) {
      this.#repeats.push(...topic.log.last(repeat.count).filter((event) => event.position <= this.#cursor));
    }
    this.#schedule();
  }

  /** Events of one commit come together: they are sent in one answer. */
  #schedule(): void {
    if (this.#closed || this.#scheduled) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      this.#pump();
    });
  }

  #pump(): void {
    const { topic } = this;
    if (this.#closed || this.#credit === 0) return;
    if (this.#o.faults.isSilent(topic.name) || this.#o.faults.isHeld(topic.name)) return;
    const { events, again } = this.#due();
    if (events.length === 0 || !this.#sessionHolds()) return;
    if (again) this.#o.stats.countBy('eventsRepeated', topic.name, events.length);
    this.#credit -= events.length;
    this.#o.stats.countBy('eventsDelivered', topic.name, events.length);
    const latest = events.reduce((max, { position }) => (position > max ? position : max), 0n);
    if (latest > this.#cursor) this.#cursor = latest;
    this.#send(events, this.#cursor);
    this.#armTimers();
    this.#schedule();
  }

  /** What may be sent now: repeats first, then what is new, as far as the credit goes. */
  #due(): { events: StoredEvent[]; again: boolean } {
    const repeats = this.#repeats.splice(0, this.#credit);
    return repeats.length > 0 ? { events: repeats, again: true } : { events: this.#fresh(), again: false };
  }

  #fresh(): StoredEvent[] {
    const { faults } = this.#o;
    const fresh = this.topic.log.after(this.#cursor, this.#credit);
    const disorder = Math.min(faults.disorderOf(this.topic.name), this.#credit);
    if (disorder > 1) {
      if (fresh.length < disorder) return [];
      faults.usedDisorder(this.topic.name);
      return fresh.slice(0, disorder).reverse();
    }
    return this.#undelayed(fresh);
  }

  #undelayed(events: StoredEvent[]): StoredEvent[] {
    const delay = this.#o.faults.delayOf(this.topic.name);
    if (delay === 0) return events;
    const due = events.findIndex((event) => event.arrivedAt + delay > Date.now());
    if (due === -1) return events;
    clearTimeout(this.#delay);
    this.#delay = setTimeout(() => this.#schedule(), events[due]!.arrivedAt + delay - Date.now() + 1);
    return events.slice(0, due);
  }

  #send(events: StoredEvent[], latest: bigint): void {
    this.#o.wire.send({
      events: events.map(({ id, schemaId, payload, payloadNow, position }) => ({
        event: { id, schemaId, payload: payloadNow?.() ?? payload },
        replayId: toReplayId(position),
      })),
      latestReplayId: toReplayId(latest),
      rpcId: randomUUID(),
      pendingNumRequested: this.#credit,
    });
  }

  /** Keepalives while there is credit, the idle limit while there is none. */
  #armTimers(): void {
    clearTimeout(this.#keepalive);
    if (this.#credit > 0) {
      clearTimeout(this.#idle);
      this.#idle = undefined;
      this.#keepalive = setTimeout(() => this.#keepAlive(), this.#o.times.keepaliveMs);
    } else {
      this.#idle ??= setTimeout(() => this.end(), this.#o.times.idleMs);
    }
  }

  #keepAlive(): void {
    if (!this.#o.faults.isSilent(this.topic.name) && this.#sessionHolds()) {
      // Nothing is pending: the end of the stream is the latest position. A held topic must not skip what it holds.
      const upToDate = this.topic.log.after(this.#cursor, 1).length === 0;
      if (upToDate) this.#cursor = this.topic.log.refreshedTip();
      this.#o.stats.count('keepalives');
      this.#send([], this.#cursor);
    }
    if (!this.#closed) this.#armTimers();
  }
}
