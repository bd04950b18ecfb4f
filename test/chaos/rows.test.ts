import fc from 'fast-check';
import { CASES } from '../../chaos/cases';
import { derivePlan } from '../../chaos/derive';
import { random } from '../../chaos/random';
import { rowsOf } from '../../chaos/report';
import type { RoundResult } from '../../chaos/round';
import { allInjections, injectionOf, keyOf, planOfMostNews, type Injection } from '../../chaos/rows';

const size = { orders: 20, faults: 8, slow: true };
const keys = new Set(allInjections(size).map(keyOf));

describe('the rows of the report', () => {
  it('have one for every case at every barrier, with 0 where it was not injected', () => {
    const rows = new Map(rowsOf([], size).map((row) => [keyOf(row), row.injected]));
    const dice = random(7);
    for (const { make, barriers } of CASES) {
      for (const barrier of barriers) {
        const key = keyOf(injectionOf({ fault: make(dice), when: barrier(3) }));
        expect([key, rows.get(key)]).toEqual([key, 0]);
      }
    }
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
    const rows = rowsOf([result(true, 3), result(true, 5), result(false, 9)], size);
    expect(rows.find((row) => keyOf(row) === keyOf(injectionOf({ fault, when })))).toMatchObject({
      ...{ injected: 2, rounds: 2, orders: 14, lost: 2, doubled: 0, stale: 4, recovery: [3, 5] },
    });
  });
});

it('a long run chooses the seeds whose plans play what was not played yet', () => {
  const played: Injection[] = [];
  let seed = 1;
  for (let round = 0; round < 6; round++) {
    const plan = planOfMostNews(seed, size, played);
    expect(plan).toEqual(derivePlan(plan.seed, size));
    expect(plan.seed).toBeGreaterThanOrEqual(seed);
    seed = plan.seed + 1;
    played.push(...plan.faults.map(injectionOf));
  }
  // Chance alone repeats itself by then.
  expect(new Set(played.map(keyOf)).size).toBeGreaterThan(played.length * 0.9);
  expect(planOfMostNews(5, size, allInjections(size))).toEqual(derivePlan(5, size));
});
