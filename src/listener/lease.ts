import { limited } from '../limits/time-limit';
import { topicKey, topicsKey, type ListenerRedis } from './redis';
import type { ReplayId } from './subscription';
import { ACQUIRE, RELEASE, REMEMBER, RENEW, SAVE } from './topic-scripts';

/**
 * The right to be the one active listener of a topic, with a fencing token.
 *
 * A holder that was paused (a stopped process, a long pause of the machine) may still believe in its lease when somebody
 * else has taken it. Two things keep it from harm: its own monotonic clock, which tells it on waking that its time is over, and
 * Redis, which refuses whatever it writes under the old token.
 */

/** Somebody else leads the topic now, or the checkpoint was set by hand: step down. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(topic: string) {
    super(`The lease of ${topic} is lost: another listener leads it, or its checkpoint was set by hand`);
  }
}

export interface LeaseOptions {
  redis: ListenerRedis;
  /** 15 or 18 characters. */
  orgId: string;
  topic: string;
  /** Who holds it: unique for each process. */
  holder: string;
  /** How long it lasts without renewal, ms. */
  ttlMs: number;
}

/**
 * Takes the lease where it has been free for `graceMs`; undefined where it has not. Rejects where Redis cannot say.
 */
export async function acquireLease(options: LeaseOptions, graceMs = 0): Promise<Lease | undefined> {
  const { redis, orgId, topic, holder, ttlMs } = options;
  const askedAt = performance.now();
  const keys = [topicKey(orgId, topic)];
  const args = [holder, String(ttlMs), String(graceMs)];
  const token = Number(await limited(redis.eval(ACQUIRE, { keys, arguments: args })));
  if (token === 0) return undefined;
  await limited(redis.sAdd(topicsKey(orgId), topic));
  return new Lease(options, token, askedAt);
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #keys: string[];
  /** Monotonic ms until which nobody else can have it. Counted from before Redis was asked. */
  #until: number;
  #lost = false;

  constructor(
    options: LeaseOptions,
    /** Grows with every change of hands. */
    readonly token: number,
    askedAt: number,
  ) {
    this.#options = options;
    this.#keys = [topicKey(options.orgId, options.topic)];
    this.#until = askedAt + options.ttlMs;
  }

  /** Whether it is certain, without asking, that nobody else holds it. */
  get held(): boolean {
    return !this.#lost && performance.now() < this.#until;
  }

  /** To be called before each effect: asks Redis only where {@link held} is not certain. @throws LeaseLostError */
  async confirm(): Promise<void> {
    if (!this.held) await this.renew();
  }

  /** @throws LeaseLostError, or what Redis failed with. */
  async renew(): Promise<void> {
    const askedAt = performance.now();
    await this.#asHolder(RENEW, String(this.#options.ttlMs));
    this.#until = askedAt + this.#options.ttlMs;
  }

  /** Writes the checkpoint. @throws LeaseLostError, or what Redis failed with. */
  async save(replayId: ReplayId): Promise<void> {
    await this.#asHolder(SAVE, replayId);
  }

  /** Remembers what the next term must know. The checkpoint is as old as before. @throws LeaseLostError, or what Redis failed with. */
  async remember(facts: { mode?: string; keeper?: string }): Promise<void> {
    await this.#asHolder(REMEMBER, ...Object.entries(facts).flat());
  }

  /** Lets a standby have it at once. Never rejects: it would lapse anyway. */
  async release(): Promise<void> {
    await this.#asHolder(RELEASE).catch(() => undefined);
    this.#lost = true;
  }

  async #asHolder(script: string, ...rest: string[]): Promise<void> {
    const { redis, holder, topic } = this.#options;
    if (this.#lost) throw new LeaseLostError(topic);
    const args = [String(this.token), holder, ...rest];
    if (Number(await limited(redis.eval(script, { keys: this.#keys, arguments: args }))) === 1) return;
    this.#lost = true;
    throw new LeaseLostError(topic);
  }
}
