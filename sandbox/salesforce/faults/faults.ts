import type { PubSubFailureCode } from '../pubsub/failure';
import type { EventInjector } from './injector';

/**
 * Switches for what the service may do wrong on the wire. They hold state only; the Pub/Sub server
 * asks them. Each stays as it is until it is used up or {@link Faults.clear} is called. Faults that are
 * events (gaps, overflows, broken payloads) are made by {@link Faults.events}.
 */

export type RpcName = 'Subscribe' | 'ManagedSubscribe' | 'GetSchema' | 'GetTopic' | 'Publish' | 'PublishStream';

/** How streams are cut: the stream ends well, or with a failure of the service. */
export interface Cut {
  /** Only streams of this topic; all when left out. */
  topic?: string;
  /** Ends with status OK when left out. */
  code?: PubSubFailureCode;
}

/** What open streams must look at. */
export interface FaultChange {
  cut?: Cut;
  repeat?: { topic: string; count: number };
  leap?: string;
}

export interface SchemaFault {
  /** Only for schemas of this topic. */
  topic?: string;
  /** How often; until cleared when left out. */
  times?: number;
  /** Default `schema.api.unavailable`. */
  code?: PubSubFailureCode;
}

interface Countdown {
  left: number;
}

function take(countdown: Countdown | undefined): boolean {
  if (!countdown || countdown.left <= 0) return false;
  countdown.left--;
  return true;
}

export class Faults {
  readonly #held = new Set<string>();
  readonly #delays = new Map<string, number>();
  readonly #disorders = new Map<string, number>();
  readonly #rewinds = new Map<string, number>();
  readonly #silent = new Set<string>();
  readonly #forbidden = new Set<string>();
  readonly #latencies = new Map<RpcName, number>();
  readonly #listeners = new Set<(change: FaultChange) => void>();
  #sessions: Countdown | undefined;
  #schemas: (SchemaFault & Countdown)[] = [];
  #halfOpen = false;

  constructor(
    /** Events that no write would make. */
    readonly events: EventInjector,
  ) {}

  /** Stops delivery on a topic; keepalives go on. */
  hold(topic: string): void {
    this.#held.add(topic);
  }

  /** Lets a held topic flow again. */
  release(topic: string): void {
    this.#held.delete(topic);
    this.#notify({});
  }

  /** Delivers each event of a topic `ms` of real time after it was published; 0 ends it. */
  delay(topic: string, ms: number): void {
    if (ms > 0) this.#delays.set(topic, ms);
    else this.#delays.delete(topic);
    this.#notify({});
  }

  /** Waits for the next `count` events of a topic and delivers them newest first, once. */
  disorder(topic: string, count = 2): void {
    this.#disorders.set(topic, count);
  }

  /** Streams of a topic (all when left out) stay open, but nothing is sent any more, not even keepalives. */
  silence(topic = '*'): void {
    this.#silent.add(topic);
  }

  /** Sends each stream of a topic one empty batch with the newest replay id, though events may wait behind its credit. */
  leap(topic: string): void {
    this.#notify({ leap: topic });
  }

  /** Ends a silence. */
  unsilence(topic = '*'): void {
    this.#silent.delete(topic);
    this.#notify({});
  }

  /** Delivers the last `count` events of a topic once more, to each stream that has had them. Takes credit, as any event. */
  repeatLast(topic: string, count: number): void {
    this.#notify({ repeat: { topic, count } });
  }

  /**
   * Subscriptions of a topic that resume from a replay id get the last `count` events before it again, until cleared;
   * 0 ends it. Events can come twice after a reconnection.
   */
  rewindOnResume(topic: string, count: number): void {
    if (count > 0) this.#rewinds.set(topic, count);
    else this.#rewinds.delete(topic);
  }

  /** Ends open streams. */
  cutStreams(cut: Cut = {}): void {
    this.#notify({ cut });
  }

  /** Answers every Pub/Sub call as if its session were not valid, `times` times or until cleared. */
  refuseSessions(times = Infinity): void {
    this.#sessions = { left: times };
  }

  /** Makes GetSchema fail. */
  failSchema(fault: SchemaFault = {}): void {
    this.#schemas.push({ ...fault, left: fault.times ?? Infinity });
  }

  /** Takes away the user's right to subscribe to a topic. */
  forbid(topic: string): void {
    this.#forbidden.add(topic);
  }

  /** Accepts calls and never answers them; open streams go silent. */
  halfOpen(on = true): void {
    this.#halfOpen = on;
    if (!on) this.#notify({});
  }

  /** Delays the start of each call of an RPC by `ms` of real time; 0 ends it. */
  latency(rpc: RpcName, ms: number): void {
    this.#latencies.set(rpc, ms);
  }

  /** Ends every fault. */
  clear(): void {
    for (const set of [this.#held, this.#silent, this.#forbidden]) set.clear();
    for (const map of [this.#delays, this.#disorders, this.#rewinds, this.#latencies]) map.clear();
    this.#sessions = undefined;
    this.#schemas = [];
    this.#halfOpen = false;
    this.#notify({});
  }

  /** What the server asks. */
  isHeld(topic: string): boolean {
    return this.#held.has(topic);
  }
  isSilent(topic: string): boolean {
    return this.#halfOpen || this.#silent.has(topic) || this.#silent.has('*');
  }
  isForbidden(topic: string): boolean {
    return this.#forbidden.has(topic);
  }
  get isHalfOpen(): boolean {
    return this.#halfOpen;
  }
  delayOf(topic: string): number {
    return this.#delays.get(topic) ?? 0;
  }
  rewindOf(topic: string): number {
    return this.#rewinds.get(topic) ?? 0;
  }
  latencyOf(rpc: RpcName): number {
    return this.#latencies.get(rpc) ?? 0;
  }
  /** How many events are to be reversed, until {@link usedDisorder}. */
  disorderOf(topic: string): number {
    return this.#disorders.get(topic) ?? 0;
  }
  usedDisorder(topic: string): void {
    this.#disorders.delete(topic);
  }
  /** True when this call is to be refused; uses up one refusal. */
  takeSessionRefusal(): boolean {
    return take(this.#sessions);
  }
  /** The failure of this GetSchema call; uses up one. `topics` are those whose schema is asked for. */
  takeSchemaFailure(topics: readonly string[]): PubSubFailureCode | undefined {
    const fault = this.#schemas.find(({ topic, left }) => left > 0 && (topic === undefined || topics.includes(topic)));
    return fault && take(fault) ? (fault.code ?? 'schema.api.unavailable') : undefined;
  }
  /** Calls `listener` when something changed that open streams must look at. @returns a function that ends it. */
  onChange(listener: (change: FaultChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(change: FaultChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
