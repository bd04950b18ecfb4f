import { within } from '../../bench/deadline';
import { tables, type Report } from '../../bench/report';
import { spread } from '../../bench/spread';
import { quickRun, runBench } from './support/quick-run';

/** A quick run for its counts. Times are never asserted: they belong to the machine. */
describe('npm run bench -- --quick --json', () => {
  let report: Report;
  let stdout: string;
  beforeAll(async () => {
    ({ report, stdout } = await quickRun('orders,reads,races,growth'));
  }, 120_000);

  const pathOf = (name: string) => report.orders?.find(({ path }) => path === name);
  const raceOf = (cache: string) => report.races?.filter((each) => each.cache === cache).map(({ stale }) => stale);

  it('counts what an order costs: 3 Salesforce calls, 3 WHMCS calls, 5 activities, 8 actions', () => {
    expect(pathOf('usual path')).toMatchObject({ salesforceCalls: 3, whmcsCalls: 3, activities: 5, actions: 8 });
  });

  it('counts what a repeat costs: one look at Salesforce and none at WHMCS', () => {
    expect(pathOf('a repeat after the end')).toMatchObject({ salesforceCalls: 1, whmcsCalls: 0, activities: 1 });
  });

  it('counts what a failure with one re-provision costs, in one run', () => {
    expect(pathOf('a failure and one re-provision')).toMatchObject({
      salesforceCalls: 7,
      whmcsCalls: 4,
      activities: 10,
      actions: 17,
    });
  });

  it('counts what many orders cost on the processes, each of them activated once', () => {
    expect(report.growth).toMatchObject([{ orders: 20, workers: 1, activated: 20, rate: 1 }]);
    // What each process asks once (logins, the marker's field) is shared by twenty.
    expect(report.growth?.[0]?.salesforceCalls).toBeLessThan(3.5);
    expect(report.growth?.[0]?.whmcsCalls).toBeLessThan(3.5);
  });

  it('tells the size of each history', () => {
    expect(report.orders).toHaveLength(3);
    for (const { historyEvents, historyBytes } of report.orders ?? []) {
      expect(historyEvents).toBeGreaterThan(5);
      expect(historyBytes).toBeGreaterThan(historyEvents);
    }
  });

  it('counts one read of the source for all readers of four processes', () => {
    expect(report.reads).toContainEqual({ cache: 'OrdersCache', processes: 4, readers: 200, sourceReads: 1 });
  });

  it('counts no stale answer of the product, in races that a cache by hand loses', () => {
    expect(raceOf('OrdersCache')).toEqual([0, 0, 0]);
    expect(raceOf('read-through by hand')).toEqual([0, 20, 20]);
  });

  it('puts the peers beside it, whatever they come to', () => {
    for (const peer of ['async-cache-dedupe', 'bentocache on Redis', 'bentocache on memory and Redis']) {
      expect(report.reads?.filter(({ cache }) => cache === peer)).toHaveLength(1);
      expect(raceOf(peer)).toHaveLength(3);
    }
  });

  it('prints the same as tables, and leaves out what was not asked for', () => {
    expect(stdout.trim()).toBe(tables(report));
    expect(report).not.toHaveProperty('hits');
  });
});

describe('the command line of the bench', () => {
  it('refuses a part that there is not', async () => {
    const refused = runBench(['--only', 'nothing']);
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing is not a part of the bench') as string,
    });
  });
});

describe('a spread', () => {
  it.each([
    [[3], { min: 3, median: 3, max: 3 }],
    [[4, 1, 10], { min: 1, median: 4, max: 10 }],
    [[10, 2, 4, 1], { min: 1, median: 3, max: 10 }],
  ])('of %j is %j', (values, expected) => expect(spread(values)).toEqual(expected));

  it('of nothing is refused', () => expect(() => spread([])).toThrow(RangeError));
});

describe('a deadline', () => {
  it('names what is late', async () => {
    const never = new Promise(() => undefined);
    await expect(within(1, 'The part cake', never)).rejects.toThrow('The part cake was not done within 0.001 s');
  });

  it('gives what is in time', () =>
    expect(within(60_000, 'The part cake', Promise.resolve('done'))).resolves.toBe('done'));
});
