import { setImmediate } from 'node:timers/promises';
import { backoffDelay, pause, unlessAborted, untilDone } from '../backoff';
import { runStream, type Proof } from './attempt';
import type { Delivery, Undelivered } from './delivery';
import { Ledger, type Entry } from './ledger';
import { LoginFailedError } from './login-gate';
import { DeliveryQueue } from './queue';
import type { ReplayId } from './replay-id';
import type { EndCause, StreamEnd } from './stream-end';
import type { OpenStream, RawEvent, Session, StartPoint } from './stream-types';
import type { Subscription, SubscriptionMode, SubscriptionOptions, SubscriptionState } from './subscription-types';
import { Waker } from './waker';

/**
 * A subscription that heals itself: the events of one topic, in order, each acknowledged by hand, over as many streams as it
 * takes and never two at once.
 *
 * Modes: starved (no room for another event: no stream is needed) -> connecting -> live -> ended, and then, by cause,
 * waiting (backoff) -> starved, or `position-lost`, which is delivered like an event and waited for. From every mode -> closed.
 * Room is what the window leaves beside the events that were taken and are not both acknowledged and saved.
 */

const PERSON_MUST_ACT: readonly EndCause[] = ['refused', 'credentials', 'client'];
/** So many new sessions that are not taken, one after another, are as good as a refusal. */
const SESSIONS_IN_A_ROW = 3;
/** A stream that lived this long ends a row of failures, ms. */
const STEADY_MS = 30_000;

class HealingSubscription implements Subscription {
  readonly #options: SubscriptionOptions;
  readonly #ledger: Ledger;
  readonly #queue = new DeliveryQueue();
  readonly #changed = new Waker();
  readonly #stopped = new AbortController();
  /** Aborted by `drain` and `close`: no new stream. */
  readonly #draining = new AbortController();
  #from: StartPoint;
  #session: Session | undefined;
  #stream: OpenStream | undefined;
  /** Events at a time, at most: fewer than the window after an answer that was too large, and one more with each event. */
  #most: number;
  /** Credit that the server has and has not used. */
  #outstanding = 0;
  #mode: SubscriptionMode = 'connecting';
  /** Why there is no live stream; undefined from when there is one. */
  #end: StreamEnd | undefined;
  #proof: Proof = 'connection';
  #lastActivity: number | undefined;
  #savedPosition: ReplayId | undefined;
  readonly #running: Promise<unknown>;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#from = options.from;
    this.#most = options.window;
    this.#ledger = new Ledger(typeof options.from === 'object' ? options.from.after : undefined);
    this.#running = Promise.all([this.#run(), this.#saveLoop()]);
    this.#running.catch((error: unknown) => {
      this.#shut();
      this.#queue.fail(error);
    });
  }

  each(take: (delivery: Delivery) => void): Promise<void> {
    return this.#queue.each(take);
  }

  state(): SubscriptionState {
    const end = this.#end;
    return {
      mode: this.#mode,
      ...(end === undefined ? {} : { reason: end.reason, cause: end.cause }),
      lastActivity: this.#lastActivity,
      oldest: this.#ledger.oldest,
      inFlight: this.#ledger.unsettled,
    };
  }

  drain(): void {
    this.#draining.abort();
    this.#queue.end();
    this.#changed.wake();
  }

  async close(): Promise<void> {
    this.#shut();
    await this.#running.catch(() => undefined);
  }

  #shut(): void {
    this.#stopped.abort();
    this.drain();
    this.#mode = 'closed';
  }

  async idle(): Promise<void> {
    await this.#changed.until(
      () => this.#stopped.signal.aborted || (this.#ledger.unsettled === 0 && this.#ledger.due === undefined),
    );
  }

  // --- one stream after another -------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    let [failures, sessions] = [0, 0];
    while (!this.#isDraining()) {
      if (this.#room() === 0) {
        this.#mode = 'starved';
        this.#end = undefined;
        await this.#changed.until(() => this.#room() > 0 || this.#isDraining());
        continue;
      }
      const begun = performance.now();
      const end = await this.#oneStream();
      if (this.#isDraining()) return;
      if (end.cause === 'ended' && this.#room() === 0) continue; // The server closes a stream without credit; that is no failure.
      if (performance.now() - begun > STEADY_MS) [failures, sessions] = [0, 0];
      sessions = end.cause === 'session' ? sessions + 1 : 0;
      this.#end = end;
      if (end.cause === 'oversize') this.#most = Math.max(1, Math.floor(this.#most / 2));
      if (end.cause === 'schema') this.#proof = 'event';
      else if (end.cause === 'silence' && this.#proof === 'connection') this.#proof = 'answer';
      this.#options.onEnd?.(end);
      if (end.cause === 'replay-id' && typeof this.#from === 'object') await this.#losePosition(this.#from.after, end);
      else await this.#wait(end, failures++, sessions > SESSIONS_IN_A_ROW);
    }
  }

  #isDraining(): boolean {
    return this.#draining.signal.aborted;
  }

  async #wait(end: StreamEnd, failures: number, refused: boolean): Promise<void> {
    this.#mode = 'waiting';
    const { backoff, refusedRetryMs } = this.#options;
    const waitMs =
      refused || PERSON_MUST_ACT.includes(end.cause)
        ? backoffDelay(0, { baseMs: refusedRetryMs, maxMs: refusedRetryMs })
        : backoffDelay(failures, backoff);
    await pause(waitMs, this.#draining.signal);
  }

  /** Says what was lost and waits until somebody has made good for it; only then, the earliest. */
  async #losePosition(lost: ReplayId, { reason }: StreamEnd): Promise<void> {
    this.#mode = 'position-lost';
    const entry = this.#deliver({ kind: 'position-lost', lost, reason }, undefined, false);
    await this.#changed.until(() => entry.settled || this.#isDraining());
    if (!entry.settled) return;
    this.#ledger.restart();
    this.#from = 'earliest';
  }

  async #oneStream(): Promise<StreamEnd> {
    this.#mode = 'connecting';
    const { gate, target, silenceLimitMs } = this.#options;
    try {
      this.#session = await unlessAborted(gate.session(this.#session), this.#draining.signal);
    } catch (error) {
      if (this.#isDraining()) return { cause: 'ended', reason: 'closed' };
      if (!(error instanceof LoginFailedError)) throw error;
      return { cause: error.refused ? 'credentials' : 'login', reason: error.message };
    }
    this.#lastActivity = performance.now();
    this.#outstanding = this.#room();
    try {
      return await runStream({
        target,
        session: this.#session,
        from: this.#from,
        credit: this.#outstanding,
        silenceLimitMs,
        proof: this.#proof,
        signal: this.#draining.signal,
        onOpen: (stream) => {
          this.#stream = stream;
          this.#commit();
        },
        onLive: () => this.#live(),
        onActivity: () => (this.#lastActivity = performance.now()),
        events: {
          onEvent: (raw, payload) => this.#take({ kind: 'event', raw, payload }),
          onUndecodable: (raw, reason) => this.#take({ kind: 'undecodable', raw, reason }),
          onKeepAlive: (latest) => this.#passTo(latest),
          onCommitRefused: (reason) => this.#options.onCommitRefused?.(reason),
        },
      });
    } finally {
      this.#stream = undefined;
      this.#outstanding = 0;
    }
  }

  #live(): void {
    if (this.#isDraining()) return;
    this.#mode = 'live';
    this.#end = undefined;
    this.#proof = 'connection';
    // From now on a new stream that began at the latest event would leave a hole.
    if (this.#from === 'latest') this.#from = 'earliest';
  }

  // --- deliveries, credit, position ---------------------------------------------------------------------------------

  #take(undelivered: Undelivered & { raw: RawEvent }): void {
    this.#outstanding--;
    this.#most = Math.min(this.#most + 1, this.#options.window);
    this.#live();
    this.#deliver(undelivered, undelivered.raw.replayId, true);
  }

  #deliver(undelivered: Undelivered, replayId: ReplayId | undefined, counts: boolean): Entry {
    const receivedAt = performance.now();
    const entry = this.#ledger.add(replayId, counts, receivedAt);
    this.#from = this.#ledger.taken === undefined ? this.#from : { after: this.#ledger.taken };
    // Not a copy: there is one for each event.
    this.#queue.push(Object.assign(undelivered, { receivedAt, ack: this.#settle.bind(this, entry) }));
    return entry;
  }

  /**
   * An empty batch says how far the topic has come, and Salesforce advises to keep that place (Subscribe RPC, "Subscribe
   * Keepalive Behavior"): a quiet topic's last event would expire. It is believed only while the server has credit: without
   * credit, events may be waiting behind it.
   */
  #passTo(latest: ReplayId): void {
    if (this.#outstanding <= 0) return;
    this.#live();
    const entry = this.#ledger.add(latest, false, performance.now());
    if (entry.replayId !== undefined) this.#from = { after: entry.replayId };
    this.#settle(entry);
  }

  #settle(entry: Entry): void {
    if (entry.settled) return;
    this.#ledger.settle(entry);
    this.#changed.wake();
  }

  #room(): number {
    return Math.max(0, this.#most - this.#ledger.held);
  }

  async #saveLoop(): Promise<void> {
    const { signal } = this.#stopped;
    const { gatherMs, window } = this.#options;
    for (;;) {
      await this.#changed.until(() => this.#ledger.due !== undefined || signal.aborted);
      if (signal.aborted) return;
      // What else this turn acknowledges is saved with it.
      await setImmediate();
      await this.#changed.untilOrFor(gatherMs, () => signal.aborted || this.#ledger.isPressing(window / 10));
      const due = this.#ledger.due;
      if (due === undefined) continue;
      const { position } = due;
      if (position !== undefined && !(await this.#save(position))) return;
      this.#ledger.saved(due);
      this.#savedPosition = position ?? this.#savedPosition;
      this.#commit();
      this.#askForMore();
      this.#changed.wake();
    }
  }

  /** False where it was closed meanwhile. @throws what `final` accepts. */
  async #save(position: ReplayId): Promise<boolean> {
    const { save, final, backoff, onSaveFailed } = this.#options;
    const { signal } = this.#stopped;
    try {
      await untilDone(() => save(position), { backoff, signal, final, onFailure: (error) => onSaveFailed?.(error) });
      return true;
    } catch (error) {
      if (signal.aborted && !final(error)) return false;
      throw error;
    }
  }

  /** A managed subscription's place is kept by Salesforce: told whenever there is a stream to tell it by. */
  #commit(): void {
    if (!this.#options.target.managed || this.#savedPosition === undefined) return;
    this.#stream?.commit(this.#savedPosition);
  }

  /** Half a window at a time, while the server has credit: each request is a message, and Salesforce limits their rate. */
  #askForMore(): void {
    const free = this.#room() - this.#outstanding;
    if (this.#stream === undefined || free <= 0) return;
    if (this.#outstanding > 0 && free < this.#options.window / 2) return;
    this.#outstanding += free;
    this.#stream.request(free);
  }
}

/** Subscribes at once. Take what it delivers by `each`, and acknowledge each delivery when its effects are durable. */
export function subscribe(options: SubscriptionOptions): Subscription {
  return new HealingSubscription(options);
}
