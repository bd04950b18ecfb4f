import type { CachedOrder } from '../cache';
import type { Environment } from '../config';
import type { OrderId } from '../domain/order';
import { Resources } from '../processes/resources';
import type { Salesforce, SalesforceFields } from '../salesforce';
import type { Whmcs } from '../whmcs';
import { late } from './late';
import { painter, type Paint, type Sink } from './output';
import type { Redis } from './systems/redis';
import type { Temporal } from './systems/temporal';

/**
 * What a verb has at hand. Systems are configured and connected when they are first asked for, so that a verb needs no more of the
 * environment than it uses, and are released together at the end.
 */
export class Cli {
  readonly paint: Paint;
  readonly resources = new Resources();
  #temporal: Promise<Temporal> | undefined;
  #redis: Promise<Redis> | undefined;
  #salesforce: (Salesforce & { fields: SalesforceFields }) | undefined;
  #whmcs: Whmcs | undefined;

  constructor(
    readonly environment: Environment,
    /** `--json`: one document on stdout. */
    readonly json: boolean,
    readonly stdout: Sink,
    readonly stderr: Sink,
  ) {
    this.paint = painter(stdout, environment);
  }

  /** The answer of a verb: for programs `document`, for people `text`. Called once. */
  report(document: unknown, text: () => string): void {
    this.stdout.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`);
  }

  /** A word to the person who waits; never on stdout. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** Groups of variables, read when asked. Each throws ConfigurationError. */
  get config() {
    return late.config().loadCliConfig;
  }

  /** @throws CliFailure `TEMPORAL_UNREACHABLE`; `CONFIGURATION` (exit code 2) */
  temporal(): Promise<Temporal> {
    this.#temporal ??= late
      .temporal()
      .openTemporal(this.environment, ({ message }) => this.note(message))
      .then((temporal) => {
        this.resources.push('Temporal', () => temporal.client.connection.close());
        return temporal;
      });
    return this.#temporal;
  }

  /** @throws CliFailure `REDIS_UNREACHABLE`; ConfigurationError */
  redis(): Promise<Redis> {
    this.#redis ??= late
      .redis()
      .openRedis(this.environment)
      .then((redis) => {
        this.resources.push('Redis', () => {
          redis.destroy();
        });
        return redis;
      });
    return this.#redis;
  }

  /** Sends nothing until it is used. @throws ConfigurationError */
  salesforce(): Salesforce & { fields: SalesforceFields } {
    this.#salesforce ??= late.vendors().openSalesforce(this.environment);
    return this.#salesforce;
  }

  /** Sends nothing until it is used. @throws ConfigurationError */
  whmcs(): Whmcs {
    this.#whmcs ??= late.vendors().openWhmcs(this.environment);
    return this.#whmcs;
  }

  /** What the caches hold of an order. @throws CliFailure `REDIS_UNREACHABLE`; ConfigurationError */
  cachedOrder(orderId: OrderId): Promise<CachedOrder> {
    return late.cache().lookIntoCache(this.environment, orderId);
  }
}
