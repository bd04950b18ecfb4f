import fc from 'fast-check';
import { backoffDelay, untilDone } from '../../src/listener/backoff';
import { Lanes } from '../../src/listener/lanes';

const keys = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constant('everything' as const) },
);

describe('lanes', () => {
  it('work that shares a key never overlaps and keeps its order, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 12 }),
        async (scheduler, jobs) => {
          const lanes = new Lanes();
          const events: { job: number; what: 'begin' | 'end' }[] = [];
          const all = jobs.map(([on, fails], job) =>
            lanes
              .run(on, async () => {
                events.push({ job, what: 'begin' });
                await scheduler.schedule(Promise.resolve(), `job ${job}`);
                events.push({ job, what: 'end' });
                if (fails) throw new Error('fails');
              })
              .catch(() => undefined),
          );
          await scheduler.waitFor(Promise.all(all));
          const at = (job: number, what: string) =>
            events.findIndex((event) => event.job === job && event.what === what);
          jobs.forEach(([on], later) => {
            jobs.slice(0, later).forEach(([before], earlier) => {
              const shared = on === 'everything' || before === 'everything' || on.some((key) => before.includes(key));
              if (shared) expect(at(earlier, 'end')).toBeLessThan(at(later, 'begin'));
            });
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('backoff', () => {
  it('grows to its limit and never beyond', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const delay = backoffDelay(attempt, { baseMs: 250, maxMs: 30_000 }, () => random);
        expect(delay).toBeGreaterThanOrEqual(125);
        expect(delay).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it('repeats until done, and stops for what is final', async () => {
    let calls = 0;
    const options = { backoff: { baseMs: 1, maxMs: 1 }, signal: new AbortController().signal };
    const flaky = () => (++calls < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve(calls));
    expect(await untilDone(flaky, options)).toBe(4);
    const final = () => Promise.reject(new Error('final'));
    await expect(untilDone(final, { ...options, final: () => true })).rejects.toThrow('final');
  });
});
