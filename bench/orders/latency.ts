import { join } from 'node:path';
import type { OrderId } from '../../src/domain/order';
import { Resources } from '../../src/processes/resources';
import { RunningProduct } from '../../test/support/running-product';
import { interleaved, ratios } from '../cache/rounds';
import { Forked } from '../forked';
import { addressesOf } from '../peer/vendors';
import { percentile, spread } from '../spread';
import { atATime } from './at-a-time';
import { CHOSEN } from './bare/variants';
import type { BareRequest } from './bare/process';
import type { CallsRequest } from './calls-process';
import type { LatencyReport, LatencyRow, StagesRow, Vendors } from './latency-report';
import { Shop, whmcsWith, type Delays } from './shop';
import { meanOf, stagesOf } from './stages';

export interface LatencySizes {
  rounds: number;
  /** Orders of a turn, one at a time. */
  alone: number;
  /** Orders of a turn, {@link TOGETHER} at a time. */
  together: number;
}

/** Orders under way at a time, at load. */
const TOGETHER = 10;
/** Calls over the Internet to an org, and to a PHP application that writes to its database and runs a module. */
const REALISTIC: Delays = { salesforceMs: 100, whmcsMs: 200 };
const DELAYS: Record<Vendors, Delays> = { 'at once': { salesforceMs: 0, whmcsMs: 0 }, realistic: REALISTIC };

const ORDER = 'the order';
const CALLS = 'the vendor calls alone';
const BARE = 'a bare workflow';
/** Beside what an order is measured. A workflow of no-ops says nothing where most of the time is the vendors'. */
const BESIDE: Record<Vendors, readonly string[]> = { 'at once': [CALLS, BARE], realistic: [CALLS] };

/** Milliseconds that each of `count` took, `limit` at a time. */
type Timed = (count: number, limit: number) => Promise<number[]>;

/**
 * Approval to write-back with the real listener and worker (of the build in folder `build`), beside the same vendor calls made one after another by hand, and a
 * workflow of as many activities that do nothing.
 */
export async function latencies(sizes: LatencySizes, build: string): Promise<LatencyReport> {
  const resources = new Resources();
  try {
    // For the order and for the calls alone, in two conditions; of the first, one round warms up.
    const customers = 2 * 2 * (sizes.rounds + 1) * (sizes.alone + sizes.together);
    const product = await RunningProduct.start(
      { LOG_LEVEL: 'info', WHMCS_TIMEOUT: '30 seconds' },
      { temporal: { headless: true }, whmcs: { seed: whmcsWith(customers) } },
      build,
    );
    resources.push('product', () => product.stop());
    const shop = new Shop(product.sandbox.salesforce, product.sandbox.whmcs);
    await Promise.all([product.run('listener'), product.run('worker')]);
    const calls = await Forked.start<CallsRequest, number[]>(join(__dirname, 'calls-process.ts'));
    resources.push('process of the vendor calls', () => calls.kill());
    await calls.ask({ connect: addressesOf(shop.salesforce, shop.whmcs) });
    const bare = await Forked.start<BareRequest, number[]>(join(__dirname, 'bare', 'process.ts'));
    resources.push('bare process', () => bare.kill());
    await bare.ask({ open: CHOSEN, address: product.sandbox.temporal.address });

    const approved = new Map<OrderId, number>();
    const timed: Record<string, Timed> = {
      [ORDER]: (count, limit) =>
        atATime(limit, shop.drafts(count), async (orderId) => {
          const at = shop.approve([orderId]);
          approved.set(orderId, at);
          return (await shop.activated(orderId)) - at;
        }),
      [CALLS]: (count, limit) => calls.ask({ orders: shop.drafts(count), limit }),
      [BARE]: (count, limit) => bare.ask({ run: CHOSEN.name, runs: count, limit }),
    };

    const rows: LatencyRow[] = [];
    const stages: StagesRow[] = [];
    for (const vendors of ['at once', 'realistic'] as const) {
      shop.delay(DELAYS[vendors]);
      for (const [limit, count] of [
        [1, sizes.alone],
        [TOGETHER, sizes.together],
      ] as const) {
        const before = approved.size;
        const condition = { vendors, atATime: limit };
        rows.push(...(await compare(timed, { ...condition, ...sizes, count })));
        stages.push({ ...condition, ...(await shares(product, shop, [...approved].slice(before))) });
      }
    }
    return {
      delays: REALISTIC,
      rows,
      stages,
      books: shop.judge([...approved.keys()]),
    };
  } finally {
    await resources.release();
  }
}

interface Condition {
  vendors: Vendors;
  atATime: number;
  /** Of each turn. */
  count: number;
  rounds: number;
}

async function compare(
  timed: Record<string, Timed>,
  { vendors, atATime: limit, count, rounds }: Condition,
): Promise<LatencyRow[]> {
  const all = new Map<string, number[]>();
  const turn = async (name: string): Promise<number> => {
    const times = await timed[name]!(count, limit);
    all.set(name, [...(all.get(name) ?? []), ...times]);
    return percentile(times, 0.5);
  };
  // Where vendors answer at once it takes little time, and all are warm when they do not.
  const warmUp = rounds > 1 && vendors === 'at once';
  const measured = await interleaved([ORDER, ...BESIDE[vendors]], rounds, turn, { warmUp });
  const p99 = (name: string): number => percentile((all.get(name) ?? []).slice(-rounds * count), 0.99);
  return BESIDE[vendors].map((against) => ({
    vendors,
    against,
    atATime: limit,
    rounds,
    orders: rounds * count,
    p50: spread(ratios(measured, ORDER, against)),
    p99: p99(ORDER) / p99(against),
  }));
}

async function shares(product: RunningProduct, shop: Shop, approved: [OrderId, number][]) {
  const all = await atATime(TOGETHER, approved, async ([orderId, approvedAt]) => {
    const { events } = await product.handle(orderId).fetchHistory();
    return stagesOf(events ?? [], approvedAt, await shop.activated(orderId));
  });
  return { orders: approved.length, ...meanOf(all) };
}
