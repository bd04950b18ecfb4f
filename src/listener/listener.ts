import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ProvisioningFailure } from '../domain/failure';
import { parseRecordId } from '../domain/record-id';
import { ConcurrencyLimit } from '../limits/concurrency-limit';
import type { OrderWorkflows } from '../temporal/orders';
import { backoffDelay, pause, unlessAborted } from './backoff';
import { createCheckpoints } from './checkpoint';
import { DEFAULT_LIMITS, type ListenerConfig, type ListenerLimits } from './config';
import { createDeadLetters } from './dead-letters';
import type { ListenerCaches } from './effects';
import { createListenerMetrics, type ListenerMetrics } from './metrics';
import { onNewMode } from './mode';
import { Processor } from './processor';
import type { ListenerRedis } from './redis';
import { statusOf, type ListenerStatus } from './status';
import { createLoginGate, LoginFailedError, type LoginGate, type Session } from './subscription';
import { TopicListener } from './topic-listener';
import { topicsOf } from './topics';

export interface ListenerDeps {
  config: ListenerConfig;
  /** A new login each time. A ProvisioningFailure `SF_CREDENTIALS_REFUSED` means: refused for good. */
  login: () => Promise<Session>;
  workflows: OrderWorkflows;
  caches: ListenerCaches;
  redis: ListenerRedis;
  logger: Logger;
  metrics: Registry;
}

export interface Listener {
  /** Begins; what cannot be had yet (a login, a lease, a stream) is waited for, and shown by {@link Listener.status}. */
  start(): Promise<void>;
  /** Takes nothing more, finishes what is in hand, saves, releases the leases. */
  stop(): Promise<void>;
  status(): ListenerStatus;
}

export function createListener(deps: ListenerDeps): Listener {
  return new OrgListener(deps);
}

class OrgListener implements Listener {
  readonly #deps: ListenerDeps;
  readonly #limits: ListenerLimits;
  readonly #metrics: ListenerMetrics;
  readonly #gate: LoginGate;
  readonly #stopping = new AbortController();
  #topics: TopicListener[] = [];
  #orgId: string | undefined;
  #trouble: string | undefined = 'not started';
  #starting: Promise<void> = Promise.resolve();

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...deps.config.limits };
    const deadLetters = createDeadLetters(deps.redis);
    this.#metrics = createListenerMetrics(deps.metrics, {
      observe: () => this.#topics.forEach((topic) => topic.observe()),
      countDeadLetters: () => deadLetters.count(),
    });
    this.#gate = createLoginGate({
      login: () => this.#login(),
      isRefusal: (error) => error instanceof ProvisioningFailure && error.code === 'SF_CREDENTIALS_REFUSED',
      refusedRetryMs: this.#limits.refusedRetryMs,
      failedRetryMs: this.#limits.reconnect.baseMs,
      onLogin: (outcome) => this.#metrics.logins.inc({ outcome }),
    });
  }

  start(): Promise<void> {
    this.#trouble = 'waits for the first login to Salesforce';
    this.#starting = this.#begin();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#starting;
    await Promise.all(this.#topics.map((topic) => topic.stop()));
    this.#trouble = 'stopped';
  }

  status(): ListenerStatus {
    return statusOf(
      this.#topics.map((topic) => topic.status()),
      this.#trouble,
    );
  }

  /** Checkpoints belong to an org, and only a login says which one that is. */
  async #begin(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !this.#isStopping(); failures++) {
      try {
        const { organizationId } = await unlessAborted(this.#gate.session(undefined), signal);
        this.#trouble = undefined;
        this.#listen(organizationId);
        return;
      } catch (error) {
        if (this.#isStopping()) return;
        this.#trouble = error instanceof Error ? error.message : 'unknown failure';
        const refused = error instanceof LoginFailedError && error.refused;
        const level = refused || failures === 0 ? 'error' : 'debug';
        this.#deps.logger[level]({ err: error }, 'no login to Salesforce; it is tried again');
        await pause(refused ? error.retryInMs : backoffDelay(failures, this.#limits.reconnect), signal);
      }
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #login(): Promise<Session> {
    const session = await this.#deps.login();
    const orgId = parseRecordId(session.organizationId);
    this.#orgId ??= orgId;
    if (orgId === this.#orgId) return session;
    // Replay ids of one org mean nothing, or something else, in another.
    throw new Error(
      `the login leads to org ${orgId}, but this listener began with ${this.#orgId}; restart it if that is meant`,
    );
  }

  #listen(orgId: string): void {
    const { config, workflows, caches, redis, logger } = this.#deps;
    const dualMode = config.channels.provisionEvent !== undefined;
    const shared = {
      orgId: parseRecordId(orgId),
      decision: {
        provisionStatuses: config.provisionStatuses,
        customerFacingFields: config.customerFacingFields,
        dualMode,
      },
      fulfilmentFields: config.fulfilmentFields,
      targets: { workflows, caches },
      deadLetters: createDeadLetters(redis),
      calls: new ConcurrencyLimit(this.#limits.concurrency),
      invalidations: new ConcurrencyLimit(this.#limits.invalidations),
      limits: this.#limits,
      metrics: this.#metrics,
      logger,
    };
    const checkpoints = createCheckpoints(redis, orgId);
    const holder = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    this.#topics = topicsOf(config).map(({ topic, kind, managed, isOrders }) => {
      const processor = new Processor(topic, kind, shared);
      return new TopicListener({
        topic,
        managed,
        lease: { redis, orgId, topic, holder, ttlMs: this.#limits.leaseTtlMs },
        checkpoints,
        replayFrom: config.replayFrom,
        subscription: { ...config.pubsub, gate: this.#gate, silenceLimitMs: config.silenceLimitMs },
        limits: this.#limits,
        processor,
        metrics: this.#metrics,
        logger,
        graceMs: () => this.#graceFor(topic),
        ...(isOrders ? { onTerm: onNewMode({ checkpoints, topic, processor, dualMode, logger }) } : {}),
      });
    });
    if (this.#isStopping()) return;
    for (const topic of this.#topics) topic.start();
  }

  /**
   * Whoever leads the first topic leads them all, unless somebody else does: of two processes one works and one stands by,
   * instead of each leading half. A topic that nobody else wants is still taken after a while.
   */
  #graceFor(topic: string): number {
    const [first] = this.#topics;
    return first === undefined || first.topic === topic || first.leads ? 0 : 3 * this.#limits.leasePollMs;
  }
}
