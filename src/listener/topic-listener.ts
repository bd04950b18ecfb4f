import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { backoffDelay, pause } from './backoff';
import { placeOf, type Checkpoint, type Checkpoints } from './checkpoint';
import type { ListenerLimits } from './config';
import { holeBefore } from './keeper';
import { acquireLease, LeaseLostError, type Lease, type LeaseOptions } from './lease';
import type { ListenerMetrics } from './metrics';
import type { Processor, Term } from './processor';
import type { TopicStatus } from './status';
import {
  subscribe,
  type StartPoint,
  type Subscription,
  type SubscriptionOptions,
  type SubscriptionState,
} from './subscription';

/**
 * One topic in one process. Modes:
 *
 * standing by (asks for the lease again and again) -> leading (subscribed from the checkpoint, effects run, the lease is renewed)
 * -> standing by again when the lease is lost, or stopped: takes nothing more, finishes what is in hand, saves, releases.
 * Nothing of a term outlives it: its effects stop with it, and what it had in hand is taken again by whoever leads next.
 */

export interface TopicListenerOptions {
  topic: string;
  /** Id or developer name of a managed subscription that stands for the topic. */
  managed: string | undefined;
  lease: LeaseOptions;
  checkpoints: Checkpoints;
  replayFrom: 'earliest' | 'latest';
  subscription: Pick<SubscriptionOptions, 'gate' | 'silenceLimitMs'> & { endpoint: string; insecure: boolean };
  limits: ListenerLimits;
  processor: Processor;
  metrics: ListenerMetrics;
  logger: Logger;
  /** How long the lease must have been free before this process takes it, ms. */
  graceMs: () => number;
  /** Called at the start of a term, before anything is taken. Retried until it resolves. */
  onTerm?: (term: Term & { lease: Lease }) => Promise<void>;
}

export class TopicListener {
  readonly #o: TopicListenerOptions;
  readonly #stopping = new AbortController();
  #lease: Lease | undefined;
  #subscription: Subscription | undefined;
  #trouble: string | undefined;
  #savedAt: number | undefined;
  /** The cause under which the topic is red in the metric. */
  #red: string | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TopicListenerOptions) {
    this.#o = options;
    setMaxListeners(0, this.#stopping.signal);
  }

  get topic(): string {
    return this.#o.topic;
  }

  get leads(): boolean {
    return this.#lease !== undefined;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Finishes what is in hand, within the limit; saves; releases the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  status(): TopicStatus {
    const { topic } = this.#o;
    const trouble = this.#trouble === undefined ? {} : { reason: this.#trouble };
    if (this.#lease === undefined) return { topic, role: 'standby', state: 'standby', ...trouble };
    const state = this.#subscription?.state();
    if (state === undefined) return { topic, role: 'leader', state: 'connecting', ...trouble };
    const reason = this.#lateness(state) ?? this.#trouble ?? state.reason ?? this.#silence(state);
    return { topic, role: 'leader', state: state.mode, ...(reason === undefined ? {} : { reason }) };
  }

  #lateness({ oldest }: SubscriptionState): string | undefined {
    const waited = oldest === undefined ? 0 : performance.now() - oldest;
    return waited > this.#o.limits.backlogLimitMs ? `effects are behind by ${seconds(waited)}` : undefined;
  }

  /** A live stream from which nothing came, not even a keepalive: the watchdog will end it, and nobody should trust it until then. */
  #silence({ mode, lastActivity }: SubscriptionState): string | undefined {
    const silent = mode !== 'live' || lastActivity === undefined ? 0 : performance.now() - lastActivity;
    return silent > this.#o.limits.keepaliveWindowMs ? `nothing has come for ${seconds(silent)}` : undefined;
  }

  /** Sets the gauges; called before each scrape. */
  observe(): void {
    const { metrics, topic } = this.#o;
    const state = this.#subscription?.state();
    const now = performance.now();
    metrics.leader.set({ topic }, this.leads ? 1 : 0);
    const stands = state?.mode === 'starved' || (state?.mode === 'live' && this.#silence(state) === undefined);
    metrics.live.set({ topic }, stands ? 1 : 0);
    metrics.inFlight.set({ topic }, state?.inFlight ?? 0);
    metrics.backlogAge.set({ topic }, state?.oldest === undefined ? 0 : (now - state.oldest) / 1000);
    if (this.#savedAt !== undefined) metrics.checkpointAge.set({ topic }, (now - this.#savedAt) / 1000);
    if (this.#red !== undefined) metrics.red.remove({ topic, cause: this.#red });
    this.#red = state?.cause;
    if (this.#red !== undefined) metrics.red.set({ topic, cause: this.#red }, 1);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { limits, graceMs, lease: options, logger, topic } = this.#o;
    let failures = 0;
    while (!this.#isStopping) {
      try {
        this.#lease = await acquireLease(options, graceMs());
        this.#trouble = undefined;
        failures = 0;
        if (this.#lease !== undefined) {
          await this.#term(this.#lease);
          continue;
        }
      } catch (error) {
        this.#trouble = messageOf(error);
        logger[failures++ === 0 ? 'warn' : 'debug']({ topic, err: error }, 'the topic cannot be led');
        await pause(backoffDelay(failures, limits.effect), this.#stopping.signal);
        continue;
      }
      await pause(limits.leasePollMs, this.#stopping.signal);
    }
  }

  /** From the lease won to the lease lost, or to the stop. */
  async #term(lease: Lease): Promise<void> {
    const { logger, topic } = this.#o;
    logger.info({ topic, term: lease.token }, 'leads the topic');
    const over = new AbortController();
    // As many listeners as effects that wait for another try.
    setMaxListeners(0, over.signal);
    const renewing = this.#renew(lease, over);
    try {
      await this.#o.onTerm?.({ lease, signal: AbortSignal.any([over.signal, this.#stopping.signal]) });
      await this.#lead(lease, over);
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      logger.warn({ topic, term: lease.token }, error.message);
    } finally {
      over.abort();
      await this.#subscription?.close();
      await renewing;
      await lease.release();
      this.#subscription = undefined;
      this.#lease = undefined;
    }
  }

  async #renew(lease: Lease, over: AbortController): Promise<void> {
    const { limits, logger, topic } = this.#o;
    for (;;) {
      await pause(limits.leaseRenewMs, over.signal);
      if (over.signal.aborted) return;
      try {
        await lease.renew();
        this.#trouble = undefined;
      } catch (error) {
        if (error instanceof LeaseLostError) {
          logger.warn({ topic, term: lease.token }, error.message);
          over.abort();
          return;
        }
        // Nobody else can take it while Redis is away; effects ask for it before each step.
        this.#trouble = `the lease cannot be renewed: ${messageOf(error)}`;
        logger.debug({ topic, err: error }, 'the lease cannot be renewed');
      }
    }
  }

  async #lead(lease: Lease, over: AbortController): Promise<void> {
    const { processor, limits } = this.#o;
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    const checkpoint = await this.#o.checkpoints.get(this.topic);
    // Of one that a person has set, nothing says when the events after it came.
    const placeSavedAt = checkpoint.setByHand ? undefined : checkpoint.savedAt;
    const subscription = await this.#subscribe({ lease, signal, placeSavedAt }, checkpoint);
    this.#subscription = subscription;
    const onStop = (): void => subscription.drain();
    const onOver = (): void => void subscription.close();
    this.#stopping.signal.addEventListener('abort', onStop);
    over.signal.addEventListener('abort', onOver);
    if (this.#isStopping) onStop();
    try {
      const inHand = { lease, signal: over.signal, placeSavedAt };
      await subscription.each((delivery) => processor.process(delivery, inHand));
      // Ended by a stop: what is in hand is finished, or left to whoever leads next.
      await Promise.race([subscription.idle(), pause(limits.stopLimitMs, over.signal)]);
    } finally {
      this.#stopping.signal.removeEventListener('abort', onStop);
    }
  }

  async #subscribe(term: Term & { lease: Lease }, checkpoint: Checkpoint): Promise<Subscription> {
    const { lease } = term;
    const { topic, managed, limits, subscription, metrics, logger } = this.#o;
    const { endpoint, insecure, gate, silenceLimitMs } = subscription;
    return subscribe({
      target: { endpoint, insecure, topic: managed ?? topic, managed: managed !== undefined },
      gate,
      silenceLimitMs,
      from: await this.#startPoint(term, checkpoint),
      window: limits.window,
      backoff: limits.reconnect,
      refusedRetryMs: limits.refusedRetryMs,
      gatherMs: limits.gatherMs,
      save: async (position) => {
        await lease.save(position);
        this.#savedAt = performance.now();
      },
      final: (error) => error instanceof LeaseLostError,
      onEnd: ({ cause, reason }) => {
        metrics.reconnects.inc({ topic, cause });
        logger[cause === 'ended' ? 'info' : 'warn']({ topic, cause, reason }, 'the stream has ended');
      },
      onCommitRefused: (reason) => {
        metrics.commitsRefused.inc({ topic });
        logger.warn({ topic, managed, reason }, 'Salesforce refuses the place; it starts again from the one before');
      },
      onSaveFailed: (error) => logger.warn({ topic, err: error }, 'the checkpoint cannot be saved; it is tried again'),
    });
  }

  async #startPoint(term: Term & { lease: Lease }, checkpoint: Checkpoint): Promise<StartPoint> {
    const { topic, managed, replayFrom, processor, logger } = this.#o;
    if (managed !== undefined) {
      const hole = holeBefore(checkpoint, Date.now());
      if (hole !== undefined) {
        logger.warn({ topic, managed, reason: hole }, 'events may be missing: everything is swept for');
        await processor.makeGood(hole, `managed-${term.lease.token}`, term);
      }
    }
    await term.lease.remember({ keeper: managed === undefined ? 'redis' : 'salesforce' });
    const place = placeOf(checkpoint);
    switch (place.kind) {
      case 'after':
        return { after: place.id };
      case 'none':
        // Somebody listened before and saved no place: what came since then is behind the latest event.
        return checkpoint.keeper === undefined ? replayFrom : 'earliest';
      case 'corrupted':
        logger.error(
          { topic },
          'the checkpoint is no replay id: everything is swept for, and the topic read from its beginning',
        );
        await processor.makeGood('the checkpoint was unreadable', 'unreadable', term);
        return 'earliest';
    }
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
