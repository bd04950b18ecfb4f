import type { Logger } from 'pino';
import { decide, type Decision, type DecisionConfig } from '../domain/decision';
import type { ConcurrencyLimit } from '../limits/concurrency-limit';
import { inSpan } from '../observability/tracing';
import { untilDone } from './backoff';
import type { ListenerLimits } from './config';
import type { DeadLetters } from './dead-letters';
import { decodeEvent, type FulfilmentFields, type TopicKind } from './decode';
import { correlationOf, effectsOf, lanesOf, ordersOf, type Effect, type EffectTargets } from './effects';
import { Lanes } from './lanes';
import { LeaseLostError, type Lease } from './lease';
import type { ListenerMetrics } from './metrics';
import type { Delivery, RawEvent } from './subscription';

/** What belongs to all topics of a process. */
export interface ProcessorShared {
  orgId: string;
  decision: DecisionConfig;
  fulfilmentFields: FulfilmentFields;
  targets: EffectTargets;
  deadLetters: DeadLetters;
  /** Calls to Temporal at once, over all topics. */
  calls: ConcurrencyLimit;
  /**
   * Invalidations at once: in a line of their own, since a portal is not to show what is old for as long as Temporal is slow. Those of
   * events that came together go out together.
   */
  invalidations: ConcurrencyLimit;
  limits: ListenerLimits;
  metrics: ListenerMetrics;
  logger: Logger;
}

/** The term in which a delivery is dealt with: over when the signal is aborted, and nothing is done for it any more. */
export interface Term {
  lease: Pick<Lease, 'confirm'>;
  signal: AbortSignal;
  /** When the place from which the term began was saved, epoch ms; undefined where that is not known. */
  placeSavedAt?: number | undefined;
}

/**
 * From a delivery to its effects and its acknowledgement. A delivery is acknowledged when all its effects are durable, and
 * not before: an effect that fails is tried again, for ever, and what comes after it on the same record waits.
 */
export class Processor {
  readonly #lanes = new Lanes();

  constructor(
    private readonly topic: string,
    private readonly kind: TopicKind,
    private readonly shared: ProcessorShared,
  ) {}

  /** Begins with `delivery`; returns at once. Throws nothing: a term that is over leaves it unacknowledged. */
  process(delivery: Delivery, term: Term): void {
    let dealing: Promise<void> | undefined;
    try {
      dealing = this.#deal(delivery, term)?.catch((error: unknown) => this.#keepAfterDefect(delivery, error, term));
    } catch (error) {
      dealing = this.#keepAfterDefect(delivery, error, term);
    }
    if (dealing === undefined) delivery.ack();
    else dealing.then(() => delivery.ack()).catch((error: unknown) => this.#failed(error, term));
  }

  #failed(error: unknown, term: Term): void {
    if (term.signal.aborted || error instanceof LeaseLostError) return;
    this.shared.logger.error({ topic: this.topic, err: error }, 'an event could not be dealt with');
  }

  /** After a hole in the stream: sweeps and flushes, until both are done. */
  async makeGood(reason: string, key: string, term: Term): Promise<void> {
    const decision: Decision = { provisioning: { kind: 'sweep', reason }, caches: { kind: 'all' } };
    await this.#perform(decision, key, term, term.placeSavedAt);
  }

  /** Undefined where nothing is left to do: most events are such, and a promise for each costs more than all else about it. */
  #deal(delivery: Delivery, term: Term): Promise<void> | undefined {
    const { topic } = this;
    switch (delivery.kind) {
      case 'position-lost':
        this.shared.logger.error({ topic, replayId: delivery.lost, reason: delivery.reason }, POSITION_LOST);
        return this.makeGood('events were lost: the replay id is no longer known', delivery.lost, term);
      case 'undecodable':
        this.#count({ provisioning: 'none', caches: 'none' });
        return this.#keep(delivery.raw, delivery.reason, term);
      case 'event':
        return this.#event(delivery.raw, delivery.payload, term);
    }
  }

  #event(raw: RawEvent, payload: Record<string, unknown>, term: Term): Promise<void> | undefined {
    const { decision: config, fulfilmentFields, logger } = this.shared;
    const { topic } = this;
    const { replayId } = raw;
    const decoded = decodeEvent(payload, this.kind, fulfilmentFields);
    if (decoded.kind !== 'event') {
      this.#count({ provisioning: 'none', caches: 'none' });
      if (decoded.kind === 'senseless') return this.#keep(raw, decoded.reason, term);
      logger.debug({ topic, replayId, event: decoded.label, reason: decoded.reason }, 'event');
      return undefined;
    }
    const decision = decide(decoded.event, config);
    this.#count({ provisioning: decision.provisioning.kind, caches: decision.caches.kind });
    const idle = isIdle(decision);
    if (!idle || logger.isLevelEnabled('debug')) this.#tell(decision, decoded.label, replayId);
    if (!idle || decision.deadLetter !== undefined) return this.#act(decision, raw, decoded.committedAt, term);
    this.#observeLag(decoded.committedAt);
    return undefined;
  }

  #tell(decision: Decision, label: string, replayId: string): void {
    const { provisioning, caches } = decision;
    const why = provisioning.kind === 'none' || provisioning.kind === 'sweep' ? { reason: provisioning.reason } : {};
    const leftOut = provisioning.kind === 'request' ? provisioning.leftOut : undefined;
    this.shared.logger[isIdle(decision) ? 'debug' : 'info'](
      {
        topic: this.topic,
        replayId,
        ...correlationOf(decision),
        event: label,
        orderIds: ordersOf(decision).slice(0, MOST_NAMED),
        provisioning: provisioning.kind,
        caches: caches.kind,
        ...why,
        ...(leftOut === undefined ? {} : { leftOut }),
      },
      'event',
    );
  }

  async #act(decision: Decision, raw: RawEvent, committedAt: number | undefined, term: Term): Promise<void> {
    if (!isIdle(decision)) await this.#perform(decision, raw.replayId, term, committedAt);
    if (decision.deadLetter !== undefined) await this.#keep(raw, decision.deadLetter, term);
    this.#observeLag(committedAt);
  }

  #observeLag(committedAt: number | undefined): void {
    if (committedAt === undefined) return;
    this.shared.metrics.lag.observe({ topic: this.topic }, Math.max(0, Date.now() - committedAt) / 1000);
  }

  /** Effects fail and are repeated; anything else that is thrown is a defect of ours, and must not hold up the topic for ever. */
  async #keepAfterDefect(delivery: Delivery, error: unknown, term: Term): Promise<void> {
    if (term.signal.aborted || error instanceof LeaseLostError || delivery.kind === 'position-lost') throw error;
    const { topic } = this;
    this.shared.logger.error({ topic, replayId: delivery.raw.replayId, err: error }, 'a defect: the event is kept');
    await this.#keep(delivery.raw, 'it met a defect of the listener, of which the log tells', term);
  }

  #count(decided: { provisioning: string; caches: string }): void {
    this.shared.metrics.events.inc({ topic: this.topic, ...decided });
  }

  /** `at`: when the change was committed, and of a sweep since when changes may have been missed, epoch ms, where that is known. */
  async #perform(decision: Decision, replayId: string, term: Term, at: number | undefined): Promise<void> {
    const missedSince = at === undefined ? undefined : at - MISSED_SLACK_MS;
    const origin = { topic: this.topic, replayId, committedAt: at, missedSince };
    const effects = effectsOf(decision, origin, this.shared.targets);
    if (decision.provisioning.kind === 'sweep') this.shared.metrics.sweeps.inc({ topic: this.topic });
    const about = { replayId, ...correlationOf(decision) };
    const attributes = { topic: this.topic, ...about, orderIds: ordersOf(decision).slice(0, MOST_NAMED) };
    await inSpan(`event ${this.topic}`, attributes, () =>
      this.#lanes.run(lanesOf(decision), async () => {
        await Promise.all(effects.map((effect) => this.#untilDurable(effect, about, term)));
      }),
    );
  }

  async #untilDurable(effect: Effect, event: EventIds, term: Term): Promise<void> {
    const { limits, metrics, logger, calls, invalidations } = this.shared;
    const { signal } = term;
    const { name, orderId, workflowId, merges = false } = effect;
    const about = { topic: this.topic, ...event, orderId, workflowId, effect: name };
    const line = name === 'invalidate' ? invalidations : calls;
    await untilDone(
      () => (merges ? this.#attempt(effect, about, term) : line.run(() => this.#attempt(effect, about, term))),
      {
        backoff: limits.effect,
        signal,
        final: (error) => error instanceof LeaseLostError,
        onFailure: (error, attempt) => {
          if (signal.aborted) return;
          metrics.effects.inc({ effect: name, outcome: 'failed' });
          const level = attempt === 0 ? 'warn' : 'debug';
          logger[level]({ ...about, err: error }, 'an effect failed; it is tried again');
        },
      },
    );
  }

  async #attempt({ name, orderId, run }: Effect, about: object, { lease, signal }: Term): Promise<void> {
    const { metrics, logger } = this.shared;
    signal.throwIfAborted();
    // A process that was paused may have lost the lease without knowing: it asks before it acts.
    await lease.confirm();
    await run();
    metrics.effects.inc({ effect: name, outcome: 'ok' });
    // What became of a cache is nobody's first question, and every approval has such an effect as well.
    if (orderId !== undefined) logger[name === 'invalidate' ? 'debug' : 'info'](about, 'effect done');
  }

  async #keep(raw: RawEvent, reason: string, { signal }: Term): Promise<void> {
    const { deadLetters, orgId, limits, metrics, logger } = this.shared;
    const { topic } = this;
    const letter = await untilDone(() => deadLetters.add({ ...raw, orgId, topic, reason }), {
      backoff: limits.effect,
      signal,
      onFailure: (error, attempt) => {
        if (signal.aborted) return;
        const level = attempt === 0 ? 'warn' : 'debug';
        logger[level]({ topic, replayId: raw.replayId, err: error }, 'a dead letter cannot be kept; it is tried again');
      },
    });
    const { id, kept } = letter;
    metrics.deadLetters.inc({ topic, kept });
    logger.error({ topic, replayId: raw.replayId, deadLetter: id, kept, reason }, KEPT[kept]);
  }
}

/** Whether there is nothing to do for it. */
function isIdle({ provisioning, caches }: Decision): boolean {
  return provisioning.kind === 'none' && caches.kind === 'none';
}

/** By what an event is known on log lines and in traces. */
interface EventIds {
  replayId: string;
  correlationId?: string;
}

/** A change is committed before its event comes and its place is saved, and clocks differ, ms. */
const MISSED_SLACK_MS = 3_600_000;

/** A merged event may carry thousands of orders; each has a line of its own when its effect is done. */
const MOST_NAMED = 20;

const POSITION_LOST =
  'Salesforce does not know the replay id any more: every order that ought to be provisioned is swept for, all caches are flushed, and the topic is read from its beginning';
const KEPT = {
  whole: 'an event could not be acted upon in full and is kept: see `orders dead-letters`',
  described:
    'an event could not be acted upon in full; there is no room left for its payload: see `orders dead-letters`',
  counted:
    'an event could not be acted upon in full, and there is no room left for dead letters: see `orders dead-letters`, and discard some',
};
