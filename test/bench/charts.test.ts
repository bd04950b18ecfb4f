import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { parseArguments } from '../../bench/arguments';
import { chartsOf } from '../../bench/charts';
import { goalFigures } from '../../bench/goals';
import type { PartRun, Report } from '../../bench/report';
import { BLOCKS, partOf } from '../../bench/tables';
import { runBench } from './support/quick-run';

const part = (name: PartRun['part'], failure?: string): PartRun => ({
  ...{ part: name, seconds: 2, limitSeconds: 30 },
  ...(failure === undefined ? {} : { failure }),
});
const REPORT: Report = {
  quick: true,
  run: {
    cores: 8,
    node: 'v20.0.0',
    loadBefore: 0.2,
    parts: [part('races'), part('hits', 'the part hits was not done within 7 s'), part('startup')],
  },
  races: [{ cache: 'OrdersCache', race: 'a late fill', races: 20, stale: 4 }],
  startup: [{ process: 'worker', how: 'npm run worker', rounds: 3, ratio: { min: 2, median: 3, max: 5 } }],
};
const mark = (block: string): string => `<!-- made by npm run bench: ${block} -->`;

describe('npm run bench -- --from FILE --report FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'charts-'));
  const page = join(folder, 'page.md');
  const kept = join(folder, 'kept.json');
  const chart = (name: string): string => join(folder, 'images', 'performance', `${name}.svg`);
  const blocks = ['run', 'races', 'hits', 'reads', 'startup'];
  let text: string;
  beforeAll(async () => {
    writeFileSync(kept, JSON.stringify(REPORT));
    const old = blocks.map((block) => `${mark(block)}\n\nOld ${block}.\n\n${mark('end')}\n\nBy hand, of ${block}.\n`);
    writeFileSync(page, `# Page\n\n${old.join('\n')}`);
    // One of its parts has failed.
    await expect(runBench(['--from', kept, '--report', page])).rejects.toMatchObject({ code: 1, stderr: '' });
    text = readFileSync(page, 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const between = (block: string): string => text.split(mark(block))[1]?.split(mark('end'))[0]?.trim() ?? '';

  it('makes the tables of the parts that were measured', () => {
    expect(between('races')).toMatch(/\| Stale answers +\| a late fill +\|\n.*\n\| OrdersCache +\| 4 of 20 +\|/);
    expect(between('startup')).toMatch(/\| worker +\| npm run worker +\| 3 +\| 2\.0 +\| 3\.0 +\| 5\.0 +\|/);
  });

  it('says of a part that was cut that it was, in the place of its figures', () => {
    expect(between('hits')).toBe('**Not measured in the last run**: the part hits was not done within 7 s.');
    expect(between('run')).toMatch(
      /\| hits +\| 2 +\| 30 +\| \*\*not measured\*\*: the part hits was not done within 7 s/,
    );
  });

  it('says on what it ran, and leaves what it did not measure and what is written by hand', () => {
    expect(between('run')).toContain('Node.js v20.0.0 and 8 cores');
    expect(between('reads')).toBe('Old reads.');
    for (const block of blocks) expect(text).toContain(`By hand, of ${block}.`);
  });

  it('draws what was measured, and nothing else', () => {
    expect(between('races')).toContain('](images/performance/stale-answers.svg)');
    const [stale = '', start = ''] = ['stale-answers', 'start-up'].map((name) => readFileSync(chart(name), 'utf8'));
    expect([XMLValidator.validate(stale), XMLValidator.validate(start)]).toEqual([true, true]);
    for (const words of ['Stale answers in 20 races', 'a late fill', 'OrdersCache', 'count: 4'])
      expect(stale).toContain(words);
    for (const words of ['worker, npm run worker', 'median: 3', 'ratio: 2', 'max: 5']) expect(start).toContain(words);
    expect(existsSync(chart('hits'))).toBe(false);
  });
});

describe('of a run of one part alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'charts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('its rows come into the page and say so, and the page’s last run stays what it was', async () => {
    const page = join(folder, 'page.md');
    const kept = join(folder, 'kept.json');
    const memory = { listener: 200, worker: 500, portal: 100 };
    const row = { activated: 10_000, salesforceCalls: 3, whmcsCalls: 3, redisCommands: 18, rate: 1, memory };
    const alone: Report = {
      quick: false,
      run: { ...REPORT.run, parts: [{ part: 'growth', seconds: 1_290, limitSeconds: 10_600 }] },
      growth: [{ orders: 10_000, workers: 1, ...row }],
    };
    writeFileSync(kept, JSON.stringify(alone));
    const blocks = ['run', 'growth'];
    writeFileSync(
      page,
      blocks.map((block) => `${mark(block)}\n\nOld ${block}.\n\n${mark('end')}\n`).join('\nBy hand.\n\n'),
    );
    await runBench(['--from', kept, '--report', page]);
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('Old run.');
    expect(text).not.toContain('Old growth.');
    expect(text).toContain('Of a run of this part alone. It took 21.5 minutes, on Node.js v20.0.0 and 8 cores');
    expect(text).toMatch(/\| 10000 +\| 1 +\| 10000 +\|/);
  }, 60_000);
});

describe('--orders', () => {
  it.each([
    ['1000', [{ orders: 1_000, workers: 1 }]],
    [
      '100,100x4,10000',
      [
        { orders: 100, workers: 1 },
        { orders: 100, workers: 4 },
        { orders: 10_000, workers: 1 },
      ],
    ],
  ])('%s names the rows of growth', (text, growth) =>
    expect(parseArguments(['--orders', text])).toMatchObject({ growth }),
  );

  it.each(['0', '100x', '100x0', '4x', '100,,4', 'many'])('%s is refused', (text) =>
    expect(() => parseArguments(['--orders', text])).toThrow('--orders has numbers of orders'),
  );
});

it('docs/performance.md has a place for each block, and each part has a block', () => {
  const text = readFileSync(join(__dirname, '../../docs/performance.md'), 'utf8');
  for (const block of BLOCKS) expect(text.split(mark(block))).toHaveLength(2);
  expect(BLOCKS.map(partOf)).toContain('growth');
  expect(chartsOf(REPORT)).toHaveLength(2);
});

it('says of each goal whether it was met, once all that have one are measured', () => {
  const ratio = { min: 0.5, median: 0.88, max: 1.2 };
  const memory = { events: 1, samples: 4, resident: 1, heap: 1 };
  const cost = {
    salesforceCalls: 3,
    whmcsCalls: 3,
    activities: 5,
    redisCommands: 3,
    historyEvents: 37,
    historyBytes: 8_000,
  };
  const hit = { cache: 'OrdersCache', against: 'a raw GET', concurrency: 1, rounds: 3, goal: 0.85 };
  const idleEvents = {
    rounds: 3,
    eventsPerTurn: 1,
    published: 1,
    decided: 1,
    ratio,
    goal: 0.9,
    processorTime: ratio,
    memory,
  };
  const report: Report = {
    ...REPORT,
    orders: [{ path: 'usual path', actions: 9, ...cost }],
    reads: [{ cache: 'OrdersCache', processes: 4, readers: 1_000, sourceReads: 1 }],
    hits: [{ ...hit, ratio }],
    idleEvents,
    starts: {
      ...{
        rounds: 1,
        startsPerTurn: 1,
        goal: 0.8,
        asked: { listener: 1, loops: 1 },
        started: { listener: 1, loops: 1 },
      },
      ...{ tried: [{ concurrency: 5, ratio: 1 }], concurrency: 5, ratio, processorTime: ratio },
    },
  };
  const outcomes = goalFigures(report)?.[0]?.rows.map((row) => row.at(-1));
  const fewEvents = '**not measured**: too few events';
  expect(outcomes).toEqual(['**not met**', fewEvents, 'met', 'met', 'met', '**not met**', '**not met**']);
  const ofMemory = (events: number, resident: number) => {
    const watched = { ...idleEvents, memory: { ...memory, events, resident } };
    return goalFigures({ ...report, idleEvents: watched })?.[0]?.rows[1]?.at(-1);
  };
  expect([ofMemory(1_000_000, 1.05), ofMemory(1_000_000, 1.06)]).toEqual(['met', '**not met**']);
  expect([ofMemory(999_999, 1.05), ofMemory(999_999, 1.06)]).toEqual([fewEvents, '**not met**']);
  expect(goalFigures(REPORT)).toBeUndefined();
});
