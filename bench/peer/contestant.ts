import type { OrderId } from '../../src/domain/order';
import type { Shop } from '../orders/shop';

/** How long somebody waits who may wait in vain. */
export interface Limits {
  /** Of a call to WHMCS. */
  whmcsTimeoutMs: number;
  /** How long a job of BullMQ may show no sign of life before another worker takes it; its default is 30,000. */
  lockMs: number;
}

/** Whoever provisions the orders of a shop. */
export interface Contestant {
  readonly name: string;
  readonly shop: Shop;
  /** Resolves when it takes part. */
  startListener(): Promise<void>;
  /** The same. */
  startWorker(limits: Limits): Promise<void>;
  /** SIGKILL. Resolves when it is gone. */
  kill(process: 'listener' | 'worker'): Promise<void>;
  /** Ends its Redis without warning, and starts it again, empty. */
  emptyRedis(): Promise<void>;
  /** Whether of these orders none is under way and none waits to be done. */
  atRest(orders: readonly OrderId[]): Promise<boolean>;
  stop(): Promise<void>;
}
