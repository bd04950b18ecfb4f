import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast, DemoOrder } from './cast';

/** An order as the portal shows it to a customer, and how the cache answered. */
export interface Shown {
  /** Of the order; where the portal did not answer, why. */
  status: string;
  activation: string | null;
  cache: string;
}

const ANSWER_LIMIT_MS = 10_000;
const POLL_MS = 250;

export async function askPortal(portalUrl: string, orderId: string): Promise<Shown> {
  try {
    const response = await fetch(`${portalUrl}/orders/${orderId}`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    if (!response.ok) return { status: `HTTP ${response.status}`, activation: null, cache: '-' };
    const order = (await response.json()) as { status: string; activationStatus: string | null };
    return {
      status: order.status,
      activation: order.activationStatus,
      cache: response.headers.get('x-cache') ?? '-',
    };
  } catch {
    return { status: 'no answer', activation: null, cache: '-' };
  }
}

/**
 * Every order as the portal shows it, once each is as `isWanted` would have it, or time is up: an invalidation may be on its
 * way still. Reading an order also fills its cache.
 */
export async function shownOnce(
  { orders }: Cast,
  portalUrl: string,
  isWanted: (order: DemoOrder, shown: Shown) => boolean,
  { limitMs, giveUp }: { limitMs: number; giveUp: AbortSignal },
): Promise<Map<string, Shown>> {
  const end = performance.now() + limitMs;
  const seen = new Map<string, Shown>();
  for (;;) {
    const open = orders.filter((order) => {
      const shown = seen.get(order.id);
      return shown === undefined || !isWanted(order, shown);
    });
    await Promise.all(open.map(async ({ id }) => seen.set(id, await askPortal(portalUrl, id))));
    const isDone = open.every((order) => isWanted(order, seen.get(order.id)!));
    if (isDone || giveUp.aborted || performance.now() > end) return seen;
    await sleep(POLL_MS, undefined, { signal: giveUp }).catch(() => undefined);
  }
}
