import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '../../bench/deadline';
import { PARTS } from '../../bench/arguments';
import { limitOf, TOTAL_SECONDS } from '../../bench/budget';
import type { Report } from '../../bench/report';
import { tables } from '../../bench/tables';
import { spread } from '../../bench/spread';
import { quickRun, runBench } from './support/quick-run';

/** A quick run for its counts. Times are never asserted: they belong to the machine. */
describe('npm run bench -- --quick --json', () => {
  let report: Report;
  let stdout: string;
  beforeAll(async () => {
    ({ report, stdout } = await quickRun('orders,reads,races,startup,growth'));
  });

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

  it('has each process become ready, as npm run starts it and as a container does', () => {
    expect(report.startup?.map(({ process, how, rounds }) => [process, how, rounds])).toEqual([
      ['listener', 'npm run listener', 1],
      ['listener', 'as built for a container', 1],
      ['worker', 'npm run worker', 1],
      ['worker', 'as built for a container', 1],
    ]);
  });

  it('says how long each part took, of how long it was given', () => {
    expect(report.run.parts.map(({ part }) => part)).toEqual(['orders', 'reads', 'races', 'startup', 'growth']);
    for (const { seconds, limitSeconds, failure } of report.run.parts) {
      expect(failure).toBeUndefined();
      expect(seconds).toBeGreaterThan(0);
      expect(limitSeconds).toBeGreaterThan(seconds);
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

describe('a part that is not done in its time', () => {
  it('is cut and says so, and the next is tried', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    try {
      const file = join(folder, 'report.json');
      const cut = await runBench(['--only', 'reads,races', '--seconds', '1', '--json', file]).catch(
        (error: unknown) => error,
      );
      expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining('not measured: the part reads') as string });
      const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
      expect(report).not.toHaveProperty('reads');
      expect(report.run.parts).toMatchObject([
        { part: 'reads', failure: expect.stringContaining('was not done within') as string },
        { part: 'races', failure: expect.stringContaining('was not done within') as string },
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([true, false])('is never given more than is left of the whole run (quick: %s)', (quick) => {
    const total = TOTAL_SECONDS[quick ? 'quick' : 'full'];
    // Each takes all that it is given.
    const left = PARTS.reduce((rest, part, index) => {
      const limit = limitOf(part, PARTS.slice(index + 1), rest, quick);
      expect(limit).toBeGreaterThan(0);
      return rest - limit;
    }, total);
    expect(left).toBeCloseTo(0);
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
