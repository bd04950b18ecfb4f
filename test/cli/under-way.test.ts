import { inPassingPhase } from '../../src/cli/story/under-way';
import type { Operator, Run, RunStory } from '../../src/temporal/operator';

/** Runs under way that answer as a test says: what is counted is how many are asked. */
function underWay(count: number, answer: (n: number) => Pick<RunStory, 'progress' | 'unanswered'>) {
  const asked: string[] = [];
  const queries: (string | undefined)[] = [];
  const operator = {
    async *runs(filter: string | undefined) {
      queries.push(filter);
      await Promise.resolve();
      for (let n = 0; n < count; n++) yield { orderId: String(n), taskQueue: 'orders' } as Run;
    },
    ask: (run: Run) => {
      asked.push(run.orderId);
      return Promise.resolve({ ...run, ...answer(Number(run.orderId)) });
    },
  } as unknown as Operator;
  return { operator, asked, queries };
}

const inPhase = (phase: string) => ({ progress: { phase } as RunStory['progress'], unanswered: null });
const silent = { progress: null, unanswered: { error: new Error('late'), pollers: 0 } };

test('of a great many only the newest are asked, and it says so', async () => {
  const { operator, asked } = underWay(600, (n) => inPhase(n % 100 === 0 ? 'WritingBack' : 'AddingOrder'));
  const found = await inPassingPhase(operator, 'WritingBack', undefined);
  expect(found.runs.map(({ orderId }) => orderId)).toEqual(['0', '100', '200', '300', '400']);
  expect(found).toMatchObject({ silent: 0, more: true });
  expect(asked).toHaveLength(500);
});

test('only runs under way are asked, of the time that was given', async () => {
  const { operator, queries } = underWay(0, () => inPhase('AddingOrder'));
  await inPassingPhase(operator, 'AddingOrder', "StartTime >= '2026-01-01'");
  expect(queries).toEqual([
    "ExecutionStatus = 'Running' AND ProvisioningPhase = 'Loading' AND StartTime >= '2026-01-01'",
  ]);
});

test('some that are silent are counted', async () => {
  const { operator } = underWay(30, (n) => (n % 2 === 0 ? inPhase('AddingOrder') : silent));
  expect(await inPassingPhase(operator, 'AddingOrder', undefined)).toMatchObject({ silent: 15, more: false });
});

test('where none of the first answers, the others are not asked', async () => {
  const { operator, asked } = underWay(300, () => silent);
  await expect(inPassingPhase(operator, 'AddingOrder', undefined)).rejects.toMatchObject({ code: 'NO_WORKER' });
  expect(asked).toHaveLength(10);
});
