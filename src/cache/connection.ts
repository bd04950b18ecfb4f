import { ErrorReply } from 'redis';
import type { RedisAddress } from '../domain/redis-address';
import { TimeLimit } from '../limits/time-limit';
import { Breaker } from './breaker';
import { CacheUnavailableError } from './failures';
import type { KeyPair } from './keys';
import { openCluster, openNode, type RedisLink } from './redis-link';
import type { Script } from './scripts';

export interface CacheConnectionOptions {
  /** `redis[s]://…` of a single node; several are the seeds of a Redis Cluster. */
  url: RedisAddress;
  /** Time limit of a command on the path of a read, ms. */
  readLimitMs?: number;
  /** Time limit of a command of an invalidation, ms. */
  invalidationLimitMs?: number;
  /** How many commands in a row must fail before reads leave Redis alone, and for how long, ms. */
  breakerThreshold?: number;
  breakerOpenMs?: number;
  /** Put before every key. Everyone who shares the caches has the same. */
  prefix?: string;
  /** Told of every lost connection. Never of keys or values. */
  onLost?: (error: Error) => void;
  /** Told of a command that this user of Redis may not run (NOPERM), once for each. */
  onRefused?: (error: Error) => void;
}

const CLUSTER_CLOCK_SKEW_MS = 500;

/**
 * The connection of this process to the Redis that holds the caches: one for all caches, with time limits, a breaker for
 * reads, and a memory of outages.
 *
 * While it is away, invalidations may have failed that somebody now repeats, and a Redis that restarts may bring back a
 * snapshot. So after each reconnection, entries whose source read is older than it are not trusted ({@link trustFrom});
 * a process that connects for the first time distrusts what is older than the start of the server.
 */
export class CacheConnection {
  readonly prefix: string;
  /** Then a command may name keys of one slot only. */
  readonly isCluster: boolean;
  /** Changes with every lost connection: what was begun in another epoch must not be completed in this one. */
  epoch = 0;
  readonly #link: RedisLink;
  readonly #breaker: Breaker;
  readonly #readLimit: TimeLimit;
  readonly #invalidationLimit: TimeLimit;
  #trustFrom: number | undefined;
  #learning: Promise<void> | undefined;
  /** Whether there was a connection, or an outage instead of the first. */
  #hadConnection = false;
  /** Redis's clock minus ours (monotonic), ms. */
  #clockOffset = 0;
  #lastLoss: Error | undefined;
  readonly #onRefused: ((error: Error) => void) | undefined;
  readonly #toldOf = new Set<string>();
  #closed = false;

  constructor(options: CacheConnectionOptions) {
    this.prefix = options.prefix ?? 'order-provisioning:cache:1:';
    this.#readLimit = new TimeLimit(options.readLimitMs ?? 500);
    this.#invalidationLimit = new TimeLimit(options.invalidationLimitMs ?? 2000);
    this.#onRefused = options.onRefused;
    this.#breaker = new Breaker(options.breakerThreshold ?? 3, options.breakerOpenMs ?? 1000);
    const events = {
      ready: () => this.#forget(),
      lost: (error: Error) => {
        this.#lastLoss = error;
        this.#hadConnection = true;
        this.#forget();
        options.onLost?.(error);
      },
    };
    this.isCluster = typeof options.url !== 'string';
    this.#link = typeof options.url === 'string' ? openNode(options.url, events) : openCluster(options.url, events);
  }

  /** Whether reads are answered through Redis now. */
  get available(): boolean {
    return this.#link.isReady && this.#breaker.state !== 'open';
  }

  /** Resolves once Redis answers. @throws CacheUnavailableError after `limitMs`. */
  async ready(limitMs = 10_000): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      try {
        await this.learnTrust();
        return;
      } catch (error) {
        if (performance.now() > end || this.#closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#link.destroy();
  }

  /** Redis's clock as far as this process knows it, epoch ms. Good enough to end a TTL; never used to order changes. */
  now(): number {
    return performance.now() + this.#clockOffset;
  }

  /** Entries read from the source before this (Redis's clock, ms) are not trusted. Undefined until learnt. */
  get trustFrom(): number | undefined {
    return this.#trustFrom;
  }

  /** Takes note of Redis's clock from a reply. */
  observe(redisNow: number): void {
    this.#clockOffset = redisNow - performance.now();
    // Redis's clock was set back: what it stamps from now on must be trusted again.
    if (this.#trustFrom !== undefined && this.#trustFrom > redisNow) this.#trustFrom = redisNow;
  }

  /** Learns {@link trustFrom} where it is not known. @throws CacheUnavailableError */
  async learnTrust(): Promise<void> {
    while (this.#trustFrom === undefined) {
      this.#learning ??= this.#learn().finally(() => (this.#learning = undefined));
      await this.#learning;
    }
  }

  /** A command on the path of a read: short time limit, refused while the breaker is open. @throws CacheUnavailableError */
  read(key: string, args: string[], readonly = true): Promise<unknown> {
    return this.#admitted(() => this.#link.send(key, readonly, args));
  }

  /** A script on the path of a read. @throws CacheUnavailableError */
  readScript(script: Script, keys: KeyPair, args: string[]): Promise<unknown> {
    return this.#admitted(() => this.#evaluate(script, keys, args));
  }

  /** A script of an invalidation: always tried, with a longer limit. @throws CacheUnavailableError */
  invalidateScript(script: Script, keys: KeyPair, args: string[]): Promise<unknown> {
    return this.#limited(this.#evaluate(script, keys, args), this.#invalidationLimit, false);
  }

  /** UNLINK of each pair, each its own command, since they may live in different slots. @throws CacheUnavailableError */
  async unlink(pairs: readonly KeyPair[]): Promise<void> {
    const sent = pairs.map((keys) => this.#limited(this.#unlinkPair(keys), this.#invalidationLimit, false));
    const failed = (await Promise.allSettled(sent)).find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Not an async function, nor are its callers: each would cost a hit another turn of the queue. */
  #admitted(send: () => Promise<unknown>): Promise<unknown> {
    if (!this.#link.isReady) return Promise.reject(this.#unavailable('is not connected', this.#lastLoss));
    if (!this.#breaker.admit()) return Promise.reject(this.#unavailable('did not answer lately', this.#lastLoss));
    return this.#limited(send(), this.#readLimit, true);
  }

  async #evaluate(script: Script, keys: KeyPair, args: string[]): Promise<unknown> {
    const given = [String(keys.length), ...keys, ...args];
    try {
      return await this.#link.send(keys[0], false, ['EVALSHA', script.sha, ...given]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await this.#link.send(keys[0], false, ['EVAL', script.lua, ...given]);
    }
  }

  /**
   * While a slot moves to another node of a cluster, Redis may take no command for two keys of it (TRYAGAIN:
   * redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec). One after the other they are removed then.
   */
  async #unlinkPair(keys: KeyPair): Promise<void> {
    try {
      await this.#link.send(keys[0], false, ['UNLINK', ...keys]);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith('TRYAGAIN')) throw error;
      for (const key of keys) await this.#link.send(key, false, ['UNLINK', key]);
    }
  }

  /** `judged`: whether the outcome counts for the breaker. */
  #limited(command: Promise<unknown>, limit: TimeLimit, judged: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const wait = limit.begin(() => {
        if (judged) this.#breaker.failed();
        reject(this.#unavailable(`did not answer within ${limit.ms} ms`));
      });
      command.then(
        (reply) => {
          wait.end();
          if (judged) this.#breaker.succeeded();
          resolve(reply);
        },
        (error: unknown) => {
          wait.end();
          // An error that Redis itself gives (out of memory, read-only) says that it is there: hits still work.
          const answered = error instanceof ErrorReply;
          if (judged && answered) this.#breaker.succeeded();
          if (answered) this.#tellOfRights(error);
          if (judged && !answered) this.#breaker.failed();
          reject(this.#unavailable(answered ? `refused: ${tellable(error)}` : 'is not connected', error));
        },
      );
    });
  }

  /** A missing right is a person's to mend, and costs reads of the source until then: told once for each command. */
  #tellOfRights(error: Error): void {
    if (!error.message.startsWith('NOPERM') || this.#toldOf.has(error.message)) return;
    this.#toldOf.add(error.message);
    this.#onRefused?.(error);
  }

  #unavailable(what: string, cause?: unknown): CacheUnavailableError {
    return new CacheUnavailableError(`Redis ${what}`, cause === undefined ? undefined : { cause });
  }

  #forget(): void {
    this.epoch++;
    this.#trustFrom = undefined;
  }

  async #learn(): Promise<void> {
    const epoch = this.epoch;
    const reconnected = this.#hadConnection;
    const [time, info] = await Promise.all([
      this.read('', ['TIME']),
      reconnected || this.isCluster ? undefined : this.read('', ['INFO', 'server']),
    ]);
    if (epoch !== this.epoch) return;
    const [seconds, micros] = time as [string, string];
    const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    this.#hadConnection = true;
    this.observe(now);
    if (reconnected) this.#trustFrom = now + (this.isCluster ? CLUSTER_CLOCK_SKEW_MS : 0);
    else this.#trustFrom = this.isCluster ? 0 : Math.min(now, latestStart(Number(seconds), info));
  }
}

/** The latest moment at which the server can have started, ms: its uptime is the difference of two whole seconds. */
function latestStart(nowSeconds: number, info: unknown): number {
  const uptime = Number(/uptime_in_seconds:(\d+)/.exec(String(info))?.[1] ?? 0);
  return (nowSeconds - uptime + 1) * 1000;
}

/** Redis's error code, e.g. `OOM`, `READONLY`; the rest of the message may name keys. That of NOPERM names the command alone. */
function tellable({ message }: Error): string {
  return message.startsWith('NOPERM') ? message : (message.split(' ', 1)[0] ?? '');
}
