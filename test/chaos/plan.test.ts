import fc from 'fast-check';
import { CASES } from '../../chaos/cases';
import { resourcesOf, takesTurns } from '../../chaos/claims';
import { chooseFaults, derivePlan } from '../../chaos/derive';
import { planSchema } from '../../chaos/plan';
import { random } from '../../chaos/random';

const sizes = fc.record({
  orders: fc.integer({ min: 1, max: 40 }),
  faults: fc.integer({ min: 0, max: 12 }),
  slow: fc.boolean(),
});

describe('the plan of a chaos round', () => {
  it('follows from its seed and size alone, and can be given back as it was printed', () => {
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, size) => {
        const plan = derivePlan(seed, size);
        expect(derivePlan(seed, size)).toEqual(plan);
        expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
        expect(plan.orders).toHaveLength(size.orders);
        expect(plan.faults.length).toBeLessThanOrEqual(size.faults);
        expect(plan.faults.length).toBeGreaterThanOrEqual(Math.min(size.faults, 6));
      }),
    );
  });

  it('waits for nothing that too few orders could bring about', () => {
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, size) => {
        const { orders, faults } = derivePlan(seed, size);
        const sold = orders.filter(({ role }) => role === 'approved' || role === 'created-approved').length;
        for (const { when } of faults) expect(when.n).toBeLessThanOrEqual(Math.max(1, sold));
      }),
    );
  });

  it('lets the sweep help only where the store of Temporal is lost, or a zombie adds', () => {
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, size) => {
        const { sweeps, faults } = derivePlan(seed, size);
        const needed = faults.some(({ fault: { kind } }) => kind === 'temporal-lost' || kind === 'zombie-worker');
        expect(sweeps).toBe(needed);
      }),
    );
  });

  it('has no two faults that take hold of the same thing, but for those that take turns', () => {
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, size) => {
        const faults = derivePlan(seed, size).faults.map(({ fault }) => fault);
        const inTurn = new Set(faults.filter(takesTurns).flatMap(resourcesOf));
        const taken = [...inTurn, ...faults.filter((fault) => !takesTurns(fault)).flatMap(resourcesOf)];
        expect(new Set(taken).size).toBe(taken.length);
      }),
    );
  });

  it('meets six groups of faults before it meets one twice, and all of them in some rounds', () => {
    const groups = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const chosen = chooseFaults(random(seed), { faults: 6, slow: true }).map(({ from: { group } }) => group);
      expect(new Set(chosen).size).toBe(6);
      chosen.forEach((group) => groups.add(group));
    }
    expect(groups).toEqual(new Set(CASES.map(({ group }) => group)));
  });
});
