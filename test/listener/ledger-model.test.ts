import fc from 'fast-check';
import { Ledger, type Entry } from '../../src/listener/subscription/ledger';
import { replayIdOfBytes, type ReplayId } from '../../src/listener/subscription/replay-id';
import { NaiveLedger } from './support/naive-ledger';

/** How often replay ids were compared or made comparable. */
let comparisons = 0;

jest.mock('../../src/listener/subscription/replay-id', () => {
  const actual = jest.requireActual<Record<string, (...args: unknown[]) => unknown>>(
    '../../src/listener/subscription/replay-id',
  );
  const counted = ['isAfter', 'compareReplayKeys', 'keyOfReplayId', 'bytesOfReplayId'].map((name) => [
    name,
    (...args: unknown[]) => {
      comparisons++;
      return actual[name]?.(...args);
    },
  ]);
  return { ...actual, ...(Object.fromEntries(counted) as object) };
});

/** Numbers of 8 bytes, and ids of a shape of their own, which lie between them. */
function id(n: number, odd = false): ReplayId {
  const bytes = Buffer.alloc(odd ? 9 : 8);
  bytes.writeBigUInt64BE(2n ** 60n + BigInt(n));
  if (odd) bytes[8] = 1;
  return replayIdOfBytes(bytes)!;
}

type Step =
  /** Entries in the order of the stream, `gap` apart, the odd ones in another shape. */
  | { do: 'arrive'; count: number; gap: number; odd: boolean; counts: boolean }
  /** One entry anywhere: late, or a repeat, or far ahead. */
  | { do: 'stray'; back: number }
  /** One without a place. */
  | { do: 'notice' }
  | { do: 'settle'; which: number; count: number }
  /** The position is read, and saved when the next `saved` comes. */
  | { do: 'save' }
  | { do: 'saved' }
  | { do: 'restart'; at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('arrive'),
      count: fc.integer({ min: 1, max: 6 }),
      gap: fc.integer({ min: 1, max: 3 }),
      odd: fc.boolean(),
      counts: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('stray'),
      back: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -5, max: 40 }) }, { weight: 1, arbitrary: fc.nat(120) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('run'), count: fc.integer({ min: 100, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('notice') }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      which: fc.nat(200),
      count: fc.constantFrom(1, 1, 2, 7),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('save') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('saved') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), at: fc.nat(100) }) },
) as fc.Arbitrary<Step>;

/** So few that places are forgotten all the time. */
const MEMORY = 6;

/** Both ledgers through the same life. */
class Pair {
  readonly both: readonly [Ledger, NaiveLedger];
  readonly open: [Entry, Entry][] = [];
  saving: ReturnType<Pair['due']>;
  at = 100;

  constructor(start: ReplayId | undefined) {
    this.both = [new Ledger(start, MEMORY), new NaiveLedger(start, MEMORY)];
  }

  due() {
    return this.both[0].due;
  }

  add(replayId: ReplayId | undefined, counts: boolean): void {
    this.open.push([this.both[0].add(replayId, counts, this.at), this.both[1].add(replayId, counts, this.at)]);
  }

  settle(chosen: [Entry, Entry][]): void {
    for (const pair of chosen) pair.forEach((entry, which) => this.both[which]!.settle(entry));
  }

  take(one: Step): void {
    switch (one.do) {
      case 'arrive':
        for (let n = 0; n < one.count; n++) this.add(id((this.at += one.gap), one.odd && n % 2 === 1), one.counts);
        return;
      case 'stray': {
        this.add(id(Math.max(0, this.at - one.back)), true);
        return;
      }
      case 'notice': {
        this.add(undefined, false);
        return;
      }
      case 'settle': {
        this.settle(this.open.splice(one.which % Math.max(1, this.open.length), one.count));
        return;
      }
      case 'save':
        this.saving = this.due();
        return;
      case 'saved':
        if (this.saving !== undefined) for (const ledger of this.both) ledger.saved(this.saving);
        this.saving = undefined;
        return;
      case 'restart':
        for (const ledger of this.both) ledger.restart();
        this.at = one.at;
    }
  }

  told(which: 0 | 1) {
    const { due, held, unsettled, oldest, taken } = this.both[which];
    return { due, held, unsettled, oldest, taken, places: this.open.map((pair) => pair[which].replayId) };
  }
}

it('the ledger says what the naive one says, whatever comes late, twice, or out of order', () => {
  fc.assert(
    fc.property(
      fc.option(fc.nat(120), { nil: undefined }),
      fc.array(step, { maxLength: 120, size: 'max' }),
      (start, steps) => {
        const pair = new Pair(start === undefined ? undefined : id(start));
        for (const one of steps) {
          pair.take(one);
          expect(pair.told(0)).toEqual(pair.told(1));
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** Comparisons for each event: what there is credit for arrives, and one that `choose` names is settled, until all are. */
function drain(events: number, window: number, choose: (open: Entry[]) => number, idOf = (n: number) => n): number {
  const ledger = new Ledger(id(0));
  const open: Entry[] = [];
  comparisons = 0;
  let arrived = 0;
  while (arrived < events || open.length > 0) {
    while (arrived < events && ledger.held < window) open.push(ledger.add(id(idOf(++arrived)), true, 0));
    const [entry] = open.splice(choose(open), 1);
    ledger.settle(entry!);
    const { due } = ledger;
    if (due !== undefined) ledger.saved(due);
  }
  expect([ledger.held, ledger.taken]).toEqual([0, id(events)]);
  return comparisons / events;
}

describe('what an event costs, in comparisons of replay ids, of 10,000 events', () => {
  const oldest = (): number => 0;
  const newest = (open: Entry[]): number => open.length - 1;

  it.each([1, 20, 100])('a handful, done in order, with %i in flight', (window) => {
    expect(drain(10_000, window, oldest)).toBeLessThan(12);
  });

  it('a handful, where the first of each hundred is done last', () => {
    expect(drain(10_000, 100, newest)).toBeLessThan(12);
  });

  it('not many more, where every other event comes a second time', () => {
    expect(drain(10_000, 100, oldest, (n) => (n % 2 === 0 ? n : Math.max(1, n - 51)))).toBeLessThan(40);
  });

  it('not many more, where each pair comes the wrong way round', () => {
    expect(drain(10_000, 100, oldest, (n) => (n % 2 === 0 ? n - 1 : n + 1))).toBeLessThan(40);
  });
});
