import type { OrderId } from '../../src/domain/order';
import { interleaved, ratios } from '../cache/rounds';
import type { Delays } from '../orders/shop';
import { spread } from '../spread';
import type { Contestant } from './contestant';
import type { PeerRates } from './report';

/** Vendors that answer at once, and as they might in truth. */
const DELAYS: readonly Delays[] = [
  { salesforceMs: 0, whmcsMs: 0 },
  { salesforceMs: 100, whmcsMs: 200 },
];

export const CONDITIONS = DELAYS.length;

/** Orders in a second: in each round each has `orders` approved at once, and is timed until the last is written back. */
export async function peerRates(
  contestants: readonly [Contestant, Contestant],
  rounds: number,
  orders: number,
): Promise<PeerRates[]> {
  const rows: PeerRates[] = [];
  for (const delays of DELAYS) rows.push(await compare(contestants, delays, rounds, orders));
  for (const { shop } of contestants) shop.delay({ salesforceMs: 0, whmcsMs: 0 });
  return rows;
}

async function compare(
  contestants: readonly [Contestant, Contestant],
  delays: Delays,
  rounds: number,
  orders: number,
): Promise<PeerRates> {
  const all = new Map<Contestant, OrderId[]>();
  for (const { shop } of contestants) shop.delay(delays);
  const measured = await interleaved(
    contestants.map(({ name }) => name),
    rounds,
    async (name) => {
      const contestant = contestants.find((each) => each.name === name)!;
      const { shop } = contestant;
      const ids = shop.drafts(orders);
      all.set(contestant, [...(all.get(contestant) ?? []), ...ids]);
      const begun = shop.approve(ids);
      const last = Math.max(...(await Promise.all(ids.map((id) => shop.activated(id)))));
      return orders / (last - begun);
    },
    // Whoever has done the first condition is warm.
    { warmUp: delays === DELAYS[0] },
  );
  const [ours, peer] = contestants;
  const books = [...all].map(([{ name, shop }, ids]) => [name, shop.judge(ids)] as const);
  return {
    delays,
    rounds,
    orders,
    ratio: spread(ratios(measured, ours.name, peer.name)),
    books: Object.fromEntries(books),
  };
}
