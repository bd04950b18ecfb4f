import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { phaseQuery, type Phase } from '../domain/phase';
import { PROVISION_ORDER } from '../workflows/contract';

export interface OrderCountWaits {
  /** `STUCK_AFTER`, ms. */
  stuckAfterMs: number;
  /** `REPROVISION_WAIT`, ms. */
  reprovisionWaitMs: number;
}

/** A scrape within this time of the last count shows that one again, ms. */
const FRESH_MS = 15_000;
const LIMIT_MS = 5_000;
/** A figure stands for this long after it was counted, so that one count that fails breaks no alert's wait; then it is not shown at all. */
const STANDS_MS = 300_000;
const DAY_MS = 86_400_000;
const LONGEST_NOTICE_MS = 3 * DAY_MS;

/** The visibility query of each figure. Passing phases are not published: an order under way is `Loading` there. */
function queries({ stuckAfterMs, reprovisionWaitMs }: OrderCountWaits, now: number) {
  const runs = `WorkflowType = '${PROVISION_ORDER}'`;
  const phase = (name: Phase): string => `${runs} AND ${phaseQuery(name)}`;
  const begunBefore = (ms: number): string => `StartTime < '${new Date(ms).toISOString()}'`;
  // A run begins before its wait does, so this may warn early, and not late.
  const notice = Math.min(LONGEST_NOTICE_MS, reprovisionWaitMs / 10);
  return {
    underWay: phase('Loading'),
    stuck: `${phase('Loading')} AND ${begunBefore(now - stuckAfterMs)}`,
    waiting: phase('AwaitingReprovision'),
    waitEnding: `${phase('AwaitingReprovision')} AND ${begunBefore(now - reprovisionWaitMs + notice)}`,
    brokenOff: `${runs} AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND CloseTime > '${new Date(now - DAY_MS).toISOString()}'`,
  };
}

type Figure = keyof ReturnType<typeof queries>;

const FIGURES: Record<Figure, { name: string; help: string }> = {
  underWay: { name: 'under_way', help: 'Orders whose run is at work' },
  stuck: {
    name: 'stuck',
    help: 'Orders whose run began longer than STUCK_AFTER ago and is neither done nor waits for a person',
  },
  waiting: { name: 'waiting_for_person', help: 'Orders whose run waits in AwaitingReprovision' },
  waitEnding: {
    name: 'wait_ending',
    help: 'Orders that wait for a person and whose run is so old that the wait may end within 3 days (a tenth of REPROVISION_WAIT where that is less)',
  },
  brokenOff: {
    name: 'broken_off',
    help: 'Runs of orders that were terminated, failed or timed out within the last 24 hours, instead of coming to their end',
  },
};

/**
 * Gauges `order_provisioning_orders_…`, counted by Temporal's visibility when they are scraped. Every worker shows the same
 * figures, so take their maximum, not their sum. A figure that cannot be counted is shown as it last was for 5 minutes, and then
 * not at all; `…_count_age_seconds` says for how long not all of them could be counted, from the start of the process at first.
 */
export function registerOrderCounts(registry: Registry, client: Client, waits: OrderCountWaits): void {
  const counts = new Map<Figure, Count>();
  const begun = Date.now();

  function ask(figure: Figure): Promise<Count> {
    const now = Date.now();
    const last = counts.get(figure) ?? { askedAt: -Infinity, done: Promise.resolve() };
    if (now - last.askedAt < FRESH_MS) return last.done.then(() => last);
    const answer = client.connection.withDeadline(now + LIMIT_MS, () =>
      client.workflow.count(queries(waits, now)[figure]),
    );
    const next: Count = { ...last, askedAt: now };
    next.done = answer.then(
      ({ count }) => void (next.found = { count, at: now }),
      () => undefined,
    );
    counts.set(figure, next);
    return next.done.then(() => next);
  }

  const figures = Object.entries(FIGURES) as [Figure, (typeof FIGURES)[Figure]][];
  for (const [figure, { name, help }] of figures) {
    new Gauge({
      name: `order_provisioning_orders_${name}`,
      help,
      registers: [registry],
      async collect() {
        const { found } = await ask(figure);
        if (found !== undefined && Date.now() - found.at < STANDS_MS) this.set(found.count);
        // Without labels a gauge is 0 unless it is told otherwise.
        else this.remove();
      },
    });
  }
  new Gauge({
    name: 'order_provisioning_orders_count_age_seconds',
    help: 'Time since the oldest of the figures on orders was counted; grows while Temporal does not count them',
    registers: [registry],
    async collect() {
      const all = await Promise.all(figures.map(([figure]) => ask(figure)));
      const oldest = Math.min(...all.map(({ found }) => found?.at ?? begun));
      this.set((Date.now() - oldest) / 1000);
    },
  });
}

interface Count {
  /** Epoch ms. */
  askedAt: number;
  /** Resolves once the answer has come, or failed. */
  done: Promise<void>;
  /** The last that was counted, and when. */
  found?: { count: number; at: number };
}
