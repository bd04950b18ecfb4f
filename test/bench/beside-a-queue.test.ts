import { atATime } from '../../bench/orders/at-a-time';
import { meanOf, stagesOf } from '../../bench/orders/stages';
import type { Report } from '../../bench/report';
import { percentile } from '../../bench/spread';
import { quickRun } from './support/quick-run';

/** A quick run of the parts in which orders are provisioned by whole processes, for its counts. */
describe('npm run bench -- --quick --only latency,peer', () => {
  let report: Report;
  beforeAll(async () => {
    ({ report } = await quickRun('latency,peer'));
  });

  const sound = (orders: number) => ({ orders, lost: 0, doubled: 0, activeTwice: 0 });
  const afterFault = (contestant: string) => report.peer?.faults.filter((each) => each.contestant === contestant);

  it('times orders that are all activated, each once', () => {
    expect(report.latency?.books).toEqual(sound(24));
  });

  it('puts each order beside the vendor calls alone, and beside a bare workflow where vendors answer at once', () => {
    const rows = report.latency?.rows.map(({ vendors, against, atATime: at, orders }) => [
      vendors,
      against,
      at,
      orders,
    ]);
    expect(rows).toEqual([
      ['at once', 'the vendor calls alone', 1, 2],
      ['at once', 'a bare workflow', 1, 2],
      ['at once', 'the vendor calls alone', 10, 10],
      ['at once', 'a bare workflow', 10, 10],
      ['realistic', 'the vendor calls alone', 1, 2],
      ['realistic', 'the vendor calls alone', 10, 10],
    ]);
  });

  it('says where all of the time goes', () => {
    expect(report.latency?.stages).toHaveLength(4);
    for (const { event, taskWaits, tasks, activityWaits, activities } of report.latency?.stages ?? []) {
      expect(event + taskWaits + tasks + activityWaits + activities).toBeCloseTo(1, 2);
    }
  });

  it('has the product and the queue provision the same number of orders, with none lost or doubled', () => {
    // Of the first condition one round warms up.
    expect(report.peer?.rates.map(({ books }) => books)).toEqual([
      { 'order-provisioning': sound(20), BullMQ: sound(20) },
      { 'order-provisioning': sound(10), BullMQ: sound(10) },
    ]);
  });

  it('loses and doubles no order of the product when the answer of AddOrder is lost', () => {
    expect(afterFault('order-provisioning')).toMatchObject([{ ...sound(10), struck: 10, atRest: true }]);
  });

  it('sees the queue double each of them: the fault was struck', () => {
    expect(afterFault('BullMQ')).toMatchObject([{ orders: 10, struck: 10, atRest: true, doubled: 10 }]);
  });
});

describe('where the time of an order goes', () => {
  const at = (ms: number, ...attributes: string[]) => ({
    eventTime: { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 },
    ...Object.fromEntries(attributes.map((name) => [`${name}EventAttributes`, {}])),
  });
  const history = [
    at(1_010, 'workflowExecutionStarted'),
    at(1_010, 'workflowTaskScheduled'),
    at(1_030, 'workflowTaskStarted'),
    at(1_040, 'workflowTaskCompleted'),
    at(1_040, 'activityTaskScheduled'),
    at(1_045, 'activityTaskStarted'),
    at(1_120, 'activityTaskCompleted'),
    at(1_150, 'workflowTaskStarted'),
  ];

  it('is told apart by what ends it, from the approval to the write-back', () => {
    const stages = stagesOf(history, 1_000, 1_100);
    expect(stages.event).toBeCloseTo(0.1);
    expect(stages.taskWaits).toBeCloseTo(0.2);
    expect(stages.tasks).toBeCloseTo(0.1);
    expect(stages.activityWaits).toBeCloseTo(0.05);
    expect(stages.activities).toBeCloseTo(0.55);
  });

  it('is a mean in which each order counts the same', () => {
    const one = { event: 1, taskWaits: 0, tasks: 0, activityWaits: 0, activities: 0 };
    const other = { event: 0, taskWaits: 0.5, tasks: 0, activityWaits: 0, activities: 0.5 };
    expect(meanOf([one, other])).toEqual({ event: 0.5, taskWaits: 0.25, tasks: 0, activityWaits: 0, activities: 0.25 });
  });
});

describe('a percentile', () => {
  it.each([
    [[3, 1, 2], 0.5, 2],
    [[3, 1, 2], 0.99, 3],
    [[7], 0.5, 7],
  ])('of %j at %d is %d', (values, share, expected) => expect(percentile(values, share)).toBe(expected));

  it('of nothing is refused', () => expect(() => percentile([], 0.5)).toThrow(RangeError));
});

describe('work at a time', () => {
  it('never has more under way than it may, and keeps the order of the items', async () => {
    let underWay = 0;
    let most = 0;
    const results = await atATime(3, [5, 1, 4, 2, 3], async (item) => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      underWay--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(3);
  });
});
