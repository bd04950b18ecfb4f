import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderId } from '../../src/domain/order';
import type { Contestant, Limits } from './contestant';
import { ATTEMPTS } from './job';

/** What one fault did to one contestant. */
export interface Struck {
  orders: OrderId[];
  /** How often it was struck: never less than once, or the fault proves nothing. */
  struck: number;
}

export interface Fault {
  name: string;
  /** Strikes it, and puts an end to it; what comes of the orders afterwards is not its business. */
  strike: (contestant: Contestant) => Promise<Struck>;
}

/** Short ones, since a fault has to wait for them; long enough for a machine that does other things too. */
export const LIMITS: Limits = { whmcsTimeoutMs: 6_000, lockMs: 15_000 };

const LOOK_EVERY_MS = 20;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(LOOK_EVERY_MS);
}

/** The worker is killed when WHMCS has added the orders, and before it has answered. */
export const killedAfterAdding: Fault = {
  name: 'worker killed between AddOrder and its answer',
  async strike(contestant: Contestant) {
    const { shop } = contestant;
    const orders = shop.drafts(5);
    const { faults } = shop.whmcs;
    const reached = orders.map((_, index) => faults.whenReached('AddOrder', index + 1, 'after-commit', { hold: true }));
    shop.approve(orders);
    const held = await Promise.all(reached);
    await contestant.kill('worker');
    for (const { drop } of held) drop();
    await contestant.startWorker(LIMITS);
    return { orders, struck: held.length };
  },
};

/** AddOrder is done, and nobody hears of it: the connection is cut, or the answer comes when nobody waits any more. */
export const answerLost: Fault = {
  name: 'answer of AddOrder lost, or too late',
  async strike({ shop }: Contestant) {
    const orders = shop.drafts(10);
    const { faults } = shop.whmcs;
    const lost = faults.add({ kind: 'commitThenLose', action: '^AddOrder$', count: orders.length / 2 });
    const late = faults.add({ kind: 'hang', commit: true, action: '^AddOrder$', count: orders.length / 2 });
    shop.approve(orders);
    await until(() => !lost.active && !late.active);
    return { orders, struck: lost.hits + late.hits };
  },
};

/** The listener is killed in the midst of a burst, and is away while more orders are approved. */
export const listenerRestarted: Fault = {
  name: 'listener killed and restarted while events flow',
  async strike(contestant: Contestant) {
    const { shop } = contestant;
    const [burst, away, after] = [shop.drafts(60), shop.drafts(10), shop.drafts(10)];
    shop.approve(burst);
    await Promise.race(burst.map((id) => shop.activated(id)));
    await contestant.kill('listener');
    shop.approve(away);
    await contestant.startListener();
    shop.approve(after);
    return { orders: [...burst, ...away, ...after], struck: 1 };
  },
};

/** Redis dies and comes back with nothing, while some orders are done, some under way, and some wait. */
export const redisEmptied: Fault = {
  name: 'Redis lost, back without its data',
  async strike(contestant: Contestant) {
    const { shop } = contestant;
    const orders = shop.drafts(100);
    shop.delay({ salesforceMs: 100, whmcsMs: 200 });
    shop.approve(orders);
    await Promise.race(orders.map((id) => shop.activated(id)));
    await contestant.emptyRedis();
    shop.delay({ salesforceMs: 0, whmcsMs: 0 });
    return { orders, struck: 1 };
  },
};

/** WHMCS answers with a page of HTML for longer than the peer's attempts last; both see it for as long. */
export function longOutage(): Fault {
  const outages: { hits: number }[] = [];
  const ORDERS = 5;
  return {
    name: 'WHMCS down for longer than the attempts of a job',
    async strike({ shop }: Contestant) {
      const orders = shop.drafts(ORDERS);
      const outage = shop.whmcs.faults.add({ kind: 'html500' });
      outages.push(outage);
      shop.approve(orders);
      // Whoever gives up first; who retries with growing waits never comes to so many calls in the time.
      await until(() => outages.some(({ hits }) => hits >= ORDERS * ATTEMPTS));
      outage.remove();
      return { orders, struck: outage.hits };
    },
  };
}
