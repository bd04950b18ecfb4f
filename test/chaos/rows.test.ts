import fc from 'fast-check';
import { CASES } from '../../chaos/cases';
import { derivePlan, DRAIN_SECONDS } from '../../chaos/derive';
import { random } from '../../chaos/random';
import { injected, markdown, rowsOf } from '../../chaos/report';
import type { RoundResult } from '../../chaos/round';
import {
  allInjections,
  injectionOf,
  keyOf,
  keyOfTarget,
  planOfMostNews,
  unplayed,
  type Injection,
} from '../../chaos/rows';

const size = { orders: 20, faults: 8, slow: true };
const keys = new Set(allInjections(size).map(keyOf));

describe('the rows of the report', () => {
  it('have one for every case on every target, and say of each moment at which it was not played that it was not', () => {
    const rows = new Map(rowsOf([], size).map((row) => [keyOfTarget(row), row]));
    const dice = random(7);
    for (const { make, barriers } of CASES) {
      for (const barrier of barriers) {
        const injection = injectionOf({ fault: make(dice), when: barrier(3) });
        const row = rows.get(keyOfTarget(injection));
        expect([keyOf(injection), row?.rounds, row?.moments.get(injection.when)]).toEqual([keyOf(injection), 0, 0]);
      }
    }
    const report = markdown([], { ...size, seed: 1, minutes: 1, cover: false });
    expect(report).toContain(
      '| temporal-frozen | Temporal | an order is approved (not played); a run is there (not played) | - | - | - | - | - | - | - |',
    );
    expect(report).toMatch(/^### Redis$/m);
  });

  it('have one for every fault of every plan', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        for (const planned of derivePlan(seed, { ...size, faults: 12 }).faults)
          expect(keys).toContain(keyOf(injectionOf(planned)));
      }),
      { numRuns: 500 },
    );
  });

  it('leave out what takes minutes where it is not played', () => {
    const quick = allInjections({ slow: false }).map(({ fault }) => fault);
    expect(quick).not.toContain('zombie-worker');
    expect(allInjections(size).map(({ fault }) => fault)).toContain('zombie-worker');
  });

  it('count what fired, and give it what befell its round', () => {
    const fault = { kind: 'cut', link: 'whmcs' } as const;
    const when = { at: 'approved', n: 4 } as const;
    const result = (fired: boolean, recoverySeconds: number): RoundResult => ({
      ...{ seed: 1, orders: 7, answers: 1, seconds: 1, problems: [], lost: 1, doubled: 0, stale: 2 },
      faults: [{ fault, when, fired, evidence: 'seen', recoverySeconds, problem: undefined }],
    });
    expect(injected([result(true, 3), result(false, 9)])).toHaveLength(1);
    const rows = rowsOf([result(true, 3), result(true, 5), result(false, 9)], size);
    const row = rows.find((each) => keyOfTarget(each) === keyOfTarget(injectionOf({ fault, when })));
    expect(row).toMatchObject({ rounds: 2, orders: 14, lost: 2, doubled: 0, stale: 4, recovery: [3, 5] });
    expect([...(row?.moments ?? [])]).toEqual([
      ['an order is approved', 2],
      ['a run is there', 0],
    ]);
  });
});

it('a long run plays all that there is, the slow last, and no fault twice where there is another', () => {
  const played: Injection[] = [];
  const targets = new Set(allInjections(size).map(keyOfTarget));
  const rounds: number[] = [];
  for (let seed = 1; unplayed(size, played).length > 0 && seed <= 60; seed++) {
    const plan = planOfMostNews(seed, { ...size, faults: 12 }, played);
    const before = new Set(played.map(keyOf)).size;
    played.push(...plan.faults.map(injectionOf));
    expect(new Set(played.map(keyOf)).size).toBeGreaterThan(before);
    if (new Set(played.map(keyOfTarget)).size < targets.size) rounds.push(plan.drainSeconds);
  }
  expect(unplayed(size, played)).toEqual([]);
  // Half an hour has so many.
  expect(rounds.length).toBeLessThan(24);
  expect(rounds.slice(1, 10)).toEqual(Array.from({ length: 9 }, () => DRAIN_SECONDS));
  expect(new Set(played.slice(0, 48).map(keyOf)).size).toBe(48);
});

it('the first plan of a run, of which nothing has been played, is that of its seed alone', () => {
  expect(planOfMostNews(5, size, [])).toEqual(derivePlan(5, size));
});

it('the same plans come after the same rounds', () => {
  const played = derivePlan(5, size).faults.map(injectionOf);
  expect(planOfMostNews(6, size, played)).toEqual(planOfMostNews(6, size, played));
});
