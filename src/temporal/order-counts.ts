import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { PROVISION_ORDER, searchAttributes } from '../workflows/contract';

export interface OrderCountWaits {
  /** `STUCK_AFTER`, ms. */
  stuckAfterMs: number;
  /** `REPROVISION_WAIT`, ms. */
  reprovisionWaitMs: number;
}

/** A scrape within this time of the last count shows that one again, ms. */
const FRESH_MS = 15_000;
const LIMIT_MS = 5_000;
const LONGEST_NOTICE_MS = 3 * 86_400_000;

/** The visibility query of each figure. Passing phases are not published: an order under way is `Loading` there. */
function queries({ stuckAfterMs, reprovisionWaitMs }: OrderCountWaits, now: number) {
  const open = `WorkflowType = '${PROVISION_ORDER}' AND ExecutionStatus = 'Running'`;
  const phase = (name: string): string => `${open} AND ${searchAttributes.phase.name} = '${name}'`;
  const begunBefore = (ms: number): string => `StartTime < '${new Date(ms).toISOString()}'`;
  // A run begins before its wait does, so this may warn early, and not late.
  const notice = Math.min(LONGEST_NOTICE_MS, reprovisionWaitMs / 10);
  return {
    underWay: phase('Loading'),
    stuck: `${phase('Loading')} AND ${begunBefore(now - stuckAfterMs)}`,
    waiting: phase('AwaitingReprovision'),
    waitEnding: `${phase('AwaitingReprovision')} AND ${begunBefore(now - reprovisionWaitMs + notice)}`,
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
};

/**
 * Gauges `order_provisioning_orders_…`, counted by Temporal's visibility when they are scraped. Every worker shows the same
 * figures, so take their maximum, not their sum. While Temporal does not answer, the last ones stand.
 */
export function registerOrderCounts(registry: Registry, client: Client, waits: OrderCountWaits): void {
  const counted = new Map<Figure, { at: number; count: Promise<number> }>();

  function count(figure: Figure): Promise<number> {
    const now = Date.now();
    const last = counted.get(figure);
    if (last !== undefined && now - last.at < FRESH_MS) return last.count;
    const answer = client.connection.withDeadline(now + LIMIT_MS, () =>
      client.workflow.count(queries(waits, now)[figure]),
    );
    const next = { at: now, count: answer.then((found) => found.count) };
    counted.set(figure, next);
    return next.count;
  }

  for (const [figure, { name, help }] of Object.entries(FIGURES) as [Figure, (typeof FIGURES)[Figure]][]) {
    new Gauge({
      name: `order_provisioning_orders_${name}`,
      help,
      registers: [registry],
      async collect() {
        await count(figure).then(
          (found) => this.set(found),
          () => undefined,
        );
      },
    });
  }
}
